//! The program's log function.

use std::ffi::{c_char, c_void};

use super::convert::{c_text, unknown_choice};
use crate::error::Result;
use crate::log::{LogLevel, Logger};

/// How important a message is.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_log_level(pub u32);

impl ossbind_log_level {
    /// The same as INFO.
    pub const DEFAULT: Self = Self(0);
    /// Something is wrong and the library could work around it, for example a damaged checkpoint.
    pub const WARNING: Self = Self(1);
    /// One line for each request.
    pub const INFO: Self = Self(2);
    /// One more line for each request: its connection, and what its steps took.
    pub const DEBUG: Self = Self(3);
}

/// Gets a message: one line of UTF-8 without a line break, valid during the call. It may contain
/// methods, hosts, buckets, object names, paths, statuses, error codes, request ids, sizes and
/// times, and the beginning of an answer that is not from OSS; never keys, tokens, signatures,
/// queries, headers or bodies.
///
/// Runs on any thread that uses the client, possibly on several at the same time. It must not call
/// the library.
pub type ossbind_log_fn = Option<
    unsafe extern "C" fn(userdata: *mut c_void, level: ossbind_log_level, message: *const c_char),
>;

/// What the program gave, and promised to be usable from any thread.
struct Target {
    function: unsafe extern "C" fn(*mut c_void, ossbind_log_level, *const c_char),
    userdata: *mut c_void,
}

// SAFETY: the documentation of ossbind_log_fn asks for it.
unsafe impl Send for Target {}
// SAFETY: the documentation of ossbind_log_fn asks for it.
unsafe impl Sync for Target {}

impl Target {
    fn log(&self, level: LogLevel, message: &str) {
        let (level, message) = (ossbind_log_level(level as u32), c_text(message));
        // SAFETY: the program's function, with what it was promised.
        unsafe { (self.function)(self.userdata, level, message.as_ptr()) };
    }
}

pub(super) fn logger(
    function: ossbind_log_fn,
    userdata: *mut c_void,
    level: ossbind_log_level,
) -> Result<Logger> {
    let level = match level {
        ossbind_log_level::WARNING => LogLevel::Warning,
        ossbind_log_level::DEFAULT | ossbind_log_level::INFO => LogLevel::Info,
        ossbind_log_level::DEBUG => LogLevel::Debug,
        ossbind_log_level(other) => return Err(unknown_choice("log_level", other)),
    };
    Ok(match function {
        None => Logger::default(),
        Some(function) => {
            let target = Target { function, userdata };
            Logger::new(level, move |level, message| target.log(level, message))
        }
    })
}

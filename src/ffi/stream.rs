//! The program's own functions: a body that it gives piece by piece, and its progress function.

use std::ffi::c_void;

use crate::error::{Error, Result, Status};
use crate::upload::{Progress, Source};

/// Gives the next bytes of a body. Fills the beginning of `buf`, which has `cap` bytes (never 0),
/// and sets `*out_n`, which is 0 at first, to how many bytes there are; 0 ends the body. Returns 0
/// to continue. Anything else stops the upload, and ossbind_error_caller_code() returns it. It may
/// block. `buf` and `out_n` are borrowed for the call. Runs on the thread that made the upload
/// call.
pub type ossbind_read_fn = Option<
    unsafe extern "C" fn(userdata: *mut c_void, buf: *mut u8, cap: usize, out_n: *mut usize) -> i32,
>;

/// Moves the source of a body back to `offset`, counted in bytes from its first one. Returns 0 on
/// success. Anything else stops the upload, and ossbind_error_caller_code() returns it. Runs on the
/// thread that made the upload call.
pub type ossbind_rewind_fn =
    Option<unsafe extern "C" fn(userdata: *mut c_void, offset: u64) -> i32>;

/// Gets the progress of an upload, after every piece of at most 128 KiB. It goes back when
/// something has to be sent again. Returns 0 to continue. Anything else stops the upload, and
/// ossbind_error_caller_code() returns it. `progress` belongs to the library and is valid during
/// the call. Runs on the thread that made the upload call.
pub type ossbind_progress_fn =
    Option<unsafe extern "C" fn(userdata: *mut c_void, progress: *const ossbind_progress) -> i32>;

/// How far an upload is. Filled by the library, which may append members: do not copy it by sizeof.
#[repr(C)]
pub struct ossbind_progress {
    /// Bytes of the body that were read and handed to the network.
    pub sent: u64,
    /// Size of the body in bytes; UINT64_MAX while it is not known.
    pub total: u64,
    /// Bytes since the last report. 0 when `sent` went back, because something is sent again.
    pub increment: u64,
}

/// A body that the program gives.
pub(super) struct CallerSource {
    read: unsafe extern "C" fn(*mut c_void, *mut u8, usize, *mut usize) -> i32,
    rewind: ossbind_rewind_fn,
    userdata: *mut c_void,
}

impl CallerSource {
    pub(super) fn new(
        read: ossbind_read_fn,
        rewind: ossbind_rewind_fn,
        userdata: *mut c_void,
    ) -> Result<Self> {
        let Some(read) = read else {
            return Err(Error::invalid("read", "is NULL, but body is OSSBIND_BODY_KIND_READ"));
        };
        Ok(Self { read, rewind, userdata })
    }
}

impl Source for CallerSource {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        let mut count = 0;
        // SAFETY: the program's function, called as its type says.
        let code = unsafe { (self.read)(self.userdata, buf.as_mut_ptr(), buf.len(), &mut count) };
        if code != 0 {
            return Err(aborted("read", code));
        }
        if count > buf.len() {
            let message =
                format!("read: says it wrote {count} bytes into a buffer of {}", buf.len());
            return Err(Error::new(Status::Body, message).with_field("read"));
        }
        Ok(count)
    }

    fn rewind(&mut self) -> Result<bool> {
        let Some(rewind) = self.rewind else {
            return Ok(false);
        };
        // SAFETY: the program's function, called as its type says.
        match unsafe { rewind(self.userdata, 0) } {
            0 => Ok(true),
            code => Err(aborted("rewind", code)),
        }
    }
}

/// Calls the program's progress function.
pub(super) fn reports(
    function: unsafe extern "C" fn(*mut c_void, *const ossbind_progress) -> i32,
    userdata: *mut c_void,
) -> impl FnMut(Progress) -> Result<()> {
    let mut last = 0;
    move |Progress { sent, total }| {
        let increment = sent.saturating_sub(std::mem::replace(&mut last, sent));
        let progress = ossbind_progress { sent, total, increment };
        // SAFETY: the program's function, called as its type says.
        match unsafe { function(userdata, &progress) } {
            0 => Ok(()),
            code => Err(aborted("progress", code)),
        }
    }
}

fn aborted(function: &str, code: i32) -> Error {
    let message =
        format!("{function}: the program's function returned {code} and so stopped the upload");
    Error::new(Status::AbortedByCaller, message).with_field(function).with_caller_code(code)
}

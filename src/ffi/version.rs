//! The library itself.

use std::ffi::c_char;

/// Version of the library that is loaded, for example "0.1.0"; OSSBIND_VERSION_* is the one of the
/// header. Static; never NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn ossbind_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

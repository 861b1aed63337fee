//! The library itself.

use std::ffi::c_char;

/// Version of the library that is loaded; OSSBIND_VERSION_* is that of the header. "0.1.0", or
/// "0.1.0+3d74d3e01f2a" with the commit it was built from, when it was built from a checkout or with
/// OSSBIND_COMMIT in the environment. Static; never NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn ossbind_version() -> *const c_char {
    concat!(env!("OSSBIND_BUILD"), "\0").as_ptr().cast()
}

//! What a function of the program works with, in objects that outlive a call.

use std::ffi::c_void;

/// Frees what a `userdata` points to.
pub type ossbind_free_fn = Option<unsafe extern "C" fn(userdata: *mut c_void)>;

/// What the program's function works with, which is freed once.
pub(super) struct Userdata {
    pub(super) pointer: *mut c_void,
    pub(super) free: ossbind_free_fn,
}

// SAFETY: the documentation of every config with a userdata asks for it.
unsafe impl Send for Userdata {}
// SAFETY: the same; where the library calls a function on several threads at a time, its documentation says so.
unsafe impl Sync for Userdata {}

impl Drop for Userdata {
    fn drop(&mut self) {
        if let Some(free) = self.free {
            // SAFETY: the program's function, called once.
            unsafe { free(self.pointer) };
        }
    }
}

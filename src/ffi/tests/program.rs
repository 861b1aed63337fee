//! What every C program does: fill structs, read texts, look at errors.

use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;
use std::ptr::{copy_nonoverlapping, null_mut};

use crate::ffi::body::ossbind_body_kind;
use crate::ffi::callback::ossbind_callback;
use crate::ffi::client::{ossbind_client, ossbind_client_new};
use crate::ffi::config::ossbind_client_config;
use crate::ffi::convert::SizedStruct;
use crate::ffi::error::{
    ossbind_error, ossbind_error_field, ossbind_error_free, ossbind_error_message,
    ossbind_error_offset, ossbind_error_status,
};
use crate::ffi::status::ossbind_status;
use crate::ffi::upload_request::ossbind_upload_request;

/// What the function ..._init of the header does, which is inline and so part of the program.
pub fn initialized<T: SizedStruct>() -> T {
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: a sized struct begins with its size, and zeros are valid for the rest.
    unsafe {
        value.as_mut_ptr().cast::<usize>().write(size_of::<T>());
        value.assume_init()
    }
}

/// The same struct in a program that was compiled with another header, in which it has `size` bytes.
/// There is no memory behind them.
pub fn of_another_version<T: SizedStruct>(value: &T, size: usize) -> Vec<u64> {
    assert_eq!(size % size_of::<u64>(), 0);
    let mut words = vec![0_u64; size / size_of::<u64>()];
    // SAFETY: both are at least as long as what is copied, and every word may be any bytes.
    unsafe {
        let known = size.min(size_of::<T>());
        copy_nonoverlapping((&raw const *value).cast::<u8>(), words.as_mut_ptr().cast(), known);
        words.as_mut_ptr().cast::<usize>().write(size);
    }
    words
}

/// A client that would speak to nobody.
pub fn config() -> ossbind_client_config {
    ossbind_client_config {
        endpoint: c"http://127.0.0.1:1".as_ptr(),
        region: c"cn-hangzhou".as_ptr(),
        access_key_id: c"ak".as_ptr(),
        access_key_secret: c"sk".as_ptr(),
        network_proxy: c"".as_ptr(),
        ..initialized()
    }
}

pub fn callback() -> ossbind_callback {
    ossbind_callback {
        url: c"https://app.example.com/cb".as_ptr(),
        body: c"object=${object}".as_ptr(),
        ..initialized()
    }
}

pub fn upload_request(data: &[u8]) -> ossbind_upload_request {
    ossbind_upload_request {
        bucket: c"examplebucket".as_ptr(),
        key: c"k".as_ptr(),
        body: ossbind_body_kind::MEMORY,
        data: data.as_ptr(),
        data_len: data.len(),
        ..initialized()
    }
}

/// The program frees it.
pub fn new_client(config: &ossbind_client_config) -> *mut ossbind_client {
    let mut client = null_mut();
    let mut error = null_mut();
    // SAFETY: a config, and two pointers that may be written.
    let status = unsafe { ossbind_client_new(config, &mut client, &mut error) };
    assert_eq!(status, ossbind_status::OK, "{:?}", Failure::take(error));
    assert!(!client.is_null() && error.is_null());
    client
}

/// An error that was read and freed.
#[derive(Debug)]
pub struct Failure {
    pub status: ossbind_status,
    pub field: Option<String>,
    pub offset: usize,
    pub message: String,
}

impl Failure {
    pub fn take(error: *mut ossbind_error) -> Self {
        // SAFETY: NULL or an error of the library, which nobody else has.
        unsafe {
            let failure = Self {
                status: ossbind_error_status(error),
                field: text(ossbind_error_field(error)),
                offset: ossbind_error_offset(error),
                message: text(ossbind_error_message(error)).unwrap_or_default(),
            };
            ossbind_error_free(error);
            failure
        }
    }
}

/// Makes a call that has to fail, with an error and then without.
pub fn refused(mut call: impl FnMut(*mut *mut ossbind_error) -> ossbind_status) -> Failure {
    let mut error = null_mut();
    let status = call(&mut error);
    assert!(!error.is_null(), "{status:?}");
    let failure = Failure::take(error);
    assert_eq!(failure.status, status);
    assert_eq!(call(null_mut()), status, "without out_error");
    failure
}

/// Makes a call that has to fail because of one member.
pub fn refused_for(
    field: &str,
    call: impl FnMut(*mut *mut ossbind_error) -> ossbind_status,
) -> Failure {
    let failure = refused(call);
    assert_eq!(failure.field.as_deref(), Some(field), "{failure:?}");
    failure
}

/// A text of the library, or None for NULL.
pub fn text(pointer: *const c_char) -> Option<String> {
    // SAFETY: not NULL, and the library's texts end with NUL.
    (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) }.to_str().unwrap().to_owned())
}

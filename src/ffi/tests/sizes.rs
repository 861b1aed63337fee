//! Structs of programs that were compiled with an older or a newer header.

use std::ptr::null_mut;

use super::program::{
    callback, config, initialized, new_client, of_another_version, refused, upload_request,
};
use crate::error::Status;
use crate::ffi::client::{ossbind_client_free, ossbind_client_new};
use crate::ffi::config::ossbind_client_config;
use crate::ffi::convert::{SizedStruct, read_sized};
use crate::ffi::credentials::ossbind_credentials_config;
use crate::ffi::encoded_callback::{ossbind_callback_encode, ossbind_encoded_callback_free};
use crate::ffi::error::ossbind_error;
use crate::ffi::rendered_callback::{
    ossbind_callback_render, ossbind_object_facts, ossbind_rendered_callback_free,
};
use crate::ffi::sign_form::{ossbind_client_sign_form, ossbind_sign_form_request};
use crate::ffi::sign_headers::{ossbind_client_sign_headers, ossbind_sign_headers_request};
use crate::ffi::sign_url::{ossbind_client_sign_url, ossbind_sign_url_request};
use crate::ffi::signed::ossbind_signed_free;
use crate::ffi::status::ossbind_status;
use crate::ffi::tls::ossbind_tls_config;
use crate::ffi::upload::ossbind_client_upload;

/// A struct that has grown since its first release.
#[repr(C)]
#[derive(Clone, Copy)]
struct Grown {
    struct_size: usize,
    first: u64,
    added: u64,
}

// SAFETY: integers; struct_size is first.
unsafe impl SizedStruct for Grown {
    const NAME: &'static str = "grown";
    const FIRST_SIZE: usize = 16;
}

#[test]
fn an_older_program_has_less_memory() {
    let value = Grown { first: 1, added: 2, ..initialized() };
    let older = of_another_version(&value, Grown::FIRST_SIZE);
    // SAFETY: readable for the size that it tells.
    let read = unsafe { read_sized(older.as_ptr().cast::<Grown>()) }.unwrap();
    assert_eq!((read.struct_size, read.first, read.added), (Grown::FIRST_SIZE, 1, 0));
}

#[test]
fn a_newer_program_may_not_use_what_is_new() {
    let value = Grown { first: 1, added: 2, ..initialized() };
    let longest = of_another_version(&value, 1 << 14);
    // SAFETY: readable for the size that it tells.
    unsafe { read_sized(longest.as_ptr().cast::<Grown>()) }.unwrap();
    let mut newer = of_another_version(&value, size_of::<Grown>() + 16);
    // SAFETY: readable for the size that it tells.
    let read = unsafe { read_sized(newer.as_ptr().cast::<Grown>()) }.unwrap();
    assert_eq!((read.first, read.added), (1, 2));
    // The last byte of all.
    *newer.last_mut().unwrap() = 1_u64.to_be();
    // SAFETY: as above.
    let refused = unsafe { read_sized(newer.as_ptr().cast::<Grown>()) }.err().unwrap();
    assert_eq!(refused.status(), Status::UnknownField);
    assert!(refused.message().contains("byte 39"), "{refused}");
}

/// Passes a struct with each size that there may be, and with those that are no sizes. Of the
/// latter only the first member is there to be read.
fn every_size<T: SizedStruct>(
    value: &T,
    call: impl Fn(*const T, *mut *mut ossbind_error) -> ossbind_status,
) {
    for size in [T::FIRST_SIZE, size_of::<T>(), size_of::<T>() + 8] {
        let other = of_another_version(value, size);
        assert_eq!(call(other.as_ptr().cast(), null_mut()), ossbind_status::OK, "{size}");
    }
    let mut newer = of_another_version(value, size_of::<T>() + 8);
    *newer.last_mut().unwrap() = 1;
    let failure = refused(|error| call(newer.as_ptr().cast(), error));
    assert_eq!(failure.status, ossbind_status::UNKNOWN_FIELD, "{failure:?}");
    for size in [0, 1, 8, T::FIRST_SIZE - 1, (1 << 14) + 1, isize::MAX as usize, usize::MAX] {
        let only_size = [size as u64];
        let failure = refused(|error| call(only_size.as_ptr().cast(), error));
        assert_eq!(failure.status, ossbind_status::INVALID_ARGUMENT);
        assert!(failure.field.unwrap().ends_with(".struct_size"), "{}", failure.message);
    }
}

#[test]
fn configs() {
    every_size(&config(), |config, error| {
        let mut client = null_mut();
        // SAFETY: readable for the size that it tells; the rest may be written.
        unsafe {
            let status = ossbind_client_new(config, &mut client, error);
            ossbind_client_free(client);
            status
        }
    });
}

#[test]
fn groups_of_configs() {
    let new = |config: &ossbind_client_config, error| {
        let mut client = null_mut();
        // SAFETY: a config whose groups are readable for the size that they tell.
        unsafe {
            let status = ossbind_client_new(config, &mut client, error);
            ossbind_client_free(client);
            status
        }
    };
    let tls: ossbind_tls_config = initialized();
    every_size(&tls, |tls, error| new(&ossbind_client_config { tls, ..config() }, error));
    let credentials: ossbind_credentials_config = initialized();
    every_size(&credentials, |credentials, error| {
        new(&ossbind_client_config { credentials, ..config() }, error)
    });
}

#[test]
fn callbacks() {
    every_size(&callback(), |callback, error| {
        let mut encoded = null_mut();
        // SAFETY: readable for the size that it tells; the rest may be written.
        unsafe {
            let status = ossbind_callback_encode(callback, &mut encoded, error);
            ossbind_encoded_callback_free(encoded);
            status
        }
    });
}

#[test]
fn facts() {
    let facts = ossbind_object_facts { key: c"k".as_ptr(), ..initialized() };
    every_size(&facts, |facts, error| {
        let mut rendered = null_mut();
        // SAFETY: a callback, and facts that are readable for the size that they tell; the rest may be
        // written.
        unsafe {
            let status = ossbind_callback_render(&callback(), facts, &mut rendered, error);
            ossbind_rendered_callback_free(rendered);
            status
        }
    });
}

#[test]
fn requests_to_sign() {
    let client = new_client(&config());
    let (bucket, key) = (c"examplebucket".as_ptr(), c"k".as_ptr());
    let sign_url = ossbind_sign_url_request { bucket, key, ..initialized() };
    every_size(&sign_url, |request, error| {
        let mut signed = null_mut();
        // SAFETY: readable for the size that it tells; the rest may be written.
        unsafe {
            let status = ossbind_client_sign_url(client, request, &mut signed, error);
            ossbind_signed_free(signed);
            status
        }
    });
    let sign =
        ossbind_sign_headers_request { method: c"GET".as_ptr(), bucket, key, ..initialized() };
    every_size(&sign, |request, error| {
        let mut signed = null_mut();
        // SAFETY: readable for the size that it tells; the rest may be written.
        unsafe {
            let status = ossbind_client_sign_headers(client, request, &mut signed, error);
            ossbind_signed_free(signed);
            status
        }
    });
    let policy = ossbind_sign_form_request { bucket, key, ..initialized() };
    every_size(&policy, |request, error| {
        let mut form = null_mut();
        // SAFETY: readable for the size that it tells; the rest may be written.
        unsafe {
            let status = ossbind_client_sign_form(client, request, &mut form, error);
            ossbind_signed_free(form);
            status
        }
    });
    // SAFETY: nobody uses it any more.
    unsafe { ossbind_client_free(client) };
}

/// An upload that gets as far as the network is no success here, so a member behind the end tells.
#[test]
fn uploads() {
    let client = new_client(&config());
    let upload = |request: &[u64]| {
        // SAFETY: readable for the size that it tells; the rest may be written.
        refused(|error| unsafe {
            ossbind_client_upload(client, request.as_ptr().cast(), null_mut(), error)
        })
    };
    let mut request = upload_request(b"x");
    request.key = c"".as_ptr();
    for size in [size_of_val(&request), size_of_val(&request) + 64] {
        let failure = upload(&of_another_version(&request, size));
        assert_eq!(failure.field.as_deref(), Some("key"), "{failure:?}");
    }
    let mut newer = of_another_version(&request, size_of_val(&request) + 64);
    *newer.last_mut().unwrap() = 1;
    assert_eq!(upload(&newer).status, ossbind_status::UNKNOWN_FIELD);
    for size in [0, 64, u64::MAX] {
        assert_eq!(upload(&[size]).field.as_deref(), Some("upload_request.struct_size"));
    }
    // SAFETY: nobody uses it any more.
    unsafe { ossbind_client_free(client) };
}

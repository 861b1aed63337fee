//! What is signed for others: URLs, requests, forms, and the bundles that carry them.

use std::ffi::CString;
use std::ptr::{null, null_mut};

use super::program::{Failure, callback, config, initialized, new_client, refused_for, text};
use crate::ffi::body::ossbind_body_kind;
use crate::ffi::client::{ossbind_client, ossbind_client_free};
use crate::ffi::config::{OSSBIND_CLIENT_NO_KEYS, ossbind_client_config};
use crate::ffi::convert::ossbind_pair;
use crate::ffi::error::ossbind_error;
use crate::ffi::sign_form::*;
use crate::ffi::sign_headers::*;
use crate::ffi::sign_url::*;
use crate::ffi::signed::*;
use crate::ffi::status::ossbind_status;
use crate::ffi::upload::{ossbind_client_upload, ossbind_upload};
use crate::ffi::upload_request::ossbind_upload_request;

/// NULL when it fails.
pub fn sign_url(
    client: *const ossbind_client,
    error: *mut *mut ossbind_error,
) -> *mut ossbind_signed {
    let metadata = [ossbind_pair { name: c"camera".as_ptr(), value: c"north".as_ptr() }];
    let callback = callback();
    let request = ossbind_sign_url_request {
        bucket: c"examplebucket".as_ptr(),
        key: c"camera/1.jpg".as_ptr(),
        flags: OSSBIND_SIGN_URL_CALLBACK_IN_HEADERS,
        content_type: c"image/jpeg".as_ptr(),
        metadata: metadata.as_ptr(),
        metadata_count: metadata.len(),
        callback: &callback,
        ..initialized()
    };
    let mut signed = null_mut();
    // SAFETY: a client and a request; the rest may be written.
    let status = unsafe { ossbind_client_sign_url(client, &request, &mut signed, error) };
    assert_eq!(status == ossbind_status::OK, !signed.is_null());
    signed
}

/// Signs, reads and frees.
pub fn signed_url(client: *const ossbind_client) -> String {
    let mut error = null_mut();
    let signed = sign_url(client, &mut error);
    assert!(error.is_null(), "{:?}", Failure::take(error));
    // SAFETY: an object of the library, which is freed once.
    unsafe {
        let url = text(ossbind_signed_url(signed)).unwrap();
        ossbind_signed_free(signed);
        url
    }
}

/// All headers or fields; past the end there are none.
fn pairs(signed: *const ossbind_signed) -> Vec<(String, String)> {
    let (mut name, mut value) = (null(), null());
    let mut pairs = Vec::new();
    // SAFETY: an object of the library; the rest may be written, or is NULL.
    unsafe {
        while ossbind_signed_pair_at(signed, pairs.len(), &mut name, &mut value) == 1 {
            assert_eq!(ossbind_signed_pair_at(signed, pairs.len(), null_mut(), null_mut()), 1);
            pairs.push((text(name).unwrap(), text(value).unwrap()));
        }
        assert_eq!((name, value), (null(), null()));
        assert_eq!(ossbind_signed_pair_at(signed, usize::MAX, &mut name, null_mut()), 0);
    }
    pairs
}

#[test]
fn a_signed_url() {
    let client = new_client(&config());
    let signed = sign_url(client, null_mut());
    // SAFETY: objects of the library, which are freed once; the signed one does not need the client.
    unsafe {
        ossbind_client_free(client);
        assert_eq!(text(ossbind_signed_method(signed)).as_deref(), Some("PUT"));
        assert!(ossbind_signed_expires_at(signed) > 0);
        let headers = pairs(signed);
        assert!(headers.contains(&("x-oss-meta-camera".to_owned(), "north".to_owned())));
        ossbind_signed_free(signed);
    }
}

#[test]
fn a_request_for_another_http_stack() {
    let client = new_client(&config());
    let query = [ossbind_pair { name: c"list-type".as_ptr(), value: c"2".as_ptr() }];
    let headers = [ossbind_pair { name: c"x-oss-request-payer".as_ptr(), value: c"r".as_ptr() }];
    let request = ossbind_sign_headers_request {
        method: c"GET".as_ptr(),
        bucket: c"examplebucket".as_ptr(),
        query: query.as_ptr(),
        query_count: 1,
        headers: headers.as_ptr(),
        header_count: 1,
        ..initialized()
    };
    let mut signed = null_mut();
    // SAFETY: a client and a request; objects of the library are freed once.
    unsafe {
        let status = ossbind_client_sign_headers(client, &request, &mut signed, null_mut());
        assert_eq!(status, ossbind_status::OK);
        assert!(text(ossbind_signed_url(signed)).unwrap().contains("list-type=2"));
        assert!(ossbind_signed_bundle(signed).is_null(), "it is to be sent at once");
        ossbind_signed_free(signed);
        let no_method = ossbind_sign_headers_request { method: null(), ..request };
        refused_for("method", |error| {
            ossbind_client_sign_headers(client, &no_method, &mut signed, error)
        });
        ossbind_client_free(client);
    }
}

/// A form for one type, with further fields, a callback and conditions.
fn policy(client: *const ossbind_client) -> *mut ossbind_signed {
    let types = [c"image/jpeg".as_ptr()];
    let fields = [ossbind_pair { name: c"x-oss-object-acl".as_ptr(), value: c"private".as_ptr() }];
    let callback = callback();
    let request = ossbind_sign_form_request {
        bucket: c"examplebucket".as_ptr(),
        key: c"camera/1.jpg".as_ptr(),
        max_size: 1000,
        content_types: types.as_ptr(),
        content_type_count: types.len(),
        callback: &callback,
        fields: fields.as_ptr(),
        field_count: fields.len(),
        conditions: c"[[\"eq\",\"$x-oss-object-acl\",\"private\"]]".as_ptr(),
        ..initialized()
    };
    let mut form = null_mut();
    let mut error = null_mut();
    // SAFETY: a client and a request; the rest may be written.
    let status = unsafe { ossbind_client_sign_form(client, &request, &mut form, &mut error) };
    assert_eq!(status, ossbind_status::OK, "{:?}", Failure::take(error));
    form
}

#[test]
fn a_form() {
    let client = new_client(&config());
    let form = policy(client);
    // SAFETY: objects of the library, which are freed once; the form does not need the client.
    unsafe {
        ossbind_client_free(client);
        assert!(text(ossbind_signed_url(form)).unwrap().starts_with("http://127.0.0.1:1/"));
        assert!(ossbind_signed_expires_at(form) > 0);
        assert_eq!(text(ossbind_signed_method(form)).as_deref(), Some("POST"));
        let names: Vec<_> = pairs(form).into_iter().map(|(name, _)| name).collect();
        assert!(names.contains(&"policy".to_owned()), "{names:?}");
        ossbind_signed_free(form);
    }
}

/// The way of a bundle ends where a connection would be made: no address suits the source address.
fn device_reads(bundle: &str) -> Failure {
    let bundle = CString::new(bundle).unwrap();
    let request = ossbind_upload_request {
        body: ossbind_body_kind::MEMORY,
        bundle: bundle.as_ptr(),
        ..initialized()
    };
    let config = ossbind_client_config {
        network_proxy: c"".as_ptr(),
        network_source: c"::1".as_ptr(),
        retry_attempts: 1,
        flags: OSSBIND_CLIENT_NO_KEYS,
        ..initialized()
    };
    let client = new_client(&config);
    let mut errors = [null_mut(); 2];
    // SAFETY: a client, a config and a request; the rest may be written.
    let statuses = unsafe {
        let statuses = [
            ossbind_client_upload(client, &request, null_mut(), &mut errors[0]),
            ossbind_upload(&config, &request, null_mut(), &mut errors[1]),
        ];
        ossbind_client_free(client);
        statuses
    };
    let [failure, in_one_call] = errors.map(Failure::take);
    assert_eq!(statuses, [failure.status, in_one_call.status]);
    assert_eq!(failure.message, in_one_call.message);
    failure
}

#[test]
fn bundles_go_to_devices() {
    let client = new_client(&config());
    let signed = sign_url(client, null_mut());
    let form = policy(client);
    // SAFETY: objects of the library, which are freed once.
    let bundles = unsafe {
        let bundles = [
            text(ossbind_signed_bundle(signed)).unwrap(),
            text(ossbind_signed_bundle(form)).unwrap(),
        ];
        ossbind_signed_free(signed);
        ossbind_signed_free(form);
        ossbind_client_free(client);
        bundles
    };
    for bundle in &bundles {
        let failure = device_reads(bundle);
        assert_eq!(failure.status, ossbind_status::TRANSPORT, "{bundle}: {failure:?}");
    }
}

#[test]
fn bundles_that_are_none() {
    let bundle =
        |url: &str| format!("{{\"ossbind\":1,\"method\":\"PUT\",\"url\":\"{url}\",\"expires\":1}}");
    let bad = [
        "",
        "{",
        "null",
        "\u{feff}{}",
        "{\"ossbind\":\"1\"}",
        "{\"ossbind\":1}",
        "{\"ossbind\":1,\"method\":\"GET\",\"url\":\"http://h/k?x\",\"expires\":1}",
        &"[".repeat(200),
        &bundle(""),
        &bundle("http://h/k?uploads"),
        &bundle("ftp://h/k"),
    ];
    for text in bad {
        let failure = device_reads(text);
        assert_eq!(failure.field.as_deref(), Some("bundle"), "{failure:?}");
        assert_eq!(failure.status, ossbind_status::INVALID_ARGUMENT);
    }
    assert_eq!(device_reads("{\"ossbind\":2}").status, ossbind_status::UNKNOWN_FIELD);
}

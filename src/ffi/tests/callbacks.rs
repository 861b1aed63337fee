//! Callbacks that are encoded.

use std::ffi::CString;
use std::ptr::{null, null_mut};

use super::program::{callback, initialized, refused, refused_for, text};
use crate::ffi::callback::{
    OSSBIND_CALLBACK_RELAXED, ossbind_body_type, ossbind_callback, ossbind_sni,
};
use crate::ffi::convert::ossbind_pair;
use crate::ffi::encoded_callback::*;
use crate::ffi::error::ossbind_error;
use crate::ffi::status::ossbind_status;

/// Both headers; the object is freed.
fn encoded(callback: &ossbind_callback) -> (String, Option<String>) {
    let mut encoded = null_mut();
    let mut error = null_mut();
    // SAFETY: a callback, and pointers that may be written.
    unsafe {
        let status = ossbind_callback_encode(callback, &mut encoded, &mut error);
        assert_eq!(status, ossbind_status::OK);
        assert!(error.is_null());
        let header = text(ossbind_encoded_callback_header(encoded)).unwrap();
        let variables = text(ossbind_encoded_callback_variables_header(encoded));
        ossbind_encoded_callback_free(encoded);
        (header, variables)
    }
}

fn encode(callback: &ossbind_callback, error: *mut *mut ossbind_error) -> ossbind_status {
    let mut encoded = null_mut();
    // SAFETY: a callback, a pointer that may be written, and what the caller gives.
    let status = unsafe { ossbind_callback_encode(callback, &mut encoded, error) };
    assert!(encoded.is_null());
    status
}

#[test]
fn of_members() {
    let (header, variables) = encoded(&callback());
    assert!(header.starts_with("ey") && variables.is_none());
    let texts = [CString::new("x:camera").unwrap(), CString::new("n\u{f6}rth \"1\"").unwrap()];
    let pairs = [ossbind_pair { name: texts[0].as_ptr(), value: texts[1].as_ptr() }];
    let all = ossbind_callback {
        host: c"app.example.com".as_ptr(),
        body: c"{\"object\":${object},\"camera\":${x:camera}}".as_ptr(),
        variables: pairs.as_ptr(),
        variable_count: 1,
        body_type: ossbind_body_type::JSON,
        sni: ossbind_sni::OFF,
        ..callback()
    };
    let (header, variables) = encoded(&all);
    // What was encoded is the library's own.
    drop(texts);
    assert!(header.len() > 100 && variables.unwrap().starts_with("ey"));
}

#[test]
fn of_ready_json() {
    let json = CString::new(
        "{\"callbackUrl\":\"http://app.example.com/\",\"callbackBody\":\"size=${size}\"}",
    );
    let json = json.unwrap();
    let ready = ossbind_callback { parameter: json.as_ptr(), ..initialized() };
    assert!(encoded(&ready).0.starts_with("ey"));
    let both = ossbind_callback { parameter: json.as_ptr(), ..callback() };
    refused_for("callback.url", |error| encode(&both, error));
    let cut_off = ossbind_callback { parameter: c"{\"callbackUrl\":".as_ptr(), ..initialized() };
    let failure = refused(|error| encode(&cut_off, error));
    assert_eq!(failure.status, ossbind_status::INVALID_CALLBACK);
}

#[test]
fn choices_and_flags_that_are_not_known() {
    let unknown = [
        ("callback.body_type", ossbind_callback { body_type: ossbind_body_type(7), ..callback() }),
        ("callback.sni", ossbind_callback { sni: ossbind_sni(u32::MAX), ..callback() }),
        ("callback.flags", ossbind_callback { flags: 0x8000_0000, ..callback() }),
        ("callback.reserved", ossbind_callback { reserved: 1, ..callback() }),
    ];
    for (field, callback) in &unknown {
        let failure = refused_for(field, |error| encode(callback, error));
        assert_eq!(failure.status, ossbind_status::UNKNOWN_FIELD);
    }
    refused_for("callback.url", |error| encode(&initialized(), error));
    refused_for("callback.body", |error| {
        encode(&ossbind_callback { body: null(), ..callback() }, error)
    });
    let odd = c"object=${no.such.name}".as_ptr();
    let failure = refused(|error| encode(&ossbind_callback { body: odd, ..callback() }, error));
    assert_eq!(failure.status, ossbind_status::INVALID_CALLBACK);
    let relaxed = ossbind_callback { body: odd, flags: OSSBIND_CALLBACK_RELAXED, ..callback() };
    assert!(encoded(&relaxed).0.starts_with("ey"));
}

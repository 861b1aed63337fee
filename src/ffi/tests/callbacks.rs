//! Callbacks that are encoded, checked and rendered.

use std::ffi::CString;
use std::ptr::{null, null_mut};

use super::program::{callback, initialized, refused, refused_for, text};
use crate::ffi::callback::{
    OSSBIND_CALLBACK_RELAXED, ossbind_body_type, ossbind_callback, ossbind_sni,
};
use crate::ffi::callback_problem::*;
use crate::ffi::convert::ossbind_pair;
use crate::ffi::encoded_callback::*;
use crate::ffi::error::ossbind_error;
use crate::ffi::rendered_callback::*;
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

/// Severity, field, offset, and whether there is an EC, of each problem; the list is freed.
fn checked(callback: &ossbind_callback) -> Vec<(ossbind_severity, String, usize, bool)> {
    let (mut problems, mut error) = (null_mut(), null_mut());
    let mut problem = null();
    let mut found = Vec::new();
    // SAFETY: a callback, and pointers that may be written; the texts live as long as the list.
    unsafe {
        let status = ossbind_callback_check(callback, &mut problems, &mut error);
        assert_eq!(status, ossbind_status::OK);
        assert!(error.is_null());
        while ossbind_callback_problems_at(problems, found.len(), &mut problem) == 1 {
            let field = text((*problem).field).unwrap();
            let (rule, cure) = (text((*problem).rule).unwrap(), text((*problem).cure).unwrap());
            let message = text((*problem).message).unwrap();
            assert!(message.starts_with(&field) && message.contains(&format!("{rule}; {cure}")));
            found.push(((*problem).severity, field, (*problem).offset, !(*problem).ec.is_null()));
        }
        assert!(problem.is_null());
        ossbind_callback_problems_free(problems);
    }
    found
}

#[test]
fn that_are_checked() {
    assert_eq!(checked(&callback()), []);
    let wrong =
        ossbind_callback { body: c"a=$5&b=${c}".as_ptr(), sni: ossbind_sni::OFF, ..callback() };
    let body = || "callback.body".to_owned();
    let expected = [
        (ossbind_severity::ERROR, body(), 2, true),
        (ossbind_severity::ERROR, body(), 7, false),
        (ossbind_severity::WARNING, "callback.sni".to_owned(), usize::MAX, false),
    ];
    assert_eq!(checked(&wrong), expected);
    assert_eq!(checked(&initialized())[0].1, "callback.url");
}

#[test]
fn that_are_rendered() {
    let key = CString::new("a \u{f6}").unwrap();
    let facts = ossbind_object_facts { key: key.as_ptr(), ..initialized() };
    let (mut rendered, mut error, mut length) = (null_mut(), null_mut(), 0);
    // SAFETY: a callback and facts, and pointers that may be written; the body lives as long as its object.
    unsafe {
        let status = ossbind_callback_render(&callback(), &facts, &mut rendered, &mut error);
        assert_eq!(status, ossbind_status::OK);
        drop(key);
        let body = ossbind_rendered_callback_body(rendered, &mut length);
        let body = std::slice::from_raw_parts(body, length);
        assert_eq!(body, b"object=a%20%C3%B6");
        let content_type = text(ossbind_rendered_callback_content_type(rendered)).unwrap();
        assert_eq!(content_type, "application/x-www-form-urlencoded");
        ossbind_rendered_callback_free(rendered);
    }
}

//! NULL in the place of every object, request and out-parameter.

use std::path::Path;
use std::ptr::{NonNull, null, null_mut};

use super::program::{config, initialized, new_client, refused_for, text, upload_request};
use crate::ffi::callback_problem::*;
use crate::ffi::cancel::{ossbind_cancel_free, ossbind_cancel_new, ossbind_cancel_trigger};
use crate::ffi::client::{ossbind_client_free, ossbind_client_new, ossbind_client_ref};
use crate::ffi::credentials::{ossbind_credentials_sink_fail, ossbind_credentials_sink_set};
use crate::ffi::encoded_callback::*;
use crate::ffi::error::*;
use crate::ffi::find::{ossbind_client_find, ossbind_find_request};
use crate::ffi::rendered_callback::*;
use crate::ffi::result::*;
use crate::ffi::sign_form::ossbind_client_sign_form;
use crate::ffi::sign_headers::ossbind_client_sign_headers;
use crate::ffi::sign_url::ossbind_client_sign_url;
use crate::ffi::signed::*;
use crate::ffi::status::*;
use crate::ffi::upload::{ossbind_client_upload, ossbind_upload};
use crate::ffi::version::ossbind_version;

#[test]
fn errors() {
    // SAFETY: NULL is allowed.
    unsafe {
        assert_eq!(ossbind_error_status(null()), ossbind_status::OK);
        assert_eq!(ossbind_error_object_state(null()), ossbind_object_state::UNKNOWN);
        assert_eq!(ossbind_error_advice(null()), ossbind_advice::DONE);
        assert_eq!(ossbind_error_retry_after_ms(null()), 0);
        assert!(ossbind_error_message(null()).is_null());
        assert!(ossbind_error_field(null()).is_null());
        assert_eq!(ossbind_error_offset(null()), usize::MAX);
        assert_eq!(ossbind_error_http_status(null()), 0);
        assert!(ossbind_error_oss_code(null()).is_null());
        assert!(ossbind_error_ec(null()).is_null());
        assert!(ossbind_error_request_id(null()).is_null());
        assert!(ossbind_error_upload_id(null()).is_null());
        assert_eq!(ossbind_error_caller_code(null()), 0);
        assert!(ossbind_error_document_element(null(), c"Code".as_ptr()).is_null());
        assert!(ossbind_error_document_element(null(), null()).is_null());
        assert!(ossbind_error_metrics(null()).is_null());
        assert!(ossbind_error_report(null()).is_null());
        ossbind_error_free(null_mut());
    }
}

#[test]
fn results() {
    let mut length = 7;
    let mut crc64 = 7;
    // SAFETY: NULL is allowed; the numbers may be written.
    unsafe {
        assert_eq!(ossbind_upload_result_http_status(null()), 0);
        assert!(ossbind_upload_result_etag(null()).is_null());
        assert!(ossbind_upload_result_version_id(null()).is_null());
        assert!(ossbind_upload_result_request_id(null()).is_null());
        assert_eq!(ossbind_upload_result_crc64(null(), &mut crc64), 0);
        assert_eq!(ossbind_upload_result_crc64(null(), null_mut()), 0);
        assert!(ossbind_upload_result_callback_answer(null(), &mut length).is_null());
        assert!(ossbind_upload_result_callback_answer(null(), null_mut()).is_null());
        assert!(ossbind_upload_result_header(null(), c"etag".as_ptr()).is_null());
        let (mut name, mut value) = (c"".as_ptr(), c"".as_ptr());
        assert_eq!(ossbind_upload_result_header_at(null(), 0, &mut name, &mut value), 0);
        assert!(name.is_null() && value.is_null());
        assert!(ossbind_upload_result_metrics(null()).is_null());
        ossbind_upload_result_free(null_mut());
    }
    assert_eq!((length, crc64), (0, 7));
}

#[test]
fn what_is_signed_or_encoded() {
    // SAFETY: NULL is allowed.
    unsafe {
        assert!(ossbind_signed_method(null()).is_null());
        assert!(ossbind_signed_url(null()).is_null());
        assert_eq!(ossbind_signed_expires_at(null()), 0);
        let (mut name, mut value) = (c"".as_ptr(), c"".as_ptr());
        assert_eq!(ossbind_signed_pair_at(null(), 0, &mut name, &mut value), 0);
        assert!(name.is_null() && value.is_null());
        assert_eq!(ossbind_signed_pair_at(null(), usize::MAX, null_mut(), null_mut()), 0);
        assert!(ossbind_signed_bundle(null()).is_null());
        ossbind_signed_free(null_mut());

        assert!(ossbind_encoded_callback_header(null()).is_null());
        assert!(ossbind_encoded_callback_variables_header(null()).is_null());
        ossbind_encoded_callback_free(null_mut());

        let mut problem = NonNull::<ossbind_callback_problem>::dangling().as_ptr().cast_const();
        let mut length = 7;
        assert_eq!(ossbind_callback_problems_at(null(), 0, &mut problem), 0);
        assert!(problem.is_null());
        assert_eq!(ossbind_callback_problems_at(null(), 0, null_mut()), 0);
        ossbind_callback_problems_free(null_mut());
        assert!(ossbind_rendered_callback_body(null(), &mut length).is_null());
        assert_eq!(length, 0);
        assert!(ossbind_rendered_callback_content_type(null()).is_null());
        ossbind_rendered_callback_free(null_mut());
    }
}

#[test]
fn clients_and_cancel_objects() {
    // SAFETY: NULL is allowed.
    unsafe {
        assert!(ossbind_client_ref(null()).is_null());
        ossbind_client_free(null_mut());
        ossbind_cancel_trigger(null());
        ossbind_cancel_free(null_mut());
        assert_eq!(ossbind_cancel_new(null_mut()), ossbind_status::INVALID_ARGUMENT);
        ossbind_credentials_sink_fail(null_mut(), null());
        let status = ossbind_credentials_sink_set(null_mut(), null(), null(), null(), 0);
        assert_eq!(status, ossbind_status::INVALID_ARGUMENT);
    }
}

#[test]
fn out_parameters_that_are_required() {
    let client = new_client(&config());
    // SAFETY: NULL is refused; the rest is as the documentation asks.
    unsafe {
        refused_for("out_client", |error| ossbind_client_new(&config(), null_mut(), error));
        refused_for("out_signed", |error| {
            ossbind_client_sign_url(client, null(), null_mut(), error)
        });
        refused_for("out_signed", |error| {
            ossbind_client_sign_headers(client, null(), null_mut(), error)
        });
        refused_for("out_signed", |error| {
            ossbind_client_sign_form(client, null(), null_mut(), error)
        });
        refused_for("out_encoded", |error| ossbind_callback_encode(null(), null_mut(), error));
        refused_for("out_problems", |error| ossbind_callback_check(null(), null_mut(), error));
        refused_for("out_rendered", |error| {
            ossbind_callback_render(null(), null(), null_mut(), error)
        });
        ossbind_client_free(client);
    }
}

/// A refusal for a member; what the program finds in its variable is not what was there before.
fn refused_and_emptied<T>(
    field: &str,
    call: impl Fn(*mut *mut T, *mut *mut ossbind_error) -> ossbind_status,
) {
    let mut out = NonNull::dangling().as_ptr();
    refused_for(field, |error| call(&mut out, error));
    assert!(out.is_null());
}

#[test]
fn requests_and_clients_that_are_required() {
    let client = new_client(&config());
    // SAFETY: NULL is refused; the rest is as the documentation asks.
    unsafe {
        refused_and_emptied("client", |out, error| {
            ossbind_client_sign_url(null(), null(), out, error)
        });
        refused_and_emptied("sign_url_request", |out, error| {
            ossbind_client_sign_url(client, null(), out, error)
        });
        refused_and_emptied("client", |out, error| {
            ossbind_client_sign_headers(null(), null(), out, error)
        });
        refused_and_emptied("sign_headers_request", |out, error| {
            ossbind_client_sign_headers(client, null(), out, error)
        });
        refused_and_emptied("client", |out, error| {
            ossbind_client_sign_form(null(), null(), out, error)
        });
        refused_and_emptied("sign_form_request", |out, error| {
            ossbind_client_sign_form(client, null(), out, error)
        });
        refused_and_emptied("callback", |out, error| ossbind_callback_encode(null(), out, error));
        ossbind_client_free(client);
    }
}

#[test]
fn uploads() {
    let client = new_client(&config());
    let request = upload_request(b"x");
    let question = ossbind_find_request {
        bucket: request.bucket,
        key: request.key,
        body: request.body,
        data: request.data,
        data_len: request.data_len,
        ..initialized()
    };
    // SAFETY: NULL is refused; the rest is as the documentation asks.
    unsafe {
        refused_and_emptied("client", |out, error| {
            ossbind_client_upload(null(), &request, out, error)
        });
        refused_and_emptied("upload_request", |out, error| {
            ossbind_client_upload(client, null(), out, error)
        });
        refused_and_emptied("client", |out, error| {
            ossbind_client_find(null(), &question, out, error)
        });
        refused_and_emptied("find_request", |out, error| {
            ossbind_client_find(client, null(), out, error)
        });
        refused_and_emptied("upload_request", |out, error| {
            ossbind_upload(null(), null(), out, error)
        });
        refused_for("upload_request", |error| {
            ossbind_client_upload(client, null(), null_mut(), error)
        });
        ossbind_client_free(client);
    }
}

#[test]
fn names_are_there_for_every_number() {
    let version = text(ossbind_version()).unwrap();
    assert_eq!(version, crate::BUILD);
    let (number, commit) = version.split_once('+').unwrap_or((&version, "0"));
    assert_eq!(number, crate::VERSION);
    assert!(commit.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)));
    for number in [i32::MIN, -1, 0, 1, 12, 32, 33, i32::MAX] {
        assert!(text(ossbind_status_name(ossbind_status(number))).is_some());
        assert!(text(ossbind_object_state_name(ossbind_object_state(number))).is_some());
        assert!(text(ossbind_advice_name(ossbind_advice(number))).is_some());
        assert!(text(ossbind_severity_name(ossbind_severity(number))).is_some());
    }
}

#[test]
#[cfg_attr(miri, ignore = "reads the header")]
fn numbers_and_names_are_those_of_the_header() {
    use crate::error::{Advice, ObjectState, Status};
    use crate::text::constant;
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/ossbind.h");
    let header = std::fs::read_to_string(header).unwrap();
    let defined = |prefix: &str| -> Vec<(String, i32)> {
        let lines = header.lines().filter_map(|line| line.strip_prefix("#define "));
        let pairs = lines.filter_map(|line| line.split_once(' '));
        pairs
            .filter(|(name, _)| name.starts_with(prefix))
            .map(|(name, number)| (name.to_owned(), number.parse().unwrap()))
            .collect()
    };
    for (name, number) in defined("OSSBIND_STATUS_") {
        assert_eq!(text(ossbind_status_name(ossbind_status(number))).unwrap(), name);
    }
    for (name, number) in defined("OSSBIND_OBJECT_STATE_") {
        let text = text(ossbind_object_state_name(ossbind_object_state(number)));
        assert_eq!(text.unwrap(), name);
    }
    for (name, number) in defined("OSSBIND_ADVICE_") {
        assert_eq!(text(ossbind_advice_name(ossbind_advice(number))).unwrap(), name);
    }
    for (name, number) in defined("OSSBIND_SEVERITY_") {
        assert_eq!(text(ossbind_severity_name(ossbind_severity(number))).unwrap(), name);
    }
    let mut of_core = vec![("OSSBIND_STATUS_OK".to_owned(), 0)];
    of_core.extend(Status::ALL.map(|s| (constant("OSSBIND_STATUS", s), s as i32)));
    assert_eq!(of_core, defined("OSSBIND_STATUS_"));
    let states = [ObjectState::Unknown, ObjectState::NotStored, ObjectState::Stored];
    let states = states.map(|s| (constant("OSSBIND_OBJECT_STATE", s), s as i32));
    assert_eq!(states.to_vec(), defined("OSSBIND_OBJECT_STATE_"));
    let advice = Advice::ALL.map(|a| (constant("OSSBIND_ADVICE", a), a as i32));
    assert_eq!(advice.to_vec(), defined("OSSBIND_ADVICE_"));
}

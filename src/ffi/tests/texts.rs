//! Texts and arrays that are not what they should be.

use std::ffi::{CStr, CString, c_char};
use std::ptr::{null, null_mut};

use super::program::{
    callback, config, initialized, new_client, refused, refused_for, text, upload_request,
};
use crate::ffi::body::ossbind_body_kind;
use crate::ffi::callback::ossbind_callback;
use crate::ffi::cancel::{ossbind_cancel_free, ossbind_cancel_new, ossbind_cancel_trigger};
use crate::ffi::client::{ossbind_client_free, ossbind_client_new};
use crate::ffi::config::ossbind_client_config;
use crate::ffi::convert::ossbind_pair;
use crate::ffi::credentials::ossbind_credentials_config;
use crate::ffi::encoded_callback::{ossbind_callback_encode, ossbind_encoded_callback_free};
use crate::ffi::sign_form::{ossbind_client_sign_form, ossbind_sign_form_request};
use crate::ffi::status::ossbind_status;
use crate::ffi::tls::ossbind_tls_config;
use crate::ffi::upload::ossbind_client_upload;
use crate::ffi::upload_request::ossbind_upload_request;

const NOT_UTF8: &CStr = c"ok\xC3(";

#[test]
fn members_that_are_not_utf8() {
    type Member = fn(&mut ossbind_client_config) -> &mut *const c_char;
    let members: &[(&str, Member)] = &[
        ("endpoint", |config| &mut config.endpoint),
        ("region", |config| &mut config.region),
        ("access_key_id", |config| &mut config.access_key_id),
        ("access_key_secret", |config| &mut config.access_key_secret),
        ("security_token", |config| &mut config.security_token),
        ("network_proxy", |config| &mut config.network_proxy),
        ("network_no_proxy", |config| &mut config.network_no_proxy),
        ("network_source", |config| &mut config.network_source),
        ("user_agent", |config| &mut config.user_agent),
    ];
    for (field, member) in members {
        let mut config = config();
        *member(&mut config) = NOT_UTF8.as_ptr();
        let mut client = null_mut();
        // SAFETY: a config whose texts end with NUL; the rest may be written.
        let failure =
            refused_for(field, |error| unsafe { ossbind_client_new(&config, &mut client, error) });
        assert_eq!((failure.status, failure.offset), (ossbind_status::INVALID_ARGUMENT, 2));
        assert!(client.is_null());
    }
}

#[test]
fn members_of_groups_that_are_not_utf8() {
    let tls = ossbind_tls_config { ca_pem: NOT_UTF8.as_ptr(), ..initialized() };
    let credentials = ossbind_credentials_config { argument: NOT_UTF8.as_ptr(), ..initialized() };
    for (field, config) in [
        ("tls.ca_pem", ossbind_client_config { tls: &tls, ..config() }),
        ("credentials.argument", ossbind_client_config { credentials: &credentials, ..config() }),
    ] {
        let mut client = null_mut();
        // SAFETY: a config whose texts end with NUL; the rest may be written.
        let failure =
            refused_for(field, |error| unsafe { ossbind_client_new(&config, &mut client, error) });
        assert_eq!((failure.status, failure.offset), (ossbind_status::INVALID_ARGUMENT, 2));
    }
}

/// Paths are bytes.
#[test]
fn paths_that_are_not_utf8() {
    type Member = fn(&mut ossbind_tls_config) -> &mut *const c_char;
    let members: &[(&str, Member)] = &[
        ("tls.ca_file", |tls| &mut tls.ca_file),
        ("tls.ca_dir", |tls| &mut tls.ca_dir),
        ("tls.client_certificate", |tls| &mut tls.client_certificate_file),
    ];
    for (field, member) in members {
        let mut tls = initialized();
        *member(&mut tls) = c"/no/such\xFF".as_ptr();
        let config = ossbind_client_config { tls: &tls, ..config() };
        let mut client = null_mut();
        // SAFETY: a config whose texts end with NUL; the rest may be written.
        refused_for(field, |error| unsafe { ossbind_client_new(&config, &mut client, error) });
    }
}

/// It is not opened, for the upload is cancelled already.
#[test]
fn the_path_of_a_body_that_is_not_utf8() {
    let mut cancel = null_mut();
    let client = new_client(&config());
    // SAFETY: a pointer that may be written, a client, and a request whose texts end with NUL; the
    // objects are freed when nobody uses them any more.
    unsafe {
        assert_eq!(ossbind_cancel_new(&mut cancel), ossbind_status::OK);
        ossbind_cancel_trigger(cancel);
        let request = ossbind_upload_request {
            body: ossbind_body_kind::FILE,
            file_path: c"/no/such\xFF".as_ptr(),
            checkpoint_dir: c"/no/folder\xFF".as_ptr(),
            data: null(),
            data_len: 0,
            cancel,
            ..upload_request(b"")
        };
        let failure = refused(|error| ossbind_client_upload(client, &request, null_mut(), error));
        assert_eq!(failure.status, ossbind_status::CANCELLED, "{failure:?}");
        ossbind_cancel_free(cancel);
        ossbind_client_free(client);
    }
}

fn refuse_callback(field: &str, callback: &ossbind_callback) {
    let mut encoded = null_mut();
    // SAFETY: a callback whose arrays are as long as they say.
    refused_for(field, |error| unsafe { ossbind_callback_encode(callback, &mut encoded, error) });
    assert!(encoded.is_null());
}

#[test]
fn pairs() {
    let (name, value) = (c"x:a".as_ptr(), c"v".as_ptr());
    let bad = [
        ("name", ossbind_pair { name: null(), value }),
        ("value", ossbind_pair { name, value: null() }),
        ("name", ossbind_pair { name: NOT_UTF8.as_ptr(), value }),
        ("value", ossbind_pair { name, value: NOT_UTF8.as_ptr() }),
    ];
    for (member, pair) in bad {
        // Nothing stands behind.
        let pairs = [ossbind_pair { name, value }, pair];
        let (variables, variable_count) = (pairs.as_ptr(), pairs.len());
        let callback = ossbind_callback { variables, variable_count, ..callback() };
        refuse_callback(&format!("callback.variables[1].{member}"), &callback);
    }
}

#[test]
fn arrays_without_elements() {
    let one = ossbind_pair { name: c"x:a".as_ptr(), value: c"v".as_ptr() };
    refuse_callback("callback.variables", &ossbind_callback { variable_count: 1, ..callback() });
    // Nothing of it is read.
    for variable_count in [1001, usize::MAX] {
        let callback = ossbind_callback { variables: &one, variable_count, ..callback() };
        refuse_callback("callback.variable_count", &callback);
    }
    let mut encoded = null_mut();
    let callback = ossbind_callback { variables: &one, variable_count: 0, ..callback() };
    // SAFETY: a callback, and a pointer that may be written.
    unsafe {
        let status = ossbind_callback_encode(&callback, &mut encoded, null_mut());
        assert_eq!(status, ossbind_status::OK);
        ossbind_encoded_callback_free(encoded);
    }
}

#[test]
fn arrays_of_texts() {
    let client = new_client(&config());
    let types = [c"image/png".as_ptr(), null()];
    let request = ossbind_sign_form_request {
        bucket: c"examplebucket".as_ptr(),
        key: c"k".as_ptr(),
        content_types: types.as_ptr(),
        content_type_count: types.len(),
        ..initialized()
    };
    let mut form = null_mut();
    // SAFETY: a client and a request whose array has two elements.
    refused_for("content_types[1]", |error| unsafe {
        ossbind_client_sign_form(client, &request, &mut form, error)
    });
    assert!(form.is_null());
    // SAFETY: nobody uses it any more.
    unsafe { ossbind_client_free(client) };
}

/// Everything of a config is copied: the program may free and change it at once.
#[test]
fn what_a_config_points_to_may_go() {
    let texts: Vec<CString> =
        ["http://127.0.0.1:1", "cn-hangzhou", "ak", "sk", "token", "agent", "localhost"]
            .into_iter()
            .map(|text| CString::new(text).unwrap())
            .collect();
    let pin = CString::new("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=").unwrap();
    let pins = vec![pin.as_ptr()];
    let tls = Box::new(ossbind_tls_config {
        pins: pins.as_ptr(),
        pin_count: pins.len(),
        ..initialized()
    });
    let config = ossbind_client_config {
        endpoint: texts[0].as_ptr(),
        region: texts[1].as_ptr(),
        access_key_id: texts[2].as_ptr(),
        access_key_secret: texts[3].as_ptr(),
        security_token: texts[4].as_ptr(),
        user_agent: texts[5].as_ptr(),
        network_no_proxy: texts[6].as_ptr(),
        tls: &*tls,
        ..config()
    };
    let client = new_client(&config);
    drop((texts, pin, pins, tls));
    let url = super::signing::signed_url(client);
    assert!(url.contains("-token=token"), "{url}");
    // SAFETY: nobody uses it any more.
    unsafe { ossbind_client_free(client) };
}

/// C sees a text up to the first NUL; one that the library gives never has any inside.
#[test]
fn texts_of_the_library_have_no_nul_inside() {
    let given = crate::ffi::convert::c_text("a\0b");
    assert_eq!(text(given.as_ptr()).as_deref(), Some("a\u{FFFD}b"));
}

//! Clients: references, and the log function.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::null_mut;

use super::program::{config, new_client, refused_for};
use super::signing::signed_url;
use crate::ffi::client::*;
use crate::ffi::config::{OSSBIND_CLIENT_NO_KEYS, ossbind_client_config};
use crate::ffi::log::ossbind_log_level;
use crate::ffi::sign_url::{ossbind_client_sign_url, ossbind_sign_url_request};
use crate::ffi::status::ossbind_status;
use crate::ffi::tls::{OSSBIND_TLS_DANGER_ACCEPT_ANY_CERTIFICATE, ossbind_tls_config};

#[test]
fn every_reference_is_a_client_of_its_own() {
    let first = new_client(&config());
    // SAFETY: each is freed once, and used before.
    unsafe {
        let second = ossbind_client_ref(first);
        let third = ossbind_client_ref(second);
        ossbind_client_free(first);
        assert!(signed_url(second).starts_with("http://127.0.0.1:1/"));
        ossbind_client_free(third);
        signed_url(second);
        ossbind_client_free(second);
    }
}

#[test]
fn a_client_without_keys_signs_nothing() {
    let config = ossbind_client_config {
        endpoint: std::ptr::null(),
        region: std::ptr::null(),
        access_key_id: std::ptr::null(),
        access_key_secret: std::ptr::null(),
        flags: OSSBIND_CLIENT_NO_KEYS,
        ..config()
    };
    let client = new_client(&config);
    let request = ossbind_sign_url_request {
        bucket: c"examplebucket".as_ptr(),
        key: c"k".as_ptr(),
        ..super::program::initialized()
    };
    let mut signed = null_mut();
    // SAFETY: a client and a request; the client is freed when nobody uses it any more.
    unsafe {
        let failure = refused_for("access_key_id", |error| {
            ossbind_client_sign_url(client, &request, &mut signed, error)
        });
        assert_eq!(failure.status, ossbind_status::CREDENTIALS);
        ossbind_client_free(client);
    }
}

/// Keeps the last message.
unsafe extern "C" fn remember(
    userdata: *mut c_void,
    level: ossbind_log_level,
    message: *const c_char,
) {
    // SAFETY: what the test has given, and a text.
    let (kept, message) = unsafe { (&mut *userdata.cast::<String>(), CStr::from_ptr(message)) };
    *kept = format!("{}: {}", level.0, message.to_str().unwrap());
}

#[test]
fn the_log_function_gets_its_userdata_and_a_text() {
    let mut kept = String::new();
    let tls = ossbind_tls_config {
        flags: OSSBIND_TLS_DANGER_ACCEPT_ANY_CERTIFICATE,
        ..super::program::initialized()
    };
    let config = ossbind_client_config {
        tls: &tls,
        log: Some(remember),
        log_userdata: (&raw mut kept).cast(),
        ..config()
    };
    let client = new_client(&config);
    // SAFETY: nobody uses it any more.
    unsafe { ossbind_client_free(client) };
    assert!(kept.starts_with("1: DANGER"), "{kept}");
}

#[test]
fn members_that_are_not_known() {
    let base = config();
    let unknown = [
        ("flags", ossbind_client_config { flags: 0x8000_0000, ..base }),
        ("log_level", ossbind_client_config { log_level: ossbind_log_level(u32::MAX), ..base }),
        (
            "signature_version",
            ossbind_client_config {
                signature_version: crate::ffi::config::ossbind_signature_version(9),
                ..base
            },
        ),
    ];
    for (field, config) in &unknown {
        let mut client = null_mut();
        // SAFETY: a config; the rest may be written.
        let failure =
            refused_for(field, |error| unsafe { ossbind_client_new(config, &mut client, error) });
        assert_eq!(failure.status, ossbind_status::UNKNOWN_FIELD);
        assert!(client.is_null());
    }
}

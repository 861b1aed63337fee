//! The server that is called back.

use std::ffi::{CString, c_char, c_void};
use std::ptr::{null, null_mut};

use super::program::{config, initialized, new_client, refused, refused_for, text};
use crate::ffi::client::ossbind_client_free;
use crate::ffi::convert::ossbind_pair;
use crate::ffi::received::*;
use crate::ffi::reply::*;
use crate::ffi::seal::*;
use crate::ffi::status::ossbind_status;
use crate::ffi::test_callback::*;
use crate::ffi::verifier::*;
use crate::ffi::verifier_config::*;
use crate::time::Timestamp;

const SECRET: ossbind_pair =
    ossbind_pair { name: c"camera".as_ptr(), value: c"a secret of 25 characters".as_ptr() };

fn seal_request() -> ossbind_seal_request {
    ossbind_seal_request {
        secret: SECRET,
        bucket: c"bucket".as_ptr(),
        key: c"a/b.jpg".as_ptr(),
        ..initialized()
    }
}

/// A verifier for what [`test_callback`](ossbind_test_callback_new) signs, with seals.
fn verifier() -> *mut ossbind_verifier {
    let secret = SECRET;
    let config = ossbind_verifier_config {
        seal_keys: &raw const secret,
        seal_key_count: 1,
        flags: OSSBIND_VERIFIER_DANGER_ACCEPT_TEST_KEY,
        ..initialized()
    };
    let mut verifier = null_mut();
    // SAFETY: a config, and a pointer that may be written.
    let status = unsafe { ossbind_verifier_new(&config, &mut verifier, null_mut()) };
    assert_eq!(status, ossbind_status::OK);
    verifier
}

/// What a verifier says of a signed callback with this body, and the object that it names.
fn verdict(verifier: *const ossbind_verifier, body: &str) -> (ossbind_status, Option<String>) {
    let (mut signed, mut callback) = (null_mut(), null_mut());
    let mut headers = vec![
        ossbind_pair {
            name: c"Content-Type".as_ptr(),
            value: c"application/x-www-form-urlencoded".as_ptr(),
        },
        ossbind_pair { name: c"x-oss-bucket".as_ptr(), value: c"bucket".as_ptr() },
        // No UTF-8.
        ossbind_pair { name: c"X-Other".as_ptr(), value: c"\xff".as_ptr() },
    ];
    // SAFETY: strings and bytes of this function, and pointers that may be written.
    unsafe {
        let (target, data) = (c"/cb".as_ptr(), body.as_ptr());
        let status = ossbind_test_callback_new(target, data, body.len(), &mut signed, null_mut());
        assert_eq!(status, ossbind_status::OK);
        let (mut name, mut value) = (null(), null());
        while ossbind_test_callback_header_at(signed, headers.len() - 3, &mut name, &mut value) == 1
        {
            headers.push(ossbind_pair { name, value });
        }
        let request = ossbind_received_request {
            method: c"POST".as_ptr(),
            target,
            headers: headers.as_ptr(),
            header_count: headers.len(),
            body: data,
            body_len: body.len(),
            ..initialized()
        };
        let status = ossbind_verifier_check(verifier, &request, &mut callback, null_mut());
        ossbind_test_callback_free(signed);
        let object = text(ossbind_received_callback_field(callback, c"object".as_ptr()));
        let mut index = 0;
        while ossbind_received_callback_field_at(callback, index, &mut name, &mut value) == 1 {
            index += 1;
        }
        assert_eq!(index == 0, object.is_none());
        assert!(ossbind_received_callback_request_id(callback).is_null());
        ossbind_received_callback_free(callback);
        (status, object)
    }
}

#[test]
fn a_sealed_callback_is_accepted_once() {
    let mut seal = [1; OSSBIND_SEAL_CAPACITY];
    // SAFETY: a request, and as much room as is asked for.
    let status = unsafe { ossbind_seal(&seal_request(), seal.as_mut_ptr(), null_mut()) };
    assert_eq!(status, ossbind_status::OK);
    let seal = text(seal.as_ptr()).unwrap();
    let verifier = verifier();
    let body = format!("object=a%2Fb.jpg&seal={seal}");
    let object = Some("a/b.jpg".to_owned());
    assert_eq!(verdict(verifier, &body), (ossbind_status::OK, object.clone()));
    assert_eq!(verdict(verifier, &body), (ossbind_status::REPLAYED, object));
    assert_eq!(verdict(verifier, "object=a"), (ossbind_status::SEAL_WRONG, None));
    // SAFETY: nobody uses it any more.
    unsafe { ossbind_verifier_free(verifier) };
}

#[test]
fn a_seal_may_have_the_time_of_a_client() {
    let client = new_client(&config());
    let mut seal = [1; OSSBIND_SEAL_CAPACITY];
    let request = ossbind_seal_request { client, lifetime_s: 60, ..seal_request() };
    // SAFETY: a request, and as much room as is asked for; nobody uses the client any more.
    let status = unsafe {
        let status = ossbind_seal(&request, seal.as_mut_ptr(), null_mut());
        ossbind_client_free(client);
        status
    };
    assert_eq!(status, ossbind_status::OK);
    let expires_at: u64 = text(seal.as_ptr()).unwrap().split('.').nth(2).unwrap().parse().unwrap();
    let now = Timestamp::of_device().0;
    assert!((now..=now + 60).contains(&expires_at), "{expires_at}, {now}");
}

#[test]
fn seals_that_cannot_be_made() {
    let mut room: [c_char; OSSBIND_SEAL_CAPACITY] = [1; OSSBIND_SEAL_CAPACITY];
    let mut refuse = |field: &str, request: &ossbind_seal_request| {
        // SAFETY: a request, and as much room as is asked for.
        refused_for(field, |error| unsafe { ossbind_seal(request, room.as_mut_ptr(), error) });
        assert_eq!(room[0], 0);
    };
    let short = ossbind_pair { value: c"short".as_ptr(), ..SECRET };
    refuse("secret.value", &ossbind_seal_request { secret: short, ..seal_request() });
    refuse("bucket", &ossbind_seal_request { bucket: null(), ..seal_request() });
    refuse("key", &ossbind_seal_request { key: c"".as_ptr(), ..seal_request() });
    refuse("reserved", &ossbind_seal_request { reserved: 1, ..seal_request() });
    // SAFETY: NULL is refused.
    refused_for("out_seal", |error| unsafe { ossbind_seal(&seal_request(), null_mut(), error) });
    // The longest there is.
    let name = CString::new("n".repeat(64)).unwrap();
    let secret = ossbind_pair { name: name.as_ptr(), ..SECRET };
    let longest = ossbind_seal_request { secret, lifetime_s: u32::MAX, ..seal_request() };
    // SAFETY: a request, and as much room as is asked for.
    let status = unsafe { ossbind_seal(&longest, room.as_mut_ptr(), null_mut()) };
    assert_eq!(status, ossbind_status::OK);
}

unsafe extern "C" fn never(
    _: *mut c_void,
    _: *const c_char,
    _: *mut c_char,
    _: usize,
    _: *mut usize,
) -> i32 {
    unreachable!("no key is fetched")
}

unsafe extern "C" fn count(userdata: *mut c_void) {
    // SAFETY: the test's own number.
    unsafe { *userdata.cast::<u32>() += 1 };
}

#[test]
fn what_a_config_has_is_freed_once() {
    let mut freed = 0_u32;
    let mut config = ossbind_verifier_config {
        fetch: Some(never),
        userdata: (&raw mut freed).cast(),
        userdata_free: Some(count),
        ..initialized()
    };
    let mut verifier = null_mut();
    // SAFETY: a config, and pointers that may be written.
    unsafe {
        let status = ossbind_verifier_new(&config, &mut verifier, null_mut());
        assert_eq!((status, freed), (ossbind_status::OK, 0));
        ossbind_verifier_free(verifier);
        assert_eq!(freed, 1);
        config.flags = 2;
        let status = ossbind_verifier_new(&config, &mut verifier, null_mut());
        assert_eq!((status, freed), (ossbind_status::UNKNOWN_FIELD, 2));
        config = ossbind_verifier_config { fetch: None, flags: 0, ..config };
        let status = ossbind_verifier_new(&config, &mut verifier, null_mut());
        assert_eq!((status, freed), (ossbind_status::OK, 3));
        ossbind_verifier_free(verifier);
    }
}

#[test]
fn more_devices_than_headers() {
    let names: Vec<_> = (0..5000).map(|n| CString::new(format!("camera-{n}")).unwrap()).collect();
    let seal_keys: Vec<_> =
        names.iter().map(|name| ossbind_pair { name: name.as_ptr(), ..SECRET }).collect();
    let config = ossbind_verifier_config {
        seal_keys: seal_keys.as_ptr(),
        seal_key_count: seal_keys.len(),
        ..initialized()
    };
    let mut verifier = null_mut();
    // SAFETY: a config, and a pointer that may be written; nobody uses the verifier any more.
    unsafe {
        let status = ossbind_verifier_new(&config, &mut verifier, null_mut());
        assert_eq!(status, ossbind_status::OK);
        ossbind_verifier_free(verifier);
    }
}

#[test]
fn a_stranger_with_many_headers_is_no_mistake_of_the_program() {
    let headers = [SECRET; 1001];
    let request = ossbind_received_request {
        method: c"POST".as_ptr(),
        target: c"/cb".as_ptr(),
        headers: headers.as_ptr(),
        header_count: headers.len(),
        ..initialized()
    };
    let verifier = verifier();
    // SAFETY: a verifier and a request; nobody uses the verifier any more.
    let status = unsafe {
        let status = ossbind_verifier_check(verifier, &request, null_mut(), null_mut());
        ossbind_verifier_free(verifier);
        status
    };
    assert_eq!(status, ossbind_status::MALFORMED);
}

#[test]
fn answers() {
    for (verdict, body, http_status) in [
        (ossbind_status::OK, "{\"a\":1}", 200),
        (ossbind_status::OK, "", 200),
        (ossbind_status::NOT_SIGNED, "", 401),
        (ossbind_status::SIGNATURE_WRONG, "", 403),
        (ossbind_status::KEY_URL_REFUSED, "", 403),
        (ossbind_status::SEAL_WRONG, "", 403),
        (ossbind_status::MALFORMED, "", 400),
        (ossbind_status::TOO_OLD, "", 409),
        (ossbind_status::REPLAYED, "", 409),
        (ossbind_status::KEY_UNAVAILABLE, "", 503),
        (ossbind_status::INTERNAL, "", 500),
        (ossbind_status(77), "", 500),
    ] {
        let (mut reply, mut len) = (null_mut(), 0);
        // SAFETY: bytes of the test, and pointers that may be written.
        unsafe {
            let status =
                ossbind_callback_reply(verdict, body.as_ptr(), body.len(), &mut reply, null_mut());
            assert_eq!(status, ossbind_status::OK);
            assert_eq!(ossbind_reply_http_status(reply), http_status);
            let its_body = ossbind_reply_body(reply, &mut len);
            let its_body = std::slice::from_raw_parts(its_body, len).to_vec();
            let bytes = ossbind_reply_bytes(reply, &mut len);
            let bytes = std::slice::from_raw_parts(bytes, len).to_vec();
            ossbind_reply_free(reply);
            assert!(body.is_empty() || its_body == body.as_bytes());
            let head = format!("HTTP/1.1 {http_status} ");
            assert!(bytes.starts_with(head.as_bytes()) && bytes.ends_with(&its_body));
            let length = format!("\r\nContent-Length: {}\r\n", its_body.len());
            assert!(String::from_utf8(bytes).unwrap().contains(&length));
        }
    }
    for body in ["no JSON", "\u{FEFF}{}", &" ".repeat(1024 * 1024 + 1)] {
        let mut reply = null_mut();
        // SAFETY: bytes of the test, and pointers that may be written.
        refused_for("body", |error| unsafe {
            let ok = ossbind_status::OK;
            ossbind_callback_reply(ok, body.as_ptr(), body.len(), &mut reply, error)
        });
    }
}

#[test]
fn without_objects() {
    let (mut name, mut value, mut len) = (c"".as_ptr(), c"".as_ptr(), 7);
    // SAFETY: NULL is allowed, or refused.
    unsafe {
        assert!(ossbind_received_callback_field(null(), c"object".as_ptr()).is_null());
        assert_eq!(ossbind_received_callback_field_at(null(), 0, &mut name, &mut value), 0);
        assert!(name.is_null() && value.is_null());
        assert!(ossbind_received_callback_request_id(null()).is_null());
        ossbind_received_callback_free(null_mut());
        assert_eq!(ossbind_test_callback_header_at(null(), 0, null_mut(), null_mut()), 0);
        ossbind_test_callback_free(null_mut());
        assert_eq!(ossbind_reply_http_status(null()), 0);
        assert!(ossbind_reply_body(null(), &mut len).is_null() && len == 0);
        assert!(ossbind_reply_bytes(null(), null_mut()).is_null());
        ossbind_reply_free(null_mut());
        ossbind_verifier_free(null_mut());
        refused_for("out_verifier", |error| ossbind_verifier_new(null(), null_mut(), error));
        refused_for("received_request", |error| {
            ossbind_verifier_check(null(), null(), null_mut(), error)
        });
        let mut signed = null_mut();
        refused_for("target", |error| {
            ossbind_test_callback_new(null(), null(), 0, &mut signed, error)
        });
        assert!(signed.is_null());
        let request: ossbind_received_request = initialized();
        let failure = refused(|error| ossbind_verifier_check(null(), &request, null_mut(), error));
        assert_eq!(failure.field.as_deref(), Some("verifier"));
    }
}

//! The program's function for keys: it runs on a thread of the library, and what it needs is freed
//! once.

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::program::{Failure, config, initialized, new_client, refused_for};
use super::signing::{sign_url, signed_url};
use crate::ffi::client::{ossbind_client_free, ossbind_client_new};
use crate::ffi::config::ossbind_client_config;
use crate::ffi::credentials::*;
use crate::ffi::status::ossbind_status;
use crate::ffi::upload::ossbind_upload;

/// What the program keeps for its function.
struct Keys {
    calls: AtomicU32,
    /// What the function returns.
    code: i32,
    freed: Sender<u32>,
}

unsafe extern "C" fn give(userdata: *mut c_void, sink: *mut ossbind_credentials_sink) -> i32 {
    let (id, secret, token) = (c"STS.id", c"secret", c"token");
    // SAFETY: what the test has given, the sink of this call, and texts.
    unsafe {
        let keys = &*userdata.cast::<Keys>();
        let call = keys.calls.fetch_add(1, Ordering::Relaxed);
        let set = |id, secret| ossbind_credentials_sink_set(sink, id, secret, token.as_ptr(), 3600);
        assert_eq!(set(null(), secret.as_ptr()), ossbind_status::INVALID_ARGUMENT);
        assert_eq!(set(id.as_ptr(), null()), ossbind_status::INVALID_ARGUMENT);
        assert_eq!(set(c"\xFF".as_ptr(), secret.as_ptr()), ossbind_status::INVALID_ARGUMENT);
        // The last one counts.
        let first = format!("STS.first-{call}\0");
        assert_eq!(set(first.as_ptr().cast(), secret.as_ptr()), ossbind_status::OK);
        assert_eq!(set(id.as_ptr(), secret.as_ptr()), ossbind_status::OK);
        if keys.code != 0 {
            ossbind_credentials_sink_fail(sink, c"first".as_ptr());
            ossbind_credentials_sink_fail(sink, c"nobody there".as_ptr());
        }
        keys.code
    }
}

unsafe extern "C" fn free(userdata: *mut c_void) {
    // SAFETY: made by Box, and freed by nobody else.
    let keys = unsafe { Box::from_raw(userdata.cast::<Keys>()) };
    keys.freed.send(keys.calls.load(Ordering::Relaxed)).unwrap();
}

/// The function, and the one who hears how often it was called, once it is freed.
fn function(code: i32) -> (ossbind_credentials_config, Receiver<u32>) {
    let (freed, receiver) = channel();
    let keys = Box::new(Keys { calls: AtomicU32::new(0), code, freed });
    let credentials = ossbind_credentials_config {
        kind: ossbind_credentials_kind::FUNCTION,
        function: Some(give),
        userdata: Box::into_raw(keys).cast(),
        userdata_free: Some(free),
        ..initialized()
    };
    (credentials, receiver)
}

/// A config whose keys come from there alone.
fn with(credentials: &ossbind_credentials_config) -> ossbind_client_config {
    let (access_key_id, access_key_secret) = (null(), null());
    ossbind_client_config { access_key_id, access_key_secret, credentials, ..config() }
}

#[test]
fn keys_are_asked_for_when_they_are_needed() {
    let (credentials, freed) = function(0);
    let client = new_client(&with(&credentials));
    for _ in 0..2 {
        assert!(signed_url(client).contains("STS.id"));
    }
    // SAFETY: nobody uses it any more.
    unsafe { ossbind_client_free(client) };
    assert_eq!(freed.recv(), Ok(1));
    // Only once: the sender is gone.
    assert!(freed.recv().is_err());
}

#[test]
fn a_function_that_has_none() {
    let (credentials, freed) = function(-7);
    let client = new_client(&with(&credentials));
    let mut error = null_mut();
    assert_eq!(sign_url(client, &mut error), null_mut());
    let failure = Failure::take(error);
    assert_eq!(failure.status, ossbind_status::CREDENTIALS);
    assert!(
        failure.message.ends_with("returned -7 instead of keys: \"nobody there\""),
        "{failure:?}"
    );
    // SAFETY: nobody uses it any more.
    unsafe { ossbind_client_free(client) };
    assert_eq!(freed.recv(), Ok(1));
}

/// Gives keys that are good, then others that are not, and says that it has.
unsafe extern "C" fn spoil(_: *mut c_void, sink: *mut ossbind_credentials_sink) -> i32 {
    for (secret, status) in
        [(c"secret", ossbind_status::OK), (c"secret\n", ossbind_status::INVALID_ARGUMENT)]
    {
        let (id, secret) = (c"STS.id".as_ptr(), secret.as_ptr());
        // SAFETY: the sink of this call, and texts.
        let outcome = unsafe { ossbind_credentials_sink_set(sink, id, secret, null(), 0) };
        assert_eq!(outcome, status);
    }
    0
}

#[test]
fn after_refused_keys_there_are_none() {
    let credentials = ossbind_credentials_config {
        kind: ossbind_credentials_kind::FUNCTION,
        function: Some(spoil),
        ..initialized()
    };
    let client = new_client(&with(&credentials));
    let mut error = null_mut();
    assert_eq!(sign_url(client, &mut error), null_mut());
    let failure = Failure::take(error);
    assert_eq!(failure.status, ossbind_status::CREDENTIALS);
    assert!(failure.message.contains("without giving credentials"), "{failure:?}");
    // SAFETY: nobody uses it any more.
    unsafe { ossbind_client_free(client) };
}

#[test]
fn it_is_freed_when_no_client_could_be_made() {
    type Fault = fn(&mut ossbind_client_config);
    let faults: [(&str, Fault); 3] = [
        ("flags", |config| config.flags = 0x8000_0000),
        ("endpoint", |config| config.endpoint = c"\xFF".as_ptr()),
        ("access_key_secret", |config| config.access_key_id = c"ak".as_ptr()),
    ];
    for (field, fault) in faults {
        refused_for(field, |error| {
            let (credentials, receiver) = function(0);
            let mut config = with(&credentials);
            fault(&mut config);
            let mut client = null_mut();
            // SAFETY: a config; the rest may be written.
            let status = unsafe { ossbind_client_new(&config, &mut client, error) };
            assert!(client.is_null());
            assert_eq!(receiver.recv(), Ok(0), "{field}");
            status
        });
    }
}

unsafe extern "C" fn count(userdata: *mut c_void) {
    // SAFETY: the counter of the test.
    unsafe { *userdata.cast::<u32>() += 1 };
}

#[test]
fn what_the_function_uses_is_freed_whatever_is_wrong() {
    let mut freed = 0_u32;
    // SAFETY: a struct whose zeros are valid, and out-parameters that may be NULL.
    unsafe {
        let mut credentials: ossbind_credentials_config = std::mem::zeroed();
        credentials.struct_size = size_of_val(&credentials);
        credentials.userdata = (&raw mut freed).cast();
        credentials.userdata_free = Some(count);
        let mut config: ossbind_client_config = std::mem::zeroed();
        config.struct_size = size_of_val(&config);
        config.credentials = &credentials;
        assert_ne!(ossbind_client_new(&config, null_mut(), null_mut()), ossbind_status::OK);
        assert_eq!(freed, 1);
        let outcome = ossbind_upload(&config, null(), null_mut(), null_mut());
        assert_ne!(outcome, ossbind_status::OK);
    }
    assert_eq!(freed, 2);
}

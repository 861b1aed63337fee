//! Uploads up to where the network begins: the body functions of the program, and cancelling.

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use super::program::{
    Failure, config, initialized, new_client, refused, refused_for, upload_request,
};
use crate::ffi::body::ossbind_body_kind;
use crate::ffi::cancel::*;
use crate::ffi::client::ossbind_client_free;
use crate::ffi::config::ossbind_client_config;
use crate::ffi::convert::ossbind_pair;
use crate::ffi::error::*;
use crate::ffi::status::{ossbind_advice, ossbind_object_state, ossbind_status};
use crate::ffi::stream::{ossbind_progress, reports};
use crate::ffi::upload::{ossbind_client_upload, ossbind_upload};
use crate::ffi::upload_request::*;
use crate::upload::Progress;

const SIZE: usize = 300;

/// A body of the program, and how it misbehaves.
#[derive(Default)]
struct Source {
    position: usize,
    rewinds: u32,
    read_fails: i32,
    rewind_fails: i32,
    lies: bool,
    lacks: usize,
    cancels: Option<*const ossbind_cancel>,
}

unsafe extern "C" fn read(
    userdata: *mut c_void,
    buf: *mut u8,
    cap: usize,
    out_n: *mut usize,
) -> i32 {
    // SAFETY: what the test has given, a buffer of `cap` bytes, and a number that may be written.
    unsafe {
        let source = &mut *userdata.cast::<Source>();
        assert!(cap > 0 && *out_n == 0);
        if let Some(cancel) = source.cancels {
            ossbind_cancel_trigger(cancel);
        }
        // The whole buffer is the program's, to its last byte.
        buf.write_bytes(0xA5, cap);
        let count = cap.min(SIZE - source.lacks - source.position).min(70);
        source.position += count;
        *out_n = if source.lies { cap + 1 } else { count };
        source.read_fails
    }
}

unsafe extern "C" fn rewind(userdata: *mut c_void, offset: u64) -> i32 {
    // SAFETY: what the test has given.
    let source = unsafe { &mut *userdata.cast::<Source>() };
    assert_eq!(offset, 0);
    source.position = 0;
    source.rewinds += 1;
    source.rewind_fails
}

/// The MD5 is computed before anything is sent.
fn stream(source: *mut Source) -> ossbind_upload_request {
    ossbind_upload_request {
        bucket: c"examplebucket".as_ptr(),
        key: c"k".as_ptr(),
        body: ossbind_body_kind::READ,
        flags: OSSBIND_UPLOAD_HAS_CONTENT_LENGTH | OSSBIND_UPLOAD_CONTENT_MD5,
        content_length: SIZE as u64,
        read: Some(read),
        rewind: Some(rewind),
        body_userdata: source.cast(),
        ..initialized()
    }
}

/// No address suits the source address, so it ends before a socket is made.
fn nowhere() -> ossbind_client_config {
    ossbind_client_config { network_source: c"::1".as_ptr(), retry_attempts: 1, ..config() }
}

/// How an upload of `source` ends, and the code that the error has.
fn upload(source: &mut Source) -> (Failure, i32) {
    let request = stream(source);
    let mut error = null_mut();
    // SAFETY: a config and a request; the rest may be written.
    unsafe {
        let status = ossbind_upload(&nowhere(), &request, null_mut(), &mut error);
        let code = ossbind_error_caller_code(error);
        let failure = Failure::take(error);
        assert_eq!(status, failure.status);
        (failure, code)
    }
}

#[test]
fn the_functions_of_the_body() {
    let mut good = Source::default();
    let (failure, code) = upload(&mut good);
    assert_eq!((failure.status, code), (ossbind_status::TRANSPORT, 0), "{failure:?}");
    assert!(failure.message.contains("source address"), "{failure:?}");
    assert_eq!((good.position, good.rewinds), (0, 2), "around the pass for the MD5");
    let (failure, code) = upload(&mut Source { read_fails: -42, ..Source::default() });
    assert_eq!((failure.status, code), (ossbind_status::ABORTED_BY_CALLER, -42));
    let (failure, code) = upload(&mut Source { rewind_fails: 43, ..Source::default() });
    assert_eq!((failure.status, code), (ossbind_status::ABORTED_BY_CALLER, 43));
    let (failure, _) = upload(&mut Source { lies: true, ..Source::default() });
    assert_eq!((failure.status, failure.field.as_deref()), (ossbind_status::BODY, Some("read")));
    let (failure, _) = upload(&mut Source { lacks: 1, ..Source::default() });
    assert_eq!(failure.status, ossbind_status::BODY, "shorter than it said: {failure:?}");
}

/// All that a failed call tells, from an upload that went as far as it can without a network.
#[test]
fn an_error_after_the_call_began() {
    let client = new_client(&nowhere());
    let request = upload_request(b"content");
    let mut result = null_mut();
    let mut error = null_mut();
    // SAFETY: a client and a request; objects of the library are freed once.
    unsafe {
        let status = ossbind_client_upload(client, &request, &mut result, &mut error);
        ossbind_client_free(client);
        assert_eq!(status, ossbind_status::TRANSPORT);
        assert!(result.is_null());
        assert_eq!(ossbind_error_object_state(error), ossbind_object_state::NOT_STORED);
        assert_eq!(ossbind_error_advice(error), ossbind_advice::AGAIN);
        let metrics = ossbind_error_metrics(error);
        assert_eq!(((*metrics).requests, (*metrics).bytes_sent), (1, 0));
        assert!(!ossbind_error_report(error).is_null());
        ossbind_error_free(error);
    }
}

#[test]
fn cancelled_before_and_inside() {
    let mut cancel = null_mut();
    // SAFETY: a pointer that may be written.
    assert_eq!(unsafe { ossbind_cancel_new(&mut cancel) }, ossbind_status::OK);
    let client = new_client(&config());
    let mut source = Source { cancels: Some(cancel), ..Source::default() };
    let request = ossbind_upload_request { cancel, ..stream(&mut source) };
    // SAFETY: a client and a request; the rest may be written.
    let failure =
        refused(|error| unsafe { ossbind_client_upload(client, &request, null_mut(), error) });
    assert_eq!(failure.status, ossbind_status::CANCELLED, "{failure:?}");
    assert_eq!(source.rewinds, 1, "the pass for the MD5 went on");
    // SAFETY: nobody uses them any more.
    unsafe {
        ossbind_cancel_free(cancel);
        ossbind_client_free(client);
    }
}

unsafe extern "C" fn progress(userdata: *mut c_void, progress: *const ossbind_progress) -> i32 {
    // SAFETY: what the test has given, and an object of the library.
    unsafe {
        *userdata.cast::<u64>() += (*progress).sent;
        i32::from((*progress).total == u64::MAX)
    }
}

#[test]
fn the_progress_function_gets_its_userdata() {
    let mut sum = 0_u64;
    let mut tell = reports(progress, (&raw mut sum).cast());
    tell(Progress { sent: 1, total: 3 }).unwrap();
    tell(Progress { sent: 2, total: 3 }).unwrap();
    let stopped = tell(Progress { sent: 3, total: u64::MAX }).unwrap_err();
    assert_eq!(stopped.caller_code(), 1);
    assert_eq!(sum, 6);
}

/// Bodies that contradict themselves; nothing of them is read.
#[test]
fn bodies() {
    let client = new_client(&config());
    let base = upload_request(b"x");
    let file_path = c"/no/such".as_ptr();
    let bad = [
        ("body", ossbind_upload_request { body: ossbind_body_kind::NONE, ..base }),
        ("data", ossbind_upload_request { data: null(), ..base }),
        ("data_len", ossbind_upload_request { data_len: 0, ..base }),
        ("data_len", ossbind_upload_request { data_len: usize::MAX, ..base }),
        ("file_path", ossbind_upload_request { file_path, ..base }),
        ("read", ossbind_upload_request { read: Some(read), ..base }),
        ("key", ossbind_upload_request { key: null(), ..base }),
        ("metadata", ossbind_upload_request { metadata_count: 2, ..base }),
        ("headers", ossbind_upload_request { header_count: 2, ..base }),
        ("url", ossbind_upload_request { bundle: file_path, url: file_path, ..base }),
        ("form_fields", ossbind_upload_request { form_field_count: 1, ..base }),
    ];
    for (field, request) in &bad {
        // SAFETY: a client and a request of which only what is not NULL is there.
        refused_for(field, |error| unsafe {
            ossbind_client_upload(client, request, null_mut(), error)
        });
    }
    let pair = [ossbind_pair { name: c"a b".as_ptr(), value: c"v".as_ptr() }];
    let metadata = ossbind_upload_request { metadata: pair.as_ptr(), metadata_count: 1, ..base };
    // SAFETY: as above; then nobody uses the client any more.
    unsafe {
        refused_for("metadata[0].name", |error| {
            ossbind_client_upload(client, &metadata, null_mut(), error)
        });
        ossbind_client_free(client);
    }
}

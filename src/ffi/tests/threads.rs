//! Objects that threads share: everything is read by all, and freed by the last.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::outcomes;
use super::program::{config, new_client, text};
use super::signing::signed_url;
use crate::ffi::cancel::*;
use crate::ffi::client::{ossbind_client, ossbind_client_free, ossbind_client_ref};
use crate::ffi::error::*;
use crate::ffi::result::*;
use crate::ffi::status::ossbind_status;

const THREADS: usize = 3;

/// A pointer that threads share, as they do in C.
struct Shared<T> {
    object: *mut T,
    users: AtomicUsize,
}

// SAFETY: the documentation of the objects allows it.
unsafe impl<T> Send for Shared<T> {}
// SAFETY: the documentation of the objects allows it.
unsafe impl<T> Sync for Shared<T> {}

/// Lets threads use an object; the last one frees it.
fn shared<T: 'static>(object: *mut T, use_it: fn(*mut T), free: unsafe extern "C" fn(*mut T)) {
    let shared = Arc::new(Shared { object, users: AtomicUsize::new(THREADS) });
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                use_it(shared.object);
                if shared.users.fetch_sub(1, Ordering::AcqRel) == 1 {
                    // SAFETY: no other thread uses it any more.
                    unsafe { free(shared.object) };
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn errors_and_results() {
    // SAFETY: objects of the library that are not freed yet.
    shared(
        outcomes::error(),
        |error| unsafe {
            assert!(text(ossbind_error_report(error)).is_some());
            assert!(text(ossbind_error_message(error)).is_some());
            assert!(!ossbind_error_document_element(error, c"Code".as_ptr()).is_null());
        },
        ossbind_error_free,
    );
    // SAFETY: objects of the library that are not freed yet.
    shared(
        outcomes::result(),
        |result| unsafe {
            assert!(text(ossbind_upload_result_etag(result)).is_some());
            assert!(!ossbind_upload_result_header(result, c"server".as_ptr()).is_null());
        },
        ossbind_upload_result_free,
    );
}

/// Each has its own reference; the first signature fills what the others use.
#[test]
fn clients() {
    let sign = |client: *mut ossbind_client| {
        // SAFETY: a client that is not freed yet, and a reference that is freed once.
        unsafe {
            let own = ossbind_client_ref(client);
            signed_url(own);
            ossbind_client_free(own);
        }
    };
    shared(new_client(&config()), sign, ossbind_client_free);
}

#[test]
fn cancel_objects() {
    let mut cancel = std::ptr::null_mut();
    // SAFETY: a pointer that may be written.
    assert_eq!(unsafe { ossbind_cancel_new(&mut cancel) }, ossbind_status::OK);
    // SAFETY: an object of the library that is not freed yet.
    shared(cancel, |cancel| unsafe { ossbind_cancel_trigger(cancel) }, ossbind_cancel_free);
}

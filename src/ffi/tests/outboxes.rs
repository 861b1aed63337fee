//! Outboxes without a network: what a program hands over, and what it is told.

use std::ffi::{CString, c_void};
use std::ptr::{null, null_mut};

use super::program::{initialized, refused_for, text, upload_request};
use crate::error::Status;
use crate::ffi::outbox::*;
use crate::ffi::outbox_config::ossbind_outbox_config;
use crate::ffi::outbox_item::{ossbind_item_state_name, ossbind_outbox_item, ossbind_outbox_stats};
use crate::ffi::outbox_options::{OSSBIND_OUTBOX_ADD_LATER, ossbind_outbox_options};
use crate::ffi::receipt::*;
use crate::ffi::status::ossbind_status;
use crate::outbox::{ItemOutcome, Receipt};

fn receipt() -> Receipt {
    let some = |text: &str| Some(text.to_owned());
    Receipt {
        id: 7,
        outcome: ItemOutcome::NotAcknowledged,
        caller_id: some("caller"),
        bucket: some("bucket"),
        key: some("key"),
        content_type: some("text/plain"),
        size: 3,
        variables: vec![("x:id".to_owned(), "1".to_owned())],
        status: Status::CallbackFailed as i32,
        http_status: 203,
        etag: some("etag"),
        version_id: some("version"),
        request_id: some("request"),
        crc64: Some(9),
        callback_answer: b"answer".to_vec(),
        message: some("message"),
        attempts: 2,
        told: true,
        ended_unix_s: Some(5),
    }
}

#[test]
fn a_receipt_says_all_that_there_is() {
    let raw = crate::ffi::convert::into_raw(ossbind_receipt::new(receipt()));
    // SAFETY: a receipt, and places that are writable.
    unsafe {
        assert_eq!(ossbind_receipt_id(raw), 7);
        assert_eq!(ossbind_receipt_outcome(raw), ossbind_item_outcome::NOT_ACKNOWLEDGED);
        assert_eq!(ossbind_receipt_status(raw), ossbind_status::CALLBACK_FAILED);
        assert_eq!(ossbind_receipt_size(raw), 3);
        assert_eq!(ossbind_receipt_http_status(raw), 203);
        assert_eq!(ossbind_receipt_attempts(raw), 2);
        assert_eq!(ossbind_receipt_told(raw), 1);
        assert_eq!(ossbind_receipt_ended_unix_s(raw), 5);
        for (given, expected) in [
            (ossbind_receipt_message(raw), "message"),
            (ossbind_receipt_caller_id(raw), "caller"),
            (ossbind_receipt_bucket(raw), "bucket"),
            (ossbind_receipt_key(raw), "key"),
            (ossbind_receipt_content_type(raw), "text/plain"),
            (ossbind_receipt_etag(raw), "etag"),
            (ossbind_receipt_version_id(raw), "version"),
            (ossbind_receipt_request_id(raw), "request"),
        ] {
            assert_eq!(text(given).as_deref(), Some(expected));
        }
        let mut crc64 = 0;
        assert_eq!((ossbind_receipt_crc64(raw, &mut crc64), crc64), (1, 9));
        let mut len = 0;
        let answer = ossbind_receipt_callback_answer(raw, &mut len);
        assert_eq!(std::slice::from_raw_parts(answer, len), b"answer");
        let (mut name, mut value) = (null(), null());
        assert_eq!(ossbind_receipt_variable_at(raw, 0, &mut name, &mut value), 1);
        assert_eq!((text(name), text(value)), (Some("x:id".to_owned()), Some("1".to_owned())));
        assert_eq!(ossbind_receipt_variable_at(raw, 1, &mut name, &mut value), 0);
        ossbind_receipt_free(raw);
        ossbind_receipt_free(null_mut());
        assert_eq!(ossbind_receipt_id(null()), 0);
        assert!(ossbind_receipt_etag(null()).is_null());
        let known = ossbind_item_outcome_name(ossbind_item_outcome::REFUSED);
        assert_eq!(text(known).as_deref(), Some("OSSBIND_ITEM_OUTCOME_REFUSED"));
    }
}

#[test]
fn without_an_outbox_nothing_happens() {
    // SAFETY: NULL is allowed everywhere.
    unsafe {
        ossbind_outbox_free(null_mut());
        ossbind_outbox_stop(null());
        assert_eq!(ossbind_outbox_receipt_fd(null()), -1);
        refused_for("outbox", |error| ossbind_outbox_commit(null(), error));
        refused_for("outbox", |error| ossbind_outbox_start(null(), 1, error));
        refused_for("outbox", |error| ossbind_outbox_set_network(null(), 1, 0, error));
        refused_for("outbox_config", |error| ossbind_outbox_open(null(), &mut null_mut(), error));
    }
}

#[test]
#[cfg_attr(miri, ignore = "an interpreter has no inotify")]
fn an_item_is_added_held_listed_and_removed() {
    let folder = std::env::temp_dir().join(format!("ossbind-outbox-ffi-{}", std::process::id()));
    let path = CString::new(folder.to_str().unwrap()).unwrap();
    let config = ossbind_outbox_config {
        folder: path.as_ptr(),
        min_free_bytes: 1,
        min_free_inodes: 1,
        ..initialized()
    };
    let options = ossbind_outbox_options { flags: OSSBIND_OUTBOX_ADD_LATER, ..initialized() };
    let request = upload_request(b"content");
    let (mut outbox, mut id, none) = (null_mut(), 0, null_mut());
    // SAFETY: structs and places as the functions want them.
    unsafe {
        assert_eq!(ossbind_outbox_open(&config, &mut outbox, none), ossbind_status::OK);
        let added = ossbind_outbox_add(outbox, &request, &options, &mut id, none);
        assert_eq!((added, id > 0), (ossbind_status::OK, true));
        assert_eq!(ossbind_outbox_commit(outbox, none), ossbind_status::OK);
        refused_for("client", |error| ossbind_outbox_run(outbox, 0, 1, null(), error));
        assert_eq!(ossbind_outbox_hold(outbox, id, none), ossbind_status::OK);
        let mut stats: ossbind_outbox_stats = initialized();
        assert_eq!(ossbind_outbox_get_stats(outbox, &mut stats, none), ossbind_status::OK);
        assert_eq!((stats.waiting, stats.held), (0, 1));
        assert_eq!(ossbind_outbox_release(outbox, id, none), ossbind_status::OK);
        assert_eq!(ossbind_outbox_retry_now(outbox, 0, none), ossbind_status::OK);
        refused_for("bundle", |error| ossbind_outbox_renew(outbox, id, null(), error));
        refused_for("id", |error| ossbind_outbox_renew(outbox, id, c"{}".as_ptr(), error));
        let mut listed = 0_u64;
        let userdata = (&raw mut listed).cast();
        assert_eq!(ossbind_outbox_each(outbox, Some(note), userdata, none), ossbind_status::OK);
        assert_eq!(listed, id);
        let mut found = 0_u64;
        let userdata = (&raw mut found).cast();
        let find = |id| ossbind_outbox_find_item(outbox, id, Some(note), userdata, none);
        assert_eq!((find(id), find(id + 1)), (ossbind_status::OK, ossbind_status::NOT_FOUND));
        assert_eq!(found, id);
        refused_for("function", |error| {
            ossbind_outbox_find_item(outbox, id, None, userdata, error)
        });
        let mut receipt = std::ptr::dangling_mut();
        let given = ossbind_outbox_find_receipt(outbox, id, &mut receipt, none);
        assert!(given == ossbind_status::NOT_FOUND && receipt.is_null());
        refused_for("out_receipt", |error| {
            ossbind_outbox_find_receipt(outbox, id, null_mut(), error)
        });
        let mut receipt = null_mut();
        let given = ossbind_outbox_next_receipt(outbox, &mut receipt, none);
        assert!(given == ossbind_status::OK && receipt.is_null());
        assert_eq!(ossbind_outbox_acknowledge(outbox, id, none), ossbind_status::NOT_FOUND);
        assert_eq!(ossbind_outbox_remove(outbox, id, none), ossbind_status::OK);
        ossbind_outbox_free(outbox);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

unsafe extern "C" fn note(userdata: *mut c_void, item: *const ossbind_outbox_item) -> i32 {
    // SAFETY: the number of the test, and an item that is valid during the call.
    unsafe {
        *userdata.cast::<u64>() = (*item).id;
        let name = text(ossbind_item_state_name((*item).state));
        assert_eq!(name.as_deref(), Some("OSSBIND_ITEM_STATE_WAITING"));
    }
    0
}

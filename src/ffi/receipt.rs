//! `ossbind_receipt`: what became of an item. Immutable.

use std::ffi::{CString, c_char};
use std::ptr::null;

use super::convert::{CPairs, c_text, free, give_bytes, give_pair, pointer, read, write_out};
use super::guard::guard_value;
use super::status::{name_of, ossbind_status};
use crate::outbox::{ItemOutcome, Receipt};

/// What became of an item. Treat a value that the program does not know, from a newer library, as
/// NOT_ACKNOWLEDGED.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_item_outcome(pub i32);

impl ossbind_item_outcome {
    /// It is stored, and the application server has answered the callback, if there was one.
    pub const ACKNOWLEDGED: Self = Self(0);
    /// It is stored, but its callback failed, or what became of it is not known: tell your server
    /// yourself, unless ossbind_receipt_told() says that it was told.
    pub const NOT_ACKNOWLEDGED: Self = Self(1);
    /// It cannot be stored as it is. Once the receipt is acknowledged it is kept as a dead item.
    pub const REFUSED: Self = Self(2);
    /// It was too old when it was its turn, or its bundle had expired, for which ossbind_outbox_renew()
    /// has another. Nothing of it is stored, as far as is known.
    pub const EXPIRED: Self = Self(3);
    /// It had to make room for another one.
    pub const DROPPED: Self = Self(4);
}

impl From<ItemOutcome> for ossbind_item_outcome {
    fn from(value: ItemOutcome) -> Self {
        Self(value as i32)
    }
}

/// Name of the constant, for logs: "OSSBIND_ITEM_OUTCOME_REFUSED"; "(unknown)" for a value that this
/// library does not know. Static text, never NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn ossbind_item_outcome_name(outcome: ossbind_item_outcome) -> *const c_char {
    name_of! {
        outcome, ossbind_item_outcome, "OSSBIND_ITEM_OUTCOME_",
        ACKNOWLEDGED NOT_ACKNOWLEDGED REFUSED EXPIRED DROPPED
    }
}

/// What became of an item, and all that an application server needs to know of it. Immutable, so any
/// thread may read it. Freed once with ossbind_receipt_free(); it may outlive its outbox.
///
/// Every accessor accepts NULL and then answers as if the value were absent. Texts and bytes belong to
/// the receipt and are valid until it is freed.
pub struct ossbind_receipt {
    receipt: Receipt,
    caller_id: Option<CString>,
    bucket: Option<CString>,
    key: Option<CString>,
    content_type: Option<CString>,
    etag: Option<CString>,
    version_id: Option<CString>,
    request_id: Option<CString>,
    message: Option<CString>,
    variables: CPairs,
}

impl ossbind_receipt {
    pub(super) fn new(receipt: Receipt) -> Self {
        let text = |text: &Option<String>| text.as_deref().map(c_text);
        let variables = receipt.variables.iter();
        Self {
            caller_id: text(&receipt.caller_id),
            bucket: text(&receipt.bucket),
            key: text(&receipt.key),
            content_type: text(&receipt.content_type),
            etag: text(&receipt.etag),
            version_id: text(&receipt.version_id),
            request_id: text(&receipt.request_id),
            message: text(&receipt.message),
            variables: CPairs::new(variables.map(|(n, v)| (n.as_str(), v.as_bytes()))),
            receipt,
        }
    }
}

/// Id of the item, which is acknowledged with it. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_id(receipt: *const ossbind_receipt) -> u64 {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, 0, |r| r.receipt.id) }
}

/// What became of it. OSSBIND_ITEM_OUTCOME_NOT_ACKNOWLEDGED for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_outcome(
    receipt: *const ossbind_receipt,
) -> ossbind_item_outcome {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, ossbind_item_outcome::NOT_ACKNOWLEDGED, |r| r.receipt.outcome.into()) }
}

/// Status of the last attempt: OSSBIND_STATUS_OK if it was fine, and for items that were not tried.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_status(receipt: *const ossbind_receipt) -> ossbind_status {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, ossbind_status::OK, |r| ossbind_status(r.receipt.status)) }
}

/// Why it is not ACKNOWLEDGED, for people. NULL if it is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_message(receipt: *const ossbind_receipt) -> *const c_char {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, null(), |r| pointer(&r.message)) }
}

/// That the program gave (ossbind_outbox_options.caller_id). NULL if it did not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_caller_id(
    receipt: *const ossbind_receipt,
) -> *const c_char {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, null(), |r| pointer(&r.caller_id)) }
}

/// Bucket. NULL for a bundle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_bucket(receipt: *const ossbind_receipt) -> *const c_char {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, null(), |r| pointer(&r.bucket)) }
}

/// Name of the object. NULL for a bundle that has it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_key(receipt: *const ossbind_receipt) -> *const c_char {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, null(), |r| pointer(&r.key)) }
}

/// Content-Type that the program gave. NULL if it did not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_content_type(
    receipt: *const ossbind_receipt,
) -> *const c_char {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, null(), |r| pointer(&r.content_type)) }
}

/// Size of the body in bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_size(receipt: *const ossbind_receipt) -> u64 {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, 0, |r| r.receipt.size) }
}

/// ETag without quotes. NULL if absent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_etag(receipt: *const ossbind_receipt) -> *const c_char {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, null(), |r| pointer(&r.etag)) }
}

/// Version id of the object in a versioned bucket. NULL if absent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_version_id(
    receipt: *const ossbind_receipt,
) -> *const c_char {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, null(), |r| pointer(&r.version_id)) }
}

/// Request id of the last answer, which the support of OSS asks for. NULL if absent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_request_id(
    receipt: *const ossbind_receipt,
) -> *const c_char {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, null(), |r| pointer(&r.request_id)) }
}

/// CRC-64 that OSS computed of the object. Returns 1 and sets `*out_crc64`; returns 0 and leaves it
/// alone if there is none. `out_crc64` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_crc64(
    receipt: *const ossbind_receipt,
    out_crc64: *mut u64,
) -> i32 {
    // SAFETY: NULL or a receipt of the library.
    let Some(crc64) = (unsafe { read(receipt, None, |r| r.receipt.crc64) }) else {
        return 0;
    };
    // SAFETY: NULL or writable.
    unsafe { write_out(out_crc64, crc64) };
    1
}

/// HTTP status of the last answer. 0 if there was none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_http_status(receipt: *const ossbind_receipt) -> i32 {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, 0, |r| i32::from(r.receipt.http_status)) }
}

/// Attempts of the process in which the item ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_attempts(receipt: *const ossbind_receipt) -> u32 {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, 0, |r| r.receipt.attempts) }
}

/// 1 if tell_url of the outbox was told of the item, and has answered; else 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_told(receipt: *const ossbind_receipt) -> i32 {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, 0, |r| i32::from(r.receipt.told)) }
}

/// When it ended, in seconds since 1970, UTC. 0 if the clock of the device was not set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_ended_unix_s(receipt: *const ossbind_receipt) -> u64 {
    // SAFETY: NULL or a receipt of the library.
    unsafe { read(receipt, 0, |r| r.receipt.ended_unix_s.unwrap_or(0)) }
}

/// What the application server answered to the callback, the first 64 KiB: bytes, not a string. Sets
/// `*out_len` to their number; `out_len` may be NULL. NULL and 0 if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_callback_answer(
    receipt: *const ossbind_receipt,
    out_len: *mut usize,
) -> *const u8 {
    // SAFETY: NULL or a receipt of the library; NULL or writable.
    unsafe {
        give_bytes(receipt, out_len, |r| {
            Some(&*r.receipt.callback_answer).filter(|answer| !answer.is_empty())
        })
    }
}

/// Name and value of a variable of the callback, at `index`, counted from 0. Returns 1 and sets
/// `*out_name` and `*out_value`; returns 0 and sets both to NULL if `index` is past the end, and for
/// NULL. Both out-parameters may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_variable_at(
    receipt: *const ossbind_receipt,
    index: usize,
    out_name: *mut *const c_char,
    out_value: *mut *const c_char,
) -> i32 {
    // SAFETY: NULL or a receipt of the library; NULL or writable.
    unsafe { give_pair(receipt, |r| &r.variables, index, out_name, out_value) }
}

/// Frees a receipt, which does not acknowledge it. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_receipt_free(receipt: *mut ossbind_receipt) {
    // SAFETY: NULL or a receipt that the caller owns.
    guard_value((), || unsafe { free(receipt) });
}

//! `ossbind_reply`: the answer of an application server.

use super::convert::{bytes, free, give_bytes, read};
use super::error::ossbind_error;
use super::guard::{give_object, guard_value};
use super::status::ossbind_status;
use crate::error::Status;
use crate::receiving::Reply;

/// What to answer to a callback. Immutable, so any thread may read it. Freed once with
/// ossbind_reply_free(). Every accessor accepts NULL.
pub struct ossbind_reply {
    reply: Reply,
}

/// Makes an answer that OSS understands: HTTP 200 with JSON and its Content-Length, or a refusal, which OSS
/// reports to the uploader as a failed callback (203). OSS waits 5 seconds for it.
///
/// `verdict` is what ossbind_verifier_check() returned: OK is 200, KEY_UNAVAILABLE 503, other refusals are
/// 4xx, everything else 500. `body` is JSON of at most 1 MiB, which OSS hands to the uploader unchanged; NULL
/// with `body_len` 0 for {"Status":"OK"} or the like. `out_reply` is required; on success `*out_reply`
/// belongs to the caller, on failure it is NULL. `out_error` may be NULL; otherwise `*out_error` is NULL on
/// success, and on failure an error that the caller frees. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_callback_reply(
    verdict: ossbind_status,
    body: *const u8,
    body_len: usize,
    out_reply: *mut *mut ossbind_reply,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let make = || {
        // SAFETY: NULL or readable, as the caller promises.
        let body = unsafe { bytes("body", body, body_len) }?;
        Ok(ossbind_reply { reply: Reply::new(verdict.refusal(), body)? })
    };
    // SAFETY: NULL or writable.
    unsafe { give_object("out_reply", out_reply, out_error, make) }
}

/// Status of the answer, such as 200. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_reply_http_status(reply: *const ossbind_reply) -> i32 {
    // SAFETY: NULL or an object of the library.
    unsafe { read(reply, 0, |r| i32::from(r.reply.http_status())) }
}

/// The body, for servers that write status and headers themselves (Content-Type: application/json, and
/// Content-Length, which OSS demands). Its length goes to `*out_len`, which may be NULL. Belongs to the reply.
/// NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_reply_body(
    reply: *const ossbind_reply,
    out_len: *mut usize,
) -> *const u8 {
    // SAFETY: NULL or an object of the library; NULL or writable.
    unsafe { give_bytes(reply, out_len, |r| Some(r.reply.body())) }
}

/// The whole answer as it goes over the network: status line, headers and body. Its length goes to
/// `*out_len`, which may be NULL. Belongs to the reply. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_reply_bytes(
    reply: *const ossbind_reply,
    out_len: *mut usize,
) -> *const u8 {
    // SAFETY: NULL or an object of the library; NULL or writable.
    unsafe { give_bytes(reply, out_len, |r| Some(r.reply.bytes())) }
}

/// Frees a reply. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_reply_free(reply: *mut ossbind_reply) {
    // SAFETY: NULL or an object that the caller owns.
    guard_value((), || unsafe { free(reply) });
}

impl ossbind_status {
    /// Why a callback is refused; None if it is not.
    fn refusal(self) -> Option<Status> {
        match self {
            Self::OK => None,
            Self::NOT_SIGNED => Some(Status::NotSigned),
            Self::KEY_URL_REFUSED => Some(Status::KeyUrlRefused),
            Self::KEY_UNAVAILABLE => Some(Status::KeyUnavailable),
            Self::SIGNATURE_WRONG => Some(Status::SignatureWrong),
            Self::SEAL_WRONG => Some(Status::SealWrong),
            Self::TOO_OLD => Some(Status::TooOld),
            Self::REPLAYED => Some(Status::Replayed),
            Self::MALFORMED => Some(Status::Malformed),
            _ => Some(Status::Internal),
        }
    }
}

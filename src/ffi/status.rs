//! Numbers for C, which are those of the enums of the core. They are never reused or renumbered.

use std::ffi::c_char;

use crate::error::{Advice, ObjectState, Status};

/// The name of a constant as it is in the header. A number that this library does not know has none.
macro_rules! name_of {
    ($value:expr, $type:ident, $prefix:literal, $($name:ident)*) => {
        match $value {
            $($type::$name => concat!($prefix, stringify!($name), "\0"),)*
            _ => "(unknown)\0",
        }
        .as_ptr()
        .cast()
    };
}
pub(super) use name_of;

/// What happened. Zero is success. A newer library may return values that an older program does not
/// know: treat them as failures, and follow ossbind_error_advice().
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_status(pub i32);

impl ossbind_status {
    /// The object is stored, and its callback, if any, was acknowledged.
    pub const OK: Self = Self(0);
    /// A field is NULL, malformed, or contradicts another one; ossbind_error_field() names it.
    pub const INVALID_ARGUMENT: Self = Self(1);
    /// A member, flag or choice was set that this library does not know: the program was compiled
    /// for a newer one.
    pub const UNKNOWN_FIELD: Self = Self(2);
    /// A bug in the library was contained. Please report it.
    pub const INTERNAL: Self = Self(3);
    /// OSS would refuse the callback, or the application server would misunderstand it; nothing was
    /// sent.
    pub const INVALID_CALLBACK: Self = Self(4);
    /// There are no usable keys.
    pub const CREDENTIALS: Self = Self(5);
    /// The library was built without what this function needs (docs/building.md).
    pub const LEFT_OUT: Self = Self(6);
    /// The body could not be read, or was shorter than its length said.
    pub const BODY: Self = Self(10);
    /// A function of the program returned non-zero; see ossbind_error_caller_code().
    pub const ABORTED_BY_CALLER: Self = Self(11);
    /// The program triggered the cancel object of the request; see ossbind_error_object_state().
    pub const CANCELLED: Self = Self(12);
    /// The network failed; see ossbind_error_object_state().
    pub const TRANSPORT: Self = Self(20);
    /// A time limit passed, or the network was silent for too long; see
    /// ossbind_error_object_state().
    pub const TIMEOUT: Self = Self(21);
    /// TLS failed, for example because the certificate is not trusted.
    pub const TLS: Self = Self(22);
    /// The answer is not from OSS, or is cut off; see ossbind_error_object_state().
    pub const BAD_RESPONSE: Self = Self(23);
    /// OSS refused the request, so that it stored nothing; but an earlier attempt may have, see
    /// ossbind_error_object_state().
    pub const SERVICE: Self = Self(30);
    /// The object is stored, but its callback failed (HTTP 203). There is also a result.
    pub const CALLBACK_FAILED: Self = Self(31);
    /// The object is stored, but not with the bytes that were sent. There is also a result.
    pub const CHECKSUM_MISMATCH: Self = Self(32);
    /// ossbind_client_find(): the object is not there, or not yet. Functions of an outbox: it has no
    /// item with this id.
    pub const NOT_FOUND: Self = Self(33);
    /// The folder of an outbox cannot be used, or not now. What was added before is safe.
    pub const OUTBOX: Self = Self(40);
    /// A limit of an outbox is reached. Nothing was added, and the file is as it was.
    pub const OUTBOX_FULL: Self = Self(41);
    /// Another process sends from this outbox, or sends this very item.
    pub const OUTBOX_BUSY: Self = Self(42);
    /// ossbind_verifier_check(), and all that follow: a request that is not accepted as a callback.
    /// This one has no signature.
    pub const NOT_SIGNED: Self = Self(50);
    /// The URL of the key is not one of OSS: anybody may have signed the request. Nothing was fetched.
    pub const KEY_URL_REFUSED: Self = Self(51);
    /// The key cannot be fetched now, so the signature was not checked. Answer 503.
    pub const KEY_UNAVAILABLE: Self = Self(52);
    /// The signature does not fit this target and body.
    pub const SIGNATURE_WRONG: Self = Self(53);
    /// The seal is missing, was changed, or was made for another object.
    pub const SEAL_WRONG: Self = Self(54);
    /// The seal has expired.
    pub const TOO_OLD: Self = Self(55);
    /// The seal was seen before. There is also a callback: what it says is noted already, or its seal is
    /// used with another body, so note it only under the seal as its unique key (docs/receiving.md).
    pub const REPLAYED: Self = Self(56);
    /// The request cannot be a callback of OSS, or its body cannot be read.
    pub const MALFORMED: Self = Self(57);
}

impl From<Status> for ossbind_status {
    fn from(value: Status) -> Self {
        Self(value as i32)
    }
}

/// Name of the constant, for logs: "OSSBIND_STATUS_OK"; "(unknown)" for a value that this library
/// does not know. Static text, never NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn ossbind_status_name(status: ossbind_status) -> *const c_char {
    name_of! {
        status, ossbind_status, "OSSBIND_STATUS_",
        OK INVALID_ARGUMENT UNKNOWN_FIELD INTERNAL INVALID_CALLBACK CREDENTIALS LEFT_OUT BODY
        ABORTED_BY_CALLER CANCELLED TRANSPORT TIMEOUT TLS BAD_RESPONSE SERVICE CALLBACK_FAILED
        CHECKSUM_MISMATCH NOT_FOUND OUTBOX OUTBOX_FULL OUTBOX_BUSY NOT_SIGNED
        KEY_URL_REFUSED KEY_UNAVAILABLE SIGNATURE_WRONG SEAL_WRONG TOO_OLD REPLAYED MALFORMED
    }
}

/// Whether the object exists after a call that failed.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_object_state(pub i32);

impl ossbind_object_state {
    /// The request was sent completely, but its answer was lost: the object may be stored.
    pub const UNKNOWN: Self = Self(0);
    /// Nothing was stored by this call.
    pub const NOT_STORED: Self = Self(1);
    /// The object was stored by this call.
    pub const STORED: Self = Self(2);
}

impl From<ObjectState> for ossbind_object_state {
    fn from(value: ObjectState) -> Self {
        Self(value as i32)
    }
}

/// Name of the constant, for logs: "OSSBIND_OBJECT_STATE_STORED"; "(unknown)" for a value that this
/// library does not know. Static text, never NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn ossbind_object_state_name(state: ossbind_object_state) -> *const c_char {
    name_of! { state, ossbind_object_state, "OSSBIND_OBJECT_STATE_", UNKNOWN NOT_STORED STORED }
}

/// What to do with the file after a call that failed. Treat a value that the program does not know,
/// from a newer library, as FIX_SETTINGS.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_advice(pub i32);

impl ossbind_advice {
    /// The object is stored: do not upload it again. If the callback failed, tell your server
    /// yourself.
    pub const DONE: Self = Self(0);
    /// Keep the file, and make the same call again after ossbind_error_retry_after_ms().
    pub const AGAIN: Self = Self(1);
    /// The object may be stored, and its callback made. After ossbind_error_retry_after_ms(), ask with
    /// ossbind_client_find(); an upload that had OSSBIND_UPLOAD_ONCE is simply made again.
    pub const LOOK: Self = Self(2);
    /// This request cannot succeed as it is: set the file aside.
    pub const FIX_REQUEST: Self = Self(3);
    /// Keep the file: nothing will work until keys, region, rights, bucket, account, CA or callback
    /// are corrected. ossbind_error_retry_after_ms() says when it is worth trying again.
    pub const FIX_SETTINGS: Self = Self(4);
}

impl From<Advice> for ossbind_advice {
    fn from(value: Advice) -> Self {
        Self(value as i32)
    }
}

/// Name of the constant, for logs: "OSSBIND_ADVICE_AGAIN"; "(unknown)" for a value that this
/// library does not know. Static text, never NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn ossbind_advice_name(advice: ossbind_advice) -> *const c_char {
    name_of! {
        advice, ossbind_advice, "OSSBIND_ADVICE_",
        DONE AGAIN LOOK FIX_REQUEST FIX_SETTINGS
    }
}

//! Numbers for C. They are never reused or renumbered.

use std::ffi::c_char;

use crate::error::{ObjectState, RetryAdvice, Status};

/// What to do after a call. Zero is success. A newer library may return values that an older
/// program does not know: treat them as failures.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_status(pub i32);

impl ossbind_status {
    /// Done: the object is stored, and its callback, if any, was acknowledged.
    pub const OK: Self = Self(0);
    /// A field is NULL, malformed, or contradicts another one; ossbind_error_field() names it.
    pub const INVALID_ARGUMENT: Self = Self(1);
    /// A field, flag or kind that this library is too old to know was set.
    pub const UNKNOWN_FIELD: Self = Self(2);
    /// A bug in the library was contained.
    pub const INTERNAL: Self = Self(3);
    /// The callback would be refused by OSS or misunderstood by its receiver; nothing was sent.
    pub const INVALID_CALLBACK: Self = Self(4);
    /// There are no usable credentials.
    pub const CREDENTIALS: Self = Self(5);
    /// The body could not be read, or was shorter than promised.
    pub const BODY: Self = Self(10);
    /// A function of the program returned non-zero; see ossbind_error_caller_code().
    pub const ABORTED_BY_CALLER: Self = Self(11);
    /// The program triggered the cancel object of the request; see ossbind_error_object_state().
    pub const CANCELLED: Self = Self(12);
    /// The network failed; see ossbind_error_object_state().
    pub const TRANSPORT: Self = Self(20);
    /// The network was silent for too long; see ossbind_error_object_state().
    pub const TIMEOUT: Self = Self(21);
    /// TLS failed, for example because the certificate is not trusted.
    pub const TLS: Self = Self(22);
    /// What came back is not an answer of OSS, or is cut off.
    pub const BAD_RESPONSE: Self = Self(23);
    /// OSS refused the request; nothing was stored.
    pub const SERVICE: Self = Self(30);
    /// The object is stored, but the callback failed (HTTP 203). A result is there as well.
    pub const CALLBACK_FAILED: Self = Self(31);
    /// The object is stored, but not with the bytes that were sent. A result is there as well.
    pub const CHECKSUM_MISMATCH: Self = Self(32);
}

impl From<Status> for ossbind_status {
    fn from(status: Status) -> Self {
        match status {
            Status::InvalidArgument => Self::INVALID_ARGUMENT,
            Status::UnknownField => Self::UNKNOWN_FIELD,
            Status::Internal => Self::INTERNAL,
            Status::InvalidCallback => Self::INVALID_CALLBACK,
            Status::Credentials => Self::CREDENTIALS,
            Status::Body => Self::BODY,
            Status::AbortedByCaller => Self::ABORTED_BY_CALLER,
            Status::Cancelled => Self::CANCELLED,
            Status::Transport => Self::TRANSPORT,
            Status::Timeout => Self::TIMEOUT,
            Status::Tls => Self::TLS,
            Status::BadResponse => Self::BAD_RESPONSE,
            Status::Service => Self::SERVICE,
            Status::CallbackFailed => Self::CALLBACK_FAILED,
            Status::ChecksumMismatch => Self::CHECKSUM_MISMATCH,
        }
    }
}

/// Short English name of a status, for logs. Static; never NULL, also for unknown values. Any
/// thread.
#[unsafe(no_mangle)]
pub extern "C" fn ossbind_status_name(status: ossbind_status) -> *const c_char {
    let name = match status {
        ossbind_status::OK => c"ok",
        ossbind_status::INVALID_ARGUMENT => c"invalid argument",
        ossbind_status::UNKNOWN_FIELD => c"unknown field",
        ossbind_status::INTERNAL => c"internal error",
        ossbind_status::INVALID_CALLBACK => c"invalid callback",
        ossbind_status::CREDENTIALS => c"no credentials",
        ossbind_status::BODY => c"body failed",
        ossbind_status::ABORTED_BY_CALLER => c"aborted by caller",
        ossbind_status::CANCELLED => c"cancelled",
        ossbind_status::TRANSPORT => c"transport failed",
        ossbind_status::TIMEOUT => c"timed out",
        ossbind_status::TLS => c"TLS failed",
        ossbind_status::BAD_RESPONSE => c"bad response",
        ossbind_status::SERVICE => c"refused by the service",
        ossbind_status::CALLBACK_FAILED => c"stored, callback failed",
        ossbind_status::CHECKSUM_MISMATCH => c"stored, checksum mismatch",
        _ => c"unknown status",
    };
    name.as_ptr()
}

/// Whether the object exists after a failed call.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_object_state(pub i32);

impl ossbind_object_state {
    /// The request was sent completely and its answer was lost: look (HEAD) before trying again.
    pub const UNKNOWN: Self = Self(0);
    /// Nothing was stored by this call.
    pub const NOT_STORED: Self = Self(1);
    /// The object was stored by this call.
    pub const STORED: Self = Self(2);
}

impl From<ObjectState> for ossbind_object_state {
    fn from(state: ObjectState) -> Self {
        match state {
            ObjectState::Unknown => Self::UNKNOWN,
            ObjectState::NotStored => Self::NOT_STORED,
            ObjectState::Stored => Self::STORED,
        }
    }
}

/// Short English name of an object state, for logs. Static; never NULL, also for unknown values.
/// Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn ossbind_object_state_name(state: ossbind_object_state) -> *const c_char {
    let name = match state {
        ossbind_object_state::NOT_STORED => c"not stored",
        ossbind_object_state::STORED => c"stored",
        _ => c"unknown",
    };
    name.as_ptr()
}

/// Whether the same call may be made again after a failure.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_retry_advice(pub i32);

impl ossbind_retry_advice {
    /// No: it would fail in the same way, or store and call back a second time.
    pub const NO: Self = Self(0);
    /// Yes, now or later: nothing was stored, or it was damaged on the way, and the cause may pass, or
    /// the program itself cancelled the call.
    pub const YES: Self = Self(1);
    /// Look first (HEAD): the object may be stored, and its callback made.
    pub const CHECK_FIRST: Self = Self(2);
}

impl From<RetryAdvice> for ossbind_retry_advice {
    fn from(advice: RetryAdvice) -> Self {
        match advice {
            RetryAdvice::No => Self::NO,
            RetryAdvice::Yes => Self::YES,
            RetryAdvice::CheckFirst => Self::CHECK_FIRST,
        }
    }
}

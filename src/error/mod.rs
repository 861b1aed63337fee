//! The one error type of the library: what happened, what is true of the object now, what to do.

mod advice;
mod subject;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

pub use advice::Advice;
pub(crate) use advice::{SETTLING_TIME, advice_for_file};

pub(crate) use subject::Subject;

use crate::metrics::Metrics;
use crate::secret::masked;
use crate::text::one_line;

/// What to do about a failure. The numbers are those of the C face, and are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Status {
    /// A field is missing, malformed or contradicts another one.
    InvalidArgument = 1,
    /// The caller uses a field, flag or kind that this library is too old to know.
    UnknownField = 2,
    /// A bug of the library was contained.
    #[default]
    Internal = 3,
    /// The callback would be refused by the service; found before a byte was sent.
    InvalidCallback = 4,
    /// There are no usable credentials.
    Credentials = 5,
    /// The library was built without what the call needs.
    LeftOut = 6,
    /// The body could not be read, or had another length than promised.
    Body = 10,
    /// One of the caller's own functions returned a non-zero value.
    AbortedByCaller = 11,
    /// The caller's cancel token was triggered.
    Cancelled = 12,
    /// The network failed.
    Transport = 20,
    /// The network was silent for too long.
    Timeout = 21,
    /// TLS failed, for example because the certificate is not trusted.
    Tls = 22,
    /// What came back is not an answer of OSS, or is cut off.
    BadResponse = 23,
    /// The service refused the request.
    Service = 30,
    /// The object is stored, but the service's callback to the application server failed.
    CallbackFailed = 31,
    /// The object is stored, but its CRC-64 is not that of the bytes that were sent.
    ChecksumMismatch = 32,
    /// The object that was asked for is not there, or not yet.
    NotFound = 33,
    /// The folder of an outbox cannot be used, or not now.
    Outbox = 40,
    /// A limit of an outbox is reached.
    OutboxFull = 41,
    /// Another process sends from the outbox, or sends the item.
    OutboxBusy = 42,
    /// A request that is no callback of the service: it has no signature.
    NotSigned = 50,
    /// A callback whose key is not one of the service.
    KeyUrlRefused = 51,
    /// A callback whose key cannot be fetched now.
    KeyUnavailable = 52,
    /// A callback whose signature does not fit.
    SignatureWrong = 53,
    /// A callback whose seal is missing or does not fit.
    SealWrong = 54,
    /// A callback whose seal has expired.
    TooOld = 55,
    /// A callback that came before.
    Replayed = 56,
    /// A callback that cannot be read.
    Malformed = 57,
}

/// Whether the object exists after the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ObjectState {
    /// The request was sent completely and its answer was lost: look before trying again.
    Unknown = 0,
    /// Nothing was stored by this call.
    #[default]
    NotStored = 1,
    /// The object was stored by this call.
    Stored = 2,
}

/// Why a call failed. Never holds a secret.
#[derive(Clone)]
pub struct Error(Box<Details>);

#[derive(Clone, Default)]
struct Details {
    status: Status,
    object_state: ObjectState,
    message: String,
    field: Option<String>,
    offset: Option<usize>,
    http_status: Option<u16>,
    code: Option<String>,
    ec: Option<String>,
    request_id: Option<String>,
    upload_id: Option<String>,
    caller_code: i32,
    document: Vec<(String, String)>,
    metrics: Option<Metrics>,
    /// Where the cause alone would say something else.
    advice: Option<Advice>,
    /// What the server asked for.
    retry_after: Option<Duration>,
    subject: Subject,
}

/// Shorthand of the crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A failure that was found before anything was sent.
    pub(crate) fn new(status: Status, message: impl Into<String>) -> Self {
        let message = one_line(&message.into());
        Self(Box::new(Details { status, message, ..Details::default() }))
    }

    /// A field of the caller breaks a rule. The message begins with the name of the field.
    pub(crate) fn invalid(field: impl Into<String>, fault: impl fmt::Display) -> Self {
        let field = field.into();
        Self::new(Status::InvalidArgument, format!("{field}: {fault}")).with_field(field)
    }

    pub(crate) fn with_field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    pub(crate) fn with_offset(mut self, offset: Option<usize>) -> Self {
        self.0.offset = offset;
        self
    }

    pub(crate) fn with_object_state(mut self, state: ObjectState) -> Self {
        self.0.object_state = state;
        self
    }

    pub(crate) fn with_http_status(mut self, http_status: u16) -> Self {
        self.0.http_status = Some(http_status);
        self
    }

    pub(crate) fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(one_line(&code.into()));
        self
    }

    pub(crate) fn with_ec(mut self, ec: Option<String>) -> Self {
        self.0.ec = ec.map(|ec| one_line(&ec));
        self
    }

    pub(crate) fn with_request_id(mut self, request_id: Option<String>) -> Self {
        self.0.request_id = request_id.map(|id| one_line(&id));
        self
    }

    pub(crate) fn with_upload_id(mut self, id: &str) -> Self {
        self.0.upload_id = Some(one_line(id));
        self
    }

    /// Adds a further fact to the message.
    pub(crate) fn with_remark(self, remark: &str) -> Self {
        self.with_end("; ").with_end(remark)
    }

    /// Goes on with the message.
    pub(crate) fn with_end(mut self, end: &str) -> Self {
        self.0.message += &one_line(end);
        self
    }

    pub(crate) fn with_caller_code(mut self, code: i32) -> Self {
        self.0.caller_code = code;
        self
    }

    pub(crate) fn with_document(mut self, elements: Vec<(String, String)>) -> Self {
        self.0.document = elements;
        self
    }

    pub(crate) fn with_metrics(mut self, metrics: Metrics) -> Self {
        self.0.metrics = Some(metrics);
        self
    }

    /// For a failure whose cause alone would say something else. Nothing that is advised like this is
    /// tried again within the call.
    pub(crate) fn with_advice(mut self, advice: Advice) -> Self {
        self.0.advice = Some(advice);
        self
    }

    /// The server asks to wait so long.
    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    /// Takes a secret out of everything that a peer may have repeated.
    pub(crate) fn masking(mut self, secret: &str) -> Self {
        let details = &mut *self.0;
        let texts = [&mut details.code, &mut details.ec, &mut details.request_id];
        let texts = texts.into_iter().flatten().chain([&mut details.message]);
        for text in texts.chain(details.document.iter_mut().map(|(_, text)| text)) {
            *text = masked(text, secret);
        }
        self
    }

    /// What to do.
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// Whether the object exists in spite of the error.
    pub fn object_state(&self) -> ObjectState {
        self.0.object_state
    }

    /// One sentence for people: the field or fact, the value, the rule, what to do.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The caller's field that is at fault, for example `callback.url`.
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// Byte offset of the fault within that field.
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    /// HTTP status of the answer, when there was one.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// Error code of the service, for example `NoSuchBucket`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Finer error code of the service, for example `0007-00000203`; also set when the library
    /// refuses a callback that the service would refuse with it.
    pub fn ec(&self) -> Option<&str> {
        self.0.ec.as_deref()
    }

    /// Request id of the service, for its support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Id of the multipart upload that failed.
    pub fn upload_id(&self) -> Option<&str> {
        self.0.upload_id.as_deref()
    }

    /// What the caller's own function returned when it stopped the upload, else 0.
    pub fn caller_code(&self) -> i32 {
        self.0.caller_code
    }

    /// What the call took, when it sent anything.
    pub fn metrics(&self) -> Option<&Metrics> {
        self.0.metrics.as_ref()
    }

    /// Text of an element of the service's error document, for example `StringToSign`.
    pub fn document_element(&self, name: &str) -> Option<&str> {
        self.document().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// Every element of the service's error document.
    pub fn document(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.document.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

/// Refuses the first field whose rule is broken. A rule says: whether it is broken, of which field, and
/// what is wrong then.
pub(crate) fn refuse_if<'a>(
    rules: impl IntoIterator<Item = (bool, &'a str, &'a str)>,
) -> Result<()> {
    match rules.into_iter().find(|(is_broken, ..)| *is_broken) {
        None => Ok(()),
        Some((_, field, fault)) => Err(Error::invalid(field, fault)),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("status", &self.0.status)
            .field("object_state", &self.0.object_state)
            .field("http_status", &self.0.http_status)
            .field("code", &self.0.code)
            .field("ec", &self.0.ec)
            .field("message", &self.0.message)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {}

//! What a program does with a file whose upload failed. docs/retries.md has the table.

use std::time::Duration;

use super::{Error, ObjectState, Status};

/// After this time a request whose answer is lost is taken to have stored its object, or never to do so.
pub(crate) const SETTLING_TIME: Duration = Duration::from_secs(60);

/// What to do with a file after a failed call. Whatever is not surely the fault of this one request
/// keeps the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// The object is stored: do not upload it again. If the callback failed, tell your server yourself.
    Done = 0,
    /// Keep the file, and make the same call again after [`Error::retry_after()`].
    Again = 1,
    /// The object may be stored, and its callback made. After [`Error::retry_after()`], ask with
    /// [`Client::find()`](crate::Client::find); an upload that had
    /// [`once`](crate::UploadRequest::once) is simply made again.
    Look = 2,
    /// This request cannot succeed as it is: set the file aside.
    FixRequest = 3,
    /// Keep the file: nothing will work until keys, region, rights, bucket, account, CA or callback host
    /// are mended. [`Error::retry_after()`] says when it is worth looking again.
    FixSettings = 4,
}

impl Error {
    /// What to do with the file.
    pub fn advice(&self) -> Advice {
        match self.object_state() {
            // What is stored is not what was sent, so storing it again is the cure.
            _ if self.status() == Status::ChecksumMismatch => Advice::Again,
            ObjectState::Stored => Advice::Done,
            ObjectState::Unknown => Advice::Look,
            ObjectState::NotStored => self.0.advice.unwrap_or_else(|| self.advice_by_cause()),
        }
    }

    /// How long to wait before doing so: what the server asked for, or a default for the advice.
    pub fn retry_after(&self) -> Duration {
        match self.advice() {
            Advice::Done | Advice::FixRequest => Duration::ZERO,
            Advice::Look => self.0.retry_after.unwrap_or(SETTLING_TIME),
            Advice::Again => self.0.retry_after.unwrap_or(Duration::from_secs(10)),
            Advice::FixSettings => self.0.retry_after.unwrap_or(Duration::from_secs(300)),
        }
    }

    fn advice_by_cause(&self) -> Advice {
        match self.status() {
            Status::InvalidArgument if !self.is_about_the_file() => Advice::FixSettings,
            Status::InvalidArgument | Status::InvalidCallback => Advice::FixRequest,
            Status::Body if self.field() == Some("checkpoint_dir") => Advice::FixSettings,
            Status::Body => Advice::FixRequest,
            Status::UnknownField | Status::Internal | Status::Credentials | Status::Tls => {
                Advice::FixSettings
            }
            Status::AbortedByCaller | Status::Cancelled | Status::NotFound => Advice::Again,
            Status::Transport | Status::Timeout => Advice::Again,
            Status::BadResponse if self.is_passing_gateway_error() => Advice::Again,
            Status::BadResponse => Advice::FixSettings,
            Status::Service => self.advice_by_code(),
            // With these the object is stored.
            Status::CallbackFailed | Status::ChecksumMismatch => Advice::Done,
        }
    }

    /// Whether the field at fault is one that differs from file to file. All others are the same for
    /// every upload of a program, so that a fault in them says nothing of the file.
    fn is_about_the_file(&self) -> bool {
        let field = self.field().unwrap_or_default();
        let member = field.split(['[', '.']).next().unwrap_or_default();
        let is_of_body = ["body", "data", "data_len", "file_path", "read", "rewind"];
        let is_of_object = ["key", "content_type", "content_length", "content_md5", "metadata"];
        is_of_body.contains(&member)
            || is_of_object.contains(&member)
            || ["headers", "callback"].contains(&member)
    }

    /// A refusal by the service (spec: errors.md 2).
    fn advice_by_code(&self) -> Advice {
        match self.code().unwrap_or_default() {
            "InvalidObjectName" | "EntityTooLarge" | "EntityTooSmall" | "InvalidTaggingKey" => {
                Advice::FixRequest
            }
            "FileAlreadyExists" | "FileImmutable" => Advice::FixRequest,
            "InvalidArgument" if self.is_about_the_callback() => Advice::FixRequest,
            // Damaged or cut off on the way.
            "InvalidDigest" | "InvalidCRC64" | "IncompleteBody" | "RequestTimeout" => Advice::Again,
            // The parts are gone; another call begins with new ones.
            "NoSuchUpload" | "InvalidPart" | "InvalidPartOrder" => Advice::Again,
            _ => match self.http_status() {
                Some(401 | 408 | 409 | 429 | 500..=599) => Advice::Again,
                _ => Advice::FixSettings,
            },
        }
    }

    /// Whether the callback is malformed (spec: callback.md 9). A host that does not resolve, or has a
    /// private address, is a matter of the settings.
    fn is_about_the_callback(&self) -> bool {
        const HOST_HAS_NO_ADDRESS: &str = "0007-00000007";
        const ADDRESS_IS_PRIVATE: &str = "0007-00000008";
        self.ec().is_some_and(|ec| {
            ec.starts_with("0007-") && ec != HOST_HAS_NO_ADDRESS && ec != ADDRESS_IS_PRIVATE
        })
    }
}

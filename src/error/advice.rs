//! What a program does with a file whose upload failed. docs/retries.md has its tables.

use std::io;
use std::ops::RangeInclusive;
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
    /// Keep the file: nothing will work until keys, region, rights, bucket, account, CA or callback
    /// are mended. [`Error::retry_after()`] says when it is worth looking again.
    FixSettings = 4,
}

impl Error {
    /// What to do with the file.
    pub fn advice(&self) -> Advice {
        match self.object_state() {
            // What is stored is not what was sent, so storing it again is the cure, unless it would have
            // to be deleted first.
            _ if self.status() == Status::ChecksumMismatch => {
                self.0.advice.unwrap_or(Advice::Again)
            }
            ObjectState::Stored => Advice::Done,
            ObjectState::Unknown => Advice::Look,
            ObjectState::NotStored => self.0.advice.unwrap_or_else(|| self.advice_by_cause()),
        }
    }

    fn advice_by_cause(&self) -> Advice {
        // In doubt the file is kept.
        rule_of(self).map_or(Advice::FixSettings, |rule| rule.advice)
    }

    /// What the status says of the upload, when the advice is by that.
    pub(crate) fn meaning(&self) -> Option<&'static str> {
        let is_by_cause = self.object_state() == ObjectState::NotStored && self.0.advice.is_none();
        rule_of(self).filter(|_| is_by_cause).map(|rule| rule.meaning)
    }

    /// How long whoever answered wants others to wait as well.
    pub(crate) fn asked_to_wait(&self) -> Option<Duration> {
        self.0.retry_after.filter(|_| self.advice() == Advice::Again)
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
}

/// A row of the table of advice for what is not stored.
#[derive(Clone, Copy)]
struct Rule {
    statuses: &'static [Status],
    when: When,
    advice: Advice,
    /// For people.
    meaning: &'static str,
}

/// What an error has besides its status.
#[derive(Clone, Copy)]
enum When {
    Always,
    /// Its field is one of these, or inside of one.
    Field(&'static [&'static str]),
    /// OSS has said one of these codes.
    Code(&'static [&'static str]),
    /// The answer had one of these HTTP statuses.
    Http(&'static [RangeInclusive<u16>]),
}

/// What differs from file to file. All other fields are the same for every upload of a program, so that a
/// fault in them says nothing of the file.
const OF_THE_FILE: [&str; 20] = [
    "body",
    "data",
    "data_len",
    "file_path",
    "read",
    "rewind",
    "key",
    "content_type",
    "content_length",
    "content_md5",
    "metadata",
    "headers",
    "callback.url_query",
    "callback.body_fields",
    "callback.variables",
    "callback.variables_parameter",
    "request",
    "options.caller_id",
    "options.order",
    "id",
];
/// What OSS will never take under this key.
const NEVER_TAKEN: [&str; 6] = [
    "InvalidObjectName",
    "EntityTooLarge",
    "EntityTooSmall",
    "InvalidTaggingKey",
    "FileAlreadyExists",
    "FileImmutable",
];
/// Damaged or cut off on the way; or the parts are gone, and another call begins with new ones.
const LOST_ON_THE_WAY: [&str; 7] = [
    "InvalidDigest",
    "InvalidCRC64",
    "IncompleteBody",
    "RequestTimeout",
    "NoSuchUpload",
    "InvalidPart",
    "InvalidPartOrder",
];
const GATEWAY_ERRORS: [RangeInclusive<u16>; 4] = [200..=299, 408..=408, 429..=429, 500..=599];
const NOT_NOW: [RangeInclusive<u16>; 4] = [401..=401, 408..=409, 429..=429, 500..=599];

/// The first row that fits decides. docs/retries.md is made of it.
static RULES: [Rule; 23] = {
    use Advice::{Again, Done, FixRequest, FixSettings};
    use Status::*;
    use When::{Always, Code, Field, Http};
    const ARGUMENTS: &[Status] = &[InvalidArgument, InvalidCallback];
    [
        rule(ARGUMENTS, Field(&OF_THE_FILE), FixRequest, "it differs from file to file"),
        rule(
            ARGUMENTS,
            Always,
            FixSettings,
            "all uploads share it: bucket, endpoint, callback URL, body of the callback, …",
        ),
        rule(&[UnknownField], Always, FixSettings, "the program needs a newer library"),
        rule(&[Internal], Always, FixSettings, "a bug of the library"),
        rule(&[LeftOut], Always, FixSettings, "the library was built without it"),
        rule(
            &[Credentials],
            Always,
            FixSettings,
            "no keys are configured; while their source has none, the advice is AGAIN",
        ),
        rule(&[Body], Field(&["checkpoint_dir"]), FixSettings, "it is no folder"),
        rule(
            &[Body],
            Always,
            FixRequest,
            "the file cannot be read (by its errno, see below), or a stream has another length",
        ),
        rule(&[AbortedByCaller, Cancelled], Always, Again, "the program stopped it"),
        rule(&[Transport, Timeout], Always, Again, "the network failed, with whatever errno"),
        rule(&[Tls], Always, FixSettings, "a certificate is not accepted"),
        rule(
            &[BadResponse],
            Http(&GATEWAY_ERRORS),
            Again,
            "something on the way cannot reach OSS, or says \"fine\" in its place",
        ),
        rule(
            &[BadResponse],
            Always,
            FixSettings,
            "something on the way refuses: a login page, a proxy, a limit on sizes (413)",
        ),
        rule(&[Service], Code(&NEVER_TAKEN), FixRequest, "OSS never takes it under this key"),
        rule(&[Service], Code(&LOST_ON_THE_WAY), Again, "damaged, cut off, or the parts are gone"),
        rule(&[Service], Http(&NOT_NOW), Again, "OSS cannot do it now"),
        rule(
            &[Service],
            Always,
            FixSettings,
            "keys, rights, region, bucket, account, or the callback (EC 0007-…)",
        ),
        rule(&[NotFound], Always, Again, "ossbind_client_find(): it will not arrive any more"),
        rule(
            &[Outbox],
            Always,
            FixSettings,
            "the folder cannot be used; while it fails, it is AGAIN",
        ),
        rule(&[OutboxFull, OutboxBusy], Always, Again, "it has no room now, or another sends"),
        rule(
            &[KeyUnavailable],
            Always,
            Again,
            "answer 503 to a callback, and OSS or a proxy tries again",
        ),
        rule(
            &[NotSigned, KeyUrlRefused, SignatureWrong, SealWrong, TooOld, Replayed, Malformed],
            Always,
            FixRequest,
            "refuse the callback: it is not, or not for the first time, of OSS",
        ),
        rule(&[CallbackFailed, ChecksumMismatch], Always, Done, "the object is stored"),
    ]
};

const fn rule(
    statuses: &'static [Status],
    when: When,
    advice: Advice,
    meaning: &'static str,
) -> Rule {
    Rule { statuses, when, advice, meaning }
}

impl When {
    fn fits(self, error: &Error) -> bool {
        match self {
            Self::Always => true,
            Self::Field(names) => {
                let field = error.field().unwrap_or_default();
                let is_in = |name: &&str| {
                    let inside = field.strip_prefix(*name);
                    inside.is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
                };
                names.iter().any(is_in)
            }
            Self::Code(codes) => error.code().is_some_and(|code| codes.contains(&code)),
            Self::Http(ranges) => {
                error.http_status().is_some_and(|status| ranges.iter().any(|r| r.contains(&status)))
            }
        }
    }
}

fn rule_of(error: &Error) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.statuses.contains(&error.status()) && rule.when.fits(error))
}

/// What a system call says of a file when it fails so. All others pass, or are for the next disk.
const FAULTS_OF_FILE: [(i32, &str); 10] = [
    (libc::ENOENT, "ENOENT"),
    (libc::ENOTDIR, "ENOTDIR"),
    (libc::EACCES, "EACCES"),
    (libc::EPERM, "EPERM"),
    (libc::EISDIR, "EISDIR"),
    (libc::ELOOP, "ELOOP"),
    (libc::ENAMETOOLONG, "ENAMETOOLONG"),
    (libc::ENXIO, "ENXIO"),
    (libc::EINVAL, "EINVAL"),
    (libc::EOVERFLOW, "EOVERFLOW"),
];

/// What to do with a file that cannot be opened or read.
pub(crate) fn advice_for_file(error: &io::Error) -> Advice {
    match error.raw_os_error() {
        Some(errno) if !FAULTS_OF_FILE.iter().any(|(known, _)| *known == errno) => Advice::Again,
        _ => Advice::FixRequest,
    }
}

#[cfg(test)]
mod tests;

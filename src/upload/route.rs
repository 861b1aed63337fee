//! Chooses how an object is uploaded: a single request, parts, a form, or what was signed elsewhere.

use super::body::{OpenBody, StreamBody};
use super::call::{Call, check_traffic_limit, deadline};
use super::checksum::Report;
use super::destination::read_bundle;
use super::multipart::{self, CheckpointFolder, DEFAULT_PART_SIZE, Resumable, Settings, Source};
use super::object::{NewObject, Prepared};
use super::once::Identity;
use super::post::{post_fields, post_signed};
use super::put::{put_signed, put_to_url};
use super::session::Session;
use super::subject::{callback_url, subject};
use super::{ContentMd5, Destination, UploadError, UploadRequest, UploadResult};
use crate::client::Client;
use crate::endpoint::{check_bucket, check_key};
use crate::error::{Error, Result, Subject};
use crate::http::{Limits, RateLimiter};
use crate::service::{ContentType, Headers, MAX_PUT_SIZE};
use crate::signed::Kind;

/// Up to this size a body is sent in a single request, unless the caller says otherwise.
const DEFAULT_THRESHOLD: u64 = 64 * 1024 * 1024;
const DEFAULT_PARALLEL: usize = 3;
/// More parts at a time do not make any uplink faster.
const MAX_PARALLEL: usize = 64;

impl Client {
    /// Uploads one object and waits for the answer of the service, and so for the callback.
    ///
    /// Large bodies, and streams of unknown length, become multipart uploads by themselves.
    /// Everything that can be checked is checked before a byte is sent. What fails is tried again
    /// as long as that can neither store nor call back a second time (`docs/retries.md`).
    pub fn upload(
        &self,
        request: UploadRequest<'_>,
    ) -> std::result::Result<UploadResult, UploadError> {
        let rate = request.rate_limit.map(RateLimiter::new);
        let limits = Limits {
            deadline: deadline(request.timeout)?,
            cancel: request.cancel,
            rate: rate.as_ref(),
            ..Limits::default()
        };
        let traffic_limit = check_traffic_limit(request.traffic_limit)?;
        let call = Call::new(self, limits, traffic_limit, request.requester_pays);
        let asked = request.without_body();
        let outcome = upload(&call, request);
        let metrics = call.metrics();
        match outcome {
            Ok(mut result) => {
                result.set_metrics(metrics);
                Ok(result)
            }
            Err(mut failed) => {
                if let Some(result) = &mut failed.result {
                    result.set_metrics(metrics);
                }
                let object = match asked.destination {
                    Destination::Object { bucket, key } | Destination::Form { bucket, key } => {
                        Some((bucket, key))
                    }
                    _ => None,
                };
                let callback_url = callback_url(&asked);
                let subject = Subject { callback_url, ..subject(&call, object) };
                let error = failed.error.with_metrics(metrics).about(subject);
                Err(UploadError { error, ..failed })
            }
        }
    }
}

fn upload(
    call: &Call<'_>,
    request: UploadRequest<'_>,
) -> std::result::Result<UploadResult, UploadError> {
    call.check_cancelled()?;
    match request.destination {
        Destination::Object { bucket, key } | Destination::Form { bucket, key } => {
            Session::new(call)?.upload_with_keys((bucket, key), request)
        }
        _ if request.once => {
            let fault = "has ONCE, for which the object must be asked for: that needs the keys of \
                         the client, and so bucket and key";
            Err(Error::invalid("flags", fault).into())
        }
        Destination::SignedUrl(url) => put_to_url(call, url, request),
        Destination::SignedForm { url, fields, key } => {
            post_fields(call, url, fields, key, request)
        }
        Destination::Bundle { text, key } => {
            let signed = read_bundle(text)?;
            match (signed.kind(), key) {
                (Kind::Form, key) => post_signed(call, &signed, key, request),
                (_, Some(_)) => {
                    let fault = "is set, but the bundle has the name of the object already";
                    Err(Error::invalid("key", fault).into())
                }
                (_, None) => put_signed(call, &signed, request),
            }
        }
    }
}

impl Session<'_> {
    fn upload_with_keys<'a>(
        &self,
        object: (&'a str, &'a str),
        request: UploadRequest<'a>,
    ) -> std::result::Result<UploadResult, UploadError> {
        check_bucket(object.0)?;
        check_key(object.1)?;
        let identity = Identity::of(&request, object);
        let outcome = match request.destination {
            Destination::Form { .. } => self.post(object, request),
            _ => self.upload_object(object, request),
        };
        match identity {
            Some(identity) => self.recognize(identity, outcome),
            None => outcome,
        }
    }

    /// Chooses between a single request and parts.
    fn upload_object(
        &self,
        object: (&str, &str),
        request: UploadRequest<'_>,
    ) -> std::result::Result<UploadResult, UploadError> {
        let settings = settings(&request)?;
        let prepared = self.prepare(object, &request)?;
        let md5 = request.content_md5;
        let mut body = request.body.open()?;
        if let Some(length) = body.length() {
            multipart::check_size(length)?;
        }
        let single = match body.length() {
            Some(length) => {
                length <= settings.threshold || (md5 != ContentMd5::None && length <= MAX_PUT_SIZE)
            }
            None => false,
        };
        if single {
            return self.put(&prepared, &mut body, md5, request.progress);
        }
        if md5 != ContentMd5::None {
            let fault = "cannot be checked for an object in parts; leave it out (the CRC-64 of the \
                         whole object is compared), or give a body of known length up to 5 GiB";
            return Err(Error::invalid("content_md5", fault).into());
        }
        let report = request.progress;
        match body {
            OpenBody::Memory { bytes, .. } => {
                let size = bytes.len() as u64;
                self.upload_in_parts(&prepared, Source::Memory(bytes), size, settings, report)
            }
            OpenBody::File { ref file, ref path, stamp, .. } => {
                if let Some(folder) = request.checkpoint_dir {
                    let is_required = request.require_checkpoint;
                    let log = &self.call().client.log;
                    let checkpoints = CheckpointFolder { path: folder, is_required, log };
                    let from = Resumable { file, path, stamp, checkpoints };
                    return self.resume(&prepared, &from, settings, report);
                }
                let source = Source::File { file, path, stamp };
                self.upload_in_parts(&prepared, source, stamp.length, settings, report)
            }
            OpenBody::Stream(stream) => self.upload_stream(&prepared, stream, settings, report),
        }
    }

    /// A stream of unknown length that fits into one part needs no parts.
    fn upload_stream(
        &self,
        prepared: &Prepared<'_>,
        mut stream: StreamBody<'_>,
        settings: Settings,
        report: Report<'_>,
    ) -> std::result::Result<UploadResult, UploadError> {
        if let Some(size) = stream.length() {
            return self.upload_known_stream(prepared, &mut stream, size, settings, report);
        }
        let part_size = usize::try_from(settings.part_size).unwrap_or(usize::MAX);
        let mut first = Vec::new();
        stream.fill(&mut first, part_size, || self.call().check())?;
        if first.len() < part_size {
            let mut body = OpenBody::memory(&first);
            return self.put(prepared, &mut body, ContentMd5::None, report);
        }
        self.upload_stream_in_parts(prepared, first, &mut stream, report)
    }

    fn prepare<'a>(
        &self,
        (bucket, key): (&'a str, &'a str),
        request: &UploadRequest<'_>,
    ) -> Result<Prepared<'a>> {
        let content_type = request.content_type.map_or(ContentType::OfKey(key), ContentType::Given);
        let wanted = request.properties(content_type);
        let callback = request.encode_callback(self.service().audience())?;
        Ok(Prepared {
            object: NewObject {
                bucket,
                key,
                has_callback: callback.is_some(),
                forbid_overwrite: request.forbids_overwrite(),
                once: request.once,
            },
            headers: Headers::of_object(&wanted, callback.as_deref())?,
        })
    }
}

fn settings(request: &UploadRequest<'_>) -> Result<Settings> {
    let part_size = request.part_size.unwrap_or(DEFAULT_PART_SIZE);
    multipart::check_part_size(part_size)?;
    let threshold = request.multipart_threshold.unwrap_or(DEFAULT_THRESHOLD);
    if threshold > MAX_PUT_SIZE {
        let fault =
            format!("is {threshold}; a single request stores at most {MAX_PUT_SIZE} (5 GiB)");
        return Err(Error::invalid("multipart_threshold", fault));
    }
    match request.checkpoint_dir {
        Some(folder) if folder.as_os_str().is_empty() => {
            return Err(Error::invalid("checkpoint_dir", "is empty; \".\" is the current folder"));
        }
        None if request.require_checkpoint => {
            let fault = "is not set, but a checkpoint is required (REQUIRE_CHECKPOINT)";
            return Err(Error::invalid("checkpoint_dir", fault));
        }
        _ => {}
    }
    let parallel = request.parallel.unwrap_or(DEFAULT_PARALLEL);
    if !(1..=MAX_PARALLEL).contains(&parallel) {
        let fault = format!("is {parallel}; it is from 1 to {MAX_PARALLEL}");
        return Err(Error::invalid("parallel", fault));
    }
    Ok(Settings { threshold, part_size, parallel })
}

//! Chooses how an object is uploaded: a single request, parts, a form, or what was signed elsewhere.

use super::body::OpenBody;
use super::call::{Call, check_traffic_limit, deadline};
use super::content::Content;
use super::destination::read_bundle;
use super::multipart::{self, CheckpointFolder, DEFAULT_PART_SIZE, Settings};
use super::object::{NewObject, Prepared};
use super::post::{post_fields, post_form};
use super::put::{put_signed, put_to_url};
use super::session::Session;
use super::subject::{callback_url, subject};
use super::{ContentMd5, Destination, Outcome, UploadError, UploadRequest};
use crate::client::Client;
use crate::endpoint::{check_bucket, check_key};
use crate::error::{Error, Result, Subject};
use crate::http::{Limits, RateLimiter};
use crate::service::{ContentType, Headers, MAX_PUT_SIZE};
use crate::signed::Kind;

/// Up to this size a body is sent in a single request, unless the caller says otherwise.
pub(super) const DEFAULT_THRESHOLD: u64 = 64 * 1024 * 1024;
const DEFAULT_PARALLEL: usize = 3;
/// More parts at a time do not make any uplink faster.
const MAX_PARALLEL: usize = 64;

impl Client {
    /// Uploads one object and waits for the answer of the service, and so for the callback.
    ///
    /// Large bodies, and streams of unknown length, become multipart uploads by themselves.
    /// Everything that can be checked is checked before a byte is sent. What fails is tried again
    /// as long as that can neither store nor call back a second time (`docs/retries.md`).
    pub fn upload(&self, request: UploadRequest<'_>) -> Outcome {
        let rate = request.rate_limit.map(RateLimiter::new);
        let limits = Limits {
            deadline: deadline(request.timeout)?,
            cancel: request.cancel,
            rate: rate.as_ref(),
            ..Limits::default()
        };
        let traffic_limit = check_traffic_limit(request.traffic_limit)?;
        let call = Call::new(self, limits, traffic_limit, request.requester_pays);
        let (asked, once) = (request.without_body(), request.once);
        upload(&call, request).map(|result| result.with_metrics(call.metrics())).map_err(|failed| {
            let object = match asked.destination {
                Destination::Object { bucket, key } | Destination::Form { bucket, key } => {
                    Some((bucket, key))
                }
                _ => None,
            };
            let callback_url = callback_url(&asked);
            let subject = Subject { callback_url, ..subject(&call, object) };
            let failed = failed.with_next_step(once).with_metrics(call.metrics());
            UploadError { error: failed.error.about(subject), ..failed }
        })
    }
}

fn upload(call: &Call<'_>, request: UploadRequest<'_>) -> Outcome {
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
                (Kind::Form, key) => {
                    let fields = signed.pairs().to_vec();
                    post_form(call, signed.url(), fields, ("bundle", key), request)
                }
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
    ) -> Outcome {
        check_bucket(object.0)?;
        check_key(object.1)?;
        let object = NewObject::of(&request, object);
        let body = request.body.once_more();
        let outcome = match request.destination {
            Destination::Form { .. } => self.post(object, request),
            _ => self.upload_object(object, request),
        };
        match object.forbid_overwrite {
            true => self.recognize(object, body, outcome),
            false => outcome,
        }
    }

    /// Chooses between a single request and parts.
    fn upload_object(&self, object: NewObject<'_>, request: UploadRequest<'_>) -> Outcome {
        let settings = settings(&request)?;
        let properties = request.properties(ContentType::OfKey(object.key));
        let callback = request.encode_callback(self.service.audience())?;
        let headers = Headers::of_object(&properties, callback.as_deref())?;
        let prepared = Prepared { object, headers };
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
            OpenBody::Content { ref content, .. } => match (request.checkpoint_dir, content) {
                (Some(path), Content::File(file)) => {
                    let is_required = request.require_checkpoint;
                    let folder = CheckpointFolder { path, is_required, log: &self.call.client.log };
                    self.resume(&prepared, content, file, &folder, settings, report)
                }
                _ => self.upload_in_parts(&prepared, content, settings, report),
            },
            OpenBody::Stream(stream) => self.upload_stream(&prepared, stream, settings, report),
        }
    }
}

pub(super) fn settings(request: &UploadRequest<'_>) -> Result<Settings> {
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

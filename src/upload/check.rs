//! What can be said of an upload before it is made: for one that is kept, and made much later.

use std::borrow::Cow;
use std::path::Path;

use super::call::{check_traffic_limit, deadline};
use super::checksum::compute_crc64;
use super::destination::read_bundle;
use super::route::{DEFAULT_THRESHOLD, settings};
use super::{Body, Destination, UploadRequest};
use crate::callback::{Audience, EncodedCallback};
use crate::client::Client;
use crate::endpoint::{check_bucket, check_key};
use crate::error::{Error, Result, Status};
use crate::service::{ContentType, Headers};
use crate::signed::Kind;
use crate::wait::CancelToken;

impl<'a> UploadRequest<'a> {
    /// Checks all but the body, and gives the callback as it travels.
    pub(crate) fn check(&self, audience: Audience) -> Result<Option<Cow<'a, EncodedCallback>>> {
        deadline(self.timeout)?;
        check_traffic_limit(self.traffic_limit)?;
        match self.destination {
            Destination::Object { bucket, key } | Destination::Form { bucket, key } => {
                check_bucket(bucket)?;
                check_key(key)?;
                settings(self)?;
                let callback = self.encode_callback(audience)?;
                let properties = self.properties(ContentType::OfKey(key));
                Headers::of_object(&properties, callback.as_deref())?;
                Ok(callback)
            }
            Destination::Bundle { text, .. } => {
                let is_form = read_bundle(text)?.kind() == Kind::Form;
                self.refuse_own_properties("bundle", is_form)?;
                self.refuse_parts("bundle")?;
                Ok(None)
            }
            Destination::SignedUrl(_) | Destination::SignedForm { .. } => Ok(None),
        }
    }
}

/// CRC-64 of a file, to compare it with what it was.
pub(crate) fn crc64_of_file(path: &Path, cancel: &CancelToken) -> Result<u64> {
    let mut body = Body::file(path).open()?;
    compute_crc64(&mut body, || match cancel.is_cancelled() {
        true => Err(Error::new(Status::Cancelled, "it was cancelled")),
        false => Ok(()),
    })
}

/// Whether a body of this size goes in parts, unless the program says otherwise.
pub(crate) fn goes_in_parts(size: u64, threshold: Option<u64>) -> bool {
    size > threshold.unwrap_or(DEFAULT_THRESHOLD)
}

impl Client {
    /// Who checks callbacks in the end.
    pub(crate) fn audience(&self) -> Audience {
        self.service().map_or(Audience::Any, |service| service.audience())
    }
}

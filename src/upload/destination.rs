//! Where an object goes, and what the request is signed with.

use std::fmt;

use super::{ContentMd5, UploadRequest};
use crate::error::{Error, Result};
use crate::http::{check_url, query_pairs};
use crate::signed::{Signed, makes_another_operation};
use crate::text::quoted;

/// Where an object goes.
#[derive(Clone, Copy)]
pub enum Destination<'a> {
    /// An object, with requests that the client signs.
    Object {
        /// Bucket to store in.
        bucket: &'a str,
        /// Name of the object.
        key: &'a str,
    },
    /// An object, with a form (PostObject) that the client signs.
    Form {
        /// Bucket to store in.
        bucket: &'a str,
        /// Name of the object.
        key: &'a str,
    },
    /// A URL that was signed elsewhere for a PUT. The headers that were signed are to be set in the
    /// request.
    SignedUrl(&'a str),
    /// A form that was signed elsewhere.
    SignedForm {
        /// Where it is sent.
        url: &'a str,
        /// Its fields.
        fields: &'a [(&'a str, &'a str)],
        /// Name of the object, when the fields leave the choice.
        key: Option<&'a str>,
    },
    /// What [`Signed::to_bundle`] gave.
    Bundle {
        /// Its text.
        text: &'a str,
        /// Name of the object, when the bundle is a form that leaves the choice.
        key: Option<&'a str>,
    },
}

/// Leaves out what was signed.
impl fmt::Debug for Destination<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object { bucket, key } => write!(f, "Object({bucket}, {key})"),
            Self::Form { bucket, key } => write!(f, "Form({bucket}, {key})"),
            Self::SignedUrl(_) => f.write_str("SignedUrl"),
            Self::SignedForm { .. } => f.write_str("SignedForm"),
            Self::Bundle { .. } => f.write_str("Bundle"),
        }
    }
}

/// Reads a bundle that shall store an object.
pub(super) fn read_bundle(text: &str) -> Result<Signed> {
    let signed = Signed::of_bundle(text)?;
    signed.check_method()?;
    check_signed_url("bundle", signed.url())?;
    Ok(signed)
}

/// A URL is not repeated in messages: it holds a signature.
pub(super) fn check_signed_url(field: &str, url: &str) -> Result<()> {
    let invalid = |fault: &str| match field {
        "url" => Error::invalid(field, fault),
        _ => Error::invalid(field, format!("its URL {fault}")),
    };
    check_url(url).map_err(invalid)?;
    match query_pairs(url).into_iter().find(|(name, _)| makes_another_operation(name)) {
        None => Ok(()),
        Some((name, _)) => {
            let fault = format!(
                "has {}, which makes it another operation than one that stores an object",
                quoted(&name)
            );
            Err(invalid(&fault))
        }
    }
}

impl UploadRequest<'_> {
    /// What was signed elsewhere cannot be changed here. A form may leave the type and the metadata
    /// to its sender.
    pub(super) fn refuse_own_properties(&self, destination: &str, is_form: bool) -> Result<()> {
        let set = [
            ("content_type", self.content_type.is_some() && !is_form),
            ("metadata", !self.metadata.is_empty() && !is_form),
            ("headers", !self.headers.is_empty()),
            ("storage_class", self.storage_class.is_some()),
            ("acl", self.acl.is_some()),
            ("flags", self.forbids_overwrite()),
            ("content_md5", self.content_md5 != ContentMd5::None),
            ("traffic_limit_bits_per_s", self.traffic_limit.is_some()),
            ("flags", self.requester_pays),
            ("callback", self.has_callback()),
        ];
        let what = match self.forbids_overwrite() {
            true => "has FORBID_OVERWRITE",
            false => "has REQUESTER_PAYS",
        };
        refuse(&set, |field| {
            let what = if field == "flags" { what } else { "is set" };
            format!(
                "{what} together with {destination}, which says what the object will be; the one who \
                 signs decides"
            )
        })
    }

    /// What is sent in one request cannot go in parts.
    pub(super) fn refuse_parts(&self, destination: &str) -> Result<()> {
        let set = [
            ("checkpoint_dir", self.checkpoint_dir.is_some()),
            ("multipart_threshold", self.multipart_threshold.is_some()),
            ("part_size", self.part_size.is_some()),
            ("parallel", self.parallel.is_some()),
        ];
        refuse(&set, |_| format!("is set together with {destination}, which is one request"))
    }
}

/// Refuses the first field that is set.
fn refuse(set: &[(&str, bool)], fault: impl Fn(&str) -> String) -> Result<()> {
    match set.iter().find(|(_, is_set)| *is_set) {
        None => Ok(()),
        Some((field, _)) => Err(Error::invalid(*field, fault(field))),
    }
}

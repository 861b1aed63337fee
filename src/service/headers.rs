//! The headers of an upload (spec: put-object.md 1).

use std::borrow::Cow;

use zeroize::Zeroize as _;

use super::header_table::{Carriers, HeaderRule, Origin, rule_of};
use crate::callback::EncodedCallback;
use crate::content_type;
use crate::error::{Error, Result};
use crate::text::quoted;

/// User metadata may have this many bytes in all.
const MAX_METADATA: usize = 8 * 1024;
const METADATA_PREFIX: &str = "x-oss-meta-";

/// Header of the callback parameter.
pub(crate) const CALLBACK: &str = "x-oss-callback";
/// Header of the variables of a callback.
pub(crate) const CALLBACK_VARIABLES: &str = "x-oss-callback-var";

const ACLS: [&str; 4] = ["default", "private", "public-read", "public-read-write"];
const STORAGE_CLASSES: [&str; 5] = ["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"];

/// What the caller wants an object to be, unchecked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ObjectProperties<'a> {
    pub(crate) content_type: ContentType<'a>,
    pub(crate) metadata: &'a [(&'a str, &'a str)],
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) storage_class: Option<&'a str>,
    pub(crate) acl: Option<&'a str>,
    pub(crate) forbid_overwrite: bool,
    /// Headers that are a callback are none of the object: the caller takes them from there.
    pub(crate) callback_in_headers: bool,
    pub(crate) purpose: Purpose,
}

/// What further headers are given for, which says what may be among them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Purpose {
    #[default]
    Upload,
    SignedUrl {
        /// They may say how long the body will be.
        with_length: bool,
    },
    /// Any request that is signed, or was signed elsewhere.
    AnyRequest {
        /// They may say how long the body will be.
        with_length: bool,
    },
}

impl Purpose {
    /// What to do instead of giving this header.
    fn refusal(self, rule: &HeaderRule) -> Option<&'static str> {
        let (Self::SignedUrl { with_length } | Self::AnyRequest { with_length }) = self else {
            return match rule.origin {
                Origin::Library(how) => Some(how),
                Origin::Member(instead) | Origin::MemberOfUpload(instead) => Some(instead),
                Origin::Further => None,
            };
        };
        match (rule.origin, self) {
            (Origin::Library(_), _) if with_length && rule.name == "content-length" => None,
            (Origin::Library(how), _) => Some(how),
            (Origin::Member(instead), Self::SignedUrl { .. }) => Some(instead),
            _ => None,
        }
    }
}

/// The `Content-Type` header.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum ContentType<'a> {
    /// Not sent.
    #[default]
    None,
    /// By the extension of a key.
    OfKey(&'a str),
    Given(&'a str),
}

/// Names (lowercase) and values of the headers of a request, in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub(crate) struct Headers(Vec<(Cow<'static, str>, String)>);

impl<'a> From<Option<&'a str>> for ContentType<'a> {
    fn from(given: Option<&'a str>) -> Self {
        given.map_or(Self::None, Self::Given)
    }
}

impl Drop for Headers {
    /// One of them may be the security token.
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|(_, value)| value.zeroize());
    }
}

impl Headers {
    /// Headers that a caller wants to have signed.
    pub(crate) fn to_sign(given: &[(&str, &str)], with_length: bool) -> Result<Self> {
        let mut headers = Self::default();
        for (index, (name, value)) in given.iter().enumerate() {
            let purpose = Purpose::AnyRequest { with_length };
            headers.add_given(&format!("headers[{index}]"), name, value, purpose)?;
        }
        Ok(headers)
    }

    /// Headers that were signed elsewhere, and are part of `field`.
    pub(crate) fn of_signed(field: &str, given: &[(String, String)]) -> Result<Self> {
        let mut headers = Self::default();
        for (name, value) in given {
            let lower = name.to_ascii_lowercase();
            // What connections send by themselves. When the signature covers it, OSS compares.
            if ["host", "content-length"].contains(&lower.as_str()) {
                continue;
            }
            let purpose = Purpose::AnyRequest { with_length: false };
            headers.add_given(&format!("{field}.headers"), name, value, purpose)?;
            let is_of_object = lower != "user-agent" && rule_of(&lower).is_some();
            if !is_of_object && !lower.starts_with("x-oss-") {
                let fault = format!("{} is no header that says what an object is", quoted(name));
                return Err(Error::invalid(format!("{field}.headers.name"), fault));
            }
        }
        Ok(headers)
    }

    /// What the caller wants of an object, checked: the headers of a PUT.
    pub(crate) fn of_object(
        wanted: &ObjectProperties<'_>,
        callback: Option<&EncodedCallback>,
    ) -> Result<Self> {
        let mut headers = Self::default();
        headers.add_content_type(wanted.content_type)?;
        for (index, (name, value)) in wanted.metadata.iter().enumerate() {
            headers.add_metadata(&format!("metadata[{index}]"), name, value)?;
        }
        headers.check_metadata_size()?;
        let is_callback = |name: &str| {
            wanted.callback_in_headers
                && [CALLBACK, CALLBACK_VARIABLES].iter().any(|n| name.eq_ignore_ascii_case(n))
        };
        let others = wanted.headers.iter().enumerate().filter(|(_, (name, _))| !is_callback(name));
        for (index, (name, value)) in others {
            headers.add_given(&format!("headers[{index}]"), name, value, wanted.purpose)?;
        }
        headers.add_choice("storage_class", "x-oss-storage-class", wanted.storage_class)?;
        headers.add_choice("acl", "x-oss-object-acl", wanted.acl)?;
        if wanted.forbid_overwrite {
            headers.add("x-oss-forbid-overwrite", "true");
        }
        if let Some(callback) = callback {
            headers.add(CALLBACK, &*callback.callback);
            if let Some(variables) = &callback.variables {
                headers.add(CALLBACK_VARIABLES, &**variables);
            }
        }
        Ok(headers)
    }

    /// Of the headers of a PUT, those of the first request of an upload in parts.
    pub(crate) fn of_first(&self) -> Self {
        self.carried_by(|carriers| matches!(carriers, Carriers::First | Carriers::FirstAndLast))
    }

    /// Of the headers of a PUT, those of the request that ends an upload in parts.
    pub(crate) fn of_last(&self) -> Self {
        self.carried_by(|carriers| matches!(carriers, Carriers::Last | Carriers::FirstAndLast))
    }

    fn carried_by(&self, wanted: impl Fn(Carriers) -> bool) -> Self {
        let carriers = |name: &str| rule_of(name).map_or(Carriers::First, |rule| rule.carriers);
        Self(self.0.iter().filter(|(name, _)| wanted(carriers(name))).cloned().collect())
    }

    /// The one who asks pays, and not the owner of the bucket.
    pub(crate) fn add_requester_pays(&mut self, requester_pays: bool) {
        if requester_pays {
            self.add("x-oss-request-payer", "requester");
        }
    }

    /// Adds a header that is known to be sound.
    pub(crate) fn add(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    pub(crate) fn into_pairs(mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.0)
            .into_iter()
            .map(|(name, value)| (name.into_owned(), value))
            .collect()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    pub(crate) fn as_pairs(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, value.as_str())).collect()
    }

    fn add_content_type(&mut self, content_type: ContentType<'_>) -> Result<()> {
        match content_type {
            ContentType::None => {}
            ContentType::OfKey(key) => self.add("content-type", content_type::of_key(key)),
            ContentType::Given(value) => {
                check_value("content_type", value)?;
                self.add("content-type", value);
            }
        }
        Ok(())
    }

    fn add_choice(&mut self, field: &str, name: &'static str, value: Option<&str>) -> Result<()> {
        if let Some(value) = value {
            check_choice(field, name, value)?;
            self.add(name, value);
        }
        Ok(())
    }

    fn add_metadata(&mut self, field: &str, name: &str, value: &str) -> Result<()> {
        let lower = name.to_ascii_lowercase();
        let short = lower.strip_prefix(METADATA_PREFIX).unwrap_or(&lower);
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if short.is_empty() || !short.bytes().all(allowed) {
            let fault = format!(
                "{} is not of letters, digits and '-' ('_' is not supported)",
                quoted(name)
            );
            return Err(Error::invalid(format!("{field}.name"), fault));
        }
        check_value(&format!("{field}.value"), value)?;
        self.add_once(field, format!("{METADATA_PREFIX}{short}"), value)
    }

    fn check_metadata_size(&self) -> Result<()> {
        let size: usize = self
            .0
            .iter()
            .filter(|(name, _)| name.starts_with(METADATA_PREFIX))
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if size > MAX_METADATA {
            let fault = format!("has {size} bytes of names and values; the service takes 8192");
            return Err(Error::invalid("metadata", fault));
        }
        Ok(())
    }

    fn add_given(&mut self, field: &str, name: &str, value: &str, purpose: Purpose) -> Result<()> {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if name.is_empty() || !name.bytes().all(token) {
            let fault = format!("{} is not a header name", quoted(name));
            return Err(Error::invalid(format!("{field}.name"), fault));
        }
        let name = name.to_ascii_lowercase();
        if let Some(instead) = rule_of(&name).and_then(|rule| purpose.refusal(rule)) {
            let fault = format!("{name} cannot be set here: {instead}");
            return Err(Error::invalid(format!("{field}.name"), fault));
        }
        check_value(&format!("{field}.value"), value)?;
        self.add_once(field, name, value)
    }

    /// A repeated header is signed differently by different implementations
    /// (spec: signing-v4.md 2.3).
    fn add_once(&mut self, field: &str, name: String, value: &str) -> Result<()> {
        if self.0.iter().any(|(known, _)| *known == name) {
            let fault = format!("{name} is given twice");
            return Err(Error::invalid(format!("{field}.name"), fault));
        }
        self.0.push((name.into(), value.to_owned()));
        Ok(())
    }
}

/// Of some headers all values are known. OSS would refuse another one only with the last request of an
/// upload.
pub(crate) fn check_choice(field: &str, name: &str, value: &str) -> Result<()> {
    let known: &[&str] = match name {
        "x-oss-object-acl" => &ACLS,
        "x-oss-storage-class" => &STORAGE_CLASSES,
        _ => return Ok(()),
    };
    check_value(field, value)?;
    if known.contains(&value) {
        return Ok(());
    }
    let fault = format!("is {}; OSS knows {}", quoted(value), known.join(", "));
    Err(Error::invalid(field, fault))
}

/// A value must be there, without control characters, and without space at its ends, which
/// implementations trim at different places.
pub(crate) fn check_value(field: &str, value: &str) -> Result<()> {
    if value.is_empty() {
        return Err(Error::invalid(field, "is empty; leave it out instead"));
    }
    if let Some((at, bad)) = value.char_indices().find(|(_, c)| c.is_control()) {
        let fault = format!(
            "has a control character (U+{:04X}) at byte {at}, which a header cannot carry",
            u32::from(bad)
        );
        return Err(Error::invalid(field, fault).with_offset(Some(at)));
    }
    if value.trim() != value {
        return Err(Error::invalid(field, "begins or ends with a space"));
    }
    Ok(())
}

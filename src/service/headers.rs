//! The headers of an upload (spec: put-object.md 1).

use std::borrow::Cow;

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

/// Headers that belong to the connection or to the signature, and how a caller gets them.
const RESERVED: [(&str, &str); 16] = [
    ("authorization", "it is made from the credentials"),
    ("connection", "connections are the library's"),
    ("content-length", "it is the length of the body"),
    ("date", "it is the time of the signature"),
    ("expect", "the library decides how it sends"),
    ("host", "it is made from endpoint and bucket"),
    ("keep-alive", "connections are the library's"),
    ("proxy-authorization", "put user and password into proxy"),
    ("proxy-connection", "connections are the library's"),
    ("te", "the library decides how it sends"),
    ("trailer", "the library decides how it sends"),
    ("transfer-encoding", "the library decides how it sends"),
    ("upgrade", "the library decides how it sends"),
    ("x-oss-content-sha256", "it belongs to the signature"),
    ("x-oss-date", "it is the time of the signature"),
    ("x-oss-security-token", "it belongs to the credentials"),
];

/// Headers for which a request has fields of their own.
const WITH_FIELDS: [(&str, &str); 8] = [
    ("content-md5", "set content_md5, or the flag CONTENT_MD5"),
    ("content-type", "use content_type"),
    ("user-agent", "use user_agent of the client"),
    (CALLBACK, "use callback"),
    (CALLBACK_VARIABLES, "use the variables of callback"),
    ("x-oss-forbid-overwrite", "set the flag FORBID_OVERWRITE"),
    ("x-oss-object-acl", "use acl"),
    ("x-oss-storage-class", "use storage_class"),
];

/// Headers of objects that do not begin with `x-oss-`.
const OF_OBJECTS: [&str; 7] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-type",
    "expires",
];

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
    /// The headers may say how long the body will be.
    pub(crate) signs_length: bool,
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

impl Headers {
    /// Headers that a caller wants to have signed.
    pub(crate) fn to_sign(given: &[(&str, &str)], signs_length: bool) -> Result<Self> {
        let mut headers = Self::default();
        for (index, (name, value)) in given.iter().enumerate() {
            headers.add_given(&format!("headers[{index}]"), name, value, &[], signs_length)?;
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
            headers.add_given(&format!("{field}.headers"), name, value, &[], false)?;
            if !OF_OBJECTS.contains(&lower.as_str()) && !lower.starts_with("x-oss-") {
                let fault = format!("{} is no header that says what an object is", quoted(name));
                return Err(Error::invalid(format!("{field}.headers.name"), fault));
            }
        }
        Ok(headers)
    }

    /// The properties of the object that the caller asked for, checked.
    pub(crate) fn of_object(wanted: &ObjectProperties<'_>) -> Result<Self> {
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
            headers.add_extra(&format!("headers[{index}]"), name, value, wanted.signs_length)?;
        }
        headers.add_field("storage_class", "x-oss-storage-class", wanted.storage_class)?;
        Ok(headers)
    }

    /// What is decided when the object comes into being.
    pub(crate) fn of_commit(
        wanted: &ObjectProperties<'_>,
        callback: Option<&EncodedCallback>,
    ) -> Result<Self> {
        let mut headers = Self::default();
        headers.add_field("acl", "x-oss-object-acl", wanted.acl)?;
        if wanted.forbid_overwrite {
            headers.add_forbid_overwrite();
        }
        if let Some(callback) = callback {
            headers.add(CALLBACK, &*callback.callback);
            if let Some(variables) = &callback.variables {
                headers.add(CALLBACK_VARIABLES, &**variables);
            }
        }
        Ok(headers)
    }

    pub(crate) fn add_forbid_overwrite(&mut self) {
        self.add("x-oss-forbid-overwrite", "true");
    }

    /// These headers and others.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Adds a header that is known to be sound.
    pub(crate) fn add(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.0.into_iter().map(|(name, value)| (name.into_owned(), value)).collect()
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

    fn add_field(&mut self, field: &str, name: &'static str, value: Option<&str>) -> Result<()> {
        if let Some(value) = value {
            check_value(field, value)?;
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

    fn add_extra(
        &mut self,
        field: &str,
        name: &str,
        value: &str,
        signs_length: bool,
    ) -> Result<()> {
        if name.to_ascii_lowercase().starts_with(METADATA_PREFIX) {
            let fault = format!("{name} cannot be set here: use metadata");
            return Err(Error::invalid(format!("{field}.name"), fault));
        }
        self.add_given(field, name, value, &WITH_FIELDS, signs_length)
    }

    /// Adds a header that is none of the library's own, nor one of `others`.
    fn add_given(
        &mut self,
        field: &str,
        name: &str,
        value: &str,
        others: &[(&str, &str)],
        signs_length: bool,
    ) -> Result<()> {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if name.is_empty() || !name.bytes().all(token) {
            let fault = format!("{} is not a header name", quoted(name));
            return Err(Error::invalid(format!("{field}.name"), fault));
        }
        let name = name.to_ascii_lowercase();
        let mut reserved = RESERVED.iter().chain(others);
        let may_be_set = signs_length && name == "content-length";
        let found = reserved.find(|(reserved, _)| *reserved == name).filter(|_| !may_be_set);
        if let Some((_, instead)) = found {
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

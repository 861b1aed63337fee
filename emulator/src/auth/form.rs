//! Signatures of forms (spec: post-object.md 5 and 6).

use std::time::Duration;

use super::check::{Authority, ScopeMismatch, Token, check_scope, find_access_key};
use super::diagnosis;
use super::v1;
use super::v4::{self, Scope};
use super::window::MAX_SKEW;
use crate::clock;
use crate::error::OssError;
use crate::error::catalogue::{
    access_denied, invalid_access_key_id, invalid_argument, invalid_date, signature_does_not_match,
};
use crate::protocol::SignatureVersion;
use crate::records::{SignatureClaim, SignatureMismatch, SignaturePlace};

const V1_FIELDS: [&str; 3] = ["OSSAccessKeyId", "Signature", "policy"];
const V4_FIELDS: [&str; 3] = ["x-oss-signature-version", "x-oss-credential", "x-oss-signature"];
/// How long a V4 form can be used, whatever its policy says.
const V4_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What a form says about its signer. What is signed is the text of the `policy` field.
#[derive(Clone, Debug)]
pub(crate) struct FormAuthorization<'a> {
    pub(crate) access_key_id: String,
    pub(crate) policy: &'a str,
    signature: &'a str,
    token: Option<&'a str>,
    method: Method<'a>,
}

#[derive(Clone, Debug)]
enum Method<'a> {
    V1,
    V4 { scope: Scope, date: &'a str },
}

impl<'a> FormAuthorization<'a> {
    /// Looks into the fields of a form. `None` is an anonymous request.
    pub(crate) fn find(
        field: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Option<FormAuthorization<'a>>, OssError> {
        if V4_FIELDS.iter().any(|name| field(name).is_some()) {
            return find_v4(field).map(Some);
        }
        if V1_FIELDS.iter().any(|name| field(name).is_some()) {
            return find_v1(field).map(Some);
        }
        Ok(None)
    }

    pub(crate) fn version(&self) -> SignatureVersion {
        match self.method {
            Method::V1 => SignatureVersion::V1,
            Method::V4 { .. } => SignatureVersion::V4,
        }
    }

    /// For the record, before anything is checked.
    pub(crate) fn claim(&self) -> SignatureClaim {
        let (version, place) = (self.version(), SignaturePlace::Form);
        SignatureClaim { version, place, mismatch: None }
    }

    /// Why the signature does not match.
    pub(crate) fn diagnose(&self, authority: Authority<'_>) -> Option<SignatureMismatch> {
        let sign = |secret: &str, policy: &[u8]| self.sign(secret, policy);
        diagnosis::of_form(self.policy, self.signature, &self.access_key_id, authority, sign)
    }

    fn sign(&self, secret: &str, policy: &[u8]) -> String {
        match &self.method {
            Method::V1 => v1::signature(secret, policy),
            Method::V4 { scope, .. } => {
                let policy = String::from_utf8_lossy(policy);
                v4::signature(&v4::signing_key(secret, scope), &policy)
            }
        }
    }

    /// The fields that the policy has to pin.
    pub(crate) fn fields_to_pin(&self) -> Vec<&'static str> {
        let mut fields = Vec::new();
        if self.version() == SignatureVersion::V4 {
            fields.extend(["x-oss-signature-version", "x-oss-credential", "x-oss-date"]);
            if self.token.is_some_and(|token| !token.is_empty()) {
                fields.push("x-oss-security-token");
            }
        }
        fields
    }

    /// Accepts or refuses the signature.
    pub(crate) fn check(&self, authority: Authority<'_>) -> Result<(), OssError> {
        if let Method::V4 { scope, date } = &self.method {
            check_date(date, authority)?;
            check_scope(scope, date, authority.region).map_err(ScopeMismatch::in_credential)?;
        }
        let token = Token { value: self.token.map(str::to_owned), missing: invalid_access_key_id };
        let access_key = find_access_key(&self.access_key_id, token, authority.access_keys)?;
        let expected = self.sign(&access_key.secret, self.policy.as_bytes());
        if expected == self.signature {
            return Ok(());
        }
        let error =
            signature_does_not_match(&self.access_key_id, self.signature, self.policy.as_bytes());
        Err(match self.method {
            // No EC is known for V1.
            Method::V1 => error,
            Method::V4 { .. } => error.ec("0002-00000705"),
        })
    }
}

fn check_date(date: &str, authority: Authority<'_>) -> Result<(), OssError> {
    let signed = clock::parse_basic(date).ok_or_else(invalid_date)?;
    if signed.duration_since(authority.now).is_ok_and(|ahead| ahead > MAX_SKEW) {
        return Err(access_denied("Request is not valid yet."));
    }
    if authority.now.duration_since(signed).is_ok_and(|age| age > V4_LIFETIME) {
        return Err(access_denied("Request has expired."));
    }
    Ok(())
}

fn find_v1<'a>(field: impl Fn(&str) -> Option<&'a str>) -> Result<FormAuthorization<'a>, OssError> {
    let needed = |name: &str, message| {
        let value = field(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| invalid_argument(message).argument(name, ""))
    };
    Ok(FormAuthorization {
        access_key_id: needed("OSSAccessKeyId", "Post request accessKeyId is empty.")?.to_owned(),
        signature: needed("Signature", "Post request signature is empty.")?,
        policy: needed("policy", "Post request policy is empty.")?,
        token: field("x-oss-security-token"),
        method: Method::V1,
    })
}

fn find_v4<'a>(field: impl Fn(&str) -> Option<&'a str>) -> Result<FormAuthorization<'a>, OssError> {
    let needed = |name: &str| match field(name) {
        None => Err(refuse("is missing", name, "", "0002-00000703")),
        Some(value) if value.trim().is_empty() => {
            Err(refuse("must not be blank", name, value, "0002-00000704"))
        }
        Some(value) => Ok(value),
    };
    let version = needed("x-oss-signature-version")?;
    if version != v4::ALGORITHM {
        let name = "x-oss-signature-version";
        return Err(refuse("is not supported", name, version, "0002-00000701"));
    }
    let (access_key_id, scope) = v4::parse_credential(needed("x-oss-credential")?)
        .map_err(|error| error.ec("0002-00000710"))?;
    Ok(FormAuthorization {
        access_key_id,
        signature: needed("x-oss-signature")?,
        policy: needed("policy")?,
        token: field("x-oss-security-token"),
        method: Method::V4 { scope, date: needed("x-oss-date")? },
    })
}

fn refuse(what: &str, name: &str, value: &str, ec: &str) -> OssError {
    invalid_argument(format!("The form field {name} {what}.")).argument(name, value).ec(ec)
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;

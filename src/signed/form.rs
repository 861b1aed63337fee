//! A form that was signed and not sent (spec: post-object.md).

use std::fmt;

use super::Bundle;

/// The fields of a form with which anybody can upload within the limits of its policy: sent to
/// `url` as multipart/form-data, followed by the field `file`.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedForm {
    pub(super) url: String,
    pub(super) fields: Vec<(String, String)>,
    pub(super) expires: u64,
}

impl SignedForm {
    /// Where to send it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Names and values in the order in which they are to be sent. `key` is missing when the policy
    /// leaves the choice: it has to come before `file`. Whoever has them can upload: treat them as
    /// a secret.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// Until when the service takes it, in seconds since 1970.
    pub fn expires(&self) -> u64 {
        self.expires
    }

    /// JSON text for a browser, or for a device, with which it can upload in one call.
    pub fn to_bundle(&self) -> String {
        Bundle::Form(self.clone()).to_json()
    }
}

/// Leaves out the fields, which hold the signature.
impl fmt::Debug for SignedForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedForm")
            .field("url", &self.url)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

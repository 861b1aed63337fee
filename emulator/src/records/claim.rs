//! What a request says of its signer.

use crate::protocol::SignatureVersion;

/// The signature that a request carries, rightly or not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignatureClaim {
    /// The version that it names.
    pub version: SignatureVersion,
    /// Where it stands.
    pub place: SignaturePlace,
    /// What is known about a signature that does not match.
    pub mismatch: Option<SignatureMismatch>,
}

/// Where a signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignaturePlace {
    /// In the `Authorization` header.
    Header,
    /// In the query of the URL.
    Query,
    /// In the fields of a form.
    Form,
}

/// What was signed here, and what the client may have signed instead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignatureMismatch {
    /// What the emulator signs: the canonical request of V4, the string to sign of V1, the policy of a
    /// form.
    pub signed: String,
    /// The string to sign, where that is another text.
    pub string_to_sign: Option<String>,
    /// The mistake in a sentence, or that none is known which gives this signature.
    pub cause: String,
    /// What the client signed instead of `signed`, if the mistake is known and is one of the text.
    pub signed_by_client: Option<String>,
}

impl SignatureMismatch {
    /// The first line in which the two texts differ, from 0.
    pub fn first_difference(&self) -> Option<usize> {
        let mut others = self.signed_by_client.as_deref()?.split('\n');
        let mut ours = self.signed.split('\n');
        (0..).find_map(|number| match (ours.next(), others.next()) {
            (None, None) => Some(None),
            (one, other) if one != other => Some(Some(number)),
            _ => None,
        })?
    }

    pub(super) fn bytes(&self) -> usize {
        let other = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        self.signed.len()
            + self.cause.len()
            + other(&self.string_to_sign)
            + other(&self.signed_by_client)
    }
}

//! What an answer is judged by.

use zeroize::Zeroizing;

use super::attempt::Failed;
use crate::secret::masked;
use crate::service::Signer;
use crate::signing::Signature;

/// What an answer is judged by.
#[derive(Default)]
pub(super) struct Expectation<'a> {
    pub(super) has_callback: bool,
    /// A form, which the service answers with 204 unless it was asked for something else
    /// (spec: post-object.md 3).
    pub(super) is_form: bool,
    /// CRC-64 of the bytes that were sent, when it is to be compared.
    pub(super) crc64: Option<u64>,
    /// What it was signed with, when it was signed here.
    pub(super) signed: Option<&'a Signed>,
    /// What no message may show, besides the token that it was signed with: those of what was signed
    /// elsewhere.
    pub(super) secrets: &'a [String],
}

impl<'a> Expectation<'a> {
    /// Of a request with an `Authorization` header that makes no callback.
    pub(super) fn of_signed(signed: &'a Signed) -> Self {
        Self { signed: Some(signed), ..Self::default() }
    }
}

impl Expectation<'_> {
    /// Masks the secrets of the request: peers repeat what they received.
    pub(super) fn mask(&self, mut failed: Failed) -> Failed {
        for secret in self.all_secrets() {
            failed.error = failed.error.masking(secret);
        }
        failed
    }

    /// The same for a text of the peer that will be cut: half of a secret would not be found afterwards.
    pub(super) fn conceal(&self, text: &str) -> String {
        self.all_secrets().fold(text.to_owned(), |text, secret| masked(&text, secret))
    }

    fn all_secrets(&self) -> impl Iterator<Item = &str> {
        let tokens = self.signed.iter().filter_map(|signed| signed.security_token.as_deref());
        let signatures = self.signed.iter().filter_map(|signed| signed.signature.as_ref());
        self.secrets.iter().chain(tokens).chain(signatures).map(String::as_str)
    }
}

/// What a request was signed with.
pub(super) struct Signed {
    pub(super) string_to_sign: String,
    pub(super) security_token: Option<Zeroizing<String>>,
    /// Good for as long as the service takes the time of the request. None for a form, of which it is a
    /// field.
    pub(super) signature: Option<String>,
    /// Which credentials it was.
    pub(super) generation: u64,
}

impl Signed {
    /// A request with an `Authorization` header.
    pub(super) fn with_header(signature: Signature, signer: &Signer<'_>) -> Self {
        let Signature { signature, string_to_sign, .. } = signature;
        Self { signature: Some(signature), ..Self::form(string_to_sign, signer) }
    }

    pub(super) fn form(string_to_sign: String, signer: &Signer<'_>) -> Self {
        Self {
            string_to_sign,
            security_token: signer.token().map(|token| Zeroizing::new(token.to_owned())),
            signature: None,
            generation: signer.lease().generation(),
        }
    }
}

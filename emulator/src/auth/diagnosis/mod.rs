//! Why a signature does not match: the usual mistakes of signers, each tried in turn. Those who write
//! a client see from that what to change; the answer of the service says no more than always.

mod secrets;
mod v1;
mod v4;

use super::authorization::{Authorization, Method};
use super::check::{Authority, date_line};
use super::request::SignedRequest;
use super::v4::Scope;
use crate::records::SignatureMismatch;

/// Headers, and parameters, that are tried one by one. Each costs a digest of the whole head.
const MAX_TRIED: usize = 50;
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "HEAD", "DELETE"];
const UNKNOWN: &str = "None of the usual mistakes gives this signature. \
                       Probably the secret is another than that of the emulator.";

/// A mistake, and the text that was signed with it.
struct Mistake {
    cause: String,
    signed: Vec<u8>,
}

impl Mistake {
    fn new(cause: impl Into<String>, signed: Vec<u8>) -> Mistake {
        Mistake { cause: cause.into(), signed }
    }
}

/// What signs, and what has to come out.
struct Puzzle<'a> {
    /// What the emulator signs.
    right: Vec<u8>,
    given: &'a str,
    access_key_id: &'a str,
    authority: Authority<'a>,
}

impl Puzzle<'_> {
    /// Looks for the mistake: in the text, in the way the signature is written, in the secret.
    fn solve(
        self,
        mistakes: Vec<Mistake>,
        sign: impl Fn(&str, &[u8]) -> String,
    ) -> Option<SignatureMismatch> {
        let mut keys = self.authority.access_keys.iter();
        let secret = &keys.find(|key| key.id == self.access_key_id)?.secret;
        let expected = sign(secret, &self.right);
        let mistake = mistakes.into_iter().find(|m| sign(secret, &m.signed) == self.given);
        let signed_by_client = mistake.as_ref().map(|mistake| text(&mistake.signed));
        let cause = if let Some(mistake) = mistake {
            mistake.cause
        } else if let Some(cause) = secrets::misspelt(self.given, &expected) {
            cause.to_owned()
        } else {
            let others = secrets::others(self.access_key_id, secret, self.authority.access_keys);
            let other = others.into_iter().find(|(_, s)| sign(s, &self.right) == self.given);
            other.map_or_else(|| UNKNOWN.to_owned(), |(cause, _)| cause)
        };
        Some(SignatureMismatch {
            signed: text(&self.right),
            string_to_sign: None,
            cause,
            signed_by_client,
        })
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Explains the mismatch of a request. `None` if it could not even be compared.
pub(crate) fn diagnose(
    request: &SignedRequest<'_>,
    authorization: &Authorization,
    authority: Authority<'_>,
) -> Option<SignatureMismatch> {
    let date = date_line(request, authorization, authority.now).ok()?;
    let access_key_id = authorization.access_key_id.as_str();
    let puzzle =
        |right| Puzzle { right, given: &authorization.signature, access_key_id, authority };
    match &authorization.method {
        Method::V1 => {
            let right = super::v1::Canonical::of(request, &date);
            let mistakes = v1::mistakes(request, &right);
            puzzle(right.text()).solve(mistakes, super::v1::signature)
        }
        Method::V4 { scope, additional_headers } => {
            let right = super::v4::Canonical::of(request, additional_headers);
            let canonical = right.text();
            let sign = |secret: &str, text: &[u8]| v4::signature(secret, scope, &date, text);
            let mut found = puzzle(canonical.clone()).solve(v4::mistakes(request, &right), sign)?;
            if found.cause == UNKNOWN
                && let Some(cause) = of_key(authorization, scope, &date, &canonical, authority)
            {
                found.cause = cause;
            }
            let string_to_sign = super::v4::string_to_sign(&date, scope, &canonical);
            Some(SignatureMismatch { string_to_sign: Some(string_to_sign), ..found })
        }
    }
}

/// A mistake in the derivation of the signing key.
fn of_key(
    authorization: &Authorization,
    scope: &Scope,
    date: &str,
    canonical: &[u8],
    authority: Authority<'_>,
) -> Option<String> {
    let mut keys = authority.access_keys.iter();
    let secret = &keys.find(|key| key.id == authorization.access_key_id)?.secret;
    let mut mistakes = v4::key_mistakes(secret, scope, date, canonical).into_iter();
    mistakes.find(|(_, s)| *s == authorization.signature).map(|(cause, _)| cause)
}

/// Explains the mismatch of a form.
pub(super) fn of_form(
    policy: &str,
    given: &str,
    access_key_id: &str,
    authority: Authority<'_>,
    sign: impl Fn(&str, &[u8]) -> String,
) -> Option<SignatureMismatch> {
    let decoded = secrets::from_base64(policy);
    let mistakes = decoded.map(|json| {
        let cause = "The policy was signed as JSON; what is signed is its Base64 text.";
        Mistake::new(cause, json)
    });
    let right = policy.as_bytes().to_owned();
    let puzzle = Puzzle { right, given, access_key_id, authority };
    puzzle.solve(mistakes.into_iter().collect(), sign)
}

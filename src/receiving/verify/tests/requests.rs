//! Requests that take a genuine signature for something else.

use super::super::{Verifier, test_callback};
use crate::error::Error;
use crate::receiving::{ReceivedRequest, VerifierConfig};

/// What becomes of a request with the signature of another one.
fn error(signed: (&str, &[u8]), target: &str, body: &[u8]) -> Option<Error> {
    let config = VerifierConfig { accept_test_key: true, ..VerifierConfig::default() };
    let headers = test_callback(signed.0, signed.1).unwrap();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let request = ReceivedRequest { method: "POST", target, headers: &headers, body };
    Verifier::new(config).unwrap().check(&request).err().map(|refused| refused.error)
}

#[test]
fn a_line_of_the_body_cannot_move_into_the_path() {
    let signed: (&str, &[u8]) = ("/cb", b"object=a\nobject=b");
    assert!(error(signed, signed.0, signed.1).is_none());
    for target in ["/cb%0Aobject=a", "/cb%0aobject=a"] {
        assert!(error(signed, target, b"object=b").is_some(), "{target}");
    }
}

#[test]
fn only_short_bodies_are_searched_for_mistakes() {
    for (blanks, is_found) in [(1, true), (1 << 20, false)] {
        let body = format!("{{\"a\":{}1}}", " ".repeat(blanks));
        let error = error(("/cb", b"{\"a\":1}"), "/cb", body.as_bytes()).unwrap();
        assert_eq!(error.message().contains("in another form"), is_found, "{blanks}");
    }
}

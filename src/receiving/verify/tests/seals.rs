//! Seals in callbacks.

use super::super::{Verifier, test_callback};
use crate::error::Status;
use crate::receiving::{ReceivedRequest, Refused, VerifierConfig};
use crate::seal::{NONCE_LEN, Seal, SealKey};

const CAMERA: (&str, &str) = ("camera-1", "a secret of 25 characters");
const OTHER: (&str, &str) = ("camera-2", "another secret, as long as");
const NOW: u64 = 1_800_000_000;

fn verifier(max_seals: usize) -> Verifier {
    Verifier::new(VerifierConfig {
        seal_keys: &[OTHER, CAMERA],
        accept_test_key: true,
        max_seals,
        ..VerifierConfig::default()
    })
    .unwrap()
}

fn seal((id, secret): (&str, &str), nonce: u8, expires_at: u64, key: &str) -> String {
    SealKey { id, secret }.seal(&Seal { nonce: [nonce; NONCE_LEN], expires_at }, "bucket", key)
}

fn verdict(verifier: &Verifier, body: &str, bucket: &str) -> Result<(), Refused> {
    let signed = test_callback("/cb", body.as_bytes()).unwrap();
    let mut headers: Vec<_> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    headers.push(("content-type", "application/x-www-form-urlencoded"));
    headers.push(("x-oss-bucket", bucket));
    let body = body.as_bytes();
    verifier
        .check_at(&ReceivedRequest { method: "POST", target: "/cb", headers: &headers, body }, NOW)
        .map(|callback| assert_eq!(callback.field("object"), Some("a/b.jpg")))
}

#[test]
fn a_seal_must_be_genuine_and_of_this_object() {
    let verifier = verifier(0);
    let good = seal(CAMERA, 1, NOW + 1, "a/b.jpg");
    let body = |seal: &str| format!("object=a%2Fb.jpg&seal={seal}");
    verdict(&verifier, &body(&good), "bucket").unwrap();
    let (id, rest) = good.split_once(".camera-1.").unwrap();
    for (what, body, bucket, expected) in [
        ("no seal", "object=a%2Fb.jpg".to_owned(), "bucket", Status::SealWrong),
        ("no object", format!("seal={good}"), "bucket", Status::SealWrong),
        ("empty", body(""), "bucket", Status::SealWrong),
        ("other object", format!("object=c.jpg&seal={good}"), "bucket", Status::SealWrong),
        ("other bucket", body(&good), "buckets", Status::SealWrong),
        (
            "unknown key",
            body(&seal(("camera-3", CAMERA.1), 2, NOW + 9, "a/b.jpg")),
            "bucket",
            Status::SealWrong,
        ),
        ("key of another", body(&format!("{id}.camera-2.{rest}")), "bucket", Status::SealWrong),
        (
            "later expiry",
            body(&good.replace(&(NOW + 1).to_string(), &(NOW + 9).to_string())),
            "bucket",
            Status::SealWrong,
        ),
        ("expired", body(&seal(CAMERA, 3, NOW, "a/b.jpg")), "bucket", Status::TooOld),
        ("again", body(&good), "bucket", Status::Replayed),
    ] {
        let refused = verdict(&verifier, &body, bucket).unwrap_err();
        assert_eq!(refused.error.status(), expected, "{what}: {}", refused.error.message());
        assert_eq!(refused.callback.is_some(), expected == Status::Replayed, "{what}");
    }
    verdict(&verifier, &body(&seal(OTHER, 1, NOW + 9, "a/b.jpg")), "bucket").unwrap();
}

#[test]
fn a_wrong_signature_does_not_use_a_seal_up() {
    let verifier = verifier(0);
    let body = format!("object=a%2Fb.jpg&seal={}", seal(CAMERA, 1, NOW + 1, "a/b.jpg"));
    let headers = [("authorization", "AAAA"), ("x-oss-pub-key-url", "AAAA")];
    let forged =
        ReceivedRequest { method: "POST", target: "/cb", headers: &headers, body: body.as_bytes() };
    verifier.check_at(&forged, NOW).unwrap_err();
    verdict(&verifier, &body, "bucket").unwrap();
}

#[test]
fn what_is_forgotten_is_refused() {
    let verifier = verifier(1);
    let body = |nonce, expires_at| {
        format!("object=a%2Fb.jpg&seal={}", seal(CAMERA, nonce, expires_at, "a/b.jpg"))
    };
    verdict(&verifier, &body(1, NOW + 10), "bucket").unwrap();
    verdict(&verifier, &body(2, NOW + 20), "bucket").unwrap();
    let refused = verdict(&verifier, &body(1, NOW + 10), "bucket").unwrap_err();
    assert_eq!(refused.error.status(), Status::TooOld);
    assert!(refused.error.message().contains("max_seals"), "{}", refused.error.message());
}

#[test]
fn whoever_makes_many_seals_spoils_only_his_own() {
    let verifier = verifier(4);
    let body = |key, nonce, expires_at| {
        format!("object=a%2Fb.jpg&seal={}", seal(key, nonce, expires_at, "a/b.jpg"))
    };
    for nonce in 0..9 {
        verdict(&verifier, &body(OTHER, nonce, u64::MAX - 9 + u64::from(nonce)), "bucket").unwrap();
    }
    for nonce in 0..2 {
        let seal = body(CAMERA, nonce, NOW + 9 - u64::from(nonce));
        verdict(&verifier, &seal, "bucket").unwrap();
        let again = verdict(&verifier, &seal, "bucket").unwrap_err();
        assert_eq!(again.error.status(), Status::Replayed);
    }
    let forgotten = verdict(&verifier, &body(OTHER, 0, u64::MAX - 9), "bucket").unwrap_err();
    assert_eq!(forgotten.error.status(), Status::TooOld);
}

#[test]
fn two_secrets_cannot_have_one_name() {
    let seal_keys = &[CAMERA, OTHER, (CAMERA.0, OTHER.1)];
    let error =
        Verifier::new(VerifierConfig { seal_keys, ..VerifierConfig::default() }).unwrap_err();
    assert_eq!(error.field(), Some("seal_keys[2].name"));
}

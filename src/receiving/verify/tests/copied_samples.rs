//! The faults of receivers that people copy: what each of them lets in, or keeps out, and what happens here.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use percent_encoding::percent_decode_str;

use super::super::rsa::PublicKey;
use super::super::{Verifier, test_key};
use crate::error::Status;
use crate::receiving::{ReceivedRequest, VerifierConfig};

const SERVICE_URL: &str = "https://gosspublic.alicdn.com/callback_pub_key_v1.pem";
const BODY: &str = "{\"object\":\"a\",\"size\":1}";

/// A request that was signed with the test key, which stands for that of OSS, or for that of an attacker.
#[derive(Clone)]
struct Callback {
    target: &'static str,
    body: String,
    signature: String,
    key_url: String,
}

impl Callback {
    fn signed(target: &'static str, key_url: &str) -> Self {
        let signed = test_key::test_callback(target, BODY.as_bytes()).unwrap();
        let (signature, key_url) = (signed[0].1.clone(), key_url.to_owned());
        Self { target, body: BODY.to_owned(), signature, key_url }
    }

    /// The same signature at another place.
    fn sent_to(self, target: &'static str) -> Self {
        Self { target, ..self }
    }

    fn is_signed_text(&self, text: &str) -> bool {
        let digest: [u8; 16] = Md5::digest(text).into();
        let key = PublicKey::from_pem(test_key::PUBLIC_PEM.as_bytes()).unwrap();
        key.signed_digest(&BASE64.decode(&self.signature).unwrap()) == Some(digest)
    }

    fn verdict(&self, verifier: &Verifier) -> Option<Status> {
        let key_url = BASE64.encode(&self.key_url);
        let headers = [("authorization", self.signature.as_str()), ("x-oss-pub-key-url", &key_url)];
        let body = self.body.as_bytes();
        let request =
            ReceivedRequest { method: "POST", target: self.target, headers: &headers, body };
        verifier.check(&request).err().map(|refused| refused.error.status())
    }
}

/// Takes the test key for that of OSS.
fn verifier() -> Verifier {
    Verifier::new(VerifierConfig { accept_test_key: true, ..VerifierConfig::default() }).unwrap()
}

fn once(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

/// Fault 1: The host of the key's URL is not looked at: everybody signs with a key of their own.
#[test]
fn key_of_the_attacker() {
    let forged = Callback::signed("/cb", "https://evil.example/key.pem");
    let sample = |callback: &Callback| {
        // Fetches whatever the header says, which is the attacker's key.
        callback.is_signed_text(&format!("{}\n{}", callback.target, callback.body))
    };
    assert!(sample(&forged));
    assert_eq!(forged.verdict(&verifier()), Some(Status::KeyUrlRefused));
}

/// Fault 2: What a parser made of the body is checked, and not the body: others read the rest differently.
#[test]
fn parsed_body() {
    let mut changed = Callback::signed("/cb", test_key::URL);
    changed.body = "{\"size\":1000000, \"object\":\"a\", \"size\":1}".to_owned();
    let sample = |callback: &Callback| {
        let parsed: serde_json::Value = serde_json::from_str(&callback.body).unwrap();
        callback.is_signed_text(&format!("{}\n{parsed}", callback.target))
    };
    assert!(sample(&changed));
    assert_eq!(changed.verdict(&verifier()), Some(Status::SignatureWrong));
}

/// Fault 3: One key is kept for all URLs: after OSS has changed its key, no callback is accepted any more.
#[test]
fn one_key_for_all_urls() {
    let kept = PublicKey::from_pem(super::super::key_urls::SERVICE_KEY).unwrap();
    let new_url = "https://gosspublic.alicdn.com/callback_pub_key_v2.pem";
    let genuine = Callback::signed("/cb", new_url);
    let sample = |callback: &Callback| {
        kept.signed_digest(&BASE64.decode(&callback.signature).unwrap()).is_some()
    };
    assert!(!sample(&genuine));
    let by_url = Verifier::new(VerifierConfig {
        fetch: Some(Box::new(move |url| {
            assert_eq!(url, new_url);
            Ok(test_key::PUBLIC_PEM.into())
        })),
        ..VerifierConfig::default()
    });
    assert_eq!(genuine.verdict(&by_url.unwrap()), None);
}

/// Fault 4: Redirections are followed: who can answer for the allowed host, or finds a page of it that redirects,
/// gives a key of his own.
#[test]
fn redirection_to_the_attacker() {
    let allowed = TcpListener::bind("127.0.0.1:0").unwrap();
    let attacker = TcpListener::bind("127.0.0.1:0").unwrap();
    attacker.set_nonblocking(true).unwrap();
    let elsewhere = format!("http://{}/key.pem", attacker.local_addr().unwrap());
    let prefix = format!("http://{}/", allowed.local_addr().unwrap());
    let forged = Callback::signed("/cb", &format!("{prefix}key.pem"));
    let verifier = Verifier::new(VerifierConfig {
        key_urls: &[&prefix],
        proxy: Some(String::new()),
        ..VerifierConfig::default()
    })
    .unwrap();
    let answer =
        format!("HTTP/1.1 302 Found\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = allowed.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        assert_eq!(forged.verdict(&verifier), Some(Status::KeyUnavailable));
    });
    // A sample would have come here, for a key that has signed it.
    assert!(attacker.accept().is_err());
    assert!(forged.is_signed_text(&format!("/cb\n{BODY}")));
}

/// Fault 5: The path is decoded twice: what was signed for one address is accepted at another.
#[test]
fn path_decoded_twice() {
    let moved = Callback::signed("/shop%2F7", test_key::URL).sent_to("/shop%252F7");
    let sample = |callback: &Callback| {
        callback.is_signed_text(&format!("{}\n{}", once(&once(callback.target)), callback.body))
    };
    assert!(sample(&moved));
    assert_eq!(moved.verdict(&verifier()), Some(Status::SignatureWrong));
}

/// Fault 6: A plus is taken for a blank: the same, and what OSS has signed is refused.
#[test]
fn plus_taken_for_a_blank() {
    let sample = |callback: &Callback| {
        let path = once(&callback.target.replace('+', " "));
        callback.is_signed_text(&format!("{path}\n{}", callback.body))
    };
    let moved = Callback::signed("/a%20b", test_key::URL).sent_to("/a+b");
    assert!(sample(&moved));
    assert_eq!(moved.verdict(&verifier()), Some(Status::SignatureWrong));
    let genuine = Callback::signed("/a+b", test_key::URL);
    assert!(!sample(&genuine));
    assert_eq!(genuine.verdict(&verifier()), None);
}

/// Fault 7: An HMAC with the access key is expected in the place of the signature: who has the key of a camera
/// calls back for all others, and OSS cannot.
#[test]
fn hmac_in_place_of_rsa() {
    let hmac = |callback: &Callback| {
        let mut mac = Hmac::<sha1::Sha1>::new_from_slice(b"secret of a camera").unwrap();
        mac.update(format!("{}\n{}", callback.target, callback.body).as_bytes());
        BASE64.encode(mac.finalize().into_bytes())
    };
    let sample = |callback: &Callback| callback.signature == hmac(callback);
    let genuine = Callback::signed("/cb", test_key::URL);
    let forged =
        Callback { signature: hmac(&genuine), key_url: SERVICE_URL.to_owned(), ..genuine.clone() };
    assert!(sample(&forged) && !sample(&genuine));
    assert_eq!(forged.verdict(&verifier()), Some(Status::SignatureWrong));
    assert_eq!(genuine.verdict(&verifier()), None);
}

//! tests/vectors/received_callbacks.json: requests, and the verdict that each of them must get.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use proptest::prelude::*;
use serde::Deserialize;

use super::super::Verifier;
use crate::error::Status;
use crate::receiving::{NotFetched, ReceivedCallback, ReceivedRequest, Refused, VerifierConfig};

const FILE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/received_callbacks.json"));

#[derive(Deserialize)]
struct File {
    /// What is behind the URLs of keys: the first answer, and what is there later.
    keys: BTreeMap<String, Vec<String>>,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    verdict: String,
    #[serde(default = "post")]
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: String,
    body_base64: Option<String>,
    message_has: Option<String>,
    fields: Option<HashMap<String, String>>,
}

fn post() -> String {
    "POST".to_owned()
}

impl Vector {
    fn body(&self) -> Vec<u8> {
        match &self.body_base64 {
            Some(text) => BASE64.decode(text).unwrap(),
            None => self.body.clone().into_bytes(),
        }
    }

    fn check(&self, verifier: &Verifier) -> Result<ReceivedCallback, Refused> {
        let (headers, body) = (self.headers(), self.body());
        let target = &self.target;
        verifier.check(&ReceivedRequest {
            method: &self.method,
            target,
            headers: &headers,
            body: &body,
        })
    }

    fn headers(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

fn file() -> File {
    serde_json::from_str(FILE).unwrap()
}

fn verifier(keys: BTreeMap<String, Vec<String>>) -> Verifier {
    let asked = Mutex::new(HashMap::new());
    let fetch = move |url: &str| {
        let missing = || NotFetched::NoKey("no such key".to_owned());
        let answers = keys.get(url).ok_or_else(missing)?;
        let mut asked = asked.lock().unwrap();
        let count: &mut usize = asked.entry(url.to_owned()).or_default();
        *count += 1;
        Ok(answers[(*count - 1).min(answers.len() - 1)].clone().into_bytes())
    };
    Verifier::new(VerifierConfig {
        key_urls: &["http://keys.test/"],
        fetch: Some(Box::new(fetch)),
        accept_test_key: true,
        ..VerifierConfig::default()
    })
    .unwrap()
}

#[test]
fn every_vector_gets_its_verdict() {
    let file = file();
    let verifier = verifier(file.keys);
    assert!(file.vectors.len() >= 40);
    for vector in &file.vectors {
        let name = &vector.name;
        match vector.check(&verifier) {
            Ok(callback) => {
                assert_eq!(vector.verdict, "OK", "{name}");
                for (field, value) in vector.fields.iter().flatten() {
                    assert_eq!(callback.field(field), Some(value.as_str()), "{name}");
                }
                if vector.fields.as_ref().is_some_and(HashMap::is_empty) {
                    assert_eq!(callback.fields(), [], "{name}");
                }
            }
            Err(refused) => {
                let message = refused.error.message();
                assert_eq!(
                    verdict_name(refused.error.status()),
                    vector.verdict,
                    "{name}: {message}"
                );
                let part = vector.message_has.as_deref().unwrap_or_default();
                assert!(message.contains(part), "{name}: {message}");
                assert!(refused.callback.is_none(), "{name}");
            }
        }
    }
}

fn verdict_name(status: Status) -> &'static str {
    match status {
        Status::NotSigned => "NOT_SIGNED",
        Status::KeyUrlRefused => "KEY_URL_REFUSED",
        Status::KeyUnavailable => "KEY_UNAVAILABLE",
        Status::SignatureWrong => "SIGNATURE_WRONG",
        Status::Malformed => "MALFORMED",
        other => panic!("{other:?} is no verdict on a vector"),
    }
}

/// What is covered by a signature, and all that it rests on, with one byte changed, put in or left out.
fn mutated(vector: &Vector, part: usize, at: usize, byte: u8, kind: usize) -> Option<Vector> {
    let change = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        match kind {
            0 => bytes.insert(at % (bytes.len() + 1), byte),
            _ if bytes.is_empty() => return None,
            1 => drop(bytes.remove(at % bytes.len())),
            _ => {
                let place = at % bytes.len();
                bytes[place] = byte;
            }
        }
        Some(bytes)
    };
    let text = |text: &str| String::from_utf8(change(text.as_bytes())?).ok();
    let mut mutant = Vector {
        name: vector.name.clone(),
        verdict: vector.verdict.clone(),
        method: vector.method.clone(),
        target: vector.target.clone(),
        headers: vector.headers.clone(),
        body: vector.body.clone(),
        body_base64: Some(BASE64.encode(vector.body())),
        message_has: None,
        fields: None,
    };
    match part {
        0 => mutant.target = text(&vector.target)?,
        1 => mutant.body_base64 = Some(BASE64.encode(change(&vector.body())?)),
        part => mutant.headers[part % 2].1 = text(&vector.headers[part % 2].1)?,
    }
    let digest =
        |vector: &Vector| super::super::signed_text::digest(&vector.target, &vector.body());
    let signature_is_same = mutant.headers[0].1.trim() == vector.headers[0].1.trim();
    let url_is_same = mutant.headers[1].1.trim() == vector.headers[1].1.trim();
    let is_same = digest(&mutant) == digest(vector) && signature_is_same && url_is_same;
    (!is_same).then_some(mutant)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn no_mutation_of_a_good_one_is_valid(
        vector in 0usize..3,
        part in 0usize..4,
        at in any::<usize>(),
        byte in any::<u8>(),
        kind in 0usize..3,
    ) {
        let file = GOOD.with(|file| file.clone());
        let vector = &file.0[vector];
        if let Some(mutant) = mutated(vector, part, at, byte, kind) {
            prop_assert!(mutant.check(&file.1).is_err(), "{:?} {:?}", mutant.target, mutant.headers);
        }
    }
}

thread_local! {
    /// The real ones, and a verifier for them.
    static GOOD: std::rc::Rc<(Vec<Vector>, Verifier)> = {
        let file = file();
        let good = file.vectors.into_iter().filter(|v| v.name.starts_with("real")).collect();
        std::rc::Rc::new((good, verifier(BTreeMap::new())))
    };
}

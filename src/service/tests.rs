//! Random requests that the vendor's SDKs have signed, as they would send them: what this library makes of
//! the same requests is equal. tests/interop/signatures/ makes the vectors.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde::Deserialize;

use super::*;
use crate::credentials::Credentials;
use crate::endpoint::EndpointOptions;

#[derive(Deserialize)]
struct Vector {
    sdk: String,
    version: u8,
    place: Place,
    method: String,
    bucket: String,
    key: String,
    token: Option<String>,
    time: u64,
    seconds: u64,
    sub_resources: BTreeMap<String, String>,
    /// The other parameters.
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    additional: Vec<String>,
    /// The header Authorization, or the URL.
    signed: String,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Place {
    Header,
    Url,
}

impl Vector {
    /// What this library makes of the request.
    fn signed_here(&self) -> String {
        let service = self.service();
        let lease = service.credentials.get(&Wait::default()).unwrap();
        let signer = Signer::new(&service, lease, Timestamp(self.time));
        let query = self.sub_resources.iter().chain(&self.query);
        let query: Vec<_> = query.map(|(name, value)| (&**name, &**value)).collect();
        let additional: Vec<&str> = self.additional.iter().map(String::as_str).collect();
        let mut operation = Operation {
            method: &self.method,
            bucket: &self.bucket,
            key: &self.key,
            query: &query,
            headers: self.headers(),
        };
        match self.place {
            Place::Url => signer.presign(&operation, &additional, self.seconds),
            Place::Header => signer.sign_with(&mut operation, &additional).authorization,
        }
    }

    fn service(&self) -> Service {
        let signature_version = match self.version {
            1 => SignatureVersion::V1,
            4 => SignatureVersion::V4,
            other => panic!("signature version {other}"),
        };
        let options = EndpointOptions { plain_http: true, ..EndpointOptions::default() };
        let endpoint = Endpoint::new(None, Some("cn-hangzhou"), options).unwrap();
        let credentials = Credentials::new("ak", "sk", self.token.as_deref()).unwrap();
        let tls = TlsOptions::default();
        Service::new(endpoint, credentials.into(), signature_version, None, &tls).unwrap()
    }

    fn headers(&self) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in &self.headers {
            headers.add(name.clone(), value);
        }
        if self.has_date_of_its_own() {
            headers.add("x-oss-date", Timestamp(self.time).http_date());
        }
        headers
    }

    /// With version 1 ali-oss sends no `Date`, but `x-oss-date`.
    fn has_date_of_its_own(&self) -> bool {
        (&*self.sdk, self.version, self.place) == ("ali-oss", 1, Place::Header)
    }

    /// The forms differ where no signature and no service sees it: each SDK has parameters of a URL in
    /// an order of its own, oss2 puts blanks between the parts of the header, and ali-oss encodes other letters.
    fn form_of(&self, text: &str) -> Vec<String> {
        let (first, separator) = match self.place {
            Place::Header => (' ', ','),
            Place::Url => ('?', '&'),
        };
        let (head, rest) = text.split_once(first).unwrap_or((text, ""));
        let mut parts: Vec<String> =
            rest.split(separator).map(|part| self.form_of_part(part)).collect();
        parts.sort_unstable();
        parts.insert(0, self.form_of_part(head));
        parts
    }

    fn form_of_part(&self, part: &str) -> String {
        match (&*self.sdk, self.place) {
            ("ali-oss", Place::Url) => {
                let part = part.strip_suffix('=').unwrap_or(part);
                percent_decode_str(part).decode_utf8().unwrap().into_owned()
            }
            _ => part.trim().to_owned(),
        }
    }
}

fn vectors() -> Vec<Vector> {
    let root = env!("CARGO_MANIFEST_DIR");
    let path = std::env::var("OSSBIND_TEST_SIGNATURES")
        .unwrap_or_else(|_| format!("{root}/tests/vectors/sdk_signatures.jsonl"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn signatures_are_those_of_the_sdks() {
    let vectors = vectors();
    assert!(vectors.len() >= 500, "{} vectors", vectors.len());
    for vector in &vectors {
        let here = vector.signed_here();
        let request = (
            &vector.sdk,
            vector.version,
            vector.place,
            &vector.method,
            &vector.key,
            &vector.sub_resources,
        );
        assert_eq!(vector.form_of(&here), vector.form_of(&vector.signed), "{request:?}");
    }
}

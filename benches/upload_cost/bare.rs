//! Signature V4 of the library beside the SHA-256 and HMAC of the same bytes alone, as programs of
//! their own that only do one of the two.

use hmac::{Hmac, KeyInit as _, Mac as _};
use ossbind::signing::SignableRequest;
use ossbind::signing::v4::{self, Scope, SigningKey};
use ossbind::time::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::clients::SECRET;

/// The request that was signed, taken apart.
struct Signed<'a> {
    path: &'a str,
    /// Lowercase names, without the signature.
    headers: Vec<(String, &'a str)>,
    access_key_id: &'a str,
    scope: Scope,
    time: Timestamp,
    authorization: &'a str,
}

/// Signs the request of a head `repeats` times.
pub fn sign(head: &str, repeats: u64) {
    let signed = take_apart(head);
    let key = SigningKey::derive(SECRET, &signed.scope);
    let headers: Vec<_> =
        signed.headers.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let (bucket, object) = signed.path[1..].split_once('/').expect("a bucket and a key");
    let request = SignableRequest {
        method: "PUT",
        bucket: Some(bucket),
        key: Some(object),
        query: &[],
        headers: &headers,
    };
    for _ in 0..repeats {
        let id = signed.access_key_id;
        let signature = v4::sign(&request, id, &key, &signed.scope, signed.time, &[]);
        assert_eq!(signature.authorization, signed.authorization);
    }
}

/// Computes what that signature is made of, with all texts ready.
pub fn hash(head: &str, repeats: u64) {
    let signed = take_apart(head);
    let mut headers = signed.headers.clone();
    headers.retain(|(name, _)| name == "content-type" || name.starts_with("x-oss-"));
    headers.sort_unstable();
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let canonical = format!("PUT\n{}\n\n{lines}\n\nUNSIGNED-PAYLOAD", signed.path);
    let Scope { date, region, product } = &signed.scope;
    let scope = format!("{date}/{region}/{product}/aliyun_v4_request");
    let time = signed.time.iso_basic();
    let digest = hex(&Sha256::digest(&canonical));
    let text = format!("OSS4-HMAC-SHA256\n{time}\n{scope}\n{digest}");
    let parts = [date.as_str(), region, product, "aliyun_v4_request"];
    let first = format!("aliyun_v4{SECRET}").into_bytes();
    let key = parts.iter().fold(first, |key, part| hmac(&key, part.as_bytes()).to_vec());
    for _ in 0..repeats {
        std::hint::black_box(Sha256::digest(&canonical));
        std::hint::black_box(hmac(&key, text.as_bytes()));
    }
    // It was the same bytes.
    assert!(signed.authorization.ends_with(&hex(&hmac(&key, text.as_bytes()))));
}

fn take_apart(head: &str) -> Signed<'_> {
    let mut lines = head.lines();
    let path = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a request line");
    let pairs = lines.filter_map(|line| line.split_once(": "));
    let mut headers: Vec<_> =
        pairs.map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let value = |wanted: &str| {
        let found = headers.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| *value).expect("a signed request has it")
    };
    let authorization = value("authorization");
    let time = parse_time(value("x-oss-date")).expect("the library wrote it");
    headers.retain(|(name, _)| name != "authorization");
    let credential = authorization.split("Credential=").nth(1).expect("it begins so");
    let mut parts = credential.split(['/', ',']);
    let mut part = || parts.next().expect("a credential has five parts");
    let access_key_id = part();
    let scope =
        Scope { date: part().to_owned(), region: part().to_owned(), product: part().to_owned() };
    Signed { path, headers, access_key_id, scope, time, authorization }
}

/// `20260730T072057Z`.
fn parse_time(text: &str) -> Option<Timestamp> {
    let part = |range| text.get(range);
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    let (hour, minute, second) = (part(9..11)?, part(11..13)?, part(13..15)?);
    Timestamp::parse_iso(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

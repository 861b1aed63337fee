//! What holds for every input, tried with random ones. The local OSS, which shares no code with the
//! library, is the judge.
//!
//! A few cases by default; `PROPTEST_CASES=10000 cargo test --test properties` tries more.

mod support;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use ossbind::callback::BodyType;
use ossbind::signed::{SignHeadersRequest, SignUrlRequest, Signed};
use ossbind::signing::SignatureVersion;
use ossbind::{Body, Callback, Client, ClientConfig, UploadRequest};
use ossbind_emulator::{Operation, SignatureVersion as Verified};
use percent_encoding::percent_decode_str;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::Config;
use support::local_oss::{BUCKET, LocalOss};
use support::native::out_dir;
use support::plain_http;

fn few(cases: u32) -> Config {
    let cases = match std::env::var_os("PROPTEST_CASES") {
        Some(_) => Config::default().cases,
        None => cases,
    };
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// Any text, with more of what is encoded, escaped or split at somewhere.
fn text(most: usize) -> impl Strategy<Value = String> {
    let odd: Vec<char> =
        " +%/?&=;#'\"()*~._-!:@$,{}[]<>\\\n\t\0\u{7f}中é\u{10ffff}".chars().collect();
    let character =
        prop_oneof![3 => select(odd), 2 => any::<char>(), 2 => prop::char::range('a', 'z')];
    vec(character, 0..most).prop_map(String::from_iter)
}

/// What a header can have as its value.
fn header_value() -> impl Strategy<Value = String> {
    "[!-~]( {0,2}[!-~é中]){0,20}"
}

fn key() -> impl Strategy<Value = String> {
    let is_key = |key: &String| !key.is_empty() && !key.starts_with(['/', '\\']);
    text(40).prop_filter("no name of an object", is_key)
}

/// Parameters that mean something to the service, and others.
fn query() -> impl Strategy<Value = Vec<(String, String)>> {
    const KNOWN: [&str; 7] =
        ["acl", "uploads", "uploadId", "partNumber", "versionId", "response-expires", "a"];
    let name = prop_oneof![select(&KNOWN[..]).prop_map(str::to_owned), text(8)];
    vec((name, text(12)), 0..5)
}

/// Headers, and which of them V4 shall sign though it need not.
fn headers() -> impl Strategy<Value = (Vec<(String, String)>, Vec<&'static str>)> {
    const KNOWN: [&str; 5] =
        ["x-oss-meta-b", "X-Oss-Meta-a", "x-oss-storage-class", "Content-Type", "Cache-Control"];
    let names = subsequence(&KNOWN[..], 0..=KNOWN.len()).prop_shuffle();
    let pairs = names.prop_flat_map(|names| {
        let count = names.len();
        vec(header_value(), count).prop_map(move |values| {
            names.iter().map(|name| (*name).to_owned()).zip(values).collect::<Vec<_>>()
        })
    });
    pairs.prop_flat_map(|pairs| {
        let may_be_signed = match pairs.iter().any(|(name, _)| name == "Cache-Control") {
            true => vec!["host", "cache-control"],
            false => vec!["host"],
        };
        let count = may_be_signed.len();
        (Just(pairs), subsequence(may_be_signed, 0..=count))
    })
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

struct Judge {
    oss: LocalOss,
    v4: Client,
    v1: Client,
}

impl Judge {
    fn start() -> Self {
        let oss = LocalOss::start();
        let with = |signature_version| {
            Client::new(ClientConfig { signature_version, ..oss.config() }).unwrap()
        };
        let (v4, v1) = (with(SignatureVersion::V4), with(SignatureVersion::V1));
        Self { oss, v4, v1 }
    }

    /// The signature that the service found right, and the name of the object that it read.
    fn verify(&self, signed: &Signed) -> (Option<Verified>, Option<String>, String) {
        let mut headers = signed.pairs().to_vec();
        // It is sent in any case.
        headers.retain(|(name, _)| name != "host");
        let answer = plain_http::send(signed.method(), signed.url(), &headers, b"");
        let record = self.oss.emulator.requests().pop().expect("a request has arrived");
        (record.signature_version, record.key, answer.body)
    }
}

proptest! {
    #![proptest_config(few(64))]

    /// Canonical method, name, query and headers are the same on both sides, whatever they have.
    #[test]
    fn the_service_finds_signed_headers_right(
        method in select(&["GET", "PUT", "POST", "DELETE"][..]),
        key in key(),
        query in query(),
        (headers, additional) in headers(),
    ) {
        static JUDGE: LazyLock<Judge> = LazyLock::new(Judge::start);
        let (query, headers) = (borrowed(&query), borrowed(&headers));
        let request = SignHeadersRequest {
            method,
            bucket: Some(BUCKET),
            key: Some(&key),
            query: &query,
            headers: &headers,
            additional_headers: &[],
        };
        let signed = JUDGE.v1.sign_headers(&request);
        prop_assume!(signed.is_ok(), "{}", signed.unwrap_err());
        let (version, read, answer) = JUDGE.verify(&signed.unwrap());
        prop_assert_eq!(version, Some(Verified::V1), "{}", answer);
        prop_assert_eq!(read.as_ref(), Some(&key));
        let request = SignHeadersRequest { additional_headers: &additional, ..request };
        let (version, read, answer) = JUDGE.verify(&JUDGE.v4.sign_headers(&request).unwrap());
        prop_assert_eq!(version, Some(Verified::V4), "{}", answer);
        prop_assert_eq!(read.as_ref(), Some(&key));
    }

    #[test]
    fn the_service_finds_signed_urls_right(
        key in key(),
        query in query(),
        content_type in header_value(),
        metadata in vec(header_value(), 0..3),
    ) {
        static JUDGE: LazyLock<Judge> = LazyLock::new(Judge::start);
        let query = borrowed(&query);
        let names = ["b", "A", "x-oss-meta-c"];
        let metadata: Vec<(&str, &str)> =
            names.iter().zip(&metadata).map(|(name, value)| (*name, value.as_str())).collect();
        let request = SignUrlRequest {
            bucket: BUCKET,
            key: &key,
            query: &query,
            content_type: Some(&content_type),
            metadata: &metadata,
            ..SignUrlRequest::default()
        };
        for (client, expected) in [(&JUDGE.v1, Verified::V1), (&JUDGE.v4, Verified::V4)] {
            let signed = client.sign_url(&request);
            prop_assume!(signed.is_ok(), "{}", signed.unwrap_err());
            let (version, read, answer) = JUDGE.verify(&signed.unwrap());
            prop_assert_eq!(version, Some(expected), "{}", answer);
            prop_assert_eq!(read.as_ref(), Some(&key));
        }
    }
}

/// Names and values of a url-encoded text.
fn decoded(text: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap()).map(|(n, v)| (decode(n), decode(v))).collect()
}

proptest! {
    #![proptest_config(few(48))]

    /// Queries, bodies and variables of any text come out of a callback as they went in.
    #[test]
    fn callbacks_say_what_they_were_given(
        values in vec(text(30), 1..4),
        names in vec(text(6), 3),
        queries in vec((text(6), text(12)), 0..3),
        json in any::<bool>(),
    ) {
        static OSS: LazyLock<LocalOss> = LazyLock::new(LocalOss::start);
        // A name is there, and '$' begins variables.
        let name = |text: &str| format!("n{}", text.replace('$', ""));
        let fields: Vec<(String, String)> = values
            .iter()
            .zip(&names)
            .enumerate()
            .map(|(at, (_, text))| (format!("{at}{}", name(text)), format!("${{x:v{at}}}")))
            .collect();
        let queries: Vec<(String, String)> =
            queries.into_iter().map(|(text, value)| (name(&text), value)).collect();
        let callback = match json {
            true => {
                let quoted = |text: &str| serde_json::to_string(text).unwrap();
                let members: Vec<String> =
                    fields.iter().map(|(name, value)| format!("{}:{value}", quoted(name))).collect();
                let body = format!("{{{}}}", members.join(","));
                Callback::new(OSS.callback_url(), body).body_type(BodyType::Json)
            }
            false => Callback::with_body_fields(OSS.callback_url(), &borrowed(&fields)),
        };
        let callback = values.iter().enumerate().fold(
            callback.url_query(&borrowed(&queries)),
            |callback, (at, value)| callback.variable(format!("x:v{at}"), value),
        );
        let mut request = UploadRequest::new(BUCKET, "k", Body::Memory(b"v"));
        request.callback = Some(&callback);
        OSS.client().upload(request).unwrap();

        let received = OSS.receiver.received().pop().unwrap();
        let query = received.target.split_once('?').map_or("", |(_, query)| query);
        prop_assert_eq!(decoded(query), queries);
        let expected = fields.into_iter().map(|(name, _)| name).zip(values);
        let body = std::str::from_utf8(&received.body).unwrap();
        match json {
            true => {
                let body: serde_json::Value = serde_json::from_str(body).unwrap();
                for (name, value) in expected {
                    prop_assert_eq!(&body[name], &serde_json::Value::from(value));
                }
            }
            false => prop_assert_eq!(decoded(body), expected.collect::<Vec<_>>()),
        }
    }
}

const PART: u64 = 100 * 1024;

fn parts_upload<'a>(path: &Path, checkpoints: &'a Path) -> UploadRequest<'a> {
    let mut request = UploadRequest::new(BUCKET, "parts", Body::file(path));
    request.part_size = Some(PART);
    request.multipart_threshold = Some(PART);
    request.checkpoint_dir = Some(checkpoints);
    request
}

proptest! {
    #![proptest_config(few(12))]

    /// Wherever an upload in parts is interrupted, and however often, each part is stored once.
    #[test]
    fn what_is_interrupted_goes_on_with_what_is_missing(
        size in PART + 1..5 * PART,
        breaks in vec((1..=5_u64, 0..PART), 0..4),
    ) {
        let oss = LocalOss::start();
        let dir = out_dir().join(format!("properties-{}", std::process::id()));
        fs::create_dir_all(dir.join("checkpoints")).unwrap();
        let (path, checkpoints) = (dir.join("source"), dir.join("checkpoints"));
        let content: Vec<u8> = (0..size).map(|at| (at * 31 % 251) as u8).collect();
        fs::write(&path, &content).unwrap();
        let upload = || oss.client().upload(parts_upload(&path, &checkpoints));
        // The part that breaks may be stored already, or be none of this upload.
        let is_done = breaks.into_iter().any(|(part, at)| {
            oss.fault(&format!("reset-request at={at} operation=UploadPart part={part} times=always"));
            let is_done = upload().is_ok();
            oss.emulator.faults().clear();
            is_done
        });
        if !is_done {
            upload().unwrap();
        }
        let requests = oss.emulator.requests();
        let mut stored: Vec<u32> = requests
            .iter()
            .filter(|r| r.operation == Some(Operation::UploadPart) && r.stored.is_some())
            .filter_map(|r| r.part_number)
            .collect();
        stored.sort_unstable();
        let parts: Vec<u32> = (1..=size.div_ceil(PART) as u32).collect();
        prop_assert_eq!(stored, parts);
        prop_assert_eq!(oss.count(Operation::CompleteMultipartUpload), 1);
        prop_assert_eq!(oss.content("parts").unwrap(), content);
    }
}

//! Signatures that do not match: what the emulator says of the mistake. The mistakes are made here,
//! by other code than that which looks for them.

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::form::Form;
use common::signing::{hex, hmac_sha1, hmac_sha256};
use common::{Request, emulator};
use ossbind_emulator::{Emulator, Log, Options, SignatureMismatch, SignaturePlace};
use sha2::{Digest, Sha256};

const UNKNOWN: &str = "None of the usual mistakes";
const KEY: &str = "dir/a b";

fn put() -> Request {
    Request::put(KEY, "").query("x-oss-b", "1 2").query("acl", "").header("content-type", "a/b")
}

/// The parts of what a client of version 4 signs; each mistake changes one.
struct Signer {
    request: Request,
    canonical: String,
    timestamp: String,
    scope: String,
    /// What the key is derived from.
    seed: String,
}

impl Signer {
    fn new() -> Signer {
        let timestamp = put().timestamp();
        let request = put()
            .header("x-oss-content-sha256", "UNSIGNED-PAYLOAD")
            .header("x-oss-date", &timestamp);
        let canonical = format!(
            "PUT\n/examplebucket/dir/a%20b\nacl&x-oss-b=1%202\ncontent-type:a/b\n\
             x-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:{timestamp}\n\n\nUNSIGNED-PAYLOAD"
        );
        let scope = format!("{}/cn-hangzhou/oss/aliyun_v4_request", &timestamp[..8]);
        Signer { request, canonical, scope, timestamp, seed: "aliyun_v4sk".to_owned() }
    }

    fn signing(mut self, from: &str, to: &str) -> Signer {
        assert!(self.canonical.contains(from), "{from}");
        self.canonical = self.canonical.replacen(from, to, 1);
        self
    }

    fn signature(&self) -> String {
        let digest = hex(&Sha256::digest(&self.canonical));
        let text = format!("OSS4-HMAC-SHA256\n{}\n{}\n{digest}", self.timestamp, self.scope);
        let mut key = self.seed.clone().into_bytes();
        for part in self.scope.split('/') {
            key = hmac_sha256(&key, part);
        }
        hex(&hmac_sha256(&key, &text))
    }

    fn send(self, emulator: &Emulator) -> u16 {
        let signature = self.signature();
        self.send_signed(emulator, &signature)
    }

    fn send_signed(self, emulator: &Emulator, signature: &str) -> u16 {
        let day = &self.timestamp[..8];
        let value = format!(
            "OSS4-HMAC-SHA256 Credential=ak/{day}/cn-hangzhou/oss/aliyun_v4_request,\
             Signature={signature}"
        );
        self.request.header("authorization", &value).send_as_is(emulator).status
    }
}

fn mismatch(emulator: &Emulator) -> SignatureMismatch {
    let record = emulator.requests().pop().unwrap();
    assert_eq!(record.code.as_deref(), Some("SignatureDoesNotMatch"));
    record.signature.unwrap().mismatch.unwrap()
}

#[test]
fn the_signer_of_this_test_makes_no_mistake_by_itself() {
    let emulator = emulator();
    assert_ne!(Signer::new().send(&emulator), 403);
    let record = emulator.requests().pop().unwrap();
    let claim = record.signature.unwrap();
    assert_eq!((claim.place, claim.mismatch), (SignaturePlace::Header, None));
}

#[test]
fn mistakes_in_the_canonical_request_are_found_with_their_line() {
    let emulator = emulator();
    for (from, to, cause, line) in [
        ("dir/a%20b", "dir/a b", "The path was signed as it is", 1),
        ("dir/a%20b", "dir%2Fa%20b", "The slashes of the key were signed as %2F", 1),
        ("/examplebucket/dir/a%20b", "%2Fexamplebucket%2Fdir%2Fa%20b", "All slashes", 1),
        ("a%20b", "a%2520b", "The path was encoded twice", 1),
        ("dir/a%20b", "dir/a+b", "Blanks of the key were signed as +", 1),
        ("dir/a%20b", "dir/a%2Bb", "A + of the key came unencoded", 1),
        ("/examplebucket/", "/", "The path was signed without the bucket", 1),
        ("/examplebucket/", "examplebucket/", "The path was signed without its first slash", 1),
        ("acl&x-oss-b=1%202", "x-oss-b=1%202&acl", "The parameters were signed in the order", 2),
        ("1%202", "1 2", "The parameters were signed as they are", 2),
        ("acl&", "acl=&", "A parameter without a value", 2),
        ("1%202", "1%2B2", "A + in the query", 2),
        ("acl&x-oss-b=1%202", "", "The query was not signed", 2),
        ("acl&", "", "The parameter acl was not signed", 2),
        ("content-type:a/b\n", "", "The header content-type was not signed", 3),
        (
            "content-type:",
            "content-length:0\ncontent-type:",
            "The header content-length was signed",
            3,
        ),
        ("PUT", "POST", "The method POST was signed; the request has PUT.", 0),
        ("\n\n\n", "\n\n", "The empty line behind the headers is missing", 7),
        (
            "\n\nUNSIGNED-PAYLOAD",
            "\n\nUNSIGNED-PAYLOAD\n",
            "The canonical request was signed with a line feed",
            9,
        ),
    ] {
        let signer = Signer::new();
        let right = signer.canonical.clone();
        let signer = signer.signing(from, to);
        let canonical = signer.canonical.clone();
        assert_eq!(signer.send(&emulator), 403, "{cause}");
        let found = mismatch(&emulator);
        assert!(found.cause.starts_with(cause), "{cause}: {}", found.cause);
        assert_eq!(found.signed, right);
        assert_eq!(found.first_difference(), Some(line), "{cause}");
        assert_eq!(found.signed_by_client, Some(canonical));
        assert!(found.string_to_sign.unwrap().starts_with("OSS4-HMAC-SHA256\n"));
    }
}

#[test]
fn mistakes_with_keys_and_spelling_are_found() {
    let emulator = emulator();
    let seeds = [
        ("aliyun_v4sk\n", "The secret was used with white space"),
        ("aliyun_v4 sk", "The secret was used with white space"),
        ("aliyun_v4\"sk\"", "The secret was used with quotation marks"),
        ("aliyun_v4", "The secret was empty"),
        ("aliyun_v4ak", "The id of the key was used"),
        ("aliyun_v4sts-sk", "The secret is that of the access key STS.ak."),
        ("sk", "The signing key was made of the secret alone"),
        ("AWS4sk", "The signing key was made with AWS4"),
        ("aliyun_v4other", UNKNOWN),
    ];
    for (seed, cause) in seeds {
        assert_eq!(Signer { seed: seed.to_owned(), ..Signer::new() }.send(&emulator), 403);
        let found = mismatch(&emulator);
        assert!(found.cause.starts_with(cause), "{seed:?}: {}", found.cause);
        assert_eq!((found.first_difference(), found.signed_by_client), (None, None));
    }
    for (from, to, cause) in [
        ("cn-hangzhou", "oss-cn-hangzhou", "The region was signed as oss-cn-hangzhou"),
        ("/oss/", "/s3/", "The product was signed as s3"),
        ("aliyun_v4_request", "aws4_request", "The scope was signed with aws4_request"),
    ] {
        let signer = Signer::new();
        let scope = signer.scope.replace(from, to);
        assert_eq!(Signer { scope, ..signer }.send(&emulator), 403);
        assert!(mismatch(&emulator).cause.starts_with(cause), "{cause}");
    }
    let uppercase = Signer::new().signature().to_uppercase();
    assert_eq!(Signer::new().send_signed(&emulator, &uppercase), 403);
    assert!(mismatch(&emulator).cause.starts_with("The signature has uppercase digits"));
}

#[test]
fn mistakes_of_version_1_are_found() {
    let emulator = emulator();
    let date = httpdate::fmt_http_date(std::time::SystemTime::now());
    let right =
        format!("PUT\n\na/b\n{date}\nx-oss-date:{date}\n/examplebucket/dir/a b?acl&x-oss-b=1 2");
    let send = |secret: &str, text: &str, spell: &dyn Fn(Vec<u8>) -> String| {
        let value = format!("OSS ak:{}", spell(hmac_sha1(secret, text)));
        let request = put().header("x-oss-date", &date).header("authorization", &value);
        request.send_as_is(&emulator).status
    };
    let base64 = |bytes: Vec<u8>| STANDARD.encode(bytes);
    assert_ne!(send("sk", &right, &base64), 403);
    let date_line = format!("\n{date}\nx-oss");
    let dated = format!("x-oss-date:{date}\n");
    for (from, to, cause, line) in [
        ("a/b", "", "The header content-type was not signed", 2),
        (date_line.as_str(), "\n\nx-oss", "The line of the date was left empty", 3),
        (dated.as_str(), "", "The header x-oss-date was not signed", 4),
        ("a b", "a%20b", "The path was signed percent-encoded", 5),
        ("/examplebucket", "", "The path was signed without the bucket", 5),
        ("acl&x-oss-b=1 2", "x-oss-b=1 2&acl", "The parameters were signed in the order", 5),
        ("1 2", "1%202", "The values of parameters were signed percent-encoded", 5),
        ("?acl&x-oss-b=1 2", "", "The parameters of the resource were not signed", 5),
        ("acl&", "", "The parameter acl was not signed", 5),
        ("PUT", "GET", "The method GET was signed", 0),
    ] {
        let text = right.replacen(from, to, 1);
        assert_ne!(text, right, "{from}");
        assert_eq!(send("sk", &text, &base64), 403, "{cause}");
        let found = mismatch(&emulator);
        assert!(found.cause.starts_with(cause), "{cause}: {}", found.cause);
        assert_eq!(
            (found.signed.as_str(), found.string_to_sign.as_deref()),
            (right.as_str(), None)
        );
        assert_eq!(found.first_difference(), Some(line), "{cause}");
        assert_eq!(found.signed_by_client, Some(text));
    }
    assert_eq!(send("sk\n", &right, &base64), 403);
    assert!(mismatch(&emulator).cause.starts_with("The secret was used with white space"));
    assert_eq!(send("sk", &right, &|bytes| hex(&bytes)), 403);
    assert!(mismatch(&emulator).cause.starts_with("The signature is in hexadecimal digits"));
}

#[test]
fn urls_and_forms_are_explained_as_well() {
    let emulator = emulator();
    Request::get("a").presign_v4("60").query("x-oss-process", "image/info").send_as_is(&emulator);
    let record = emulator.requests().pop().unwrap();
    assert_eq!(record.signature.unwrap().place, SignaturePlace::Query);
    let cause = mismatch(&emulator).cause;
    assert!(cause.starts_with("The parameter x-oss-process was not signed"), "{cause}");

    let policy = STANDARD.encode(r#"{"expiration":"2030-01-01T00:00:00.000Z","conditions":[]}"#);
    let json = STANDARD.decode(&policy).unwrap();
    let signature = STANDARD.encode(hmac_sha1("sk", json));
    let form = Form::new("").field("key", "a").field("OSSAccessKeyId", "ak");
    form.field("policy", &policy).field("Signature", &signature).send(&emulator);
    let record = emulator.requests().pop().unwrap();
    assert_eq!(record.signature.unwrap().place, SignaturePlace::Form);
    let cause = mismatch(&emulator).cause;
    assert!(cause.starts_with("The policy was signed as JSON"), "{cause}");
}

#[test]
fn the_log_names_the_mistake_and_the_answer_does_not() {
    let (sender, lines) = std::sync::mpsc::channel();
    let log =
        Log::Sink(std::sync::Arc::new(move |line: &str| sender.send(line.to_owned()).unwrap()));
    let emulator = Emulator::start(Options { log, ..Options::default() }).unwrap();
    let answer = Request::put("a", "").key_pair("ak", "sk\n", None).send(&emulator);
    let cause = mismatch(&emulator).cause;
    assert!(!answer.text().contains(&cause), "{}", answer.text());
    let line = lines.recv().unwrap();
    assert!(
        line.contains(&format!(" 403 SignatureDoesNotMatch/0002-00000201 signature: {cause}")),
        "{line}"
    );
}

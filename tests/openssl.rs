//! Servers and certificates as OpenSSL makes them, and what is said of those that are too weak.

mod support;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use ossbind::{
    Body, Client, ClientConfig, HttpOptions, Status, TlsOptions, UploadError, UploadRequest,
};
use ossbind_emulator::{Options, TlsIdentity};
use support::local_oss::{BUCKET, LocalOss};
use support::native::{expect_success, out_dir};

/// A key and a certificate in files.
struct Made {
    key: PathBuf,
    certificate: PathBuf,
}

/// `openssl req`: signed by itself, unless the arguments say otherwise.
fn openssl_req(name: &str, arguments: &[&str]) -> Made {
    let made = Made {
        key: out_dir().join(format!("openssl-{name}.key")),
        certificate: out_dir().join(format!("openssl-{name}.pem")),
    };
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=gateway"]);
    command.arg("-keyout").arg(&made.key).arg("-out").arg(&made.certificate).args(arguments);
    expect_success(&mut command);
    made
}

const RSA: [&str; 2] = ["-newkey", "rsa:2048"];
const HOST: [&str; 2] = ["-addext", "subjectAltName=IP:127.0.0.1"];

const NO_CA: [&str; 2] = ["-addext", "basicConstraints=CA:FALSE"];

/// Signed by another one.
fn signed_by(ca: &Made, name: &str, arguments: &[&str]) -> Made {
    let (certificate, key) = (ca.certificate.to_str().unwrap(), ca.key.to_str().unwrap());
    let by_ca = ["-CA", certificate, "-CAkey", key];
    openssl_req(name, &[&RSA, &HOST, &by_ca[..], arguments].concat())
}

fn self_signed(name: &str) -> Made {
    openssl_req(name, &[RSA, HOST].concat())
}

fn put(config: ClientConfig) -> Result<ossbind::UploadResult, Box<UploadError>> {
    let request = UploadRequest::new(BUCKET, "k", Body::Memory(b"v"));
    Client::new(config).unwrap().upload(request).map_err(Box::new)
}

/// Uploads to a local OSS that shows the certificate.
fn put_to_oss(shown: &Made, tls: TlsOptions) -> Result<ossbind::UploadResult, Box<UploadError>> {
    let text = |path: &Path| std::fs::read_to_string(path).unwrap();
    let identity = TlsIdentity {
        certificate_chain_pem: text(&shown.certificate),
        private_key_pem: text(&shown.key),
        authority: None,
    };
    let oss = LocalOss::with(Options { tls: Some(identity), ..Options::default() });
    let config = oss.config();
    put(ClientConfig { http: HttpOptions { tls, ..config.http }, ..config })
}

fn of_file(certificate: &Path) -> TlsOptions {
    TlsOptions { ca_file: Some(certificate.to_owned()), ..TlsOptions::default() }
}

#[track_caller]
fn assert_refused(outcome: Result<ossbind::UploadResult, Box<UploadError>>, part: &str) {
    let error = outcome.expect_err(part).error;
    assert_eq!(error.status(), Status::Tls, "{error}");
    assert!(error.message().contains(part), "{part}: {error}");
    assert!(!error.message().contains("http://"), "{error}");
}

#[test]
fn the_very_certificate_of_a_server_is_trusted() {
    let own = self_signed("own");
    put_to_oss(&own, of_file(&own.certificate)).unwrap();
    // One that an authority has signed, which nobody trusts.
    let signed = signed_by(&own, "leaf", &NO_CA);
    put_to_oss(&signed, of_file(&signed.certificate)).unwrap();
}

/// Who has the key of that server could be any other otherwise.
#[test]
fn a_certificate_that_is_of_no_authority_vouches_for_none() {
    let own = self_signed("authority");
    let signed = signed_by(&own, "no-authority", &NO_CA);
    let by_it = signed_by(&signed, "by-no-authority", &NO_CA);
    assert_refused(put_to_oss(&by_it, of_file(&signed.certificate)), "its authority is not among");
    // What says of itself that it is one may.
    let by_own = signed_by(&own, "by-authority", &NO_CA);
    put_to_oss(&by_own, of_file(&own.certificate)).unwrap();
}

#[test]
fn all_else_of_such_a_certificate_is_checked() {
    let own = self_signed("checked");
    // The same names and another key.
    let other = self_signed("other");
    assert_refused(put_to_oss(&other, of_file(&own.certificate)), "name it by tls.ca_file");
    let elsewhere =
        openssl_req("elsewhere", &[&RSA[..], &["-addext", "subjectAltName=DNS:h.test"]].concat());
    assert_refused(put_to_oss(&elsewhere, of_file(&elsewhere.certificate)), "another host");
    let nameless = openssl_req("nameless", &RSA);
    assert_refused(put_to_oss(&nameless, of_file(&nameless.certificate)), "needs a subjectAltName");
    // The pins are those of another key.
    let pin = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned();
    let pinned = TlsOptions { pins: vec![pin], ..of_file(&own.certificate) };
    assert_refused(put_to_oss(&own, pinned), "among the pins");
}

/// A server of OpenSSL, until it is dropped.
struct OpensslServer {
    process: Child,
    endpoint: String,
}

impl OpensslServer {
    fn start(shown: &Made, arguments: &[&str]) -> Self {
        let mut process = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-cipher", "ALL:@SECLEVEL=0"])
            .arg("-key")
            .arg(&shown.key)
            .arg("-cert")
            .arg(&shown.certificate)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.as_mut().unwrap());
        let accepts = |line: std::io::Result<String>| {
            line.unwrap().strip_prefix("ACCEPT ").map(|address| format!("https://{address}"))
        };
        let endpoint = said.lines().find_map(accepts).expect("it says where it listens");
        Self { process, endpoint }
    }

    fn put(&self, tls: TlsOptions) -> Result<ossbind::UploadResult, Box<UploadError>> {
        let config = support::client_config(self.endpoint.clone());
        put(ClientConfig { http: HttpOptions { tls, ..config.http }, ..config })
    }
}

impl Drop for OpensslServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn what_is_too_weak_is_named() {
    let good = self_signed("good");
    let short = openssl_req("short", &[&["-newkey", "rsa:1024"][..], &HOST].concat());
    for (shown, arguments, part) in [
        (&good, &["-tls1_1"][..], "only TLS 1.1 or older"),
        (&good, &["-tls1_2", "-cipher", "AES128-SHA256:@SECLEVEL=0"], "RSA key exchange"),
        (&short, &["-tls1_2"], "fewer than 2048 bits"),
        (&short, &["-tls1_3"], "fewer than 2048 bits"),
    ] {
        let server = OpensslServer::start(shown, arguments);
        assert_refused(server.put(of_file(&shown.certificate)), part);
    }
}

#[test]
fn signatures_with_sha1_are_named() {
    let ca = self_signed("sha1-ca");
    let shown = signed_by(&ca, "sha1", &[&["-sha1"][..], &NO_CA].concat());
    let server = OpensslServer::start(&shown, &[]);
    assert_refused(server.put(of_file(&ca.certificate)), "signed with SHA-1");
}

#[test]
fn keys_of_authorities_are_not_too_short_either() {
    let ca = openssl_req("short-ca", &["-newkey", "rsa:1024"]);
    let shown = signed_by(&ca, "by-short-ca", &NO_CA);
    assert_refused(put_to_oss(&shown, of_file(&ca.certificate)), "fewer than 2048 bits");
}

/// Each authority has signed the next one, and the last the server.
#[test]
fn deep_chains_are_named() {
    let root = self_signed("deep-root");
    let mut authorities = vec![root];
    for level in 0..8 {
        let (above, subject) = (authorities.last().unwrap(), format!("/CN=level {level}"));
        let subject = ["-subj", subject.as_str()];
        authorities.push(signed_by(above, &format!("deep-{level}"), &subject));
    }
    let text = |made: &Made| std::fs::read_to_string(&made.certificate).unwrap();
    let server = signed_by(authorities.last().unwrap(), "deep", &NO_CA);
    let chain = authorities[1..].iter().map(text).fold(text(&server), |chain, one| chain + &one);
    let shown = Made { certificate: out_dir().join("openssl-deep-chain.pem"), ..server };
    std::fs::write(&shown.certificate, chain).unwrap();
    assert_refused(
        put_to_oss(&shown, of_file(&authorities[0].certificate)),
        "chain of certificates is too long",
    );
}

/// With more than 64 KiB.
#[test]
fn long_chains_are_named() {
    let good = self_signed("long");
    let chain = out_dir().join("openssl-long-chain.pem");
    let text = std::fs::read_to_string(&good.certificate).unwrap();
    std::fs::write(&chain, text.repeat(100)).unwrap();
    let server = OpensslServer::start(&good, &["-cert_chain", chain.to_str().unwrap()]);
    assert_refused(server.put(of_file(&good.certificate)), "and no others");
}

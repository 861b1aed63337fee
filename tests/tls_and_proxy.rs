//! https with authorities of one's own, and the way through a proxy.

mod support;

use std::io::{BufReader, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::sync::{Arc, Mutex};

use ossbind::{Advice, Body, Client, ClientConfig, ObjectState, Status, UploadRequest};
use ossbind_emulator::{Options, SelfSigned};
use support::local_oss::{BUCKET, LocalOss};
use support::native::{Compiler, expect_success, out_dir};
use support::raw_server::{RawServer, read_head};
use support::{through, trusting};

fn https_oss(names: &[&str], file: &str) -> (LocalOss, std::path::PathBuf) {
    let made = SelfSigned::generate(names).unwrap();
    let ca_file = out_dir().join(file);
    std::fs::write(&ca_file, made.ca_pem).unwrap();
    let oss = LocalOss::with(Options { tls: Some(made.identity), ..Options::default() });
    assert!(oss.emulator.endpoint().starts_with("https://"));
    (oss, ca_file)
}

fn put(config: ClientConfig, bytes: &[u8]) -> Result<ossbind::UploadResult, ossbind::UploadError> {
    Client::new(config).unwrap().upload(UploadRequest::new(BUCKET, "k", Body::Memory(bytes)))
}

#[test]
fn a_ca_file_is_trusted() {
    let (oss, ca_file) = https_oss(&["127.0.0.1"], "trusted.pem");
    let client = Client::new(trusting(ca_file, oss.config())).unwrap();
    for size in [0, 1, 16_384, 200_000, 3_000_000] {
        let bytes = vec![size as u8; size];
        let key = size.to_string();
        client.upload(UploadRequest::new(BUCKET, &key, Body::Memory(&bytes))).unwrap();
        assert_eq!(oss.content(&key).unwrap(), bytes);
    }
    let ports: std::collections::BTreeSet<u16> =
        oss.emulator.requests().iter().map(|request| request.peer.port()).collect();
    assert_eq!(ports.len(), 1, "TLS connections are kept as well");
}

#[test]
fn strangers_are_refused() {
    let (oss, _) = https_oss(&["127.0.0.1"], "stranger.pem");
    let error = put(oss.config(), b"v").unwrap_err().error;
    assert_eq!((error.status(), error.object_state()), (Status::Tls, ObjectState::NotStored));
    assert!(error.message().contains("tls.ca_file"), "{error}");
    assert_eq!(error.advice(), Advice::FixSettings);

    let (oss, ca_file) = https_oss(&["other.example"], "other-name.pem");
    let error = put(trusting(ca_file, oss.config()), b"v").unwrap_err().error;
    assert_eq!((error.status(), error.object_state()), (Status::Tls, ObjectState::NotStored));
    assert!(error.message().contains("another host"), "{error}");
    assert!(oss.emulator.requests().is_empty());
}

#[test]
fn a_plain_server_on_an_https_port() {
    let server = RawServer::start(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let endpoint = Some(format!("https://{}", server.address()));
    let error = put(ClientConfig { endpoint, ..server.config() }, b"v").unwrap_err().error;
    assert_eq!((error.status(), error.object_state()), (Status::Tls, ObjectState::NotStored));
    assert!(error.message().contains("does not speak TLS"), "{error}");
}

#[test]
fn faults_of_a_ca_file_show_when_the_client_is_made() {
    let file = |name: &str, text: &str| {
        let path = out_dir().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (path, part) in [
        (out_dir().join("no-such-file.pem"), "cannot be read"),
        (file("empty.pem", ""), "has no certificate"),
        (file("text.pem", "hello"), "has no certificate"),
        (file("broken.pem", broken), "unusable certificate"),
    ] {
        let server = RawServer::answering("");
        let config = trusting(path.clone(), server.config());
        let error = Client::new(config).unwrap_err();
        assert_eq!(error.field(), Some("tls.ca_file"), "{path:?}");
        assert!(error.message().contains(part), "{path:?}: {error}");
    }
}

/// A CONNECT proxy that keeps the heads of the requests it got.
fn proxy() -> (RawServer, Arc<Mutex<Vec<Vec<String>>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let heads = Arc::clone(&seen);
    let server = RawServer::start(move |mut client| {
        let head = read_head(&mut BufReader::with_capacity(1, &client));
        let target = head.first().and_then(|line| line.split(' ').nth(1)).map(str::to_owned);
        heads.lock().unwrap().push(head);
        let Some(Ok(server)) = target.map(TcpStream::connect) else {
            return;
        };
        let _ = client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
        // One thread each way; they end when the ends close.
        let (mut from_client, mut to_server) =
            (client.try_clone().unwrap(), server.try_clone().unwrap());
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut from_client, &mut to_server);
            let _ = to_server.shutdown(std::net::Shutdown::Write);
        });
        let mut from_server = server;
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut from_server, &mut client);
            let _ = client.shutdown(std::net::Shutdown::Write);
        });
    });
    (server, seen)
}

#[test]
fn through_a_proxy_with_a_password() {
    let (proxy, seen) = proxy();
    let (oss, ca_file) = https_oss(&["127.0.0.1"], "proxied.pem");
    let url = format!("http://me:p%40ss@{}", proxy.address());
    let config = || through(&url, trusting(ca_file.clone(), oss.config()));
    put(config(), b"through").unwrap();
    assert_eq!(oss.content("k").unwrap(), b"through");
    let head = seen.lock().unwrap().remove(0);
    assert_eq!(head[0], format!("CONNECT {} HTTP/1.1", oss.emulator.address()));
    // me:p@ss
    assert!(head.iter().any(|line| line == "Proxy-Authorization: Basic bWU6cEBzcw=="), "{head:?}");
    assert!(!head.iter().any(|line| line.contains("OSS4-HMAC")), "{head:?}");
}

/// The state must be right even for an empty body, for which the request is complete at once.
#[test]
fn a_proxy_that_refuses_stored_nothing() {
    let proxy = RawServer::answering(
        "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
    );
    let oss = LocalOss::start();
    let url = format!("http://{}", proxy.address());
    let error = put(through(&url, oss.config()), b"").unwrap_err().error;
    assert_eq!(error.object_state(), ObjectState::NotStored, "{error}");
    assert!(error.message().contains("407"), "{error}");
    assert!(oss.emulator.requests().is_empty());
}

#[test]
fn what_a_proxy_repeats_of_its_login_is_not_shown() {
    let oss = LocalOss::start();
    for repeated in ["me:p@ssword", "p@ssword", "me%3ap%40ssword", "bWU6cEBzc3dvcmQ="] {
        let proxy = RawServer::answering(format!(
            "HTTP/1.1 407 not {repeated}, please\r\ncontent-length: 0\r\n\r\n"
        ));
        let url = format!("http://me:p%40ssword@{}", proxy.address());
        let error = put(through(&url, oss.config()), b"").unwrap_err().error;
        assert!(error.message().contains("(secret), please"), "{repeated}: {error}");
        assert!(!error.message().contains(repeated), "{error}");
    }
}

#[test]
fn the_proxy_of_the_environment() {
    let (proxy, seen) = proxy();
    let oss = LocalOss::start();
    let program = Compiler::c("c99").build(&["tests/c/report_upload.c"], "report_proxied");
    let run = |name: &str, value: String, no_proxy: &str| {
        let mut command = Command::new(&program);
        oss.environment(&mut command);
        command.env(name, value);
        if !no_proxy.is_empty() {
            command.env("NO_PROXY", no_proxy);
        }
        String::from_utf8(expect_success(&mut command).stdout).unwrap()
    };
    let url = format!("http://{}", proxy.address());
    for name in ["ALL_PROXY", "HTTPS_PROXY", "http_proxy"] {
        assert!(run(name, url.clone(), "").starts_with("status=OSSBIND_STATUS_OK\n"), "{name}");
        assert_eq!(seen.lock().unwrap().drain(..).count(), 1, "{name}");
    }
    assert!(run("ALL_PROXY", url, "127.0.0.1").starts_with("status=OSSBIND_STATUS_OK\n"));
    assert!(seen.lock().unwrap().is_empty());
    let report = run("ALL_PROXY", "socks4://me:secret@127.0.0.1:1080".to_owned(), "");
    assert!(report.contains("network_proxy: ALL_PROXY in the environment is not"), "{report}");
    assert!(!report.contains("secret"));
}

#[test]
fn proxies_that_cannot_be() {
    let server = RawServer::answering("");
    for text in [
        "socks4://127.0.0.1:1080",
        "ftp://h",
        "http://",
        "http://me:secret@ho st",
        "http://h:99999",
        "http://h:x",
        "http://h:1/path",
        "http://h:0",
        "http://me:%zz@h",
        "http://me:%0a@h",
    ] {
        let config = through(text, server.config());
        let error = Client::new(config).unwrap_err();
        assert_eq!(error.field(), Some("network_proxy"), "{text}");
        assert!(!error.message().contains("secret"), "{error}");
    }
}

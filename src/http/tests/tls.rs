//! Whom a client trusts: authorities, pins, its own certificate, and a clock that is wrong.

use std::io::{BufReader, Write as _};
use std::time::Duration;

use rcgen::KeyPair;

use super::certificates::{
    Made, Years, authority, client_pem, made, made_for, pin, self_signed, tls_server,
};
use super::support::{LARGE, OK, Server, client, options, put, read_head, read_request};
use crate::http::{
    ClientCertificate, Failure, FailureKind, HttpClient, HttpOptions, HttpResponse, Limits, Pem,
    TlsOptions,
};

const HOST: &str = "127.0.0.1";

fn server(made: Made) -> Server {
    tls_server(made.chain, made.key, None, |stream| {
        let mut reader = BufReader::new(stream);
        // A client that does not trust us hangs up.
        while read_request(&mut reader).is_some() {
            reader.get_mut().write_all(OK.as_bytes()).unwrap();
        }
    })
}

fn ask(server: &Server, tls: TlsOptions) -> Result<HttpResponse, Failure> {
    let url = format!("https://{}/", server.address());
    put(&client(HttpOptions { tls, ..options() }), &url, 10, Limits::default())
}

fn trusting(ca_pem: &str) -> TlsOptions {
    TlsOptions { ca_pem: Some(ca_pem.as_bytes().to_vec()), ..TlsOptions::default() }
}

fn assert_refused(outcome: Result<HttpResponse, Failure>, part: &str) {
    let failure = outcome.expect_err(part);
    assert!(matches!(failure.kind, FailureKind::Tls), "{part}: {failure:?}");
    assert!(failure.message.contains(part), "{part}: {}", failure.message);
    assert!(!failure.request_complete);
}

#[test]
fn authorities_from_memory_and_from_a_folder() {
    let made = made(&[HOST]);
    let ca_pem = made.ca_pem.clone();
    let folder = std::env::temp_dir().join(format!("ossbind-ca-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("folder")).unwrap();
    let other = authority("other", (2000, 2090), None).certificate.pem();
    for (name, text) in
        [("ours.pem", ca_pem.as_str()), ("other.crt", &other), ("README", "none here")]
    {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let server = server(made);
    ask(&server, trusting(&ca_pem)).unwrap();
    let of_folder = TlsOptions { ca_dir: Some(folder.clone()), ..TlsOptions::default() };
    ask(&server, of_folder.clone()).unwrap();
    // Each source adds to the others, and together they replace the system's.
    ask(&server, TlsOptions { ca_pem: Some(other.clone().into()), ..of_folder.clone() }).unwrap();
    std::fs::remove_file(folder.join("ours.pem")).unwrap();
    assert_refused(ask(&server, of_folder), "authority is not among the trusted");
    assert_refused(ask(&server, trusting(&other)), "authority is not among the trusted");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn authorities_that_cannot_be_read() {
    let missing = std::path::PathBuf::from("/no/such/folder");
    let empty = std::env::temp_dir().join(format!("ossbind-no-ca-{}", std::process::id()));
    std::fs::create_dir_all(&empty).unwrap();
    for (tls, field) in [
        (TlsOptions { ca_dir: Some(missing), ..TlsOptions::default() }, "tls.ca_dir"),
        (TlsOptions { ca_dir: Some(empty.clone()), ..TlsOptions::default() }, "tls.ca_dir"),
        (trusting(""), "tls.ca_pem"),
        (trusting("hello"), "tls.ca_pem"),
        (TlsOptions { pins: vec!["AAAA".into()], ..TlsOptions::default() }, "tls.pins"),
    ] {
        let error = HttpClient::new(HttpOptions { tls, ..options() }).unwrap_err();
        assert_eq!(error.field(), Some(field));
    }
    std::fs::remove_dir_all(empty).unwrap();
}

#[test]
fn pins_of_the_chain() {
    let made = made(&[HOST]);
    let (pins, ca_pem) = (made.pins.clone(), made.ca_pem.clone());
    let server = server(made);
    let pinned = |pin: &str| TlsOptions { pins: vec![pin.to_owned()], ..trusting(&ca_pem) };
    for pin in &pins {
        ask(&server, pinned(pin)).unwrap();
        ask(&server, pinned(&format!("sha256//{pin}"))).unwrap();
    }
    let other = pin(&KeyPair::generate().unwrap());
    assert_refused(ask(&server, pinned(&other)), "among the pins");
    let both = TlsOptions { pins: vec![other, pins[0].clone()], ..trusting(&ca_pem) };
    ask(&server, both).unwrap();
    // A pin is no trust.
    let untrusted = TlsOptions { pins: pins.to_vec(), ..TlsOptions::default() };
    assert_refused(ask(&server, untrusted), "authority is not among the trusted");
}

/// Whoever has a certificate of some trusted authority can show the pinned one beside it.
#[test]
fn a_pinned_certificate_beside_the_chain_proves_nothing() {
    let pinned = made(&[HOST]);
    let mut attacker = made(&[HOST]);
    attacker.chain.extend(pinned.chain.clone());
    let both = format!("{}{}", pinned.ca_pem, attacker.ca_pem);
    let tls = TlsOptions { pins: pinned.pins.to_vec(), ..trusting(&both) };
    assert_refused(ask(&server(attacker), tls), "among the pins");
}

/// All is checked but who has signed it.
#[test]
fn the_certificate_of_one_server_is_trusted_when_it_is_named_itself() {
    let years = (2000, 2090);
    let made = self_signed(&[HOST], years);
    let (ca_pem, pins) = (made.ca_pem.clone(), made.pins.clone());
    let trusted = server(made);
    ask(&trusted, trusting(&ca_pem)).unwrap();
    ask(&trusted, TlsOptions { pins: vec![pins[0].clone()], ..trusting(&ca_pem) }).unwrap();
    let other = pin(&KeyPair::generate().unwrap());
    let pinned = TlsOptions { pins: vec![other], ..trusting(&ca_pem) };
    assert_refused(ask(&trusted, pinned), "among the pins");
    // Another one of the same kind is not.
    let another = self_signed(&[HOST], years).ca_pem;
    assert_refused(ask(&trusted, trusting(&another)), "TLS failed");

    let for_other_host = self_signed(&["other.test"], years);
    let tls = trusting(&for_other_host.ca_pem);
    assert_refused(ask(&server(for_other_host), tls), "for another host");
    let expired = self_signed(&[HOST], (2000, 2001));
    let tls = trusting(&expired.ca_pem);
    assert_refused(ask(&server(expired), tls), "expired");

    // Nor does a leaf need the authority that has signed it.
    let mut made = made_for(&[HOST], years, years);
    made.chain.truncate(1);
    let leaf = made.server_pem();
    ask(&server(made), trusting(&leaf)).unwrap();
}

/// What servers send that know only what is broken.
#[test]
fn old_servers_are_told_what_they_lack() {
    for (alert, part) in [(70, "TLS 1.1 or older"), (40, "RSA key exchange")] {
        let server = Server::start(move |mut stream| {
            let mut hello = [0; 5];
            std::io::Read::read_exact(&mut stream, &mut hello).unwrap();
            stream.write_all(&[21, 3, 3, 0, 2, 2, alert]).unwrap();
        });
        assert_refused(ask(&server, TlsOptions::default()), part);
    }
}

#[test]
fn no_checks_at_all_on_demand_only() {
    let made = made(&["other.test"]);
    let pins = made.pins.clone();
    let server = server(made);
    assert_refused(ask(&server, TlsOptions::default()), "TLS failed");
    let danger = TlsOptions { danger_accept_any_certificate: true, ..TlsOptions::default() };
    ask(&server, danger.clone()).unwrap();
    ask(&server, TlsOptions { pins: vec![pins[0].clone()], ..danger.clone() }).unwrap();
    // The authority's key was shown, but not proven.
    assert_refused(
        ask(&server, TlsOptions { pins: vec![pins[2].clone()], ..danger }),
        "among the pins",
    );
}

#[test]
fn a_server_that_asks_for_a_certificate() {
    let made = made(&[HOST]);
    let ca_pem = made.ca_pem.clone();
    let clients = authority("clients", (2000, 2090), None);
    let authority_der = clients.certificate.der().clone();
    let server = tls_server(made.chain, made.key, Some(authority_der), |stream| {
        let mut reader = BufReader::new(stream);
        if read_request(&mut reader).is_some() {
            reader.get_mut().write_all(OK.as_bytes()).unwrap();
        }
    });
    let (chain, key) = client_pem(&clients);
    let memory = |text: &str| Pem::Memory(text.as_bytes().to_vec().into());
    let with = |chain: Pem, key: Pem| TlsOptions {
        client_certificate: Some(ClientCertificate { chain, key }),
        ..trusting(&ca_pem)
    };
    ask(&server, with(memory(&chain), memory(&key))).unwrap();
    // One file for both.
    let file = std::env::temp_dir().join(format!("ossbind-client-{}.pem", std::process::id()));
    std::fs::write(&file, format!("{chain}{key}")).unwrap();
    ask(&server, with(Pem::File(file.clone()), Pem::File(file.clone()))).unwrap();
    std::fs::remove_file(file).unwrap();
    // In TLS 1.3 the refusal comes when the client believes to be through.
    let failure = ask(&server, trusting(&ca_pem)).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Tls), "{failure:?}");
    assert!(failure.message.contains("asks for a client certificate"), "{}", failure.message);

    let (_, other_key) = client_pem(&clients);
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----";
    for (chain, key, field) in [
        (memory(""), memory(&key), "tls.client_certificate"),
        (memory(&chain), memory(""), "tls.client_key"),
        (memory(&chain), memory(encrypted), "tls.client_key"),
        (memory(&chain), memory(&other_key), "tls.client_key"),
        (memory(&chain), Pem::File("/no/such/file".into()), "tls.client_key"),
    ] {
        let options = HttpOptions { tls: with(chain, key), ..options() };
        assert_eq!(HttpClient::new(options).unwrap_err().field(), Some(field));
    }
}

/// First of January.
fn year(year: i32) -> u64 {
    rcgen::date_time_ymd(year, 1, 1).unix_timestamp() as u64
}

/// What comes of certificates with these years when the clock, which is right, seems to be before
/// the build: the floor lies in the future.
fn with_floor(
    floor: i32,
    hosts: &[&str],
    server_years: Years,
    intermediate: Years,
) -> Result<HttpResponse, Failure> {
    let made = made_for(hosts, server_years, intermediate);
    let tls = TlsOptions { clock_floor: year(floor), ..trusting(&made.ca_pem) };
    ask(&server(made), tls)
}

#[test]
fn a_clock_before_the_build_is_not_believed() {
    let always = (2000, 2090);
    // Not valid by the clock, but at the time of the build.
    with_floor(2081, &[HOST], (2080, 2082), always).unwrap();
    // Issued after the build: nobody can know that it is not that late.
    with_floor(2081, &[HOST], (2082, 2084), always).unwrap();
    with_floor(2081, &[HOST], (2082, 2084), (2083, 2085)).unwrap();
}

#[test]
fn with_such_a_clock_all_else_is_checked() {
    let always = (2000, 2090);
    let refused = |hosts: &[&str], server, intermediate, part| {
        assert_refused(with_floor(2081, hosts, server, intermediate), part);
    };
    refused(&[HOST], (2000, 2080), always, "certificate expired");
    refused(&[HOST], always, (2000, 2080), "certificate expired");
    refused(&["other.test"], (2080, 2082), always, "another host");
    refused(&["other.test"], (2082, 2084), always, "another host");
    // There is no time at which both are valid.
    refused(&[HOST], (2084, 2086), (2080, 2083), "certificate expired");
    let made = made_for(&[HOST], (2082, 2084), always);
    let other = authority("other", (2000, 2090), None).certificate.pem();
    let tls = TlsOptions { clock_floor: year(2081), ..trusting(&other) };
    assert_refused(ask(&server(made), tls), "authority is not among the trusted");
}

#[test]
fn a_clock_after_the_build_is_believed() {
    let always = (2000, 2090);
    with_floor(2020, &[HOST], (2000, 2090), always).unwrap();
    assert_refused(with_floor(2020, &[HOST], (2080, 2082), always), "not valid yet");
    assert_refused(with_floor(2020, &[HOST], (2000, 2021), always), "certificate expired");
    assert!(TlsOptions::default().clock_floor > year(2024), "the build date");
}

/// A refusal in the middle of a body is heard at once, as without TLS.
#[test]
fn an_early_answer_ends_the_sending() {
    let made = made(&[HOST]);
    let ca_pem = made.ca_pem.clone();
    let server = tls_server(made.chain, made.key, None, |mut stream| {
        read_head(&mut BufReader::with_capacity(1, &mut stream)).unwrap();
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
        stream.write_all(b"HTTP/1.1 403 X\r\ncontent-length: 0\r\n\r\n").unwrap();
        super::support::hold(stream.sock);
    });
    let client = client(HttpOptions {
        tls: trusting(&ca_pem),
        idle_timeout: Duration::from_secs(5),
        ..options()
    });
    let url = format!("https://{}/", server.address());
    let answer = put(&client, &url, LARGE, Limits::default()).unwrap();
    assert_eq!((answer.status, answer.before_end_of_body), (403, true));
    assert!(answer.metrics.bytes_sent < LARGE, "{:?}", answer.metrics);
}

/// What begins like an interim answer and does not end, while nothing is read: neither the idle time-out nor
/// the processor may be lost over it.
#[test]
fn an_endless_interim_answer_is_no_movement() {
    let made = made(&[HOST]);
    let tls = trusting(&made.ca_pem);
    let server = tls_server(made.chain, made.key, None, |mut stream| {
        read_head(&mut BufReader::with_capacity(1, &mut stream));
        let endless = format!("HTTP/1.1 100 Continue\r\nx: {}", "a".repeat(100_000));
        let _ = stream.write_all(endless.as_bytes());
        super::support::hold(stream.sock);
    });
    let idle_timeout = Duration::from_millis(300);
    let client = client(HttpOptions { tls, idle_timeout, ..options() });
    let url = format!("https://{}/", server.address());
    let deadline = crate::wait::Deadline::after(Duration::from_secs(10));
    let failure = put(&client, &url, LARGE, Limits { deadline, ..Limits::default() }).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Timeout), "{failure:?}");
}

//! TLS handshakes that fail.

mod common;

use std::io::{ErrorKind, Write};

use common::rough::{End, add, until_end};
use common::tls::{TlsClient, emulator_with_tls};
use common::{PATIENCE, Request};
use ossbind_emulator::{AnswerFate, Emulator, Options, SelfSigned, TlsIdentity};

#[test]
fn certificates_have_the_defect_that_was_asked_for() {
    let (emulator, ca) = emulator_with_tls();
    let client = TlsClient::trusting(&ca);
    for (fault, reason) in [
        ("tls-wrong-host", "NotValidForName"),
        ("tls-expired", "Expired"),
        ("tls-not-yet-valid", "NotValidYet"),
        ("tls-untrusted", "BadSignature"),
    ] {
        let handle = add(&emulator, fault);
        let error = client.put(emulator.address(), "localhost").expect_err(fault);
        assert!(format!("{error:?}").contains(reason), "{fault}: {error:?}");
        assert_eq!(handle.happened(), 1);
        assert_eq!(
            client.put(emulator.address(), "localhost").unwrap().status,
            200,
            "after {fault}"
        );
    }
    let records = emulator.faults().records();
    assert!(records.len() == 4 && records.iter().all(|record| record.request_id.is_none()));
}

#[test]
fn a_handshake_is_cut() {
    let (emulator, ca) = emulator_with_tls();
    add(&emulator, "tls-cut");
    let error = TlsClient::trusting(&ca).put(emulator.address(), "localhost").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{error}");
}

#[test]
fn a_handshake_stalls_until_the_client_leaves_or_the_time_is_over() {
    let (emulator, ca) = emulator_with_tls();
    let client = TlsClient::trusting(&ca);
    let stall = add(&emulator, "tls-stall");
    let mut silent = common::connect(emulator.address());
    silent.write_all(b"the beginning of something").unwrap();
    assert!(stall.wait_happened(1, PATIENCE));
    drop(silent);

    add(&emulator, "tls-stall for=20ms");
    assert_eq!(client.put(emulator.address(), "localhost").unwrap().status, 200);
}

#[test]
fn answers_break_off_under_tls_too() {
    let (emulator, ca) = emulator_with_tls();
    let client = TlsClient::trusting(&ca);
    for (fault, length, end) in [
        ("reset-answer at=20", 20, End::Reset),
        ("reset-answer at=0", 0, End::Reset),
        ("reset-request at=3", 0, End::Reset),
    ] {
        add(&emulator, fault);
        let mut stream = client.connect(emulator.address(), "localhost");
        let request = Request::put("a", "content").sign_v4();
        stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
        stream.write_all(&request.body).unwrap();
        let (answer, how) = until_end(stream);
        assert_eq!((answer.len(), how), (length, end), "{fault}");
    }
    // The end of the connection without the farewell of TLS is an error of its own.
    add(&emulator, "close-answer at=20");
    let mut stream = client.connect(emulator.address(), "localhost");
    let request = Request::put("a", "content").sign_v4();
    stream.write_all(request.head(emulator.address()).as_bytes()).unwrap();
    stream.write_all(&request.body).unwrap();
    let mut answer = Vec::new();
    let error = std::io::Read::read_to_end(&mut stream, &mut answer).unwrap_err();
    assert_eq!((answer.len(), error.kind()), (20, ErrorKind::UnexpectedEof));
    assert!(emulator.wait_idle(PATIENCE));
    let record = emulator.requests().pop().unwrap();
    assert_eq!(record.answer, AnswerFate::Cut { bytes: 20 });
}

#[test]
fn an_emulator_without_tls_or_authority_says_so() {
    let plain = common::emulator();
    let error = plain.faults().add("tls-cut").unwrap_err();
    assert!(error.to_string().contains("start it with TLS"), "{error}");
    let made = SelfSigned::generate(&["localhost"]).unwrap();
    let tls = Some(TlsIdentity { authority: None, ..made.identity });
    let faults = vec!["tls-expired".parse().unwrap()];
    let error = Emulator::start(Options { tls, faults, ..Options::default() }).unwrap_err();
    assert!(error.to_string().contains("without its authority"), "{error}");
}

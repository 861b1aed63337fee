//! A connection that breaks in the middle of a body must be an error, and not the end of the process:
//! C programs have not ignored SIGPIPE, as Rust programs have.

mod support;

use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::sync::Arc;

use ossbind_emulator::SelfSigned;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use support::local_oss::LocalOss;
use support::native::{Compiler, expect_success, out_dir};
use support::raw_server::{RawServer, read_head};

/// Runs the C program, and gives what it printed.
fn upload(endpoint: &str, ca_file: &[&str], program: &str) -> String {
    let program = Compiler::c("c99").build(&["tests/c/large_body.c"], program);
    let mut command = Command::new(program);
    command
        .args(ca_file)
        .env("OSS_ENDPOINT", endpoint)
        .env("OSS_REGION", "cn-hangzhou")
        .env("OSS_ACCESS_KEY_ID", "ak")
        .env("OSS_ACCESS_KEY_SECRET", "sk");
    String::from_utf8(expect_success(&mut command).stdout).unwrap()
}

/// First the end of the stream, then a reset: what is written after that raises SIGPIPE.
fn hang_up(stream: &TcpStream, mut body: impl Read) {
    let _ = body.read(&mut [0; 1000]);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = body.read(&mut [0; 1000]);
}

#[test]
fn over_plain_http() {
    let server = RawServer::start(|stream| {
        let mut reader = BufReader::new(&stream);
        read_head(&mut reader);
        hang_up(&stream, reader);
    });
    let endpoint = format!("http://{}", server.address());
    assert_eq!(
        upload(&endpoint, &[], "large-body-plain"),
        "OSSBIND_STATUS_TRANSPORT, OSSBIND_OBJECT_STATE_NOT_STORED\n"
    );
}

/// A TLS server that serves a connection once its handshake is done.
fn tls_server(
    serve: impl Fn(StreamOwned<ServerConnection, TcpStream>) + Send + 'static,
) -> (RawServer, String) {
    let made = SelfSigned::generate(&["127.0.0.1"]).unwrap();
    let ca_file = out_dir().join(format!("lost-{:p}.pem", &made));
    std::fs::write(&ca_file, &made.ca_pem).unwrap();
    let chain = CertificateDer::pem_slice_iter(made.identity.certificate_chain_pem.as_bytes());
    let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(made.identity.private_key_pem.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let server = RawServer::start(move |stream| {
        // Or the refusal would wait for an acknowledgement, and be lost when the server hangs up.
        stream.set_nodelay(true).unwrap();
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        serve(StreamOwned::new(connection, stream));
    });
    (server, ca_file.to_str().unwrap().to_owned())
}

#[test]
fn over_tls() {
    let (server, ca_file) = tls_server(|mut stream| {
        read_head(&mut BufReader::new(&mut stream));
        let socket = stream.sock.try_clone().unwrap();
        hang_up(&socket, stream);
    });
    let endpoint = format!("https://{}", server.address());
    assert_eq!(
        upload(&endpoint, &[&ca_file], "large-body-tls"),
        "OSSBIND_STATUS_TRANSPORT, OSSBIND_OBJECT_STATE_NOT_STORED\n"
    );
}

#[test]
fn a_refusal_over_tls_is_heard() {
    let (server, ca_file) = tls_server(|mut stream| {
        read_head(&mut BufReader::new(&mut stream));
        let document = "<Error><Code>AccessDenied</Code></Error>";
        let length = document.len();
        write!(stream, "HTTP/1.1 403 X\r\ncontent-length: {length}\r\n\r\n{document}").unwrap();
        stream.conn.send_close_notify();
        stream.flush().unwrap();
        // Not read to the end, so that the client's writing fails.
    });
    let endpoint = format!("https://{}", server.address());
    let said = upload(&endpoint, &[&ca_file], "large-body-refused");
    assert_eq!(said, "OSSBIND_STATUS_SERVICE, OSSBIND_OBJECT_STATE_NOT_STORED\n");
}

/// What the program reports when so many calls to send find no memory in the system.
fn upload_without_memory(oss: &LocalOss, failures: u32) -> String {
    let shim = Compiler::c("gnu11")
        .flag("-shared")
        .flag("-fPIC")
        .build(&["tests/c/no_buffers.c"], &format!("no_buffers-{failures}.so"));
    let program =
        Compiler::c("c99").build(&["tests/c/report_upload.c"], &format!("no_buffers-{failures}"));
    let mut command = Command::new(program);
    oss.environment(&mut command);
    command.env("LD_PRELOAD", shim).env("NO_BUFFERS", failures.to_string());
    String::from_utf8(expect_success(&mut command).stdout).unwrap()
}

/// The idle time-out of 20 s is not waited for: five failures in a row would be more attempts than
/// there are.
#[test]
fn a_system_without_memory_is_asked_again_soon() {
    let oss = LocalOss::start();
    let report = upload_without_memory(&oss, 5);
    assert!(report.starts_with("status=OSSBIND_STATUS_OK"), "{report}");
}

#[test]
fn a_system_that_stays_without_memory_stored_nothing() {
    let oss = LocalOss::start();
    let report = upload_without_memory(&oss, u32::MAX);
    for line in ["status=OSSBIND_STATUS_TRANSPORT", "object_state=OSSBIND_OBJECT_STATE_NOT_STORED"]
    {
        assert!(report.lines().any(|reported| reported == line), "{line}: {report}");
    }
    assert!(report.contains("no memory for the network"), "{report}");
    assert!(oss.emulator.requests().is_empty());
}

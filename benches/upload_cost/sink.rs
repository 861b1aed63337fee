//! A server that reads uploads, drops them and answers as OSS does: blocking threads, keep-alive,
//! plain or TLS. The work that it leaves out is no part of what a client costs.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request for this path is answered with the head of the last PUT.
pub const LAST_HEAD: &str = "/last-head";

/// Serves until the process is ended. Prints the port of plain HTTP, that of TLS and, after them, the
/// certificate in PEM.
pub fn run() -> io::Result<()> {
    let (config, certificate) = tls();
    let plain = TcpListener::bind("127.0.0.1:0")?;
    let encrypted = TcpListener::bind("127.0.0.1:0")?;
    let mut out = io::stdout();
    writeln!(out, "{} {}", plain.local_addr()?.port(), encrypted.local_addr()?.port())?;
    write!(out, "{certificate}")?;
    out.flush()?;
    let last_head = Arc::new(Mutex::new(Vec::new()));
    let last = Arc::clone(&last_head);
    std::thread::spawn(move || accept(&plain, &last, |stream| stream));
    accept(&encrypted, &last_head, move |stream| {
        let connection =
            ServerConnection::new(Arc::clone(&config)).expect("the settings are right");
        StreamOwned::new(connection, stream)
    });
    Ok(())
}

fn tls() -> (Arc<ServerConfig>, String) {
    let key = KeyPair::generate().expect("the system gives random bytes");
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names)
        .and_then(|parameters| parameters.self_signed(&key))
        .expect("the names are valid");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let private = PrivateKeyDer::try_from(key.serialize_der()).expect("it was made for this");
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has suites for them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .expect("they belong together");
    (Arc::new(config), certificate.pem())
}

fn accept<S: Read + Write>(
    listener: &TcpListener,
    last_head: &Arc<Mutex<Vec<u8>>>,
    wrap: impl Fn(TcpStream) -> S + Clone + Send + 'static,
) {
    for stream in listener.incoming().flatten() {
        let (wrap, last_head) = (wrap.clone(), Arc::clone(last_head));
        std::thread::spawn(move || {
            let _ = stream.set_nodelay(true);
            let mut reader = BufReader::with_capacity(256 * 1024, wrap(stream));
            // A client that goes away is none of our business.
            while let Ok(true) = serve(&mut reader, &last_head) {}
        });
    }
}

/// One request. False when there is none any more.
fn serve<S: Read + Write>(
    reader: &mut BufReader<S>,
    last_head: &Mutex<Vec<u8>>,
) -> io::Result<bool> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head)? == 0 {
            return Ok(false);
        }
    }
    let text = String::from_utf8_lossy(&head);
    let crc64 = read_body(reader, content_length(&text))?;
    let answer = if text.starts_with(&format!("GET {LAST_HEAD} ")) {
        String::from_utf8_lossy(&last_head.lock().expect("no thread panics")).into_owned()
    } else {
        answer(&text)
    };
    let sum = if text.starts_with("PUT ") {
        format!("x-oss-hash-crc64ecma: {crc64}\r\n")
    } else {
        String::new()
    };
    let bytes = format!(
        "HTTP/1.1 200 OK\r\nServer: AliyunOSS\r\nContent-Length: {}\r\n\
         x-oss-request-id: 5C3D9175B6FC201293AD0000\r\n\
         ETag: \"D41D8CD98F00B204E9800998ECF8427E\"\r\n{sum}\r\n{answer}",
        answer.len()
    );
    reader.get_mut().write_all(bytes.as_bytes())?;
    if text.starts_with("PUT ") {
        *last_head.lock().expect("no thread panics") = head;
    }
    Ok(true)
}

fn content_length(head: &str) -> u64 {
    let value = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    value.unwrap_or_default()
}

/// Gives its CRC-64.
fn read_body(reader: &mut impl BufRead, length: u64) -> io::Result<u64> {
    let mut crc64 = crc64fast::Digest::new();
    let mut left = length;
    while left > 0 {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let count = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        crc64.write(&bytes[..count]);
        reader.consume(count);
        left -= count as u64;
    }
    Ok(crc64.sum64())
}

/// Body of an answer: of multipart uploads, and of the server that a callback went to.
fn answer(head: &str) -> String {
    let line = head.lines().next().unwrap_or_default();
    let common = "<Bucket>measured-uploads</Bucket><Key>object</Key>";
    if line.starts_with("POST ") && line.contains("&uploads ") {
        let id = "<UploadId>0004B9894A22E5B1888A1E29F8236E2D</UploadId>";
        let root = "InitiateMultipartUploadResult";
        format!("<?xml version=\"1.0\"?><{root}>{common}{id}</{root}>")
    } else if head.to_ascii_lowercase().contains("\r\nx-oss-callback:") {
        "{\"Status\":\"OK\"}".to_owned()
    } else {
        String::new()
    }
}

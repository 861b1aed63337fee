//! Sends a request as it is, like any HTTP program that knows nothing of OSS.

use std::io::{Read, Write};
use std::net::TcpStream;

pub struct PlainResponse {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl PlainResponse {
    /// Text between the first `<name>` and `</name>` of the body.
    pub fn element(&self, name: &str) -> &str {
        let rest = self.body.split(&format!("<{name}>")).nth(1).unwrap_or_default();
        rest.split(&format!("</{name}>")).next().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// Sends a request to an `http://` URL with exactly these headers.
pub fn send(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    content: &[u8],
) -> PlainResponse {
    let rest = url.strip_prefix("http://").expect("an http URL");
    let (host, target) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).expect("the server listens");
    let mut request = format!("{method} /{target} HTTP/1.1\r\nHost: {host}\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("Content-Length: {}\r\nConnection: close\r\n\r\n", content.len());
    stream.write_all(request.as_bytes()).expect("the server takes the head");
    stream.write_all(content).expect("the server takes the body");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server answers");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
    let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).expect("a status");
    PlainResponse { status, head: head.to_owned(), body: body.to_owned() }
}

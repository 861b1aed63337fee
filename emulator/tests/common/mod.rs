//! A small client that signs by itself and shows every byte of an answer.

// Each test program uses its own part of this module.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ossbind_emulator::{Emulator, Options, Receiver};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

pub mod folder;
pub mod form;
pub mod multipart;
pub mod rough;
pub mod signing;
pub mod tls;

pub const BUCKET: &str = "examplebucket";
/// Far longer than anything local takes: a bound for broken tests, not a measure.
pub const PATIENCE: Duration = Duration::from_secs(60);
const PATH: &AsciiSet = &QUERY.remove(b'/');
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// An emulator with default options.
pub fn emulator() -> Emulator {
    Emulator::start(Options::default()).expect("the emulator starts")
}

/// A receiver that trusts it.
pub fn receiver(emulator: &Emulator) -> Receiver {
    Receiver::for_emulator(emulator).expect("the receiver starts")
}

/// The two headers of a callback.
pub fn callback_headers(
    callback: &serde_json::Value,
    variables: &serde_json::Value,
) -> [(String, String); 2] {
    [
        ("x-oss-callback".to_owned(), STANDARD.encode(callback.to_string())),
        ("x-oss-callback-var".to_owned(), STANDARD.encode(variables.to_string())),
    ]
}

/// Uploads with a callback to these URLs, separated by `;`.
pub fn upload(emulator: &Emulator, urls: &str) -> Response {
    let callback = serde_json::json!({"callbackUrl": urls, "callbackBody": "a=1"});
    let headers = callback_headers(&callback, &serde_json::json!({}));
    Request::put("a.txt", "content").headers(headers).send(emulator)
}

/// The message and EC of a 203 answer, which must show the stored object all the same.
pub fn failure(emulator: &Emulator, response: &Response) -> (String, String) {
    assert_eq!(response.status, 203);
    assert_eq!(response.element("Code").as_deref(), Some("CallbackFailed"));
    assert_eq!(response.header("content-type"), Some("application/xml"));
    assert_eq!(response.header("etag"), Some("\"9A0364B9E99BB480DD25E1F0284C8555\""));
    assert!(response.header("x-oss-hash-crc64ecma").is_some());
    assert!(response.header("content-md5").is_some());
    let request_id = response.element("RequestId");
    assert_eq!(request_id.as_deref(), response.header("x-oss-request-id"));
    let ec = response.element("EC").unwrap();
    assert_eq!(response.header("x-oss-ec"), Some(ec.as_str()));
    let link = format!("https://api.aliyun.com/troubleshoot?q={ec}");
    assert_eq!(response.element("RecommendDoc"), Some(link));
    assert!(emulator.object(BUCKET, "a.txt").is_some());
    (response.element("Message").unwrap(), ec)
}

/// A request in path style, before it is signed.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub bucket: String,
    pub key: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Seconds by which the client's clock is wrong.
    pub skew: i64,
    pub access_key: (String, String, Option<String>),
    pub region: String,
    pub host: Option<String>,
}

impl Request {
    pub fn new(method: &str, key: &str) -> Request {
        Request {
            method: method.to_owned(),
            bucket: BUCKET.to_owned(),
            key: key.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Vec::new(),
            skew: 0,
            access_key: ("ak".to_owned(), "sk".to_owned(), None),
            region: "cn-hangzhou".to_owned(),
            host: None,
        }
    }

    pub fn put(key: &str, body: impl Into<Vec<u8>>) -> Request {
        let body = body.into();
        let length = body.len().to_string();
        Request { body, ..Request::new("PUT", key) }.header("content-length", &length)
    }

    /// A POST with a body.
    pub fn post(key: &str, body: impl Into<Vec<u8>>) -> Request {
        Request { method: "POST".to_owned(), ..Request::put(key, body) }
    }

    pub fn get(key: &str) -> Request {
        Request::new("GET", key)
    }

    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn headers(mut self, headers: impl IntoIterator<Item = (String, String)>) -> Request {
        self.headers.extend(headers);
        self
    }

    pub fn query(mut self, name: &str, value: &str) -> Request {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn key_pair(mut self, id: &str, secret: &str, token: Option<&str>) -> Request {
        self.access_key = (id.to_owned(), secret.to_owned(), token.map(str::to_owned));
        self
    }

    pub fn resource(&self) -> String {
        if self.bucket.is_empty() {
            "/".to_owned()
        } else {
            format!("/{}/{}", self.bucket, self.key)
        }
    }

    /// Path and query for the request line.
    pub fn target(&self) -> String {
        let path = if self.host.is_some() { format!("/{}", self.key) } else { self.resource() };
        let mut target = utf8_percent_encode(&path, PATH).to_string();
        for (position, (name, value)) in self.query.iter().enumerate() {
            target.push(if position == 0 { '?' } else { '&' });
            target.extend(utf8_percent_encode(name, NON_ALPHANUMERIC));
            if !value.is_empty() {
                target.push('=');
                target.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
            }
        }
        target
    }

    /// The head as it goes over the wire.
    pub fn head(&self, address: SocketAddr) -> String {
        let host = self.host.clone().unwrap_or_else(|| address.to_string());
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {host}\r\n", self.method, self.target());
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head + "\r\n"
    }

    /// Signs with version 4, sends over a connection of its own and reads the answer.
    pub fn send(self, emulator: &Emulator) -> Response {
        self.sign_v4().send_as_is(emulator)
    }

    pub fn send_as_is(self, emulator: &Emulator) -> Response {
        let mut stream = connect(emulator.address());
        stream.write_all(self.head(emulator.address()).as_bytes()).unwrap();
        // The server may refuse before the body is through.
        let _ = stream.write_all(&self.body);
        Response::read(&mut stream, self.method == "HEAD")
    }
}

/// Where the control endpoint listens.
pub fn control_address(emulator: &Emulator) -> SocketAddr {
    let url = emulator.control_endpoint().expect("the option is set");
    url.strip_prefix("http://").unwrap().parse().unwrap()
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the server accepts");
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    /// Reads one answer; the connection may stay open behind it.
    pub fn read(stream: &mut impl Read, without_body: bool) -> Response {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("an answer arrives");
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut response = Response { status, headers, body: Vec::new() };
        let length = response.header("content-length").map_or(0, |text| text.parse().unwrap());
        if !without_body {
            response.body = vec![0; length];
            stream.read_exact(&mut response.body).expect("the body arrives");
        }
        response
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The text of an element of the XML body.
    pub fn element(&self, name: &str) -> Option<String> {
        let text = self.text();
        let document = roxmltree::Document::parse(&text).expect("the body is XML");
        let node = document.descendants().find(|node| node.has_tag_name(name))?;
        Some(node.text().unwrap_or_default().to_owned())
    }

    /// Status, code and EC of an error.
    pub fn error(&self) -> (u16, String, Option<String>) {
        (self.status, self.element("Code").unwrap_or_default(), self.element("EC"))
    }
}

/// Status and code of an error, to be compared with [`is`].
pub fn code(answer: &Response) -> (u16, String) {
    let (status, code, _) = answer.error();
    (status, code)
}

pub fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

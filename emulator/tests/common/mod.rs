//! A small client that signs by itself and shows every byte of an answer.

// Each test program uses its own part of this module.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use ossbind_emulator::{Emulator, Options, Receiver};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;
use sha2::{Digest, Sha256};

pub mod form;
pub mod multipart;

pub const BUCKET: &str = "examplebucket";
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

    fn resource(&self) -> String {
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

    fn time(&self) -> SystemTime {
        let distance = Duration::from_secs(self.skew.unsigned_abs());
        let now = SystemTime::now();
        if self.skew < 0 { now - distance } else { now + distance }
    }

    /// `x-oss-date` of this request.
    fn timestamp(&self) -> String {
        let format =
            time::macros::format_description!("[year][month][day]T[hour][minute][second]Z");
        time::OffsetDateTime::from(self.time()).format(format).unwrap()
    }

    fn scope(&self, timestamp: &str) -> String {
        format!("{}/{}/oss/aliyun_v4_request", &timestamp[..8], self.region)
    }

    /// Adds the headers of signature version 4.
    pub fn sign_v4(mut self) -> Request {
        let timestamp = self.timestamp();
        self = self.header("x-oss-date", &timestamp);
        if !self.headers.iter().any(|(name, _)| name == "x-oss-content-sha256") {
            self = self.header("x-oss-content-sha256", "UNSIGNED-PAYLOAD");
        }
        self = self.with_token();
        let value = format!(
            "OSS4-HMAC-SHA256 Credential={}/{},Signature={}",
            self.access_key.0,
            self.scope(&timestamp),
            self.signature_v4(&timestamp)
        );
        self.header("authorization", &value)
    }

    fn signature_v4(&self, timestamp: &str) -> String {
        let encode = |text: &str| utf8_percent_encode(text, QUERY).to_string();
        let mut query: Vec<(String, String)> =
            self.query.iter().map(|(name, value)| (encode(name), encode(value))).collect();
        query.sort();
        let query: Vec<String> = query
            .into_iter()
            .map(|(name, value)| if value.is_empty() { name } else { format!("{name}={value}") })
            .collect();
        let headers = self.signed_headers(|n| {
            n.starts_with("x-oss-") || n == "content-type" || n == "content-md5"
        });
        let canonical = format!(
            "{}\n{}\n{}\n{headers}\n\nUNSIGNED-PAYLOAD",
            self.method,
            utf8_percent_encode(&self.resource(), PATH),
            query.join("&"),
        );
        let scope = self.scope(timestamp);
        let digest = hex(&Sha256::digest(canonical));
        let text = format!("OSS4-HMAC-SHA256\n{timestamp}\n{scope}\n{digest}");
        hex(&hmac_sha256(&signing_key_v4(&self.access_key.1, &scope), &text))
    }

    /// Adds the headers of signature version 1.
    pub fn sign_v1(mut self) -> Request {
        let date = httpdate::fmt_http_date(self.time());
        self = self.header("date", &date).with_token();
        let value = format!("OSS {}:{}", self.access_key.0, self.signature_v1(&date));
        self.header("authorization", &value)
    }

    fn signature_v1(&self, date_line: &str) -> String {
        let value = |name: &str| {
            self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
        };
        let text = format!(
            "{}\n{}\n{}\n{date_line}\n{}{}{}",
            self.method,
            value("content-md5"),
            value("content-type"),
            self.signed_headers(|name| name.starts_with("x-oss-")),
            self.resource(),
            self.sub_resources()
        );
        STANDARD.encode(hmac_sha1(&self.access_key.1, &text))
    }

    fn sub_resources(&self) -> String {
        let signed = |name: &str| {
            let names = ["uploads", "uploadId", "partNumber", "callback", "callback-var"];
            names.contains(&name) || name == "security-token" || name.starts_with("x-oss-")
        };
        let mut query: Vec<_> = self.query.iter().filter(|(name, _)| signed(name)).collect();
        query.sort();
        let items: Vec<String> = query
            .into_iter()
            .map(
                |(name, value)| {
                    if value.is_empty() { name.clone() } else { format!("{name}={value}") }
                },
            )
            .collect();
        if items.is_empty() { String::new() } else { format!("?{}", items.join("&")) }
    }

    /// Puts a version 4 signature into the query.
    pub fn presign_v4(mut self, expires: &str) -> Request {
        let timestamp = self.timestamp();
        let credential = format!("{}/{}", self.access_key.0, self.scope(&timestamp));
        if let Some(token) = self.access_key.2.clone() {
            self = self.query("x-oss-security-token", &token);
        }
        self = self
            .query("x-oss-signature-version", "OSS4-HMAC-SHA256")
            .query("x-oss-credential", &credential)
            .query("x-oss-date", &timestamp)
            .query("x-oss-expires", expires);
        let signature = self.signature_v4(&timestamp);
        self.query("x-oss-signature", &signature)
    }

    /// Puts a version 1 signature into the query.
    pub fn presign_v1(mut self, expires: &str) -> Request {
        if let Some(token) = self.access_key.2.clone() {
            self = self.query("security-token", &token);
        }
        let (id, signature) = (self.access_key.0.clone(), self.signature_v1(expires));
        self.query("Expires", expires).query("OSSAccessKeyId", &id).query("Signature", &signature)
    }

    fn with_token(self) -> Request {
        match self.access_key.2.clone() {
            Some(token) => self.header("x-oss-security-token", &token),
            None => self,
        }
    }

    fn signed_headers(&self, wanted: impl Fn(&str) -> bool) -> String {
        // By name, not by line: `x-oss-callback` comes before `x-oss-callback-var`.
        let mut headers: Vec<&(String, String)> =
            self.headers.iter().filter(|(name, _)| wanted(name)).collect();
        headers.sort();
        headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect()
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

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the server accepts");
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// The signing key of a scope.
pub fn signing_key_v4(secret: &str, scope: &str) -> Vec<u8> {
    scope
        .split('/')
        .fold(format!("aliyun_v4{secret}").into_bytes(), |key, part| hmac_sha256(&key, part))
}

pub fn hmac_sha1(secret: &str, message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

pub fn hmac_sha256(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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

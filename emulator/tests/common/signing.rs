//! Signatures of requests, made independently of the emulator's code.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::utf8_percent_encode;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::{PATH, QUERY, Request};

impl Request {
    fn time(&self) -> SystemTime {
        let distance = Duration::from_secs(self.skew.unsigned_abs());
        let now = SystemTime::now();
        if self.skew < 0 { now - distance } else { now + distance }
    }

    /// `x-oss-date` of this request.
    pub fn timestamp(&self) -> String {
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
}

/// The signing key of a scope.
pub fn signing_key_v4(secret: &str, scope: &str) -> Vec<u8> {
    scope
        .split('/')
        .fold(format!("aliyun_v4{secret}").into_bytes(), |key, part| hmac_sha256(&key, part))
}

pub fn hmac_sha1(secret: &str, message: impl AsRef<[u8]>) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(message.as_ref());
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

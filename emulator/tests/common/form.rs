//! Forms for PostObject.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ossbind_emulator::Emulator;
use serde_json::{Value, json};

use super::signing::{hex, hmac_sha1, hmac_sha256, signing_key_v4};
use super::{BUCKET, Request, Response};

/// A form with its file in the last place.
#[derive(Clone, Debug)]
pub struct Form {
    pub fields: Vec<(String, String)>,
    pub file_head: String,
    pub file: Vec<u8>,
    /// What follows the file.
    pub tail: String,
}

impl Form {
    /// A form with this file, named `a.txt`.
    pub fn new(file: impl Into<Vec<u8>>) -> Form {
        Form {
            fields: Vec::new(),
            file_head: "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
                        Content-Type: text/plain"
                .to_owned(),
            file: file.into(),
            tail: String::new(),
        }
    }

    pub fn field(mut self, name: &str, value: &str) -> Form {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Signs a policy that expires in 2099 with version 1.
    pub fn sign_v1(self, conditions: &Value) -> Form {
        let policy = policy(conditions);
        let signature = STANDARD.encode(hmac_sha1("sk", &policy));
        self.field("OSSAccessKeyId", "ak").field("policy", &policy).field("Signature", &signature)
    }

    /// The same with version 4, of today, and with the conditions it needs.
    pub fn sign_v4(self, conditions: &Value, key: (&str, &str), token: Option<&str>) -> Form {
        let timestamp = Request::new("POST", "").timestamp();
        let scope = format!("{}/cn-hangzhou/oss/aliyun_v4_request", &timestamp[..8]);
        let mut fields = vec![
            ("x-oss-signature-version", "OSS4-HMAC-SHA256".to_owned()),
            ("x-oss-credential", format!("{}/{scope}", key.0)),
            ("x-oss-date", timestamp),
        ];
        fields.extend(token.map(|token| ("x-oss-security-token", token.to_owned())));
        let mut conditions = conditions.as_array().unwrap().clone();
        conditions.extend(fields.iter().map(|(name, value)| json!({*name: value})));
        let policy = policy(&Value::Array(conditions));
        let signature = hex(&hmac_sha256(&signing_key_v4(key.1, &scope), &policy));
        let form = fields.iter().fold(self, |form, (name, value)| form.field(name, value));
        form.field("policy", &policy).field("x-oss-signature", &signature)
    }

    /// The body with the boundary `----b`.
    pub fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            let head = format!("Content-Disposition: form-data; name=\"{name}\"");
            body.extend(format!("------b\r\n{head}\r\n\r\n{value}\r\n").bytes());
        }
        body.extend(format!("------b\r\n{}\r\n\r\n", self.file_head).bytes());
        body.extend(&self.file);
        body.extend(format!("\r\n{}------b--\r\n", self.tail).bytes());
        body
    }

    /// The request, without a signature in its headers.
    pub fn request(&self) -> Request {
        request(self.body())
    }

    pub fn send(&self, emulator: &Emulator) -> Response {
        self.request().send_as_is(emulator)
    }
}

/// A form with this body.
pub fn request(body: Vec<u8>) -> Request {
    Request { bucket: BUCKET.to_owned(), ..Request::post("", body) }
        .header("content-type", "multipart/form-data; boundary=----b")
}

fn policy(conditions: &Value) -> String {
    let policy = json!({"expiration": "2099-12-31T00:00:00.000Z", "conditions": conditions});
    STANDARD.encode(policy.to_string())
}

//! An error as one JSON text, for a support ticket.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::error::Error;
use crate::metrics::Metrics;
use crate::text::{constant, one_line_of_json};
use crate::time::Timestamp;

/// Elements of error documents that repeat what was signed: headers, with the callback and its
/// variables among them.
const NOT_REPEATED: [&str; 4] =
    ["StringToSign", "CanonicalRequest", "SignatureProvided", "OSSAccessKeyId"];

impl Error {
    /// All that is known as one JSON text for a support ticket: no key, token, signature, query, header or
    /// body.
    pub fn report(&self) -> String {
        let document = self.document().filter(|(name, _)| !NOT_REPEATED.contains(name));
        let document = document.map(|(name, text)| (name, text.into())).collect();
        let subject = self.subject();
        let report = object(vec![
            ("ossbind", crate::BUILD.into()),
            ("device_time", device_time().into()),
            ("system", format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS).into()),
            ("status", constant("OSSBIND_STATUS", self.status()).into()),
            ("object", constant("OSSBIND_OBJECT_STATE", self.object_state()).into()),
            ("advice", constant("OSSBIND_ADVICE", self.advice()).into()),
            ("meaning", self.meaning().into()),
            ("retry_after_ms", (self.retry_after().as_millis() as u64).into()),
            ("message", self.message().into()),
            ("field", self.field().into()),
            ("offset", self.offset().into()),
            ("http_status", self.http_status().into()),
            ("oss_code", self.code().into()),
            ("ec", self.ec().into()),
            ("request_id", self.request_id().into()),
            ("upload_id", self.upload_id().into()),
            ("caller_code", self.caller_code().into()),
            ("oss_document", object(document)),
            ("bucket", subject.bucket.as_deref().into()),
            ("key", subject.key.as_deref().into()),
            ("endpoint", subject.endpoint.as_deref().into()),
            ("region", subject.region.as_deref().into()),
            ("access_key_id", subject.access_key_id.as_deref().into()),
            ("method", subject.request.as_ref().map(|(method, _)| method.as_str()).into()),
            ("url", subject.request.as_ref().map(|(_, url)| url.as_str()).into()),
            ("callback_url", subject.callback_url.as_deref().into()),
            ("server_time", subject.server_time.as_deref().into()),
            ("metrics", self.metrics().map_or(Value::Null, of_metrics)),
        ]);
        // Names of objects and words of peers may have characters that act on a terminal.
        one_line_of_json(&report.to_string())
    }
}

/// One member after the other: collecting would sort them first.
fn object(members: Vec<(&str, Value)>) -> Value {
    let mut object = Map::new();
    for (name, value) in members {
        object.insert(name.to_owned(), value);
    }
    object.into()
}

/// When the report was made, by the clock of this device, which may be wrong.
fn device_time() -> String {
    Timestamp::of_device().iso_milliseconds()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn of_metrics(metrics: &Metrics) -> Value {
    let timings = &metrics.timings;
    object(vec![
        ("requests", metrics.requests.into()),
        ("retries", metrics.retries.into()),
        ("dns_ms", milliseconds(timings.dns).into()),
        ("connect_ms", milliseconds(timings.connect).into()),
        ("tls_ms", milliseconds(timings.tls).into()),
        ("send_ms", milliseconds(timings.send).into()),
        ("wait_ms", milliseconds(timings.wait).into()),
        ("receive_ms", milliseconds(timings.receive).into()),
        ("bytes_sent", metrics.bytes_sent.into()),
        ("bytes_received", metrics.bytes_received.into()),
        ("reused_connection", metrics.reused_connection.into()),
        ("peer", metrics.peer.map(|peer| peer.to_string()).into()),
    ])
}

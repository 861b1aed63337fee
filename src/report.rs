//! An error as one JSON text, for a support ticket.

use std::time::Duration;

use serde_json::{Map, Value, json};

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
        let document: Map<String, Value> = self
            .document()
            .filter(|(name, _)| !NOT_REPEATED.contains(name))
            .map(|(name, text)| (name.to_owned(), text.into()))
            .collect();
        let subject = self.subject();
        let report = json!({
            "ossbind": crate::BUILD,
            "device_time": device_time(),
            "system": format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            "status": constant("OSSBIND_STATUS", self.status()),
            "object": constant("OSSBIND_OBJECT_STATE", self.object_state()),
            "advice": constant("OSSBIND_ADVICE", self.advice()),
            "meaning": self.meaning(),
            "retry_after_ms": self.retry_after().as_millis() as u64,
            "message": self.message(),
            "field": self.field(),
            "offset": self.offset(),
            "http_status": self.http_status(),
            "oss_code": self.code(),
            "ec": self.ec(),
            "request_id": self.request_id(),
            "upload_id": self.upload_id(),
            "caller_code": self.caller_code(),
            "oss_document": document,
            "bucket": subject.bucket,
            "key": subject.key,
            "endpoint": subject.endpoint,
            "region": subject.region,
            "access_key_id": subject.access_key_id,
            "method": subject.request.as_ref().map(|(method, _)| method),
            "url": subject.request.as_ref().map(|(_, url)| url),
            "callback_url": subject.callback_url,
            "server_time": subject.server_time,
            "metrics": self.metrics().map(of_metrics),
        });
        // Names of objects and words of peers may have characters that act on a terminal.
        one_line_of_json(&report.to_string())
    }
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
    json!({
        "requests": metrics.requests,
        "retries": metrics.retries,
        "dns_ms": milliseconds(timings.dns),
        "connect_ms": milliseconds(timings.connect),
        "tls_ms": milliseconds(timings.tls),
        "send_ms": milliseconds(timings.send),
        "wait_ms": milliseconds(timings.wait),
        "receive_ms": milliseconds(timings.receive),
        "bytes_sent": metrics.bytes_sent,
        "bytes_received": metrics.bytes_received,
        "reused_connection": metrics.reused_connection,
        "peer": metrics.peer.map(|peer| peer.to_string()),
    })
}

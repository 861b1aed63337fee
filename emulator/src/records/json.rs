//! Records as JSON.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{
    AnswerFate, CallbackOutcome, CallbackRecord, FaultRecord, RequestRecord, SignatureClaim,
};
use crate::clock;
use crate::protocol::Operation;

pub(crate) fn fault(record: &FaultRecord) -> Value {
    json!({
        "id": record.id,
        "fault": &*record.text,
        "connection": record.connection,
        "peer": record.peer.to_string(),
        "request_id": record.request_id,
        "operation": record.operation.map(Operation::name),
        "key": record.key,
    })
}

pub(crate) fn request(record: &RequestRecord) -> Value {
    let faults: Vec<Value> = record
        .faults
        .iter()
        .map(|fault| json!({"id": fault.id, "fault": &*fault.text, "happened": fault.happened}))
        .collect();
    json!({
        "request_id": record.request_id,
        "begun": clock::milliseconds(record.begun),
        "milliseconds": {
            "received": milliseconds(record.times.received),
            "callback": milliseconds(record.times.callback),
            "ready": milliseconds(record.times.ready),
            "ended": milliseconds(record.times.ended),
        },
        "connection": record.connection,
        "peer": record.peer.to_string(),
        "method": record.method,
        "host": record.host,
        "target": record.target,
        "bucket": record.bucket,
        "key": record.key,
        "operation": record.operation.map(Operation::name),
        "upload_id": record.upload_id,
        "part_number": record.part_number,
        "headers": headers(&record.headers),
        "signature_version": record.signature_version.map(|version| format!("{version:?}")),
        "access_key_id": record.access_key_id,
        "signature": record.signature.as_ref().map(signature),
        "body_bytes": record.body_bytes,
        "traffic_limit": record.traffic_limit,
        // As text, since many readers of JSON would round it.
        "stored": record.stored.map(|stored| {
            json!({"size": stored.size, "crc64": stored.crc64.to_string()})
        }),
        "callback": record.callback.map(|callback| {
            json!({"delivered": callback.delivered, "acknowledged": callback.acknowledged})
        }),
        "status": record.status,
        "code": record.code,
        "ec": record.ec,
        "answer_headers": headers(&record.answer_headers),
        "answer_text": record.answer_text,
        "answer": match record.answer {
            AnswerFate::Pending => json!("pending"),
            AnswerFate::Sent => json!("sent"),
            AnswerFate::Cut { bytes } => json!({"cut_after_bytes": bytes}),
        },
        "faults": faults,
    })
}

pub(crate) fn callback(record: &CallbackRecord) -> Value {
    json!({
        "request_id": record.request_id,
        "url": record.url,
        "headers": headers(&record.headers),
        "template": record.template,
        "variables": record.variables,
        "body": record.body,
        "delivered": record.delivered,
        "answer": record.answer.as_ref().map(|answer| {
            json!({
                "status": answer.status,
                "headers": headers(&answer.headers),
                "body": String::from_utf8_lossy(&answer.body),
            })
        }),
        "milliseconds": {
            "begun": milliseconds(Some(record.times.begun)),
            "connected": milliseconds(record.times.connected),
            "sent": milliseconds(record.times.sent),
            "answered": milliseconds(record.times.answered),
            "ended": milliseconds(Some(record.times.ended)),
        },
        "outcome": match &record.outcome {
            CallbackOutcome::Acknowledged { body } => {
                json!({"acknowledged": String::from_utf8_lossy(body)})
            }
            CallbackOutcome::Failed { message, ec } => json!({"failed": message, "ec": ec}),
        },
    })
}

fn signature(claim: &SignatureClaim) -> Value {
    json!({
        "version": format!("{:?}", claim.version),
        "place": format!("{:?}", claim.place).to_lowercase(),
        "mismatch": claim.mismatch.as_ref().map(|mismatch| {
            json!({
                "signed": mismatch.signed,
                "string_to_sign": mismatch.string_to_sign,
                "cause": mismatch.cause,
                "signed_by_client": mismatch.signed_by_client,
                "first_difference": mismatch.first_difference(),
            })
        }),
    })
}

fn milliseconds(time: Option<Duration>) -> Option<f64> {
    time.map(|time| time.as_micros() as f64 / 1000.0)
}

/// By name; the values of headers that come twice are joined as HTTP has it.
fn headers(headers: &[(String, String)]) -> Value {
    let mut object = Map::new();
    for (name, value) in headers {
        match object.get_mut(name) {
            Some(Value::String(known)) => known.push_str(&format!(", {value}")),
            _ => drop(object.insert(name.clone(), json!(value))),
        }
    }
    Value::Object(object)
}

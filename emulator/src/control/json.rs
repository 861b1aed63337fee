//! Records as JSON.

use serde_json::{Map, Value, json};

use crate::faults::FaultStatus;
use crate::protocol::Operation;
use crate::records::{AnswerFate, CallbackOutcome, CallbackRecord, FaultRecord, RequestRecord};

pub(super) fn status(status: &FaultStatus) -> Value {
    json!({
        "id": status.id,
        "fault": status.text,
        "left": status.left,
        "taken": status.taken,
        "happened": status.happened,
    })
}

pub(super) fn fault(record: &FaultRecord) -> Value {
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

pub(super) fn request(record: &RequestRecord) -> Value {
    let faults: Vec<Value> = record
        .faults
        .iter()
        .map(|fault| json!({"id": fault.id, "fault": &*fault.text, "happened": fault.happened}))
        .collect();
    json!({
        "request_id": record.request_id,
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
        "answer": match record.answer {
            AnswerFate::Pending => json!("pending"),
            AnswerFate::Sent => json!("sent"),
            AnswerFate::Cut { bytes } => json!({"cut_after_bytes": bytes}),
        },
        "faults": faults,
    })
}

pub(super) fn callback(record: &CallbackRecord) -> Value {
    json!({
        "request_id": record.request_id,
        "url": record.url,
        "headers": headers(&record.headers),
        "body": record.body,
        "delivered": record.delivered,
        "outcome": match &record.outcome {
            CallbackOutcome::Acknowledged { body } => {
                json!({"acknowledged": String::from_utf8_lossy(body)})
            }
            CallbackOutcome::Failed { message, ec } => json!({"failed": message, "ec": ec}),
        },
    })
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

//! What can be asked for.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::Shared;
use crate::console::ConsoleBody;
use crate::faults::{Fault, FaultStatus, parse_offset};
use crate::records::{SharedRecord, json};

/// Some 10000 faults.
const MAX_BODY_BYTES: usize = 1 << 20;
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

const USAGE: &str = "\
GET    /faults         the faults, how often each was taken for a request, and has happened
POST   /faults         add the faults of the body, one in each line
DELETE /faults         forget all faults; /faults/ID forgets one
GET    /fault-records  each time that a fault has happened
GET    /requests       the requests: what arrived, what was stored, what was answered
GET    /callbacks      the callbacks: what was sent, and what came of it
DELETE /fault-records, /requests, /callbacks  the same, and forget them
GET    /clock          by how many seconds the clock is ahead
PUT    /clock          move the clock by the body, such as -2h or 0s
PUT    /listening      off: refuse connections; on: accept them again
GET    /_console/      a page for browsers that shows requests and callbacks as they come

";

type Answer = (StatusCode, Value);

pub(super) async fn answer(shared: &Shared, request: Request<Incoming>) -> Response<ConsoleBody> {
    if let Err(reason) = shared.gate.check(request.uri(), request.headers()) {
        return in_json(refusal(StatusCode::FORBIDDEN, reason));
    }
    if request.method() == Method::GET {
        let path = request.uri().path();
        if path == "/" {
            return response(StatusCode::OK, "text/plain", USAGE.to_owned() + &Fault::help());
        }
        if let Some(answer) = shared.console.answer(path) {
            return answer;
        }
    }
    in_json(json_answer(shared, request).await)
}

fn in_json((status, value): Answer) -> Response<ConsoleBody> {
    // Indented, for it is mostly people that look at it.
    response(status, "application/json", format!("{value:#}\n"))
}

fn response(status: StatusCode, content_type: &'static str, body: String) -> Response<ConsoleBody> {
    let mut response = Response::new(Full::from(body).boxed());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

async fn json_answer(shared: &Shared, request: Request<Incoming>) -> Answer {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    match parts.method {
        Method::GET => look(shared, path),
        Method::DELETE => forget(shared, path),
        Method::POST | Method::PUT => match text(body).await {
            Ok(text) => change(shared, &parts.method, path, &text).await,
            Err(reason) => refusal(StatusCode::BAD_REQUEST, reason),
        },
        _ => unknown(),
    }
}

async fn text(body: Incoming) -> Result<String, &'static str> {
    let body = timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY_BYTES).collect()).await;
    let bytes = body.map_err(|_| "The body takes too long.")?;
    let bytes = bytes.map_err(|_| "The body breaks off or is longer than 1 MiB.")?.to_bytes();
    String::from_utf8(bytes.into()).map_err(|_| "The body is not UTF-8.")
}

fn look(shared: &Shared, path: &str) -> Answer {
    let state = &shared.state;
    let value = match path {
        "/faults" => state.faults.list().iter().map(status).collect(),
        "/fault-records" => state.faults.records().iter().map(json::fault).collect(),
        "/requests" => requests(&state.requests.to_vec()),
        "/callbacks" => state.callbacks.to_vec().iter().map(json::callback).collect(),
        "/clock" => json!({"offset_seconds": state.clock.offset_seconds()}),
        _ => return unknown(),
    };
    (StatusCode::OK, value)
}

fn forget(shared: &Shared, path: &str) -> Answer {
    let state = &shared.state;
    let value = match path {
        "/faults" => {
            state.faults.clear();
            json!([])
        }
        "/fault-records" => state.faults.take_records().iter().map(json::fault).collect(),
        "/requests" => requests(&state.requests.take_where(SharedRecord::is_settled)),
        "/callbacks" => state.callbacks.take().iter().map(json::callback).collect(),
        _ => {
            let id = path.strip_prefix("/faults/").and_then(|id| id.parse().ok());
            match id {
                Some(id) if state.faults.remove(id) => json!([]),
                Some(id) => {
                    return refusal(StatusCode::NOT_FOUND, format!("There is no fault {id}."));
                }
                None => return unknown(),
            }
        }
    };
    (StatusCode::OK, value)
}

fn status(status: &FaultStatus) -> Value {
    json!({
        "id": status.id,
        "fault": status.text,
        "left": status.left,
        "taken": status.taken,
        "happened": status.happened,
    })
}

fn requests(records: &[SharedRecord]) -> Value {
    records.iter().map(|record| json::request(&record.lock())).collect()
}

async fn change(shared: &Shared, method: &Method, path: &str, text: &str) -> Answer {
    match (method, path) {
        (&Method::POST, "/faults") => match shared.state.faults.add_script(text) {
            Ok(added) => {
                let added = added.iter().map(|handle| status(&handle.status())).collect();
                (StatusCode::CREATED, added)
            }
            Err(error) => refusal(StatusCode::BAD_REQUEST, error.to_string()),
        },
        (&Method::PUT, "/clock") => match parse_offset(text.trim()) {
            Ok(seconds) => {
                shared.state.clock.set_offset_seconds(seconds);
                (StatusCode::OK, json!({"offset_seconds": seconds}))
            }
            Err(reason) => refusal(StatusCode::BAD_REQUEST, format!("The body is {reason}.")),
        },
        (&Method::PUT, "/listening") => match text.trim() {
            "on" => set_open(shared, true).await,
            "off" => set_open(shared, false).await,
            other => refusal(
                StatusCode::BAD_REQUEST,
                format!("The body is '{other}'; allowed: on, off."),
            ),
        },
        _ => unknown(),
    }
}

async fn set_open(shared: &Shared, open: bool) -> Answer {
    let door = shared.door.clone();
    match tokio::task::spawn_blocking(move || door.set_open(open)).await {
        Ok(Ok(())) => (StatusCode::OK, json!({"listening": open})),
        Ok(Err(error)) => refusal(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

fn unknown() -> Answer {
    refusal(StatusCode::NOT_FOUND, "There is no such thing; GET / tells what there is.")
}

fn refusal(status: StatusCode, reason: impl Into<String>) -> Answer {
    (status, json!({"error": reason.into()}))
}

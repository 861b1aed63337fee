//! One request and its answer, from the first check to the log line.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::body::{Body, Incoming};
use hyper::header::{CONNECTION, CONTENT_LENGTH, DATE, HOST, HeaderName, HeaderValue, SERVER};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response};

use super::cors;
use super::link::Link;
use super::outgoing::Outgoing;
use super::query::Query;
use super::reply::{Reply, ReplyBody};
use super::request_body::RequestBody;
use super::state::{PUBLIC_KEY_BUCKET, PUBLIC_KEY_NAME, State};
use super::target::Target;
use crate::auth::{Authorization, SignedRequest, authenticate};
use crate::clock;
use crate::error::OssError;
use crate::error::catalogue::{internal_error, no_right_by_bucket_acl};
use crate::faults::{Stage, Taken, When};
use crate::log::printable;
use crate::operations::{self, Operation};
use crate::records::{AnswerFate, RequestRecord, SharedRecord, UnderwayRequest};

/// A request while it is being answered.
pub(crate) struct Exchange {
    pub(crate) state: Arc<State>,
    pub(super) link: Arc<Link>,
    pub(crate) parts: Parts,
    pub(crate) query: Query,
    pub(crate) body: RequestBody,
    pub(crate) record: RequestRecord,
    /// What became of the callback, for the log.
    pub(crate) callback_summary: Option<String>,
    /// The faults that were taken for the request as a whole.
    pub(super) faults: Vec<Taken>,
    pub(super) clock_offset_seconds: i64,
    /// Whether the connection shall end without an answer.
    pub(super) is_cut: bool,
    started: Instant,
    underway: UnderwayRequest,
}

/// Nothing goes out; the connection ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the connection was to end")
    }
}

impl std::error::Error for Cut {}

/// Answers a request and remembers it.
pub(crate) async fn answer(
    state: Arc<State>,
    link: Arc<Link>,
    request: Request<Incoming>,
) -> Result<Response<ReplyBody>, Cut> {
    let mut exchange = Exchange::begin(state, link, request);
    let outcome = exchange.perform().await;
    if exchange.is_cut {
        return Err(exchange.finish_cut());
    }
    let reply = match outcome {
        Ok(reply) => reply,
        Err(error) => exchange.error_reply(error),
    };
    Ok(exchange.finish(reply))
}

impl Exchange {
    fn begin(state: Arc<State>, link: Arc<Link>, request: Request<Incoming>) -> Exchange {
        let (parts, body) = request.into_parts();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let host = match (parts.headers.get(HOST), parts.uri.authority()) {
            (Some(host), _) => text(host),
            (None, Some(authority)) => authority.to_string(),
            (None, None) => String::new(),
        };
        let headers = parts.headers.iter().map(|(n, v)| (n.as_str().to_owned(), text(v))).collect();
        let record = RequestRecord {
            request_id: state.identifiers.request_id(state.clock.now()),
            connection: link.number,
            peer: link.peer,
            method: parts.method.to_string(),
            host,
            target: parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
            bucket: None,
            key: None,
            operation: None,
            upload_id: None,
            part_number: None,
            headers,
            signature_version: None,
            access_key_id: None,
            body_bytes: 0,
            stored: None,
            callback: None,
            status: 0,
            code: None,
            ec: None,
            answer: AnswerFate::Pending,
            faults: Vec::new(),
        };
        Exchange {
            query: Query::parse(parts.uri.query().unwrap_or_default()),
            body: RequestBody::new(body),
            underway: state.underway.begin(),
            state,
            link,
            parts,
            record,
            callback_summary: None,
            faults: Vec::new(),
            clock_offset_seconds: 0,
            is_cut: false,
            started: Instant::now(),
        }
    }

    /// The time, as this request finds it.
    pub(crate) fn now(&self) -> SystemTime {
        clock::shifted(self.state.clock.now(), self.clock_offset_seconds)
    }

    async fn perform(&mut self) -> Result<Reply, OssError> {
        let exists = |bucket: &str| self.state.store.has_bucket(bucket);
        let target =
            self.state.addressing.target(&self.record.host, self.parts.uri.path(), exists)?;
        self.record.bucket.clone_from(&target.bucket);
        self.record.key.clone_from(&target.key);
        if self.asks_for_public_key(&target) {
            let pem = self.state.signing_key.public_pem().to_owned();
            return Ok(Reply::ok("application/x-pem-file", pem));
        }
        let operation =
            Operation::of(&self.parts.method, &target, &self.query, &self.parts.headers);
        self.record.operation = operation.as_ref().ok().copied();
        if let Some(operation) = self.record.operation {
            self.shift_clock(operation);
        }
        match self.record.operation {
            // A form brings its signature along in its fields; browsers ask without one.
            Some(Operation::PostObject | Operation::OptionObject) => {}
            _ => self.authenticate(&target)?,
        }
        self.carry_out(operation?, target).await
    }

    /// Performs the operation, with the faults that wait for it.
    async fn carry_out(&mut self, operation: Operation, target: Target) -> Result<Reply, OssError> {
        self.arm_faults(operation);
        self.suffer_arrival(false).await?;
        self.delay(Stage::DelayBefore).await;
        if let Some(answer) = self.false_answer(When::Before) {
            return answer;
        }
        let result = match operation {
            Operation::OptionObject => cors::preflight(&self.state.cors, &self.parts.headers),
            _ => operations::dispatch(self, operation, target).await,
        };
        if self.is_cut {
            return result;
        }
        self.delay(Stage::DelayAfter).await;
        let reply = result?;
        self.false_answer(When::After).unwrap_or(Ok(reply))
    }

    /// Application servers fetch the key without a signature.
    fn asks_for_public_key(&self, target: &Target) -> bool {
        let addressed = target.bucket.as_deref() == Some(PUBLIC_KEY_BUCKET)
            && target.key.as_deref() == Some(PUBLIC_KEY_NAME);
        addressed && [Method::GET, Method::HEAD].contains(&self.parts.method)
    }

    fn authenticate(&mut self, target: &Target) -> Result<(), OssError> {
        let authorization = Authorization::find(&self.parts.headers, &self.query)?
            .ok_or_else(no_right_by_bucket_acl)?;
        self.record.access_key_id = Some(authorization.access_key_id.clone());
        let request = SignedRequest {
            method: self.parts.method.as_str(),
            bucket: target.bucket.as_deref(),
            key: target.key.as_deref(),
            query: &self.query,
            headers: &self.parts.headers,
        };
        authenticate(&request, &authorization, self.state.authority(self.now()))?;
        self.record.signature_version = Some(authorization.version());
        Ok(())
    }

    /// An error document for this request.
    pub(crate) fn error_reply(&self, error: OssError) -> Reply {
        Reply::error(error, &self.record.request_id, &self.record.host)
    }

    /// The answer to a fault of the emulator's own machine; the log says what it was.
    pub(crate) fn internal_error(&self, error: &io::Error) -> OssError {
        self.state.log.line(&format!("{}: {error}", self.record.request_id));
        internal_error()
    }

    /// Remembers a request that gets no answer.
    fn finish_cut(mut self) -> Cut {
        self.record.answer = AnswerFate::Cut { bytes: 0 };
        self.state.log.line(&self.log_line());
        self.state.requests.push(SharedRecord::new(self.record));
        Cut
    }

    fn finish(mut self, mut reply: Reply) -> Response<ReplyBody> {
        self.add_common_headers(&mut reply);
        self.spoil(&mut reply);
        self.record.status = reply.status.as_u16();
        if let Some(error) = &reply.error {
            self.record.code = Some(error.code.to_string());
            self.record.ec.clone_from(&error.ec);
        }
        self.state.log.line(&self.log_line());
        let departure = self.fault_of(Stage::Departure);
        let body_bytes = match self.parts.method {
            Method::HEAD => 0,
            _ => reply.body.size_hint().lower(),
        };
        let record = SharedRecord::new(self.record);
        self.state.requests.push(record.clone());
        self.link.announce(Outgoing::new(record, body_bytes, departure, self.underway));

        let mut response = Response::new(reply.body);
        *response.status_mut() = reply.status;
        *response.headers_mut() = reply.headers;
        response
    }

    fn add_common_headers(&self, reply: &mut Reply) {
        // An answer to HEAD has no body, so its error document goes into a header (spec:
        // errors.md 1).
        if self.parts.method == Method::HEAD && reply.error.is_some() {
            let document = STANDARD.encode(reply.body.bytes());
            reply.set(HeaderName::from_static("x-oss-err"), &document);
            reply.body = ReplyBody::empty();
            reply.set(CONTENT_LENGTH, "0");
        }
        // The rest of an unread body would be taken for the next request.
        if !self.body.is_end() {
            reply.set(CONNECTION, "close");
        }
        if !reply.is_of_service {
            return;
        }
        cors::reveal(&self.state.cors, &self.parts.headers, reply);
        reply.set(SERVER, "AliyunOSS");
        reply.set(DATE, &httpdate::fmt_http_date(self.now()));
        reply.set(HeaderName::from_static("x-oss-request-id"), &self.record.request_id);
        let milliseconds = self.started.elapsed().as_millis().to_string();
        reply.set(HeaderName::from_static("x-oss-server-time"), &milliseconds);
    }

    fn log_line(&self) -> String {
        let record = &self.record;
        let address = match (&record.bucket, &record.key) {
            (Some(bucket), Some(key)) => format!("{bucket}/{key}"),
            (Some(bucket), None) => bucket.clone(),
            (None, _) => "/".to_owned(),
        };
        let mut line = format!(
            "{} {} {}",
            clock::milliseconds(self.state.clock.now()),
            record.method,
            printable(&address),
        );
        if let Some(operation) = record.operation {
            line.push_str(&format!(" {operation}"));
        }
        if let Some(number) = record.part_number {
            line.push_str(&format!(" part {number}"));
        }
        line.push_str(&format!(" {} bytes {}", record.body_bytes, record.status));
        if let Some(code) = &record.code {
            line.push_str(&format!(" {code}"));
        }
        if let Some(ec) = &record.ec {
            line.push_str(&format!("/{ec}"));
        }
        if let Some(summary) = &self.callback_summary {
            line.push_str(&format!(" callback: {}", printable(summary)));
        }
        for fault in &record.faults {
            line.push_str(&format!(" fault {}: {}", fault.id, printable(&fault.text)));
        }
        line.push_str(&format!(" {} ms", self.started.elapsed().as_millis()));
        line
    }
}

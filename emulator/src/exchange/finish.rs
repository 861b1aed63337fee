//! The end of a request: its record, its log line, and the headers that all answers have.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Body;
use hyper::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, SERVER};
use hyper::{Method, Response, StatusCode};

use super::outgoing::Outgoing;
use super::{Exchange, cors};
use crate::clock;
use crate::faults::Stage;
use crate::log::printable;
use crate::protocol::Operation;
use crate::protocol::reply::{Reply, ReplyBody};
use crate::records::{AnswerFate, SharedRecord};

/// The longest error document has a head of the largest size in it, twice.
const MAX_TEXT_BYTES: usize = 16 << 10;

impl Exchange {
    /// Remembers a request that gets no answer.
    pub(crate) fn finish_cut(self) {
        self.state.log.line(&self.log_line());
        let record = SharedRecord::new(self.record, self.started);
        record.end(AnswerFate::Cut { bytes: 0 });
        self.state.remember(record);
    }

    /// Remembers the request and lets its answer go out.
    pub(crate) fn finish(mut self, mut reply: Reply) -> Response<ReplyBody> {
        self.add_common_headers(&mut reply);
        self.spoil(&mut reply);
        self.record.status = reply.status.as_u16();
        if let Some(error) = &reply.error {
            self.record.code = Some(error.code.to_string());
            self.record.ec.clone_from(&error.ec);
        }
        self.record.times.ready = Some(self.started.elapsed());
        self.remember_answer(&reply);
        self.state.log.line(&self.log_line());
        let departure = self.fault_of(Stage::Departure);
        let body_bytes = match self.parts.method {
            Method::HEAD => 0,
            _ => reply.body.size_hint().lower(),
        };
        let record = SharedRecord::new(self.record, self.started);
        self.state.remember(record.clone());
        self.link.announce(Outgoing::new(record, body_bytes, departure, self.underway));

        let mut response = Response::new(reply.body);
        *response.status_mut() = reply.status;
        *response.headers_mut() = reply.headers;
        response
    }

    fn add_common_headers(&self, reply: &mut Reply) {
        let has_body =
            reply.status != StatusCode::NOT_MODIFIED && self.parts.method != Method::HEAD;
        if reply.error.is_some() && !has_body {
            move_document(reply);
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

    fn remember_answer(&mut self, reply: &Reply) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers = reply.headers.iter();
        self.record.answer_headers =
            headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
        let bytes = reply.body.bytes();
        let is_content =
            self.record.operation == Some(Operation::GetObject) && reply.error.is_none();
        if !bytes.is_empty() && !is_content {
            self.record.answer_text = Some(text(&bytes[..bytes.len().min(MAX_TEXT_BYTES)]));
        }
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
        if let Some(limit) = record.traffic_limit {
            line.push_str(&format!(" at {limit} bit/s"));
        }
        if let Some(summary) = &self.callback_summary {
            line.push_str(&format!(" callback: {}", printable(summary)));
        }
        let mismatch = record.signature.as_ref().and_then(|claim| claim.mismatch.as_ref());
        if let Some(mismatch) = mismatch {
            line.push_str(&format!(" signature: {}", printable(&mismatch.cause)));
        }
        for fault in &record.faults {
            line.push_str(&format!(" fault {}: {}", fault.id, printable(&fault.text)));
        }
        line.push_str(&format!(" {} ms", self.started.elapsed().as_millis()));
        line
    }
}

/// Puts the error document into a header, where there can be no body (spec: errors.md 1). A length in
/// 304 would be that of the object, so it has none.
fn move_document(reply: &mut Reply) {
    let document = STANDARD.encode(reply.body.bytes());
    reply.set(HeaderName::from_static("x-oss-err"), &document);
    reply.body = ReplyBody::empty();
    if reply.status == StatusCode::NOT_MODIFIED {
        reply.headers.remove(CONTENT_TYPE);
    } else {
        reply.set(CONTENT_LENGTH, "0");
    }
}

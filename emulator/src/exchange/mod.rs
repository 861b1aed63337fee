//! A request while it is being answered: what it has found out, what shall go wrong with it, and how
//! its answer gets out. What is answered, the operations say.

pub(crate) mod cors;
mod faults;
mod finish;
pub(crate) mod link;
pub(crate) mod outgoing;
mod pacing;
mod request_body;
pub(crate) mod state;

use std::io;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use hyper::Request;
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderValue};
use hyper::http::request::Parts;

pub use cors::Cors;

use crate::auth::{SignedRequest, authenticate, diagnose, find_authorization};
use crate::clock;
use crate::error::OssError;
use crate::error::catalogue::{internal_error, no_right_by_bucket_acl};
use crate::faults::Taken;
use crate::pacer::Pacer;
use crate::protocol::query::Query;
use crate::protocol::reply::Reply;
use crate::protocol::target::Target;
use crate::records::underway::Begun;
use crate::records::{AnswerFate, RequestRecord, RequestTimes, UnderwayRequest};
use link::Link;
use request_body::RequestBody;
use state::State;

/// A request while it is being answered.
pub(crate) struct Exchange {
    pub(crate) state: Arc<State>,
    link: Arc<Link>,
    pub(crate) parts: Parts,
    pub(crate) query: Query,
    pub(crate) body: RequestBody,
    pub(crate) record: RequestRecord,
    /// What became of the callback, for the log.
    pub(crate) callback_summary: Option<String>,
    /// The faults that were taken for the request as a whole.
    faults: Vec<Taken>,
    clock_offset_seconds: i64,
    /// The rate that the client asks for.
    pub(crate) pacer: Option<Pacer>,
    /// Whether the connection shall end without an answer.
    pub(crate) is_cut: bool,
    started: Instant,
    underway: UnderwayRequest,
}

impl Exchange {
    pub(crate) fn begin(
        state: Arc<State>,
        link: Arc<Link>,
        request: Request<Incoming>,
    ) -> Exchange {
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
            begun: state.clock.now(),
            times: RequestTimes::default(),
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
            signature: None,
            body_bytes: 0,
            traffic_limit: None,
            stored: None,
            callback: None,
            status: 0,
            code: None,
            ec: None,
            answer_headers: Vec::new(),
            answer_text: None,
            answer: AnswerFate::Pending,
            faults: Vec::new(),
        };
        let started = Instant::now();
        let begun = Begun {
            request_id: record.request_id.clone(),
            method: record.method.clone(),
            target: record.target.clone(),
        };
        Exchange {
            query: Query::parse(parts.uri.query().unwrap_or_default()),
            body: RequestBody::new(body),
            underway: state.underway.begin(begun),
            state,
            link,
            parts,
            record,
            callback_summary: None,
            faults: Vec::new(),
            clock_offset_seconds: 0,
            pacer: None,
            is_cut: false,
            started,
        }
    }

    /// The time, as this request finds it.
    pub(crate) fn now(&self) -> SystemTime {
        clock::shifted(self.state.clock.now(), self.clock_offset_seconds)
    }

    /// The body has arrived.
    pub(crate) fn note_received(&mut self) {
        self.record.times.received = Some(self.started.elapsed());
    }

    /// The callback begins.
    pub(crate) fn note_callback(&mut self) {
        self.record.times.callback = Some(self.started.elapsed());
    }

    /// Whether somebody stands for the request, rightly or not.
    pub(crate) fn is_signed(&self) -> bool {
        !matches!(find_authorization(&self.parts.headers, &self.query), Ok(None))
    }

    /// Checks the signature in the header or in the URL.
    pub(crate) fn authenticate(&mut self, target: &Target) -> Result<(), OssError> {
        let authorization = find_authorization(&self.parts.headers, &self.query)?
            .ok_or_else(no_right_by_bucket_acl)?;
        self.record.access_key_id = Some(authorization.access_key_id.clone());
        let request = SignedRequest {
            method: self.parts.method.as_str(),
            bucket: target.bucket.as_deref(),
            key: target.key.as_deref(),
            is_bare: false,
            query: &self.query,
            headers: &self.parts.headers,
        };
        let authority = self.state.authority(self.now());
        let verdict = authenticate(&request, &authorization, authority);
        // With an IP address as endpoint, the vendor's C SDK asks for `/bucket` and signs just that.
        let is_bare = target.key.is_none() && !self.parts.uri.path().ends_with('/');
        let bare = SignedRequest { is_bare, ..request };
        let verdict = verdict.or_else(|error| match is_bare {
            true => authenticate(&bare, &authorization, authority).map_err(|_| error),
            false => Err(error),
        });
        let mut claim = authorization.claim();
        if verdict.as_ref().is_err_and(OssError::is_of_signature) {
            claim.mismatch = diagnose(&request, &authorization, authority);
        }
        self.record.signature = Some(claim);
        verdict?;
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
}

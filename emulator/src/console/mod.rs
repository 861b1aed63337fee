//! The console: a page that shows requests and callbacks as they come, and why they fail.
//!
//! It is served by the control endpoint, which lets no page of others in. What clients send is shown
//! as text only; the policy below is there for the mistake of an author.

mod feed;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Frame};
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};
use tokio::sync::mpsc;

use crate::exchange::state::State;
use feed::Feed;

pub(crate) const ROOT: &str = "/_console/";
const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("console.css");
const SCRIPT: &str = include_str!("console.js");

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";
const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (CACHE_CONTROL, "no-store"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

pub(crate) type ConsoleBody = BoxBody<Bytes, Infallible>;

pub(crate) struct Console {
    state: Arc<State>,
    /// URL of the service.
    endpoint: String,
}

impl Console {
    pub(crate) fn new(state: Arc<State>, endpoint: String) -> Console {
        Console { state, endpoint }
    }

    /// The answer to a GET, if the path is one of the console.
    pub(crate) fn answer(&self, path: &str) -> Option<Response<ConsoleBody>> {
        if path == ROOT.trim_end_matches('/') {
            let mut response = respond("text/plain", Full::default().boxed());
            *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
            response.headers_mut().insert(LOCATION, HeaderValue::from_static(ROOT));
            return Some(response);
        }
        Some(match path.strip_prefix(ROOT)? {
            "" => file("text/html; charset=utf-8", PAGE),
            "console.css" => file("text/css; charset=utf-8", STYLE),
            "console.js" => file("text/javascript; charset=utf-8", SCRIPT),
            "events" => respond("text/event-stream", self.events().boxed()),
            _ => return None,
        })
    }

    /// Ends when nobody reads it any more.
    fn events(&self) -> Events {
        let mut feed = Feed::new(Arc::clone(&self.state), &self.endpoint);
        // A reader who is slow finds fewer records when it comes to them, not more in a queue.
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            while let Ok(permit) = sender.reserve().await {
                permit.send(feed.next().await);
            }
        });
        Events { receiver }
    }
}

fn file(content_type: &'static str, text: &'static str) -> Response<ConsoleBody> {
    respond(content_type, Full::from(text).boxed())
}

fn respond(content_type: &'static str, body: ConsoleBody) -> Response<ConsoleBody> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Server-sent events, as long as the reader stays.
struct Events {
    receiver: mpsc::Receiver<Bytes>,
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.receiver.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

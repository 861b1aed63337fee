//! What the form asks to be answered (spec: post-object.md 3).

use hyper::StatusCode;
use hyper::header::LOCATION;

use super::fields::Form;
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::percent::{encode, encode_path};
use crate::protocol::reply::Reply;
use crate::storage::StoredObject;

/// The answer to a stored form without a callback.
pub(super) fn success(exchange: &Exchange, form: &Form, object: &StoredObject) -> Reply {
    if let Some(url) = form.value("success_action_redirect").filter(|url| !url.is_empty()) {
        let mut reply = Reply::new(StatusCode::SEE_OTHER);
        reply.set(LOCATION, &redirect(url, object));
        return reply;
    }
    match form.value("success_action_status") {
        Some("200") => Reply::new(StatusCode::OK),
        Some("201") => {
            let mut reply = Reply::ok("application/xml", post_response(exchange, object));
            reply.status = StatusCode::CREATED;
            reply
        }
        _ => Reply::new(StatusCode::NO_CONTENT),
    }
}

fn redirect(url: &str, object: &StoredObject) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!(
        "{url}{separator}bucket={}&key={}&etag={}",
        encode(object.bucket()),
        encode(object.key()),
        encode(&format!("\"{}\"", object.etag()))
    )
}

fn post_response(exchange: &Exchange, object: &StoredObject) -> String {
    let (host, path) = (&exchange.record.host, exchange.parts.uri.path().trim_end_matches('/'));
    let key = encode_path(object.key());
    let mut document = Document::new("PostResponse");
    document.text("Bucket", object.bucket());
    document.text("ETag", &format!("\"{}\"", object.etag()));
    document.text("Key", object.key());
    document.text("Location", &format!("http://{host}{path}/{key}"));
    document.finish()
}

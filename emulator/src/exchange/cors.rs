//! What browsers want to know before they let a web page send a request or see its answer.

use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN, VARY,
};
use hyper::{HeaderMap, StatusCode};

use crate::error::OssError;
use crate::error::catalogue::{access_forbidden, bad_request};
use crate::protocol::reply::Reply;

const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];
/// Every header of the service's answers; a page sees no other than a few by itself.
const EXPOSED: &str = "ETag, Content-MD5, Content-Disposition, Content-Encoding, Date, Location, \
                       x-oss-next-append-position, x-oss-symlink-target, x-oss-tagging-count, \
                       x-oss-copy-source-version-id, x-oss-request-id, x-oss-hash-crc64ecma, x-oss-version-id, x-oss-ec, \
                       x-oss-err, x-oss-server-time, x-oss-object-type, x-oss-storage-class, \
                       x-oss-server-side-encryption";
const MAX_AGE_SECONDS: &str = "600";

/// Which web pages may talk to the emulator: the cross-origin rules of all buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cors {
    /// All of them.
    #[default]
    AnyOrigin,
    /// Those of these origins, such as `http://localhost:8080`.
    Origins(Vec<String>),
    /// None; browsers hide all answers from the pages that asked.
    Off,
}

/// Answers the question whether a request may follow.
pub(crate) fn preflight(cors: &Cors, headers: &HeaderMap) -> Result<Reply, OssError> {
    let (Some(_), Some(method)) =
        (text(headers, ORIGIN), text(headers, ACCESS_CONTROL_REQUEST_METHOD))
    else {
        return Err(bad_request(
            "A preflight request needs the headers Origin and Access-Control-Request-Method.",
        ));
    };
    if *cors == Cors::Off {
        return Err(access_forbidden("CORSResponse: CORS is not enabled for this bucket."));
    }
    if allowed_origin(cors, headers).is_none() || !METHODS.contains(&method) {
        return Err(access_forbidden("CORSResponse: This CORS request is not allowed."));
    }
    let mut reply = Reply::new(StatusCode::OK);
    reply.set(ACCESS_CONTROL_ALLOW_METHODS, &METHODS.join(", "));
    if let Some(wanted) = text(headers, ACCESS_CONTROL_REQUEST_HEADERS) {
        reply.set(ACCESS_CONTROL_ALLOW_HEADERS, wanted);
    }
    reply.set(ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
    Ok(reply)
}

/// Lets the page see an answer, if it may.
pub(crate) fn reveal(cors: &Cors, headers: &HeaderMap, reply: &mut Reply) {
    if matches!(cors, Cors::Origins(_)) {
        // What is right for one page is wrong for the next.
        reply.set(VARY, "Origin");
    }
    if let Some(origin) = allowed_origin(cors, headers) {
        reply.set(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        reply.set(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}

/// The origin to be named to the browser; none also when it is no browser that asks.
fn allowed_origin<'a>(cors: &Cors, headers: &'a HeaderMap) -> Option<&'a str> {
    let origin = text(headers, ORIGIN)?;
    match cors {
        Cors::AnyOrigin => Some("*"),
        Cors::Origins(origins) => origins.iter().any(|known| known == origin).then_some(origin),
        Cors::Off => None,
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

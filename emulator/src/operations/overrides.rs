//! Headers of a download that its URL asks for. (Source: the GetObject page of the vendor.) Nobody can
//! ask for them without a signature, since no bucket answers without one.

use hyper::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, EXPIRES,
    HeaderName,
};

use crate::protocol::query::Query;
use crate::protocol::reply::Reply;

const OVERRIDES: [(&str, HeaderName); 6] = [
    ("response-cache-control", CACHE_CONTROL),
    ("response-content-disposition", CONTENT_DISPOSITION),
    ("response-content-encoding", CONTENT_ENCODING),
    ("response-content-language", CONTENT_LANGUAGE),
    ("response-content-type", CONTENT_TYPE),
    ("response-expires", EXPIRES),
];

pub(super) fn apply(query: &Query, reply: &mut Reply) {
    for (parameter, header) in OVERRIDES {
        if let Some(value) = query.value(parameter) {
            reply.set(header, value);
        }
    }
}

//! Fetching a public key.

use std::io;
use std::time::Duration;

use super::super::{FetchKey, NotFetched};
use crate::error::Result;
use crate::http::{HttpClient, HttpOptions, HttpRequest, Limits, TlsOptions, Unwatched};
use crate::wait::Deadline;

/// A public key of 4096 bits has 800 bytes.
const MAX_PEM: usize = 4096;
/// OSS waits 5 seconds for the answer to its callback.
const TIME_LIMIT: Duration = Duration::from_secs(3);

/// Asks the server of the URL. Redirections are not followed.
pub(super) fn by_http(tls: TlsOptions, proxy: Option<String>) -> Result<FetchKey> {
    let options = HttpOptions {
        connect_timeout: TIME_LIMIT,
        tls_timeout: TIME_LIMIT,
        idle_timeout: TIME_LIMIT,
        proxy,
        tls,
        ..HttpOptions::default()
    };
    let client = HttpClient::new(options)?;
    Ok(Box::new(move |url| ask(&client, url)))
}

fn ask(client: &HttpClient, url: &str) -> std::result::Result<Vec<u8>, NotFetched> {
    let request = HttpRequest {
        method: "GET",
        url,
        headers: &[],
        content_length: 0,
        max_response_body: MAX_PEM,
        limits: Limits { deadline: Deadline::after(TIME_LIMIT), ..Limits::default() },
    };
    let response = client
        .exchange(&request, &mut io::empty(), &mut Unwatched)
        .map_err(|failure| NotFetched::NoAnswer(failure.message))?;
    match (response.status, response.cut_off) {
        (200, None) => Ok(response.body),
        (200, Some(failure)) => Err(NotFetched::NoAnswer(failure.message)),
        (status @ 300..=399, _) => Err(NotFetched::NoKey(format!(
            "the server answered {status}, and redirections are not followed"
        ))),
        (status, _) => Err(NotFetched::NoKey(format!("the server answered {status}"))),
    }
}

//! Brings a callback to the application server (spec: callback.md 6 and 11).

use std::fmt::Write;
use std::io;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::addresses::Addresses;
use super::answer::{Answer, Failure, check_body, check_head};
use super::parameters::Callback;
use super::signature::SigningKey;
use super::url::CallbackUrl;
use crate::faults::CallbackFault;
use crate::records::{CallbackAnswer, CallbackTimes};
use crate::tls::{Stream, connect_unverified};
use crate::wire::{self, Head, StatusLine};

/// The account that every key of the emulator belongs to.
const REQUESTER: &str = "1000000000000001";

const MAX_REFUSED_BYTES: usize = 64 << 10;
/// It usually comes with the head; whoever waits for the answer of OSS shall not wait for it.
const REFUSED_BODY_TIMEOUT: Duration = Duration::from_millis(200);

/// A callback whose body is ready.
pub(crate) struct Delivery<'a> {
    pub(crate) callback: &'a Callback,
    pub(crate) addresses: &'a Addresses,
    pub(crate) body: &'a str,
    pub(crate) bucket: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) signing_key: &'a SigningKey,
    pub(crate) public_key_url: &'a str,
    pub(crate) now: SystemTime,
    pub(crate) budget: Duration,
    /// What shall go wrong at each URL.
    pub(crate) fault: Option<&'a CallbackFault>,
}

/// One URL tried.
pub(crate) struct Attempt {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) progress: Progress,
    pub(crate) outcome: Result<Answer, Failure>,
}

/// How far an attempt has come.
#[derive(Default)]
pub(crate) struct Progress {
    pub(crate) times: CallbackTimes,
    /// As far as it was read.
    pub(crate) answer: Option<CallbackAnswer>,
}

impl Delivery<'_> {
    /// Tries the URLs in order until one succeeds; the budget is for all of them together.
    pub(crate) async fn run(&self) -> Vec<Attempt> {
        let start = Instant::now();
        let mut attempts = Vec::new();
        for url in &self.callback.urls {
            let mut progress = Progress::default();
            progress.times.begun = start.elapsed();
            let (headers, outcome) = match self.headers(url) {
                Ok(headers) => {
                    let outcome = self.attempt(url, &headers, start, &mut progress).await;
                    (headers, outcome)
                }
                Err(reason) => (Vec::new(), Err(Failure::new(reason, 201))),
            };
            let done = outcome.is_ok();
            progress.times.ended = start.elapsed();
            attempts.push(Attempt { url: url.text.clone(), headers, progress, outcome });
            if done {
                break;
            }
        }
        attempts
    }

    /// The headers, in the order and with the spelling of spec: callback.md 6.
    fn headers(&self, url: &CallbackUrl) -> Result<Vec<(String, String)>, String> {
        let body = self.body.as_bytes();
        let host = self.callback.host.as_deref().unwrap_or(&url.authority);
        let authorization = self.signing_key.sign(&url.target, body)?;
        let mut headers: Vec<(String, String)> = [
            ("Host", host),
            ("Connection", "close"),
            ("Content-Length", &body.len().to_string()),
            ("Authorization", &authorization),
            ("Content-MD5", &STANDARD.encode(Md5::digest(body))),
            ("Content-Type", self.callback.body_type.content_type()),
            ("Date", &httpdate::fmt_http_date(self.now)),
            ("User-Agent", "aliyun-oss-callback"),
            ("x-oss-bucket", self.bucket),
            ("x-oss-pub-key-url", &STANDARD.encode(self.public_key_url)),
            ("x-oss-request-id", self.request_id),
            ("x-oss-requester", REQUESTER),
            ("x-oss-signature-version", "1.0"),
            ("x-oss-tag", "CALLBACK"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        headers.extend(self.callback.additional_headers.iter().cloned());
        Ok(headers)
    }

    /// Tries one URL, or what shall go wrong with that.
    async fn attempt(
        &self,
        url: &CallbackUrl,
        headers: &[(String, String)],
        start: Instant,
        progress: &mut Progress,
    ) -> Result<Answer, Failure> {
        match self.fault {
            Some(CallbackFault::Refuse) => return Err(Failure::no_connection()),
            Some(CallbackFault::Fail { message, ec }) => {
                return Err(Failure { message: message.clone(), ec: ec.clone() });
            }
            _ => {}
        }
        let begun = Instant::now();
        let answer = self.exchange(url, headers, start, progress).await?;
        match self.fault {
            Some(CallbackFault::Slow { lasting }) => {
                let deadline = start + self.budget;
                sleep_until(deadline.min(begun + *lasting)).await;
                if begun + *lasting > deadline {
                    return Err(self.too_late(&url.authority, start));
                }
                Ok(answer)
            }
            Some(CallbackFault::BadJson) => Err(Failure::not_json()),
            Some(CallbackFault::Status(status)) => Err(Failure::status(*status)),
            _ => Ok(answer),
        }
    }

    fn too_late(&self, peer: &str, start: Instant) -> Failure {
        Failure::reply_timeout(peer, start.elapsed().as_millis(), self.budget.as_millis())
    }

    async fn exchange(
        &self,
        url: &CallbackUrl,
        headers: &[(String, String)],
        start: Instant,
        progress: &mut Progress,
    ) -> Result<Answer, Failure> {
        let deadline = start + self.budget;
        let found = timeout_at(deadline, self.addresses.find(url)).await;
        let peer = found.ok().flatten().ok_or_else(Failure::no_connection)?;
        let stream = match timeout_at(deadline, TcpStream::connect(peer)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(_)) | Err(_) => return Err(Failure::no_connection()),
        };
        progress.times.connected = Some(start.elapsed());
        let exchange = async {
            let mut stream = self.secure(url, stream).await?;
            stream.write_all(&request(url, headers, self.body)).await?;
            stream.flush().await?;
            progress.times.sent = Some(start.elapsed());
            let head = wire::read_answer_head(&mut stream).await?;
            Ok::<_, io::Error>((stream, head))
        };
        let (mut stream, head) = match timeout_at(deadline, exchange).await {
            Ok(Ok(exchanged)) => exchanged,
            Ok(Err(_)) => return Err(Failure::no_answer()),
            Err(_) => return Err(self.too_late(&peer.to_string(), start)),
        };
        progress.times.answered = Some(start.elapsed());
        let answer = progress.answer.insert(CallbackAnswer {
            status: head.start.status,
            headers: head.headers.clone(),
            body: head.rest.clone(),
        });
        let length = match check_head(&head) {
            Ok(length) => length,
            Err(failure) => {
                if let Some(body) = refused_body(&mut stream, &head).await {
                    answer.body = body;
                }
                return Err(failure);
            }
        };
        let content_type = head.value("content-type").unwrap_or_default().to_owned();
        let body = match timeout_at(deadline, wire::read_body(&mut stream, head.rest, length)).await
        {
            Ok(Ok(body)) if body.len() == length => body,
            Ok(Ok(_) | Err(_)) => return Err(Failure::no_answer()),
            Err(_) => return Err(Failure::too_slow()),
        };
        answer.body.clone_from(&body);
        check_body(&content_type, body)
    }

    async fn secure(&self, url: &CallbackUrl, stream: TcpStream) -> io::Result<Box<dyn Stream>> {
        if url.tls {
            connect_unverified(stream, &url.host, self.callback.sni).await
        } else {
            Ok(Box::new(stream))
        }
    }
}

/// The body of an answer whose head is refused: mostly it says why, and is for people to read.
async fn refused_body(stream: &mut Box<dyn Stream>, head: &Head<StatusLine>) -> Option<Vec<u8>> {
    let length: usize = head.value("content-length")?.trim().parse().ok()?;
    let body = wire::read_body(stream, head.rest.clone(), length.min(MAX_REFUSED_BYTES));
    timeout(REFUSED_BODY_TIMEOUT, body).await.ok()?.ok()
}

fn request(url: &CallbackUrl, headers: &[(String, String)], body: &str) -> Vec<u8> {
    let mut head = format!("POST {} HTTP/1.1\r\n", url.target);
    for (name, value) in headers {
        // Writing to a String cannot fail.
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    head.push_str(body);
    head.into_bytes()
}

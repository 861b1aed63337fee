//! Reading HTTP/1.1 messages with their mistakes still in them.
//!
//! The callback client has to see answers that a correct HTTP stack would refuse or repair (a wrong
//! Content-Length, none at all), and the receiver has to see the request exactly as it was sent.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

const MAX_HEAD_BYTES: usize = 64 * 1024;
const MAX_HEADERS: usize = 100;

/// Start line and headers of a message.
#[derive(Clone, Debug)]
pub(crate) struct Head<Start> {
    pub(crate) start: Start,
    /// In the order and with the spelling of the wire.
    pub(crate) headers: Vec<(String, String)>,
    /// Bytes behind the head that were read along with it.
    pub(crate) rest: Vec<u8>,
}

/// Start line of a request.
#[derive(Clone, Debug)]
pub(crate) struct RequestLine {
    pub(crate) method: String,
    pub(crate) target: String,
}

/// Status of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StatusLine {
    pub(crate) status: u16,
}

impl<Start> Head<Start> {
    /// The values of a header.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a header.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Reads the head of an answer; interim answers are skipped.
pub(crate) async fn read_answer_head<S>(stream: &mut S) -> io::Result<Head<StatusLine>>
where
    S: AsyncRead + Unpin,
{
    let mut buffer = Vec::new();
    loop {
        let head = read_head(stream, buffer, parse_answer).await?;
        if head.start.status >= 200 {
            return Ok(head);
        }
        buffer = head.rest;
    }
}

/// Reads the head of a request.
pub(crate) async fn read_request_head<S>(stream: &mut S) -> io::Result<Head<RequestLine>>
where
    S: AsyncRead + Unpin,
{
    read_head(stream, Vec::new(), parse_request).await
}

/// Reads up to `length` bytes of a body, of which `rest` has arrived already; fewer if the peer
/// closes before.
pub(crate) async fn read_body<S>(
    stream: &mut S,
    mut rest: Vec<u8>,
    length: usize,
) -> io::Result<Vec<u8>>
where
    S: AsyncRead + Unpin,
{
    rest.truncate(length);
    let missing = (length - rest.len()) as u64;
    stream.take(missing).read_to_end(&mut rest).await?;
    Ok(rest)
}

/// What a parser found: the start line, the headers, and how many bytes they took.
type Parsed<Start> = Option<(Start, Vec<(String, String)>, usize)>;

async fn read_head<S, Start>(
    stream: &mut S,
    mut buffer: Vec<u8>,
    parse: fn(&[u8]) -> io::Result<Parsed<Start>>,
) -> io::Result<Head<Start>>
where
    S: AsyncRead + Unpin,
{
    loop {
        if let Some((start, headers, length)) = parse(&buffer)? {
            let rest = buffer.split_off(length);
            return Ok(Head { start, headers, rest });
        }
        if buffer.len() >= MAX_HEAD_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the head is too long"));
        }
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer.extend_from_slice(&piece[..read]);
    }
}

fn parse_answer(bytes: &[u8]) -> io::Result<Parsed<StatusLine>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    let status = answer.parse(bytes).map_err(invalid)?;
    let httparse::Status::Complete(length) = status else {
        return Ok(None);
    };
    let start = StatusLine { status: answer.code.unwrap_or_default() };
    Ok(Some((start, owned(answer.headers), length)))
}

fn parse_request(bytes: &[u8]) -> io::Result<Parsed<RequestLine>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let status = request.parse(bytes).map_err(invalid)?;
    let httparse::Status::Complete(length) = status else {
        return Ok(None);
    };
    let start = RequestLine {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
    };
    Ok(Some((start, owned(request.headers), length)))
}

fn owned(headers: &[httparse::Header<'_>]) -> Vec<(String, String)> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect()
}

fn invalid(error: httparse::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

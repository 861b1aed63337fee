//! An answer before it goes out.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::{HeaderMap, StatusCode};
use tokio::fs::File;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::error::OssError;
use crate::pacer::Pacer;

const FILE_PIECE_BYTES: usize = 64 * 1024;
static SPACES: [u8; 64 * 1024] = [b' '; 64 * 1024];

/// What an operation answers; the common headers are added later.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: ReplyBody,
    /// Set when the body is an error document.
    pub(crate) error: Option<OssError>,
    /// Whether it bears the marks of the service.
    pub(crate) is_of_service: bool,
}

impl Reply {
    pub(crate) fn new(status: StatusCode) -> Reply {
        Reply {
            status,
            headers: HeaderMap::new(),
            body: ReplyBody::empty(),
            error: None,
            is_of_service: true,
        }
    }

    pub(crate) fn ok(content_type: &str, body: impl Into<Bytes>) -> Reply {
        let mut reply = Reply::new(StatusCode::OK);
        reply.set(CONTENT_TYPE, content_type);
        reply.body = ReplyBody::full(body);
        reply
    }

    /// An error document. A 203 answer carries the headers of the upload as well.
    pub(crate) fn error(error: OssError, request_id: &str, host: &str) -> Reply {
        let document = error.document(request_id, host);
        let mut reply = Reply::ok("application/xml", document);
        reply.status = error.status;
        if let Some(ec) = &error.ec {
            reply.set(HeaderName::from_static("x-oss-ec"), ec);
        }
        if let Some(seconds) = error.retry_after {
            reply.set(RETRY_AFTER, &seconds.to_string());
        }
        reply.error = Some(error);
        reply
    }

    /// Sets a header. A value that cannot stand in one is left out; stored metadata came in as
    /// headers and can go out again.
    pub(crate) fn set(&mut self, name: HeaderName, value: &str) {
        self.set_bytes(name, value.as_bytes());
    }

    pub(crate) fn set_bytes(&mut self, name: HeaderName, value: &[u8]) {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            self.headers.insert(name, value);
        }
    }
}

/// A body in memory or in a file.
#[derive(Debug)]
pub(crate) enum ReplyBody {
    /// None of the pieces is empty.
    Memory {
        pieces: VecDeque<Bytes>,
        remaining: u64,
    },
    File {
        file: File,
        remaining: u64,
    },
    /// Longer than it should be.
    Padded {
        body: Box<ReplyBody>,
        spaces: u64,
    },
    /// No faster than a rate.
    Paced {
        body: Box<ReplyBody>,
        /// What comes before the body: the end of its last piece.
        rest: Bytes,
        pacer: Pacer,
        wait: Option<Pin<Box<Sleep>>>,
    },
}

impl ReplyBody {
    pub(crate) fn empty() -> ReplyBody {
        ReplyBody::pieces(&[])
    }

    pub(crate) fn full(bytes: impl Into<Bytes>) -> ReplyBody {
        ReplyBody::pieces(&[bytes.into()])
    }

    pub(crate) fn pieces(pieces: &[Bytes]) -> ReplyBody {
        ReplyBody::Memory {
            remaining: pieces.iter().map(|piece| piece.len() as u64).sum(),
            pieces: pieces.iter().filter(|piece| !piece.is_empty()).cloned().collect(),
        }
    }

    /// The bytes of a range of the pieces.
    pub(crate) fn part(pieces: &[Bytes], range: Range<u64>) -> ReplyBody {
        let mut start = 0;
        let within = pieces.iter().map(|piece| {
            let length = piece.len() as u64;
            // Within the piece, so it fits.
            let cut = |at: u64| usize::try_from(at.saturating_sub(start).min(length)).unwrap_or(0);
            let part = piece.slice(cut(range.start)..cut(range.end));
            start += length;
            part
        });
        ReplyBody::pieces(&within.collect::<Vec<_>>())
    }

    pub(crate) fn paced(body: ReplyBody, pacer: Pacer) -> ReplyBody {
        ReplyBody::Paced { body: Box::new(body), rest: Bytes::new(), pacer, wait: None }
    }

    /// The bytes, if they are one piece in memory.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            ReplyBody::Memory { pieces, .. } => pieces.front().map_or(&[], |piece| piece),
            _ => &[],
        }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            ReplyBody::Memory { pieces, remaining } => {
                let piece = pieces.pop_front();
                *remaining -= piece.as_ref().map_or(0, |piece| piece.len() as u64);
                Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
            }
            ReplyBody::Padded { body, spaces } => {
                let frame = ready!(Pin::new(&mut **body).poll_frame(context));
                if frame.is_some() || *spaces == 0 {
                    return Poll::Ready(frame);
                }
                let length = SPACES.len().min(usize::try_from(*spaces).unwrap_or(usize::MAX));
                *spaces -= length as u64;
                let piece = Bytes::from_static(&SPACES[..length]);
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            ReplyBody::Paced { body, rest, pacer, wait } => {
                // Timers are coarse; what is late need not wait for one.
                if let Some(sleep) = wait
                    && sleep.deadline() > Instant::now()
                {
                    ready!(sleep.as_mut().poll(context));
                }
                if rest.is_empty() {
                    match ready!(Pin::new(&mut **body).poll_frame(context)).transpose()? {
                        Some(frame) => *rest = frame.into_data().unwrap_or_default(),
                        None => return Poll::Ready(None),
                    }
                }
                let piece = rest.split_to(pacer.piece().min(rest.len()));
                let next = pacer.after(piece.len() as u64, Instant::now());
                *wait = Some(Box::pin(sleep_until(next)));
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            ReplyBody::File { remaining: 0, .. } => Poll::Ready(None),
            ReplyBody::File { file, remaining } => {
                let wanted =
                    FILE_PIECE_BYTES.min(usize::try_from(*remaining).unwrap_or(usize::MAX));
                let mut piece = vec![0; wanted];
                let mut buffer = ReadBuf::new(&mut piece);
                ready!(Pin::new(file).poll_read(context, &mut buffer))?;
                let read = buffer.filled().len();
                if read == 0 {
                    return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
                }
                piece.truncate(read);
                *remaining -= read as u64;
                Poll::Ready(Some(Ok(Frame::data(piece.into()))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.size_hint().exact() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            ReplyBody::Memory { remaining, .. } | ReplyBody::File { remaining, .. } => *remaining,
            ReplyBody::Padded { body, spaces } => body.size_hint().lower() + spaces,
            ReplyBody::Paced { body, rest, .. } => body.size_hint().lower() + rest.len() as u64,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn poll(body: &mut ReplyBody) -> Poll<Option<Bytes>> {
        let frame = Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop()));
        frame.map(|frame| frame.map(|frame| frame.unwrap().into_data().unwrap()))
    }

    #[tokio::test]
    async fn a_paced_body_comes_in_pieces_that_wait_for_each_other() {
        let pieces = [Bytes::from_static(b"abc"), Bytes::from_static(b"d")];
        // A byte in 8 seconds.
        let mut body = ReplyBody::paced(ReplyBody::pieces(&pieces), Pacer::new(1));
        assert_eq!(body.size_hint().exact(), Some(4));
        assert_eq!(poll(&mut body), Poll::Ready(Some(Bytes::from_static(b"a"))));
        assert_eq!(body.size_hint().exact(), Some(3));
        assert_eq!(poll(&mut body), Poll::Pending);

        // Fast enough for whole pieces.
        let mut body = ReplyBody::paced(ReplyBody::pieces(&pieces), Pacer::new(u64::MAX));
        for piece in pieces {
            assert_eq!(poll(&mut body), Poll::Ready(Some(piece)));
        }
        assert!(body.is_end_stream());
        assert_eq!(poll(&mut body), Poll::Ready(None));
    }
}

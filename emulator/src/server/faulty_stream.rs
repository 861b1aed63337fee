//! A connection on which answers can go wrong. Without a fault everything passes through as it is.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hyper::body::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, sleep_until};

use super::transport::Transport;
use crate::exchange::link::{Ending, Link};
use crate::exchange::outgoing::{Act, Permit};

pub(crate) struct FaultyStream {
    transport: Transport,
    link: Arc<Link>,
    acting: Option<Acting>,
}

enum Acting {
    /// A pause or a stall; an error is a client that has left.
    Waiting(Pin<Box<dyn Future<Output = io::Result<()>> + Send>>),
    Garbage(Bytes),
    Ending(Ending),
}

impl FaultyStream {
    pub(crate) fn new(transport: Transport, link: Arc<Link>) -> FaultyStream {
        FaultyStream { transport, link, acting: None }
    }

    pub(crate) fn into_transport(self) -> Transport {
        self.transport
    }

    fn begin(&mut self, act: Act) {
        self.link.lock().answers.begin_act();
        let link = Arc::clone(&self.link);
        self.acting = Some(match act {
            Act::Pause { until } => Acting::Waiting(Box::pin(async move {
                sleep_until(until).await;
                Ok(())
            })),
            Act::Stall { lasting } => {
                Acting::Waiting(Box::pin(async move { link.stall(lasting).await }))
            }
            Act::Garbage(bytes) => Acting::Garbage(bytes),
            Act::Reset => Acting::Ending(Ending::Reset),
            Act::Close => Acting::Ending(Ending::Close),
        });
    }

    /// Goes on with what has begun, until it is over.
    fn poll_act(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(acting) = &mut self.acting else {
            return Poll::Ready(Ok(()));
        };
        // What was written before has to be on its way.
        ready!(Pin::new(&mut self.transport).poll_flush(context))?;
        match acting {
            Acting::Waiting(waiting) => ready!(waiting.as_mut().poll(context))?,
            Acting::Garbage(bytes) => {
                while bytes.has_remaining() {
                    let written = Pin::new(&mut self.transport).poll_write(context, bytes);
                    bytes.advance(ready!(written)?);
                }
                self.acting = Some(Acting::Ending(Ending::Close));
                return self.poll_act(context);
            }
            Acting::Ending(ending) => {
                self.link.end(*ending);
                return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
            }
        }
        self.acting = None;
        self.link.lock().answers.end_act();
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for FaultyStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().transport).poll_read(context, buffer)
    }
}

impl AsyncWrite for FaultyStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let first: &[u8] = slices.iter().find(|slice| !slice.is_empty()).map_or(&[], |slice| slice);
        let length = slices.iter().map(|slice| slice.len()).sum();
        loop {
            ready!(this.poll_act(context))?;
            let permit = this.link.lock().answers.permit(first, length, Instant::now());
            let transport = Pin::new(&mut this.transport);
            let written = match permit {
                Permit::All => transport.poll_write_vectored(context, slices),
                Permit::UpTo(limit) => {
                    transport.poll_write(context, &first[..limit.min(first.len())])
                }
                Permit::Act(act) => {
                    this.begin(act);
                    continue;
                }
            };
            let written = ready!(written)?;
            this.link.lock().answers.wrote(written, Instant::now());
            return Poll::Ready(Ok(written));
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_act(context))?;
        // There may be something to happen behind the last byte.
        let due = this.link.lock().answers.permit_at_rest();
        if let Some(act) = due {
            this.begin(act);
            ready!(this.poll_act(context))?;
        }
        Pin::new(&mut this.transport).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().transport).poll_shutdown(context)
    }
}

//! What the parts of one connection share.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use super::outgoing::{Answers, Outgoing};

/// The other end of a connection.
pub(crate) trait Client: fmt::Debug + Send + Sync {
    /// Waits until the client has closed its sending side or reset the connection, whatever it has
    /// sent before. Where the system does not tell, this waits for ever.
    fn left(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// A connection, as those see it who do not read or write it.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) number: u64,
    pub(crate) peer: SocketAddr,
    client: Box<dyn Client>,
    state: Mutex<LinkState>,
}

#[derive(Debug, Default)]
pub(crate) struct LinkState {
    pub(crate) answers: Answers,
    ending: Ending,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ending {
    /// As HTTP has it.
    #[default]
    Ordinary,
    Reset,
    /// In the middle of something, but in the way of TCP.
    Close,
}

impl Link {
    pub(crate) fn new(number: u64, peer: SocketAddr, client: impl Client + 'static) -> Link {
        Link { number, peer, client: Box::new(client), state: Mutex::default() }
    }

    /// An answer that is about to be written.
    pub(crate) fn announce(&self, answer: Outgoing) {
        self.lock().answers.push(answer);
    }

    /// How the connection shall end, which whoever asks for it brings about.
    pub(crate) fn end(&self, ending: Ending) {
        self.lock().ending = ending;
    }

    pub(crate) fn ending(&self) -> Ending {
        self.lock().ending
    }

    /// Settles the records of answers that did not go out.
    pub(crate) fn settle(&self) {
        self.lock().answers = Answers::default();
    }

    /// Does nothing for a while, or until the client leaves, which is an error.
    pub(crate) async fn stall(&self, lasting: Option<Duration>) -> io::Result<()> {
        let over = async {
            match lasting {
                Some(duration) => sleep(duration).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = over => Ok(()),
            () = self.client.left() => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, LinkState> {
        // A panic while the lock was held cannot leave the answers half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

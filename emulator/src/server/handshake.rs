//! The beginning of a connection: TLS, right or wrong.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use super::socket::Socket;
use super::transport::Transport;
use crate::exchange::link::{Ending, Link};
use crate::exchange::state::State;
use crate::faults::{FaultKind, Taken, TlsFault};
use crate::tls::Acceptors;

const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The stream to serve; `None` if there is nothing to serve, because the client does not trust the
/// certificate, or because of a fault.
pub(super) async fn handshake(
    state: &State,
    link: &Link,
    socket: Socket,
    tls: Option<&Acceptors>,
    fault: Option<Taken>,
) -> Option<Transport> {
    let Some(acceptors) = tls else {
        return Some(Transport::Plain(socket));
    };
    let fault = match fault {
        None => None,
        Some(taken) => Some(begin(state, link, &socket, &taken).await?),
    };
    let acceptor = acceptors.choose(fault);
    match timeout(HANDSHAKE_TIMEOUT, acceptor.accept(socket)).await {
        Ok(Ok(stream)) => Some(Transport::Tls(Box::new(stream))),
        Ok(Err(_)) | Err(_) => None,
    }
}

/// Does what happens before the handshake, and tells what it is to be like.
async fn begin(state: &State, link: &Link, socket: &Socket, taken: &Taken) -> Option<TlsFault> {
    let FaultKind::Tls(fault) = taken.kind() else {
        return None;
    };
    if matches!(fault, TlsFault::Cut | TlsFault::Stall { .. }) {
        socket.readable().await.ok()?;
    }
    state.note_connection_fault(taken, link.number, link.peer);
    match fault {
        TlsFault::Cut => {
            // Read, so that the end is no reset.
            let _ = socket.clone().read(&mut vec![0; 16 * 1024]).await;
            link.end(Ending::Close);
            None
        }
        TlsFault::Stall { lasting } => link.stall(*lasting).await.ok().map(|()| *fault),
        _ => Some(*fault),
    }
}

//! Accepting connections and ending them politely, or not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::dispatch::answer;
use super::door::Door;
use super::faulty_stream::FaultyStream;
use super::handshake::handshake;
use super::socket::Socket;
use crate::exchange::link::{Ending, Link};
use crate::exchange::state::State;
use crate::faults::{FaultKind, Taken};
use crate::tls::Acceptors;

/// Two callback parameters of 5 KB, 8 KB of metadata, and room.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// 8 KB of metadata may come in hundreds of headers.
const MAX_HEADERS: usize = 1000;
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
const LINGER_SILENCE: Duration = Duration::from_secs(2);
const LINGER_TOTAL: Duration = Duration::from_secs(10);

/// Accepts connections for ever.
pub(crate) async fn serve(mut door: Door, tls: Option<Arc<Acceptors>>, state: Arc<State>) {
    let mut number = 0;
    while let Some((stream, peer)) = door.next().await {
        number += 1;
        let fault = state.faults.take_for_connection(number);
        if let Some(fault) = fault.as_ref().filter(|fault| *fault.kind() == FaultKind::Refuse) {
            state.note_connection_fault(fault, number, peer);
            Socket::new(stream).reset_at_end();
            continue;
        }
        let (tls, state) = (tls.clone(), Arc::clone(&state));
        tokio::spawn(connection(stream, number, peer, tls, fault, state));
    }
}

async fn connection(
    stream: TcpStream,
    number: u64,
    peer: SocketAddr,
    tls: Option<Arc<Acceptors>>,
    fault: Option<Taken>,
    state: Arc<State>,
) {
    // Without it small answers may wait for the acknowledgement of earlier ones.
    drop(stream.set_nodelay(true));
    let mut socket = Socket::new(stream);
    let link = Arc::new(Link::new(number, peer, socket.clone()));
    let Some(transport) = handshake(&state, &link, socket.clone(), tls.as_deref(), fault).await
    else {
        if link.ending() == Ending::Close {
            linger(&mut socket).await;
        }
        return;
    };
    let stream = FaultyStream::new(transport, Arc::clone(&link));
    let shared = Arc::clone(&link);
    let service =
        service_fn(move |request| answer(Arc::clone(&state), Arc::clone(&shared), request));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        // A client may close its sending side and still wait for the answer; and one that has gone
        // away does not stop an upload halfway through its callback.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service)
        .without_shutdown()
        .await;
    // Before the client sees the end.
    link.settle();
    match (link.ending(), served) {
        (Ending::Reset, _) => socket.reset_at_end(),
        (Ending::Close, _) => linger(&mut socket).await,
        (Ending::Ordinary, Ok(parts)) => linger(&mut parts.io.into_inner().into_transport()).await,
        (Ending::Ordinary, Err(_)) => {}
    }
}

/// Closes the sending side, then reads what the client is still sending. Closing at once would make
/// the kernel reset the connection, and a client busy with its body would lose an early answer.
async fn linger(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut discarded = vec![0; 64 * 1024];
    let read = async {
        while let Ok(Ok(1..)) = timeout(LINGER_SILENCE, stream.read(&mut discarded)).await {}
    };
    let _ = timeout(LINGER_TOTAL, read).await;
}

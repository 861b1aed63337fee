//! Accepting connections and ending them politely.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::exchange;
use super::state::State;
use crate::tls::Stream;

/// Two callback parameters of 5 KB, 8 KB of metadata, and room.
const MAX_HEAD_BYTES: usize = 64 * 1024;
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
const LINGER_SILENCE: Duration = Duration::from_secs(2);
const LINGER_TOTAL: Duration = Duration::from_secs(10);

/// Accepts connections for ever.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, state: Arc<State>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                tokio::spawn(connection(stream, peer, tls.clone(), Arc::clone(&state)));
            }
            // Out of file descriptors, most likely: others must end first.
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    state: Arc<State>,
) {
    // Without it small answers may wait for the acknowledgement of earlier ones.
    drop(stream.set_nodelay(true));
    let stream: Box<dyn Stream> = match tls {
        None => Box::new(stream),
        Some(acceptor) => match timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => Box::new(stream),
            // A client that does not trust the certificate; it knows.
            Ok(Err(_)) | Err(_) => return,
        },
    };
    let service = service_fn(move |request| exchange::answer(Arc::clone(&state), peer, request));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        // A client may close its sending side and still wait for the answer; and one that has gone
        // away does not stop an upload halfway through its callback.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service)
        .without_shutdown()
        .await;
    if let Ok(parts) = served {
        let _ = timeout(LINGER_TOTAL, linger(parts.io.into_inner())).await;
    }
}

/// Closes the sending side, then reads what the client is still sending. Closing at once would make
/// the kernel reset the connection, and a client busy with its body would lose an early answer.
async fn linger(mut stream: Box<dyn Stream>) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut discarded = vec![0; 64 * 1024];
    while let Ok(Ok(1..)) = timeout(LINGER_SILENCE, stream.read(&mut discarded)).await {}
}

//! One callback over one connection.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::{Answer, ReceivedCallback, Shared, verify};
use crate::log::printable;
use crate::tls::Stream;
use crate::wire::{self, Head, RequestLine};

const MAX_BODY_BYTES: usize = 4 << 20;
const READ_TIMEOUT: Duration = Duration::from_secs(10);
const LINGER: Duration = Duration::from_secs(2);

/// Accepts connections for ever.
pub(super) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (tls, shared) = (tls.clone(), Arc::clone(&shared));
                tokio::spawn(async move {
                    // A peer that breaks off gets no answer and leaves no record.
                    let _ = connection(stream, tls, &shared).await;
                });
            }
            // Out of file descriptors, most likely: others must end first.
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    shared: &Shared,
) -> io::Result<()> {
    let (mut stream, server_name): (Box<dyn Stream>, Option<String>) = match tls {
        None => (Box::new(stream), None),
        Some(acceptor) => {
            let stream = timeout(READ_TIMEOUT, acceptor.accept(stream)).await??;
            let server_name = stream.get_ref().1.server_name().map(str::to_owned);
            (Box::new(stream), server_name)
        }
    };
    let (head, body) = timeout(READ_TIMEOUT, read_callback(&mut stream)).await??;
    let callback = ReceivedCallback {
        signature: verify::check(&head, &body, &shared.keys).await,
        method: head.start.method,
        target: head.start.target,
        headers: head.headers,
        body,
        server_name,
    };
    shared.log.line(&account(&callback));
    let answer = shared.receive(callback);
    send(&mut stream, &answer).await
}

async fn read_callback(stream: &mut Box<dyn Stream>) -> io::Result<(Head<RequestLine>, Vec<u8>)> {
    let mut head = wire::read_request_head(stream).await?;
    let length =
        head.value("content-length").and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    if length > MAX_BODY_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the body is too long"));
    }
    let body = wire::read_body(stream, std::mem::take(&mut head.rest), length).await?;
    if body.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok((head, body))
}

async fn send(stream: &mut Box<dyn Stream>, answer: &Answer) -> io::Result<()> {
    sleep(answer.delay).await;
    let (head, body) = answer.bytes();
    stream.write_all(&head).await?;
    stream.flush().await?;
    if !answer.body_delay.is_zero() {
        sleep(answer.body_delay).await;
    }
    stream.write_all(body).await?;
    stream.shutdown().await?;
    // Closing while the peer still sends would reset the connection under the answer.
    let mut discarded = [0; 1024];
    while let Ok(Ok(1..)) = timeout(LINGER, stream.read(&mut discarded)).await {}
    Ok(())
}

fn account(callback: &ReceivedCallback) -> String {
    let verdict = match &callback.signature {
        Ok(()) => "signature verified".to_owned(),
        Err(reason) => format!("signature NOT verified ({reason})"),
    };
    format!(
        "{} {}: {}: {}",
        printable(&callback.method),
        printable(&callback.target),
        printable(&verdict),
        printable(&callback.body_text())
    )
}

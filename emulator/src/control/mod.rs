//! The control endpoint: faults, records, clock and listening, for programs of any language.
//!
//! It listens on an address of its own. On the address of the service every path may be that of an
//! object, and the endpoint has to answer when that address is made to refuse connections.

mod gate;
mod routes;

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::time::sleep;

use crate::console::Console;
use crate::exchange::state::State;
use crate::server::DoorKey;
use gate::Gate;

const HEAD_TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) struct Control {
    listener: Option<TcpListener>,
    shared: Arc<Shared>,
}

/// What can be controlled.
struct Shared {
    state: Arc<State>,
    door: DoorKey,
    gate: Gate,
    console: Console,
}

impl Control {
    pub(crate) fn new(
        listener: Option<TcpListener>,
        state: Arc<State>,
        door: DoorKey,
        names: Vec<String>,
        console: Console,
    ) -> io::Result<Control> {
        if let Some(listener) = &listener {
            listener.set_nonblocking(true)?;
        }
        let shared = Shared { state, door, gate: Gate::new(names), console };
        Ok(Control { listener, shared: Arc::new(shared) })
    }

    /// Serves for ever, if there is an address to serve on.
    pub(crate) async fn serve(self) {
        let Some(listener) = self.listener.map(tokio::net::TcpListener::from_std) else {
            return;
        };
        let listener = match listener {
            Ok(listener) => listener,
            Err(error) => {
                self.shared.state.log.line(&format!("control: {error}"));
                return;
            }
        };
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                // Out of file descriptors, most likely: others must end first.
                sleep(Duration::from_millis(50)).await;
                continue;
            };
            let shared = Arc::clone(&self.shared);
            let service = service_fn(move |request| {
                let shared = Arc::clone(&shared);
                async move { Ok::<_, Infallible>(routes::answer(&shared, request).await) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIMEOUT)
                .serve_connection(TokioIo::new(stream), service);
            // A client that breaks off has its reasons.
            tokio::spawn(async move { drop(connection.await) });
        }
    }
}

//! Runs an asynchronous server behind a synchronous face.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

/// A server thread; dropping it stops the server and joins the thread.
#[derive(Debug)]
pub(crate) struct Background {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Serves a bound socket on a thread of its own.
    pub(crate) fn start<Serve, Running>(
        name: &str,
        listener: TcpListener,
        serve: Serve,
    ) -> io::Result<Background>
    where
        Serve: FnOnce(tokio::net::TcpListener) -> Running + Send + 'static,
        Running: Future<Output = ()>,
    {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name(name)
            .enable_all()
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve(listener) => {}
                    // A dropped sender stops the server as well.
                    _ = stopped => {}
                }
            });
            // A name lookup cannot be interrupted; it must not hold up the end.
            runtime.shutdown_timeout(Duration::from_millis(500));
        })?;
        Ok(Background { address, stop: Some(stop), thread: Some(thread) })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The receiver is gone only if the server has ended by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic of the server thread has been reported on standard error already.
            let _ = thread.join();
        }
    }
}

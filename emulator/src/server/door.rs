//! Whether new connections are let in.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Duration, sleep};

/// Opens and closes a listening socket from elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct DoorKey {
    orders: mpsc::UnboundedSender<Order>,
}

#[derive(Debug)]
struct Order {
    open: bool,
    done: std::sync::mpsc::Sender<io::Result<()>>,
}

/// A listening socket, or the place where it is going to be.
#[derive(Debug)]
pub(crate) struct Door {
    address: SocketAddr,
    listener: Option<TcpListener>,
    orders: mpsc::UnboundedReceiver<Order>,
}

/// The two ends.
pub(crate) fn door(address: SocketAddr) -> (DoorKey, impl FnOnce(TcpListener) -> Door) {
    let (sender, orders) = mpsc::unbounded_channel();
    let build = move |listener| Door { address, listener: Some(listener), orders };
    (DoorKey { orders: sender }, build)
}

impl DoorKey {
    /// Opens or closes; that it is so already is no error. Blocks until it is done.
    pub(crate) fn set_open(&self, open: bool) -> io::Result<()> {
        let stopped = || io::Error::other("the server has stopped");
        let (done, result) = std::sync::mpsc::channel();
        self.orders.send(Order { open, done }).map_err(|_| stopped())?;
        result.recv().map_err(|_| stopped())?
    }
}

impl Door {
    /// The next connection; `None` when nobody can open the door any more.
    pub(crate) async fn next(&mut self) -> Option<(TcpStream, SocketAddr)> {
        loop {
            let accept = async {
                match &self.listener {
                    Some(listener) => listener.accept().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                order = self.orders.recv() => {
                    let Order { open, done } = order?;
                    // Whoever asked may have gone.
                    let _ = done.send(self.set_open(open).await);
                }
                accepted = accept => match accepted {
                    Ok(accepted) => return Some(accepted),
                    // Out of file descriptors, most likely: others must end first.
                    Err(_) => sleep(Duration::from_millis(50)).await,
                }
            }
        }
    }

    async fn set_open(&mut self, open: bool) -> io::Result<()> {
        match (open, &self.listener) {
            (false, _) => self.listener = None,
            (true, None) => self.listener = Some(TcpListener::bind(self.address).await?),
            (true, Some(_)) => {}
        }
        Ok(())
    }
}

//! What the HTTP library sees of a connection.
//!
//! It hands nothing of a request down to a connection of its own pool. So each exchange has an agent
//! of its own, whose connector holds that exchange and takes connections from the client's pool.
//! `ureq::unversioned` may change with any minor release, so that Cargo.toml allows only one.

use std::sync::Arc;

use ureq::config::Config;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

use super::connect::{Dialer, Target};
use super::connection::Connection;
use super::exchange::Exchange;

/// Where one exchange has its connection from.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) dialer: Arc<Dialer>,
    pub(super) exchange: Exchange,
}

impl Connector for Way {
    type Out = Lent;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _chained: Option<()>,
    ) -> Result<Option<Lent>, ureq::Error> {
        let target = Target::of(details.uri).ok_or(ureq::Error::HostNotFound)?;
        let connection = self.dialer.connection_to(target, &mut self.exchange.state())?;
        Ok(Some(Lent {
            connection: Some(connection),
            is_done: false,
            dialer: Arc::clone(&self.dialer),
            exchange: self.exchange.clone(),
        }))
    }
}

/// Resolves nothing: a kept connection needs no address, and a new one has its own way to it.
#[derive(Debug)]
pub(super) struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(
        &self,
        _: &ureq::http::Uri,
        _: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// A connection, for the time of one exchange.
#[derive(Debug)]
pub(super) struct Lent {
    /// None only while it is being dropped.
    connection: Option<Connection>,
    /// The answer was read to its end, and the server keeps the connection open.
    is_done: bool,
    dialer: Arc<Dialer>,
    exchange: Exchange,
}

impl Lent {
    fn connection(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("it is there until it is dropped")
    }
}

impl Transport for Lent {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.connection().buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        let Self { connection: Some(connection), exchange, dialer, .. } = self else {
            return Err(ureq::Error::ConnectionFailed);
        };
        Ok(connection.take_output(amount, &mut exchange.state(), dialer)?)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let Self { connection: Some(connection), exchange, dialer, .. } = self else {
            return Err(ureq::Error::ConnectionFailed);
        };
        Ok(connection.await_input(&mut exchange.state(), dialer)?)
    }

    /// Asked when the exchange is over and the connection could be kept. It is, but by the client
    /// and not by the library.
    fn is_open(&mut self) -> bool {
        self.is_done = true;
        false
    }

    fn is_tls(&self) -> bool {
        self.connection.as_ref().is_some_and(Connection::is_tls)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take_if(|_| self.is_done) {
            self.dialer.pool.keep(connection);
        }
    }
}

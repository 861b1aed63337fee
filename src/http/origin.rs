//! The outermost layer of a connection: what passes here is the request itself, not the talk with
//! a proxy and not the TLS handshake.

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

use super::exchange;

/// Marks the connection to the server that the request is for.
#[derive(Debug)]
pub(super) struct OriginConnector;

impl<In: Transport> Connector<In> for OriginConnector {
    type Out = OriginTransport<In>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let is_origin = exchange::is_for(details.uri);
        Ok(chained.map(|inner| OriginTransport { inner, is_origin }))
    }
}

#[derive(Debug)]
pub(super) struct OriginTransport<T> {
    inner: T,
    is_origin: bool,
}

impl<T: Transport> Transport for OriginTransport<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if self.is_origin {
            exchange::note_request_begun();
        }
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

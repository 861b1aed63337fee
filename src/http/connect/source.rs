//! Which way out of a board with several uplinks.

use std::io;
use std::net::{IpAddr, SocketAddr};

use socket2::Socket;

use crate::error::{Error, Result};
use crate::text::quoted;

/// Longest name of an interface, without the NUL (IFNAMSIZ).
const MAX_INTERFACE_NAME: usize = 15;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) enum Source {
    /// The kernel takes the interface that has it, unless its routes say otherwise.
    Address(IpAddr),
    /// Nothing leaves by another one.
    Interface(String),
}

impl Source {
    /// An IP address, or else the name of an interface.
    pub(in crate::http) fn parse(text: &str) -> Result<Self> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let is_name = (1..=MAX_INTERFACE_NAME).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
        match is_name {
            true => Ok(Self::Interface(text.to_owned())),
            false => {
                let fault = format!(
                    "{} is neither an IP address nor the name of a network interface",
                    quoted(text)
                );
                Err(Error::invalid("network_source", fault))
            }
        }
    }

    /// Whether a destination can be reached from here at all.
    pub(super) fn suits(&self, destination: &SocketAddr) -> bool {
        match self {
            Self::Address(address) => address.is_ipv4() == destination.is_ipv4(),
            Self::Interface(_) => true,
        }
    }

    pub(super) fn bind(&self, socket: &Socket) -> io::Result<()> {
        let outcome = match self {
            Self::Address(address) => socket.bind(&SocketAddr::new(*address, 0).into()),
            Self::Interface(name) => socket.bind_device(Some(name.as_bytes())),
        };
        outcome.map_err(|error| {
            io::Error::new(error.kind(), format!("network_source {self} cannot be used: {error}"))
        })
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Interface(name) => quoted(name).fmt(f),
        }
    }
}

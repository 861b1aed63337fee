//! The server side of TLS, with all the certificates that it can show.

use std::io;

use tokio_rustls::TlsAcceptor;

use super::self_signed::faulty_identity;
use super::{TlsIdentity, acceptor};
use crate::faults::{TlsFault, TlsSide};

pub(crate) struct Acceptors {
    right: TlsAcceptor,
    faulty: Option<Faulty>,
}

struct Faulty {
    wrong_host: TlsAcceptor,
    expired: TlsAcceptor,
    not_yet_valid: TlsAcceptor,
    untrusted: TlsAcceptor,
}

impl Acceptors {
    pub(crate) fn new(identity: &TlsIdentity) -> io::Result<Acceptors> {
        let faulty = match &identity.authority {
            None => None,
            Some(authority) => {
                let faulty = |fault| acceptor(&faulty_identity(authority, fault)?);
                Some(Faulty {
                    wrong_host: faulty(TlsFault::WrongHost)?,
                    expired: faulty(TlsFault::Expired)?,
                    not_yet_valid: faulty(TlsFault::NotYetValid)?,
                    untrusted: faulty(TlsFault::Untrusted)?,
                })
            }
        };
        Ok(Acceptors { right: acceptor(identity)?, faulty })
    }

    pub(crate) fn side(&self) -> TlsSide {
        match self.faulty {
            None => TlsSide::OneCertificate,
            Some(_) => TlsSide::Authority,
        }
    }

    /// The acceptor for a connection with this fault.
    pub(crate) fn choose(&self, fault: Option<TlsFault>) -> &TlsAcceptor {
        match (&self.faulty, fault) {
            (Some(faulty), Some(TlsFault::WrongHost)) => &faulty.wrong_host,
            (Some(faulty), Some(TlsFault::Expired)) => &faulty.expired,
            (Some(faulty), Some(TlsFault::NotYetValid)) => &faulty.not_yet_valid,
            (Some(faulty), Some(TlsFault::Untrusted)) => &faulty.untrusted,
            _ => &self.right,
        }
    }
}

//! What all connections of an emulator share.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use super::cors::Cors;
use crate::auth::{AccessKey, Authority};
use crate::callback::Addresses;
use crate::callback::signature::SigningKey;
use crate::clock::{self, Clock};
use crate::faults::{Faults, Taken};
use crate::identifier::Identifiers;
use crate::log::{Log, printable};
use crate::protocol::target::Addressing;
use crate::records::{CallbackRecord, Changes, Ring, SharedRecord, Underway};
use crate::storage::Store;

/// Bucket and key, in path style, under which the public key is served. `-` is no valid bucket
/// name, so no object can be meant.
pub(crate) const PUBLIC_KEY_BUCKET: &str = "-";
pub(crate) const PUBLIC_KEY_NAME: &str = "callback_pub_key_v1.pem";

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) region: String,
    pub(crate) access_keys: Vec<AccessKey>,
    pub(crate) addressing: Addressing,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) identifiers: Identifiers,
    pub(crate) signing_key: SigningKey,
    pub(crate) public_key_url: String,
    pub(crate) callback_addresses: Addresses,
    pub(crate) callback_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) log: Log,
    pub(crate) requests: Ring<SharedRecord>,
    pub(crate) callbacks: Ring<CallbackRecord>,
    pub(crate) underway: Underway,
    /// Of the three above.
    pub(crate) changes: Changes,
    pub(crate) faults: Faults,
    pub(crate) cors: Cors,
}

impl State {
    /// Remembers a fault of a connection on which nothing was asked yet.
    pub(crate) fn note_connection_fault(&self, taken: &Taken, connection: u64, peer: SocketAddr) {
        taken.happened_to_connection(connection, peer);
        self.log.line(&format!(
            "{} connection {connection} from {peer} fault {}: {}",
            clock::milliseconds(self.clock.now()),
            taken.id(),
            printable(taken.text()),
        ));
    }

    pub(crate) fn remember(&self, request: SharedRecord) {
        self.requests.push(request);
        self.changes.note();
    }

    pub(crate) fn remember_callback(&self, callback: CallbackRecord) {
        self.callbacks.push(callback);
        self.changes.note();
    }

    /// What signatures are checked against.
    pub(crate) fn authority(&self, now: SystemTime) -> Authority<'_> {
        Authority { access_keys: &self.access_keys, region: &self.region, now }
    }
}

//! A fault on its way to happen.

use std::net::SocketAddr;
use std::sync::Arc;

use super::kind::{FaultKind, Stage};
use super::waiting::Waiting;
use crate::records::{AppliedFault, FaultRecord, RequestRecord, Ring};

/// A fault that was taken for one request or connection.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    waiting: Arc<Waiting>,
    records: Arc<Ring<FaultRecord>>,
}

impl Taken {
    pub(super) fn new(waiting: Arc<Waiting>, records: Arc<Ring<FaultRecord>>) -> Taken {
        Taken { waiting, records }
    }

    pub(crate) fn id(&self) -> u64 {
        self.waiting.id
    }

    pub(crate) fn kind(&self) -> &FaultKind {
        &self.waiting.fault.kind
    }

    pub(crate) fn stage(&self) -> Stage {
        self.kind().stage()
    }

    pub(crate) fn text(&self) -> &str {
        &self.waiting.text
    }

    /// The entry in the record of the request.
    pub(crate) fn entry(&self) -> AppliedFault {
        AppliedFault { id: self.id(), text: Arc::clone(&self.waiting.text), happened: false }
    }

    /// It happens to the request that it was taken for. What lasts a while happens once.
    pub(crate) fn happened(&self, request: &mut RequestRecord) {
        let entry = request.faults.iter_mut().find(|entry| entry.id == self.id());
        let Some(entry) = entry.filter(|entry| !entry.happened) else {
            return;
        };
        entry.happened = true;
        self.record(FaultRecord {
            request_id: Some(request.request_id.clone()),
            operation: request.operation,
            key: request.key.clone(),
            ..self.on_connection(request.connection, request.peer)
        });
    }

    /// It happens to a connection on which nothing was asked yet.
    pub(crate) fn happened_to_connection(&self, connection: u64, peer: SocketAddr) {
        self.record(self.on_connection(connection, peer));
    }

    fn on_connection(&self, connection: u64, peer: SocketAddr) -> FaultRecord {
        FaultRecord {
            id: self.id(),
            text: Arc::clone(&self.waiting.text),
            connection,
            peer,
            request_id: None,
            operation: None,
            key: None,
        }
    }

    fn record(&self, record: FaultRecord) {
        self.records.push(record);
        self.waiting.note_happened();
    }
}

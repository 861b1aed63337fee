//! Connections that wait for the next exchange.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::connect::Target;
use super::connection::Connection;

/// Connections that are kept.
const MAX_IDLE: usize = 4;

/// The connections of one client, with the one that was used last at the end.
#[derive(Debug)]
pub(super) struct Pool {
    idle: Mutex<Vec<Connection>>,
    max_age: Duration,
}

impl Pool {
    pub(super) fn new(max_age: Duration) -> Self {
        Self { idle: Mutex::default(), max_age }
    }

    /// A connection to `target` that the peer has neither closed nor said anything on.
    pub(super) fn take(&self, target: &Target, is_direct: bool) -> Option<Connection> {
        loop {
            let mut connection = self.take_any(target, is_direct)?;
            if connection.is_alive() {
                return Some(connection);
            }
        }
    }

    fn take_any(&self, target: &Target, is_direct: bool) -> Option<Connection> {
        self.with(|idle| {
            idle.retain(|connection| connection.is_young(self.max_age));
            let index = idle.iter().rposition(|connection| connection.suits(target, is_direct))?;
            Some(idle.remove(index))
        })
    }

    pub(super) fn keep(&self, mut connection: Connection) {
        if !connection.put_to_rest() {
            return;
        }
        let surplus = self.with(|idle| {
            idle.push(connection);
            (idle.len() > MAX_IDLE).then(|| idle.remove(0))
        });
        drop(surplus);
    }

    fn with<T>(&self, use_idle: impl FnOnce(&mut Vec<Connection>) -> T) -> T {
        use_idle(&mut self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

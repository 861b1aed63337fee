//! What all connections of an emulator share.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::faults::Faults;
use super::target::Addressing;
use crate::auth::Authority;
use crate::callback::AddressPolicy;
use crate::callback::answer::Failure;
use crate::callback::signature::SigningKey;
use crate::clock::Clock;
use crate::identifier::Identifiers;
use crate::log::Log;
use crate::options::{AccessKey, Cors};
use crate::records::{CallbackRecord, RequestRecord, Ring};
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
    pub(crate) address_policy: AddressPolicy,
    pub(crate) callback_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) log: Log,
    pub(crate) requests: Ring<RequestRecord>,
    pub(crate) callbacks: Ring<CallbackRecord>,
    pub(crate) forced_failures: ForcedFailures,
    pub(crate) faults: Faults,
    pub(crate) cors: Cors,
}

impl State {
    /// What signatures are checked against, at this moment.
    pub(crate) fn authority(&self) -> Authority<'_> {
        Authority { access_keys: &self.access_keys, region: &self.region, now: self.clock.now() }
    }
}

/// Failures that the next callbacks get instead of being made.
#[derive(Debug, Default)]
pub(crate) struct ForcedFailures {
    queue: Mutex<VecDeque<Failure>>,
}

impl ForcedFailures {
    pub(crate) fn push(&self, failure: Failure) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).push_back(failure);
    }

    pub(crate) fn take(&self) -> Option<Failure> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

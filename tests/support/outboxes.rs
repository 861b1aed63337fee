//! Outboxes that tests open, fill and empty.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ossbind::outbox::{ItemOptions, Outbox, OutboxConfig, Receipt, Until};
use ossbind::{Body, Client, UploadRequest};

use super::local_oss::{BUCKET, PATIENCE};

/// With short pauses, on whatever disk there is.
pub fn config(folder: &Path, client: Option<Client>) -> OutboxConfig {
    let mut config = OutboxConfig::new(folder, client.map(Arc::new));
    config.limits.min_free_bytes = 1;
    (config.retry_min, config.retry_max) = (Duration::from_millis(20), Duration::from_millis(100));
    config
}

pub fn open(folder: &Path, client: Option<Client>) -> Outbox {
    Outbox::open(config(folder, client)).unwrap()
}

pub fn add(outbox: &Outbox, key: &str, content: &[u8], options: &ItemOptions) -> u64 {
    outbox.add(&UploadRequest::new(BUCKET, key, Body::Memory(content)), options).unwrap()
}

pub fn receipts(outbox: &Outbox) -> Vec<Receipt> {
    std::iter::from_fn(|| outbox.next_receipt().unwrap()).collect()
}

pub fn run(outbox: &Outbox) {
    outbox.run(Until::Empty, Some(PATIENCE), None).unwrap();
}

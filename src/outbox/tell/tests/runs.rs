//! Telling as a part of sending: after a callback that failed, until the server has heard of it, and across restarts.

use std::path::PathBuf;
use std::sync::Arc;

use ossbind_emulator::{Answer, Emulator, Operation, Options};
use sha2::Digest as _;

use super::*;
use crate::client::{Client, ClientConfig};
use crate::credentials::Credentials;
use crate::outbox::{ItemOptions, ItemOutcome, Outbox, OutboxConfig, Receipt, Until, WhenFull};
use crate::retry::RetryPolicy;
use crate::upload::{Body, UploadRequest};
use crate::{Callback, Status};

const PATIENCE: Duration = Duration::from_secs(60);

/// An OSS, whose callbacks all fail, and a folder.
struct Board {
    oss: Emulator,
    receiver: Receiver,
    folder: PathBuf,
}

impl Board {
    fn new(name: &str) -> Self {
        let oss = Emulator::start(Options::default()).unwrap();
        let receiver = Receiver::for_emulator(&oss).unwrap();
        receiver.answer_with(Answer::status(500));
        let name = format!("ossbind-tell-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        Self { oss, receiver, folder }
    }

    /// With a server under this URL that is told.
    fn open(&self, url: &str, change: impl FnOnce(&mut OutboxConfig)) -> Outbox {
        let client = Client::new(ClientConfig {
            endpoint: Some(self.oss.endpoint()),
            region: Some("cn-hangzhou".to_owned()),
            credentials: Some(Credentials::new("ak", "sk", None).unwrap().into()),
            http: options(),
            retry: RetryPolicy { attempts: 1, ..RetryPolicy::default() },
            ..ClientConfig::default()
        });
        let mut config = OutboxConfig::new(&self.folder, Some(Arc::new(client.unwrap())));
        config.limits.min_free_bytes = 1;
        config.teller = Some(Teller::new(url, KEY).unwrap());
        (config.retry_min, config.retry_max) = (PATIENCE, PATIENCE);
        change(&mut config);
        Outbox::open(config).unwrap()
    }

    fn add(&self, outbox: &Outbox, key: &str) {
        let callback = Callback::new(self.receiver.url("/callback"), "id=${x:id}");
        let callback = callback.variable("x:id", key);
        let mut request = UploadRequest::new("examplebucket", key, Body::Memory(b"content"));
        request.callback = Some(&callback);
        outbox.add(&request, &ItemOptions::default()).unwrap();
    }

    fn uploads(&self) -> usize {
        let is_put = |operation: Option<Operation>| operation == Some(Operation::PutObject);
        self.oss.requests().iter().filter(|request| is_put(request.operation)).count()
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn run(outbox: &Outbox, until: Until) {
    outbox.retry_now(None).unwrap();
    outbox.run(until, Some(PATIENCE), None).unwrap();
}

#[track_caller]
fn only_receipt(outbox: &Outbox) -> Receipt {
    let receipt = outbox.next_receipt().unwrap().expect("a receipt");
    assert!(outbox.next_receipt().unwrap().is_none(), "another receipt");
    receipt
}

/// HMAC-SHA256 by its definition (RFC 2104), as a server in any language has it.
fn signature_of(timestamp: &str, body: &str) -> String {
    let pad = |byte: u8| -> Vec<u8> {
        let key = KEY.iter().copied().chain(std::iter::repeat(0));
        key.take(64).map(|key| key ^ byte).collect()
    };
    let text = format!("{timestamp}.{body}");
    let inner = Sha256::digest([&pad(0x36), text.as_bytes()].concat());
    format!("v1={}", hex(&Sha256::digest([&pad(0x5C)[..], &inner[..]].concat())))
}

#[test]
fn a_server_is_told_until_it_has_heard_and_nothing_is_uploaded_again() {
    let (url, told) = server([answer(500, ""), answer(200, "")]);
    let board = Board::new("until");
    let outbox = board.open(&url, |_| {});
    board.add(&outbox, "shot-17");
    run(&outbox, Until::Idle);
    assert!(outbox.next_receipt().unwrap().is_none(), "it waits for the server");
    // The power fails.
    drop(outbox);
    let outbox = board.open(&url, |_| {});
    run(&outbox, Until::Empty);
    let receipt = only_receipt(&outbox);
    assert_eq!((receipt.outcome, receipt.told), (ItemOutcome::NotAcknowledged, true));
    assert_eq!(receipt.status, Status::CallbackFailed as i32);
    assert_eq!((board.uploads(), board.receiver.received().len()), (1, 1));
    let messages: Vec<_> = told.iter().collect();
    let [(_, first), (head, body)] = &messages[..] else { panic!("{messages:?}") };
    assert_eq!(first, body);
    let value = |name: &str| head.iter().find_map(|line| line.strip_prefix(name)).unwrap();
    let signature = signature_of(value("x-ossbind-timestamp: "), body);
    assert_eq!(value("x-ossbind-signature: "), signature);
    let message: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(message["key"], "shot-17");
    assert_eq!(message["variables"]["x:id"], "shot-17");
    assert_eq!(message["crc64"], receipt.crc64.unwrap().to_string());
}

#[test]
fn telling_is_given_up_after_a_time() {
    let (url, told) = server([answer(500, ""), answer(500, "")]);
    let board = Board::new("given-up");
    let outbox = board.open(&url, |_| {});
    board.add(&outbox, "k");
    run(&outbox, Until::Idle);
    run(&outbox, Until::Idle);
    assert!(outbox.next_receipt().unwrap().is_none(), "seven days have not passed");
    drop(outbox);
    let outbox = board.open(&url, |config| config.tell_max_age = Duration::ZERO);
    run(&outbox, Until::Empty);
    let receipt = only_receipt(&outbox);
    assert_eq!((receipt.outcome, receipt.told), (ItemOutcome::NotAcknowledged, false));
    assert_eq!((told.iter().count(), board.uploads()), (2, 1));
}

#[test]
fn what_is_stored_is_not_dropped() {
    let (url, _told) = server([answer(500, "")]);
    let board = Board::new("dropped");
    let outbox = board.open(&url, |config| {
        config.limits.max_items = 1;
        config.when_full = WhenFull::DropOldest;
    });
    board.add(&outbox, "stored");
    run(&outbox, Until::Idle);
    board.add(&outbox, "new");
    let receipt = only_receipt(&outbox);
    assert_eq!(
        (receipt.outcome, receipt.key.as_deref()),
        (ItemOutcome::NotAcknowledged, Some("stored"))
    );
}

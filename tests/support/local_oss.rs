//! A local OSS, an application server that it calls, and clients for it.

use std::process::Command;
use std::time::Duration;

use ossbind::{Client, ClientConfig};
use ossbind_emulator::{Emulator, FaultHandle, Operation, Options, ReceivedCallback, Receiver};

/// The bucket that every local OSS has.
pub const BUCKET: &str = "examplebucket";

/// Far longer than anything local takes: a bound for broken tests, not a measure.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct LocalOss {
    pub emulator: Emulator,
    pub receiver: Receiver,
}

impl LocalOss {
    pub fn start() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        let emulator = Emulator::start(options).expect("a loopback port is free");
        let receiver = Receiver::for_emulator(&emulator).expect("a loopback port is free");
        Self { emulator, receiver }
    }

    /// Configuration with the permanent keys and signature V4.
    pub fn config(&self) -> ClientConfig {
        super::client_config(self.emulator.endpoint())
    }

    pub fn client(&self) -> Client {
        Client::new(self.config()).unwrap()
    }

    /// A client that tries again.
    pub fn persistent_client(&self) -> Client {
        Client::new(super::persistent(self.config())).unwrap()
    }

    /// Lets something go wrong.
    pub fn fault(&self, text: &str) -> FaultHandle {
        self.emulator.faults().add(text).unwrap()
    }

    /// How many requests for an operation have arrived.
    pub fn count(&self, operation: Operation) -> usize {
        self.emulator.requests().iter().filter(|r| r.operation == Some(operation)).count()
    }

    /// Where callbacks arrive.
    pub fn callback_url(&self) -> String {
        self.receiver.url("/callback")
    }

    /// The callbacks that arrived, once there are `count`.
    pub fn received(&self, count: usize) -> Vec<ReceivedCallback> {
        self.receiver.wait_for(count, PATIENCE);
        let received = self.receiver.received();
        assert_eq!(received.len(), count);
        received
    }

    /// Content of a stored object.
    pub fn content(&self, key: &str) -> Option<Vec<u8>> {
        self.emulator.object(BUCKET, key).and_then(|object| object.content().unwrap())
    }

    /// Gives a program the environment that the examples ask for.
    pub fn environment(&self, command: &mut Command) {
        for name in ["all_proxy", "https_proxy", "http_proxy", "no_proxy"] {
            command.env_remove(name).env_remove(name.to_ascii_uppercase());
        }
        command
            .env("OSS_ENDPOINT", self.emulator.endpoint())
            .env("OSS_REGION", "cn-hangzhou")
            .env("OSS_ACCESS_KEY_ID", "ak")
            .env("OSS_ACCESS_KEY_SECRET", "sk")
            .env_remove("OSS_SESSION_TOKEN")
            .env("OSS_BUCKET", BUCKET)
            .env("OSS_CALLBACK_URL", self.callback_url());
    }
}

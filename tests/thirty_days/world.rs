//! The service, the application server and the way to them, good or bad as the weather is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ossbind::credentials::{CredentialSource, Credentials, Function};
use ossbind::{Client, ClientConfig};
use ossbind_emulator::{
    AccessKey, Emulator, FaultHandle, Log, Options, Receiver, ReceiverOptions, Storage,
};

use crate::shutter::{Moment, Shutter};
use crate::support;
use crate::weather::{ALWAYS, Kind};

pub struct World {
    pub emulator: Emulator,
    pub receiver: Receiver,
    pub shutter: Arc<Shutter>,
    /// How many episodes of each kind go on.
    kinds: BTreeMap<Kind, u32>,
    faults: BTreeMap<Kind, Vec<FaultHandle>>,
    always: Vec<FaultHandle>,
    keys: Arc<Keys>,
    expired: Option<FaultHandle>,
    /// How often each fault happened that is over.
    happened: BTreeMap<String, u64>,
}

/// Who gives keys.
#[derive(Default)]
struct Keys {
    current: AtomicU64,
    is_down: AtomicBool,
}

impl World {
    /// `tokens` is how many keys there will be, one after the other.
    pub fn new(tokens: u64) -> Self {
        let shutter = Arc::new(Shutter::default());
        let (of_service, of_receiver) = (Arc::clone(&shutter), Arc::clone(&shutter));
        let access_key = |n: u64| {
            let [id, secret, token] = key(n);
            AccessKey::temporary(id, secret, token)
        };
        let emulator = Emulator::start(Options {
            access_keys: (0..tokens).map(access_key).collect(),
            storage: Storage::Discard,
            record_limit: usize::MAX,
            log: Log::Sink(Arc::new(move |line| {
                if is_answered(line) {
                    of_service.note(Moment::Answer, line);
                }
            })),
            ..Options::default()
        })
        .unwrap();
        let receiver = Receiver::start(ReceiverOptions {
            key_url_prefixes: vec![emulator.public_key_url()],
            record_limit: usize::MAX,
            log: Log::Sink(Arc::new(move |line| of_receiver.note(Moment::Callback, line))),
            ..ReceiverOptions::default()
        })
        .unwrap();
        let always = ALWAYS.map(|fault| emulator.faults().add(fault).unwrap()).into();
        Self {
            emulator,
            receiver,
            shutter,
            kinds: BTreeMap::new(),
            faults: BTreeMap::new(),
            always,
            keys: Arc::default(),
            expired: None,
            happened: BTreeMap::new(),
        }
    }

    /// A client as a new process has it. It makes one attempt, so that it never waits by itself.
    pub fn client(&self) -> Client {
        let keys = Arc::clone(&self.keys);
        let fetch = move |_: &_| match keys.is_down.load(Ordering::Relaxed) {
            true => Credentials::new("", "", None).map(Into::into),
            false => {
                let n = keys.current.load(Ordering::Relaxed);
                let [id, secret, token] = key(n);
                Credentials::new(&id, &secret, Some(&token)).map(Into::into)
            }
        };
        let credentials = Some(CredentialSource::new(Function::new(fetch)));
        let config = support::client_config(self.emulator.endpoint());
        Client::new(ClientConfig { credentials, ..config }).unwrap()
    }

    /// The keys of before expire.
    pub fn renew_keys(&mut self) {
        let old = self.keys.current.fetch_add(1, Ordering::Relaxed);
        let fault = format!("expired-token token=token-{old} times=always");
        let new = self.emulator.faults().add(&*fault).unwrap();
        if let Some(older) = self.expired.replace(new) {
            self.end_fault(&older);
        }
    }

    /// An episode begins.
    pub fn begin(&mut self, kind: Kind) {
        let count = self.kinds.entry(kind).or_default();
        *count += 1;
        if *count > 1 {
            return;
        }
        let faults = self.emulator.faults();
        let added = kind.faults().iter().map(|fault| faults.add(*fault).unwrap()).collect();
        self.faults.insert(kind, added);
        match kind {
            Kind::Outage | Kind::KnownOutage => self.emulator.pause_listening().unwrap(),
            Kind::NoKeys => self.keys.is_down.store(true, Ordering::Relaxed),
            _ => {}
        }
    }

    pub fn end(&mut self, kind: Kind) {
        let count = self.kinds.get_mut(&kind).expect("it began");
        *count -= 1;
        if *count > 0 {
            return;
        }
        for fault in self.faults.remove(&kind).unwrap_or_default() {
            self.end_fault(&fault);
        }
        match kind {
            Kind::Outage | Kind::KnownOutage if !self.is_out() => {
                self.emulator.resume_listening().unwrap();
            }
            Kind::NoKeys => self.keys.is_down.store(false, Ordering::Relaxed),
            _ => {}
        }
    }

    pub fn is(&self, kind: Kind) -> bool {
        self.kinds.get(&kind).is_some_and(|count| *count > 0)
    }

    fn is_out(&self) -> bool {
        self.is(Kind::Outage) || self.is(Kind::KnownOutage)
    }

    /// Seconds that a turn takes.
    pub fn pace(&self, bytes: f64) -> f64 {
        let bad = [Kind::Outage, Kind::Modem].into_iter().find(|kind| self.is(*kind));
        let (seconds, rate) = bad.and_then(Kind::pace).unwrap_or((0.5, 200_000.0));
        seconds + bytes / rate
    }

    fn end_fault(&mut self, fault: &FaultHandle) {
        self.emulator.faults().remove(fault.id());
        let status = fault.status();
        let name = status.text.split(" p=").next().unwrap_or_default();
        let name = name.split(" token=").next().unwrap_or_default().to_owned();
        *self.happened.entry(name).or_default() += status.happened;
    }

    /// How often each fault happened, when all is over.
    pub fn sum_up(&mut self) -> &BTreeMap<String, u64> {
        for fault in std::mem::take(&mut self.always).into_iter().chain(self.expired.take()) {
            self.end_fault(&fault);
        }
        &self.happened
    }
}

/// Id, secret and token.
fn key(number: u64) -> [String; 3] {
    ["STS.", "secret-", "token-"].map(|text| format!("{text}{number}"))
}

/// Of a request that was cut off, the client may know before the service does.
fn is_answered(line: &str) -> bool {
    let status = line.split(" bytes ").nth(1).and_then(|rest| rest.split(' ').next());
    status.is_some_and(|status| status != "0") && !line.contains("-request")
}

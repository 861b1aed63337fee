//! What the program says of its uploads, and what the service knows of them.

use std::collections::{BTreeMap, HashMap};

use ossbind_emulator::{Operation, RequestRecord};

/// An outcome that the program reported.
#[derive(Debug)]
pub struct Outcome {
    status: i32,
    state: i32,
    has_result: bool,
    retries: u32,
    message: String,
}

/// What the service did with one key.
#[derive(Debug, Default)]
pub struct Deeds {
    stored: u32,
    called_back: u32,
    acknowledged: u32,
}

/// Both accounts, by key.
#[derive(Debug, Default)]
pub struct Ledger {
    outcomes: HashMap<String, Outcome>,
    deeds: HashMap<String, Deeds>,
    requests: u64,
}

/// Numbers of include/ossbind.h.
const OK: i32 = 0;
const CALLBACK_FAILED: i32 = 31;
const CHECKSUM_MISMATCH: i32 = 32;
const NOT_STORED: i32 = 1;
const STORED: i32 = 2;

impl Ledger {
    /// Takes what follows the word `outcome` of a line of the program.
    pub fn report(&mut self, line: &str) {
        let mut words = line.splitn(6, ' ');
        let mut word = || words.next().unwrap_or_else(|| panic!("{line}"));
        let key = word().to_owned();
        let outcome = Outcome {
            status: word().parse().unwrap(),
            state: word().parse().unwrap(),
            has_result: word() == "1",
            retries: word().parse().unwrap(),
            message: word().to_owned(),
        };
        assert!(self.outcomes.insert(key, outcome).is_none(), "reported twice: {line}");
    }

    pub fn record(&mut self, requests: Vec<RequestRecord>) {
        self.requests += requests.len() as u64;
        for request in requests {
            let Some(key) = request.key.filter(|_| request.operation == Some(Operation::PutObject))
            else {
                continue;
            };
            let deeds = self.deeds.entry(key).or_default();
            deeds.stored += u32::from(request.stored.is_some());
            if let Some(callback) = request.callback {
                deeds.called_back += u32::from(callback.delivered);
                deeds.acknowledged += u32::from(callback.acknowledged);
            }
        }
    }

    /// Compares the accounts of this many uploads; gives how often there was which outcome.
    pub fn settle(mut self, uploads: usize) -> BTreeMap<String, u32> {
        let mut counts = BTreeMap::new();
        let mut contradictions = Vec::new();
        for number in 0..uploads {
            let called = number / 8 % 2 == 1;
            let key = format!("{}/{number}", if called { "called" } else { "plain" });
            let deeds = self.deeds.remove(&key).unwrap_or_default();
            let outcome = self.outcomes.remove(&key).unwrap_or_else(Outcome::plain_success);
            if let Err(rule) = outcome.check(&deeds, called) {
                let message = &outcome.message;
                contradictions.push(format!("{key}: {rule}: {outcome:?}, {deeds:?}: {message}"));
            }
            *counts.entry(outcome.name()).or_default() += 1;
        }
        assert!(contradictions.is_empty(), "{}", contradictions.join("\n"));
        assert!(self.outcomes.is_empty(), "of no upload: {:?}", self.outcomes);
        assert!(self.deeds.is_empty(), "of no upload: {:?}", self.deeds);
        counts
    }

    pub fn requests(&self) -> u64 {
        self.requests
    }
}

impl Outcome {
    /// What the program does not report.
    fn plain_success() -> Self {
        Self { status: OK, state: STORED, has_result: true, retries: 0, message: String::new() }
    }

    fn check(&self, deeds: &Deeds, called: bool) -> Result<(), &'static str> {
        let rules = [
            (deeds.stored <= 1 + self.retries, "stored again without saying so"),
            (!called || deeds.stored <= 1, "stored again although there is a callback"),
            (deeds.called_back <= 1, "called back twice"),
            (self.state != STORED || deeds.stored >= 1, "said to be stored"),
            (self.state != NOT_STORED || deeds.stored == 0, "said not to be stored"),
            (self.has_result == (self.state == STORED), "a result goes with what is stored"),
            (self.status != OK || deeds.acknowledged == u32::from(called), "success"),
            (self.status != CALLBACK_FAILED || called, "a callback that failed"),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, rule)| Err(rule))
    }

    fn name(&self) -> String {
        match (self.status, self.state) {
            (OK, _) if self.retries > 0 => "ok, after a retry",
            (OK, _) => "ok, at once",
            (CALLBACK_FAILED, _) => "stored, callback failed or its answer lost",
            (CHECKSUM_MISMATCH, _) => "stored, checksums differ",
            (_, STORED) => "failed, stored",
            (_, NOT_STORED) => "failed, not stored",
            _ => "failed, unknown",
        }
        .to_owned()
    }
}

//! What the program was told of each item, and what the service did.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crc64fast::Digest;
use ossbind::outbox::{ItemOutcome, Receipt};
use ossbind_emulator::{AnswerFate, ReceivedCallback, RequestRecord};

use crate::plan::{Plan, number_in};

/// Both accounts of one item.
#[derive(Debug, Default)]
struct Account {
    /// What the receipt says, all of it, so that a second one can be compared.
    receipt: Option<u64>,
    outcome: Option<ItemOutcome>,
    stored: u32,
    crc64: u64,
    delivered: u32,
    acknowledged: u32,
    /// An answer may have got lost.
    is_doubtful: bool,
}

#[derive(Default)]
pub struct Ledger {
    accounts: Vec<Account>,
    /// The item of each id.
    ids: HashMap<u64, usize>,
    /// The last item of each order that was stored.
    orders: BTreeMap<String, usize>,
    pub requests: u64,
    /// Receipts that were given again.
    pub again: u64,
    /// Items that have one.
    pub receipts: usize,
}

impl Ledger {
    pub fn new(items: usize) -> Self {
        Self { accounts: (0..items).map(|_| Account::default()).collect(), ..Self::default() }
    }

    /// What the program writes down. It must be right when it is done twice.
    pub fn receive(&mut self, plan: &Plan, receipt: &Receipt) {
        let key = receipt.key.as_deref().unwrap();
        let number = number_in(key).unwrap();
        assert_eq!(receipt.caller_id.as_deref(), Some(key));
        let known = *self.ids.entry(receipt.id).or_insert(number);
        assert_eq!(known, number, "id {} was given twice", receipt.id);
        let mut hasher = DefaultHasher::new();
        format!("{receipt:?}").hash(&mut hasher);
        let text = hasher.finish();
        let account = &mut self.accounts[number];
        match account.receipt.replace(text) {
            None => self.receipts += 1,
            Some(before) => {
                self.again += 1;
                assert_eq!(before, text, "another receipt of the same item: {receipt:?}");
            }
        }
        account.outcome = Some(receipt.outcome);
        let planned = plan.item(number);
        assert_eq!(receipt.size, planned.content.len() as u64, "{receipt:?}");
        if let Some(crc64) = receipt.crc64 {
            assert_eq!(crc64, crc64_of(&planned.content), "{receipt:?}");
        }
    }

    /// What the service wrote down.
    pub fn record(&mut self, plan: &Plan, requests: Vec<RequestRecord>) {
        self.requests += requests.len() as u64;
        for request in requests {
            let Some(number) = request.key.as_deref().and_then(number_in) else { continue };
            let account = &mut self.accounts[number];
            account.is_doubtful |= request.answer != AnswerFate::Sent
                || request.faults.iter().any(|fault| fault.happened);
            let is_object = request.part_number.is_none();
            if let Some(stored) = request.stored.filter(|_| is_object) {
                account.stored += 1;
                account.crc64 = stored.crc64;
                if let Some(order) = plan.item(number).order {
                    let before = self.orders.insert(order, number);
                    assert!(before < Some(number), "{before:?} was stored before {number}");
                }
            }
            let callback = request.callback;
            account.acknowledged += u32::from(callback.is_some_and(|made| made.acknowledged));
        }
    }

    /// What the application server got.
    pub fn called_back(&mut self, callbacks: Vec<ReceivedCallback>) {
        for callback in callbacks {
            self.accounts[number_in(&callback.body_text()).unwrap()].delivered += 1;
        }
    }

    /// The power was cut while this was on its way.
    pub fn doubt(&mut self, line: &str) {
        if let Some(number) = number_in(line) {
            self.accounts[number].is_doubtful = true;
        }
    }

    /// Compares both; gives how often there was which outcome.
    pub fn settle(&self, plan: &Plan) -> BTreeMap<String, u32> {
        let mut counts = BTreeMap::new();
        let mut contradictions = Vec::new();
        for (number, account) in self.accounts.iter().enumerate() {
            if let Err(rule) = account.check(plan, number) {
                contradictions.push(format!("{number}: {rule}: {account:?}"));
            }
            let with = if plan.item(number).has_callback { "with" } else { "without" };
            let name = account.outcome.map_or("nothing".to_owned(), |told| format!("{told:?}"));
            *counts.entry(format!("{name}, {with} a callback")).or_default() += 1;
        }
        assert!(contradictions.is_empty(), "{}", contradictions.join("\n"));
        counts
    }
}

impl Account {
    fn check(&self, plan: &Plan, number: usize) -> Result<(), &'static str> {
        let planned = plan.item(number);
        let called = planned.has_callback;
        let is = |outcome| self.outcome == Some(outcome);
        let (fine, lost) = (is(ItemOutcome::Acknowledged), is(ItemOutcome::NotAcknowledged));
        let rules = [
            (self.outcome.is_some(), "has no receipt"),
            (fine || lost || is(ItemOutcome::Refused), "this outcome is not possible"),
            (is(ItemOutcome::Refused) == planned.is_bad, "refused are the bad ones"),
            (self.stored == u32::from(!planned.is_bad), "stored once, unless it was refused"),
            (self.stored == 0 || self.crc64 == crc64_of(&planned.content), "the content"),
            (self.delivered <= u32::from(called), "one callback at most"),
            (self.acknowledged <= self.delivered, "who acknowledges has got it"),
            (!fine || self.acknowledged == u32::from(called), "acknowledged"),
            (!lost || called, "what has no callback is acknowledged"),
            (!lost || self.acknowledged == 0 || self.is_doubtful, "acknowledged, and not told"),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, rule)| Err(rule))
    }
}

fn crc64_of(content: &[u8]) -> u64 {
    let mut digest = Digest::new();
    digest.write(content);
    digest.sum64()
}

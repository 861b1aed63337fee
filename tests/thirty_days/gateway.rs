//! The program on the gateway: it adds what comes, sends, and does its part for each receipt.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use ossbind::outbox::{ItemOptions, ItemOutcome, Keep, Outbox, OutboxConfig, Step};
use ossbind::{Body, Callback, CancelToken, UploadRequest};

use crate::cut::{Cut, decay};
use crate::ledger::Ledger;
use crate::plan::Plan;
use crate::random::Random;
use crate::support::folders::copy_folder;
use crate::support::local_oss::BUCKET;
use crate::weather::Kind;
use crate::world::World;

pub struct Gateway<'a> {
    plan: &'a Plan,
    pub ledger: Ledger,
    /// Where the folders of all boots are, one after the other.
    root: PathBuf,
    boots: u32,
    outbox: Option<Outbox>,
    /// Items that the program knows to be durable.
    added: usize,
    random: Random,
    never: CancelToken,
    /// Cuts that happened.
    pub cuts: BTreeMap<Cut, u32>,
}

impl<'a> Gateway<'a> {
    pub fn new(plan: &'a Plan, world: &World, root: &Path, seed: u64) -> Self {
        let mut gateway = Self {
            plan,
            ledger: Ledger::new(plan.arrivals.len()),
            root: root.to_owned(),
            boots: 0,
            outbox: None,
            added: 0,
            random: Random::of(seed, 4 << 40),
            never: CancelToken::new(),
            cuts: BTreeMap::new(),
        };
        gateway.boot(world);
        gateway
    }

    pub fn outbox(&self) -> &Outbox {
        self.outbox.as_ref().expect("it has booted")
    }

    pub fn folder(&self) -> PathBuf {
        self.root.join(format!("boot-{}", self.boots))
    }

    /// Where the next boot finds the outbox.
    pub fn next_folder(&self) -> PathBuf {
        self.root.join(format!("boot-{}", self.boots + 1))
    }

    fn boot(&mut self, world: &World) {
        let mut config = OutboxConfig::new(self.folder(), Some(Arc::new(world.client())));
        config.limits.min_free_bytes = 1;
        self.outbox = Some(Outbox::open(config).unwrap());
        self.look_at_network(world);
    }

    /// The power is back; what is in the next folder was on the disk.
    pub fn boot_again(&mut self, world: &World, cut: Cut) {
        let old = self.folder();
        self.outbox = None;
        fs::remove_dir_all(old).unwrap();
        self.boots += 1;
        decay(&self.folder(), &mut self.random);
        *self.cuts.entry(cut).or_default() += 1;
        self.boot(world);
    }

    pub fn cut_power(&mut self, world: &World, cut: Cut) {
        copy_folder(&self.folder(), &self.next_folder());
        self.boot_again(world, cut);
    }

    pub fn look_at_network(&self, world: &World) {
        self.outbox().set_network(!world.is(Kind::KnownOutage), false).unwrap();
    }

    pub fn has_added_all(&self) -> bool {
        self.added == self.plan.arrivals.len()
    }

    /// When the next item comes.
    pub fn next_arrival(&self) -> Option<f64> {
        self.plan.arrivals.get(self.added).copied()
    }

    /// Adds what has come. True when the power was cut meanwhile.
    pub fn add_due(&mut self, world: &World, now: f64, cut: Option<Cut>) -> bool {
        let due = self.plan.arrivals.partition_point(|at| *at <= now);
        if due == self.added {
            return false;
        }
        let later = due - self.added > 1 || cut == Some(Cut::Adding);
        for number in self.added..due {
            self.add(world, number, later);
        }
        if cut == Some(Cut::Adding) {
            self.cut_power(world, Cut::Adding);
            return true;
        }
        self.outbox().commit().unwrap();
        if cut == Some(Cut::Added) {
            self.cut_power(world, Cut::Added);
            return true;
        }
        self.added = due;
        false
    }

    fn add(&self, world: &World, number: usize, later: bool) {
        let planned = self.plan.item(number);
        let key = &planned.key;
        let file = self.root.join(format!("recording-{number}"));
        let body = match planned.is_moved {
            true => {
                fs::write(&file, &planned.content).unwrap();
                Body::file(&file)
            }
            false => Body::Memory(&planned.content),
        };
        let callback = Callback::new(world.receiver.url("/callback"), "object=${object}");
        let mut request = UploadRequest::new(BUCKET, key, body);
        request.callback = planned.has_callback.then_some(&callback);
        request.multipart_threshold = Some(100 << 10);
        request.part_size = Some(100 << 10);
        let keep = if planned.is_moved { Keep::Move } else { Keep::default() };
        let options = ItemOptions {
            keep,
            priority: planned.priority,
            later,
            caller_id: Some(key.clone()),
            order: planned.order.clone(),
            ..Default::default()
        };
        self.outbox().add(&request, &options).unwrap();
    }

    /// Does the program's part for all receipts. True when the power was cut meanwhile.
    pub fn take_receipts(&mut self, world: &World, cut: Option<Cut>) -> bool {
        let has_receipts = self.outbox().stats().unwrap().receipts > 0;
        let is_undone = has_receipts && cut == Some(Cut::Acknowledging);
        if is_undone {
            copy_folder(&self.folder(), &self.next_folder());
        }
        while let Some(receipt) = self.outbox().next_receipt().unwrap() {
            self.ledger.receive(self.plan, &receipt);
            if cut == Some(Cut::Taking) {
                self.cut_power(world, Cut::Taking);
                return true;
            }
            self.outbox().acknowledge(receipt.id).unwrap();
            if receipt.outcome == ItemOutcome::Refused && self.random.happens(0.5) {
                self.outbox().remove(receipt.id).unwrap();
            }
        }
        if is_undone {
            self.boot_again(world, Cut::Acknowledging);
        }
        is_undone
    }

    /// Gives one item its turn. When the power is to be cut in the middle of a request, says whether it was.
    pub fn step(&mut self, world: &World, now: Instant, cut: Option<Cut>) -> (Step, bool) {
        if let Some(Cut::Request(doubt)) = cut {
            world.shutter.arm(doubt.moment(), &self.folder(), &self.next_folder());
        }
        let step = self.outbox().step(now, &self.never).unwrap();
        let Some(line) = world.shutter.take() else { return (step, false) };
        self.ledger.doubt(&line);
        self.boot_again(world, cut.expect("it was armed"));
        (step, true)
    }

    /// Takes over what the service has written down.
    pub fn compare(&mut self, world: &World) {
        self.ledger.record(self.plan, world.emulator.take_requests());
        self.ledger.called_back(world.receiver.take_received());
        world.emulator.take_callbacks();
        world.emulator.faults().take_records();
    }
}

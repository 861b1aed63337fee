//! The gateways, as a simulation of discrete events.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use ossbind::retry::{BudgetSettings, RetryBudget, RetryPolicy};

use crate::outbox::Outbox;
use crate::random::Random;
use crate::server::{Server, Verdict};

pub const GATEWAYS: usize = 10_000;
/// Each gateway has a new file so often, a tenth more or less.
const INTERVAL: Duration = Duration::from_secs(60);
/// Seconds at which the server goes and comes back, and at which the simulation ends.
pub const OUTAGE: (u64, u64) = (300, 900);
pub const END: u64 = 3600;
/// Nothing is left of the outage when no more gateways than this have a file waiting.
const CALM: usize = GATEWAYS / 50;

/// What a gateway does when a request fails.
#[derive(Clone, Copy)]
pub struct Strategy {
    pub attempts: u32,
    /// None: the delays of the library.
    pub fixed_delay: Option<Duration>,
    pub budget: Option<BudgetSettings>,
    /// The files are in an outbox, which makes pauses of its own.
    pub has_outbox: bool,
}

/// What the server saw, second by second, and what became of the uploads.
pub struct Outcome {
    pub requests: Vec<u32>,
    pub stored: Vec<u32>,
    /// Calls of the library that ended, and those that ended in an error.
    pub calls: u64,
    pub failed_calls: u64,
    /// Seconds from the end of the outage until nothing was left of it.
    pub recovery: Option<u64>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// There is a new file.
    File,
    /// The pause of the outbox is over.
    Turn,
    /// A request arrives at the server.
    Request,
    /// Its answer arrives at the gateway.
    Answer(Verdict),
}

struct Gateway {
    budget: Option<RetryBudget>,
    outbox: Option<Outbox>,
    /// The next turn that is scheduled.
    turn: Option<Duration>,
    /// Files that are not stored, with the one that is being uploaded.
    files: u32,
    /// Attempts of the call that is going on; 0 without one.
    attempts: u32,
}

struct Simulation {
    strategy: Strategy,
    /// Time, a number that keeps the order of simultaneous ones, and the gateway.
    events: BinaryHeap<Reverse<(Duration, u64, usize, Event)>>,
    scheduled: u64,
    gateways: Vec<Gateway>,
    server: Server,
    random: Random,
    waiting: usize,
    outcome: Outcome,
    start: Instant,
}

/// Runs the fleet through the outage. The same strategy gives the same outcome.
pub fn simulate(strategy: Strategy) -> Outcome {
    let start = Instant::now();
    let gateway = || Gateway {
        budget: strategy.budget.map(|settings| RetryBudget::new(settings, start)),
        outbox: strategy.has_outbox.then(Outbox::new),
        turn: None,
        files: 0,
        attempts: 0,
    };
    let seconds = END as usize;
    let mut simulation = Simulation {
        strategy,
        events: BinaryHeap::new(),
        scheduled: 0,
        gateways: (0..GATEWAYS).map(|_| gateway()).collect(),
        server: Server::new(OUTAGE),
        random: Random::new(),
        waiting: 0,
        outcome: Outcome {
            requests: vec![0; seconds],
            stored: vec![0; seconds],
            calls: 0,
            failed_calls: 0,
            recovery: None,
        },
        start,
    };
    for gateway in 0..GATEWAYS {
        let phase = INTERVAL.mul_f64(simulation.random.next());
        simulation.schedule(phase, gateway, Event::File);
    }
    simulation.run();
    simulation.outcome
}

impl Simulation {
    fn run(&mut self) {
        while let Some(Reverse((now, _, gateway, event))) = self.events.pop() {
            if now.as_secs() >= END {
                break;
            }
            match event {
                Event::File => self.on_file(now, gateway),
                Event::Turn => self.on_turn(now, gateway),
                Event::Request => self.on_request(now, gateway),
                Event::Answer(verdict) => self.on_answer(now, gateway, verdict),
            }
            if now.as_secs() >= OUTAGE.1 && self.waiting <= CALM {
                self.outcome.recovery.get_or_insert(now.as_secs() - OUTAGE.1);
            }
        }
    }

    fn schedule(&mut self, at: Duration, gateway: usize, event: Event) {
        self.scheduled += 1;
        self.events.push(Reverse((at, self.scheduled, gateway, event)));
    }

    fn on_file(&mut self, now: Duration, index: usize) {
        let next = INTERVAL.mul_f64(0.9 + 0.2 * self.random.next());
        self.schedule(now + next, index, Event::File);
        let gateway = &mut self.gateways[index];
        self.waiting += usize::from(gateway.files == 0);
        gateway.files += 1;
        if let Some(outbox) = &mut gateway.outbox {
            outbox.add();
        }
        if gateway.attempts == 0 {
            self.begin(now, index);
        }
    }

    fn on_turn(&mut self, now: Duration, index: usize) {
        let gateway = &mut self.gateways[index];
        gateway.turn = None;
        if gateway.attempts == 0 && gateway.files > 0 {
            self.begin(now, index);
        }
    }

    /// Uploads the next file, when the outbox says so.
    fn begin(&mut self, now: Duration, index: usize) {
        let Some(outbox) = &mut self.gateways[index].outbox else {
            return self.attempt(now, index);
        };
        match outbox.begin(self.start + now) {
            Ok(()) => self.attempt(now, index),
            Err(Some(until)) => {
                let until = until - self.start;
                if self.gateways[index].turn.is_none_or(|turn| turn > until) {
                    self.gateways[index].turn = Some(until);
                    self.schedule(until, index, Event::Turn);
                }
            }
            Err(None) => {}
        }
    }

    fn attempt(&mut self, at: Duration, index: usize) {
        self.gateways[index].attempts += 1;
        self.schedule(at, index, Event::Request);
    }

    fn on_request(&mut self, now: Duration, index: usize) {
        self.outcome.requests[now.as_secs() as usize] += 1;
        let (verdict, latency) = self.server.request(now);
        self.schedule(now + latency, index, Event::Answer(verdict));
    }

    fn on_answer(&mut self, now: Duration, index: usize, verdict: Verdict) {
        match verdict {
            Verdict::Stored => self.on_success(now, index),
            Verdict::Failed => self.on_failure(now, index),
        }
    }

    /// The gateway goes on with its next file at once.
    fn on_success(&mut self, now: Duration, index: usize) {
        self.outcome.stored[now.as_secs() as usize] += 1;
        self.outcome.calls += 1;
        let gateway = &mut self.gateways[index];
        if let Some(budget) = gateway.budget.as_ref().filter(|_| gateway.attempts == 1) {
            budget.first_attempt_succeeded(self.start + now);
        }
        gateway.attempts = 0;
        gateway.files -= 1;
        if let Some(outbox) = &mut gateway.outbox {
            outbox.succeeded();
        }
        match gateway.files {
            0 => self.waiting -= 1,
            _ => self.begin(now, index),
        }
    }

    /// Tries again, or waits: for the next file, to begin with the oldest one then, or as the outbox says.
    fn on_failure(&mut self, now: Duration, index: usize) {
        let policy = RetryPolicy { attempts: self.strategy.attempts, ..RetryPolicy::default() };
        let gateway = &mut self.gateways[index];
        let can_afford = || {
            gateway.budget.as_ref().is_none_or(|budget| budget.try_spend(self.start + now).is_ok())
        };
        if policy.allows_another(gateway.attempts) && can_afford() {
            let delay = match self.strategy.fixed_delay {
                Some(delay) => delay,
                None => policy.delay(gateway.attempts, self.random.next(), None),
            };
            self.attempt(now + delay, index);
        } else {
            gateway.attempts = 0;
            self.outcome.calls += 1;
            self.outcome.failed_calls += 1;
            if let Some(outbox) = &mut gateway.outbox {
                outbox.failed(self.start + now);
                self.begin(now, index);
            }
        }
    }
}

//! The clock, which goes from one event to the next.

use std::path::Path;
use std::time::{Duration, Instant};

use ossbind::outbox::Step;

use crate::cut::{Cut, cuts};
use crate::gateway::Gateway;
use crate::plan::Plan;
use crate::random::Random;
use crate::support::local_oss::PATIENCE;
use crate::weather::{Episode, Kind};
use crate::world::World;

/// So often keys expire, the depth is looked at, and the program looks for items.
const KEYS: f64 = 120.0;
const SAMPLES: f64 = 4320.0;
const ADDS_S: f64 = 60.0;
/// Records of the service are taken over after so many turns.
const TURNS: u64 = 500;
/// About what an item has.
const BYTES: f64 = 2000.0;

pub struct Simulation<'a> {
    plan: &'a Plan,
    pub world: World,
    pub gateway: Gateway<'a>,
    start: Instant,
    now: f64,
    /// Beginnings and ends, the next one last.
    weather: Vec<(f64, Kind, bool)>,
    cuts: Vec<(f64, Cut)>,
    random: Random,
    next_keys: f64,
    next_sample: f64,
    next_receipts: f64,
    turns: u64,
    /// Items that wait, at moments in seconds.
    pub depth: Vec<(f64, u64)>,
    pub cut_times: Vec<f64>,
}

impl<'a> Simulation<'a> {
    pub fn new(
        plan: &'a Plan,
        forecast: &[Episode],
        power_cuts: usize,
        seed: u64,
        root: &Path,
    ) -> Self {
        let world = World::new(2 * KEYS as u64);
        let gateway = Gateway::new(plan, &world, root, seed);
        let begin = forecast.iter().map(|episode| (episode.from, episode.kind, true));
        let end = forecast.iter().map(|episode| (episode.to, episode.kind, false));
        let mut weather: Vec<_> = begin.chain(end).collect();
        weather.sort_by(|one, other| other.0.total_cmp(&one.0));
        Self {
            plan,
            world,
            gateway,
            start: Instant::now(),
            now: 0.0,
            weather,
            cuts: cuts(seed, power_cuts, plan.period),
            random: Random::of(seed, 5 << 40),
            next_keys: plan.period / KEYS,
            next_sample: 0.0,
            next_receipts: 0.0,
            turns: 0,
            depth: Vec::new(),
            cut_times: Vec::new(),
        }
    }

    /// Until every item has its receipt.
    pub fn run(&mut self) {
        while !self.is_over() {
            assert!(self.now < 1.5 * self.plan.period + 1e6, "it does not end");
            self.change_weather();
            self.act();
            let cut = self.due_cut();
            let now = self.start + Duration::from_secs_f64(self.now);
            let (step, is_cut) = self.gateway.step(&self.world, now, cut);
            if is_cut {
                self.was_cut();
            }
            self.go_on(step);
            self.turns += 1;
            if self.turns.is_multiple_of(TURNS) {
                self.gateway.compare(&self.world);
            }
        }
        assert!(self.world.emulator.wait_idle(PATIENCE), "a request is not answered");
        self.gateway.compare(&self.world);
    }

    fn is_over(&self) -> bool {
        let gateway = &self.gateway;
        let has_all = gateway.has_added_all() && self.cuts.is_empty();
        has_all && {
            let stats = gateway.outbox().stats().unwrap();
            stats.waiting == 0 && stats.receipts == 0
        }
    }

    fn change_weather(&mut self) {
        while let Some((_, kind, begins)) = self.weather.pop_if(|(at, ..)| *at <= self.now) {
            match begins {
                true => self.world.begin(kind),
                false => self.world.end(kind),
            }
            self.gateway.look_at_network(&self.world);
        }
        if self.next_keys <= self.now {
            self.world.renew_keys();
            self.next_keys += self.plan.period / KEYS;
        }
        if self.next_sample <= self.now {
            self.depth.push((self.now, self.gateway.outbox().stats().unwrap().waiting));
            self.next_sample += self.plan.period / SAMPLES;
        }
    }

    /// What the program does besides sending.
    fn act(&mut self) {
        if self.next_adds() <= self.now
            && self.gateway.add_due(&self.world, self.now, self.due_cut())
        {
            self.was_cut();
        }
        if self.next_receipts <= self.now {
            if self.gateway.take_receipts(&self.world, self.due_cut()) {
                self.was_cut();
            }
            // At times it has something else to do.
            let minutes = if self.random.happens(0.02) { 300.0 } else { 10.0 };
            self.next_receipts = self.now + self.random.unit() * minutes * 60.0;
        }
        if self.due_cut() == Some(Cut::Nothing) {
            self.gateway.cut_power(&self.world, Cut::Nothing);
            self.was_cut();
        }
    }

    fn due_cut(&self) -> Option<Cut> {
        self.cuts.last().filter(|(at, _)| *at <= self.now).map(|(_, cut)| *cut)
    }

    fn was_cut(&mut self) {
        self.cuts.pop();
        self.cut_times.push(self.now);
    }

    fn next_adds(&self) -> f64 {
        let next = self.gateway.next_arrival().unwrap_or(f64::INFINITY);
        (next / ADDS_S).ceil() * ADDS_S
    }

    /// To the end of the turn, or to the next moment at which there is something to do.
    fn go_on(&mut self, step: Step) {
        let until = match step {
            Step::Tried => {
                self.now += self.world.pace(BYTES);
                return;
            }
            Step::Wait(until) => until,
            Step::Empty => None,
        };
        let until = until.map_or(f64::INFINITY, |until| {
            until.saturating_duration_since(self.start).as_secs_f64()
        });
        let weather = self.weather.last().map_or(f64::INFINITY, |(at, ..)| *at);
        // One that is due waits for its moment.
        let cut = self.cuts.last().map(|(at, _)| *at).filter(|at| *at > self.now);
        let next = [
            weather,
            cut.unwrap_or(f64::INFINITY),
            self.next_adds(),
            self.next_keys,
            self.next_sample,
            self.next_receipts,
        ];
        let next = next.into_iter().fold(until, f64::min);
        // Whole nanoseconds may be a little earlier.
        self.now = next.max(self.now + 1e-6);
    }
}

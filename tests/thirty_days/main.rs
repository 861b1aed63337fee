//! A gateway's month in minutes, with a clock of the test: outages, a modem, a service that is busy, keys that
//! expire, an application server that is down, and power cuts. Every item has one receipt, and it says what
//! the service did.
//!
//! `make test-thirty-days` is the long form, which also draws docs/outbox-month.svg. What comes, what goes wrong
//! and when is decided by a seed (`OSSBIND_TEST_SEED`); the pauses of the library are random.

mod cut;
mod gateway;
mod ledger;
mod picture;
mod plan;
mod random;
mod shutter;
mod simulation;
#[path = "../support/mod.rs"]
mod support;
#[path = "../../benches/svg/mod.rs"]
mod svg;
mod weather;
mod world;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use plan::{DAY_S, Plan};
use simulation::Simulation;
use support::folders::is_mark;
use support::native::{out_dir, root};
use weather::{Episode, Kind};

/// Items of the long form.
const LONG: usize = 100_000;
const SHORT: usize = 1500;

/// A folder in memory, if there is one: what a disk does when the power is cut is another test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory } else { out_dir() };
        let folder = parent.join(format!("ossbind-thirty-days-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures of the month")]
fn a_month_of_an_outbox() {
    let items = number("OSSBIND_TEST_THIRTY_DAYS").map_or(SHORT, |items| items as usize);
    let seed = number("OSSBIND_TEST_SEED").unwrap_or(1);
    let is_long = items >= LONG;
    let (days, power_cuts) = if is_long { (30.0, 100) } else { (1.0, 14) };
    println!("{items} items in {days} days, seed {seed}");
    let plan = Plan::new(seed, items, days * DAY_S);
    let forecast = weather::forecast(seed, plan.period);
    let folder = Folder::new();
    let began = Instant::now();
    let mut simulation = Simulation::new(&plan, &forecast, power_cuts, seed, &folder.0);
    simulation.run();

    let Simulation { world, gateway, depth, cut_times, .. } = &mut simulation;
    let stats = gateway.outbox().stats().unwrap();
    assert_eq!((stats.corrupt, stats.held), (0, 0), "nothing is damaged");
    assert_eq!(leftovers(&gateway.folder()), [""; 0], "nothing is left of items that are over");
    assert_eq!(gateway.ledger.receipts, items, "every item has its receipt");
    for (outcome, count) in gateway.ledger.settle(&plan) {
        println!("{count:8} {outcome}");
    }
    println!("{:8} receipts that were given again", gateway.ledger.again);
    for (cut, count) in &gateway.cuts {
        println!("{count:8} power cuts, {cut:?}");
    }
    let happened = world.sum_up();
    for (fault, count) in happened {
        println!("{count:8} {fault}");
    }
    assert_no_hold_up(&plan, &forecast, depth);
    let deepest = depth.iter().map(|(_, count)| *count).max().unwrap_or_default();
    let (requests, seconds) = (gateway.ledger.requests, began.elapsed().as_secs_f64());
    let memory = most_memory_kib() / 1024;
    println!("{requests} requests, at most {deepest} items waited, {memory} MiB, {seconds:.0} s");
    let never: Vec<_> = happened.iter().filter(|(_, count)| **count == 0).collect();
    if is_long {
        assert!(never.is_empty(), "faults that never happened: {never:?}");
        assert!(memory < 512, "of the gateway and both servers");
        let title = format!("Items that wait, of {items} in {days} days");
        let svg = picture::draw(&title, plan.period, depth, &forecast, cut_times);
        fs::write(root().join("docs/outbox-month.svg"), svg).unwrap();
    }
}

/// While one folder is refused, what goes elsewhere is sent.
fn assert_no_hold_up(plan: &Plan, forecast: &[Episode], depth: &[(f64, u64)]) {
    let shut = forecast.iter().find(|episode| episode.kind == Kind::Shut).unwrap();
    let came = |number: &usize| (shut.from..shut.to).contains(&plan.arrivals[*number]);
    let refused = (0..plan.arrivals.len()).filter(came).filter(|n| plan.is_for_shut_folder(*n));
    let refused = refused.count() as u64;
    // Other weather may come on top for some hours.
    let end = shut.to - (shut.to - shut.from) / 3.0..shut.to;
    let waiting = depth.iter().filter(|(at, _)| end.contains(at)).map(|(_, count)| *count).min();
    assert!(waiting < Some(refused + 100), "{waiting:?} wait, of which {refused} are refused");
}

/// Bodies and checkpoints that belong to nothing.
fn leftovers(folder: &Path) -> Vec<String> {
    let names = |folder: PathBuf| {
        let all = fs::read_dir(folder).unwrap();
        all.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
    };
    let items = names(folder.join("items")).filter(|name| !is_mark(name));
    items.chain(names(folder.join("checkpoints"))).collect()
}

/// The most that this process ever had.
fn most_memory_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

//! What a fleet of gateways does to a server that comes back after an outage, with the library's
//! own delays and budget.
//!
//! `make simulate-retries`. Prints the tables of docs/retries.md and draws docs/retry-load.svg. The
//! same code gives the same figures.
#![allow(clippy::print_stdout, reason = "figures are what it is for")]

mod fleet;
mod network;
mod outbox;
mod plot;
mod random;
mod server;
#[path = "../svg/mod.rs"]
mod svg;

/// What the code of the outbox finds in the library, with randomness that is the same in every run.
mod retry {
    use std::cell::RefCell;

    pub use ossbind::retry::RetryPolicy;

    use crate::random::Random;

    pub fn random01() -> f64 {
        thread_local!(static RANDOM: RefCell<Random> = RefCell::new(Random::new()));
        RANDOM.with_borrow_mut(Random::next)
    }
}

use std::time::Duration;

use fleet::{OUTAGE, Outcome, Strategy, simulate};
use ossbind::retry::{BudgetSettings, RetryPolicy};
use plot::Curve;

const PLOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/retry-load.svg");
/// What is compared, and how the plot draws it.
const WAYS: [(&str, &str); 3] =
    [("1 s apart", "fixed"), ("full jitter", "jitter"), ("full jitter and budget", "ours")];
const IN_OUTBOX: (&str, &str) = ("in an outbox", "outbox");
const LOSSES: [f64; 4] = [0.02, 0.05, 0.1, 0.2];

fn main() {
    print_head(&[
        "",
        "peak in the outage",
        "mean of its last minute",
        "peak of the minute after it",
        "stored in that minute",
        "backlog gone after",
        "calls that failed",
    ]);
    print_fleet("no retries", &simulate(jitter(1)));
    let plotted = print_strategies(RetryPolicy::default().attempts);
    print_strategies(10);
    let attempts = RetryPolicy::default().attempts;
    let with_budget = with_budget(attempts, BudgetSettings::default());
    let outbox = simulate(Strategy { has_outbox: true, ..with_budget });
    print_fleet(&format!("{attempts} attempts, {}", IN_OUTBOX.0), &outbox);
    println!();
    print_settings();
    let curve = |((name, class), outcome)| Curve { name, class, outcome };
    let curves: Vec<_> =
        WAYS.into_iter().zip(&plotted).chain([(IN_OUTBOX, &outbox)]).map(curve).collect();
    std::fs::write(PLOT, plot::draw(&curves)).expect("docs is writable");
}

fn print_strategies(attempts: u32) -> [Outcome; 3] {
    let fixed = Strategy { fixed_delay: Some(Duration::from_secs(1)), ..jitter(attempts) };
    let ours = with_budget(attempts, BudgetSettings::default());
    let outcomes = [fixed, jitter(attempts), ours].map(simulate);
    for ((name, _), outcome) in WAYS.iter().zip(&outcomes) {
        print_fleet(&format!("{attempts} attempts, {name}"), outcome);
    }
    outcomes
}

/// The library's delays, without a budget.
fn jitter(attempts: u32) -> Strategy {
    Strategy { attempts, fixed_delay: None, budget: None, has_outbox: false }
}

fn with_budget(attempts: u32, settings: BudgetSettings) -> Strategy {
    Strategy { budget: Some(settings), ..jitter(attempts) }
}

/// One line for each way to set the budget: what it costs a fleet, and what a single gateway.
fn print_settings() {
    let losses = LOSSES.map(|loss| format!("failed at {:.0} % loss", 100.0 * loss));
    let columns = ["capacity", "gain", "refill", "backlog gone after", "mean of the last minute"];
    print_head(&columns.into_iter().chain(losses.iter().map(String::as_str)).collect::<Vec<_>>());
    let default = BudgetSettings::default();
    let seconds = Duration::from_secs;
    for settings in [
        default,
        BudgetSettings { capacity: 5, ..default },
        BudgetSettings { capacity: 20, ..default },
        BudgetSettings { capacity: 50, ..default },
        BudgetSettings { gain_per_success: 0, ..default },
        BudgetSettings { gain_per_success: 100, ..default },
        BudgetSettings { gain_per_success: 500, ..default },
        BudgetSettings { refill_time: seconds(60), ..default },
        BudgetSettings { refill_time: seconds(1800), ..default },
    ] {
        let outcome = simulate(with_budget(RetryPolicy::default().attempts, settings));
        let shares =
            LOSSES.map(|loss| format!("{:.2} %", 100.0 * network::failed_share(loss, settings)));
        println!(
            "| {} | {} | {} s | {} | {:.0}/s | {} |",
            settings.capacity,
            f64::from(settings.gain_per_success) / 1000.0,
            settings.refill_time.as_secs(),
            recovery(&outcome),
            mean(&outcome.requests, OUTAGE.1 - 60),
            shares.join(" | "),
        );
    }
}

fn print_head(columns: &[&str]) {
    println!("| {} |", columns.join(" | "));
    println!("|{}", " --- |".repeat(columns.len()));
}

fn print_fleet(name: &str, outcome: &Outcome) {
    let peak = |from: u64, to: u64| {
        outcome.requests[from as usize..to as usize].iter().max().copied().unwrap_or_default()
    };
    println!(
        "| {name} | {}/s | {:.0}/s | {}/s | {:.0}/s | {} | {:.1} % |",
        peak(OUTAGE.0, OUTAGE.1),
        mean(&outcome.requests, OUTAGE.1 - 60),
        peak(OUTAGE.1, OUTAGE.1 + 60),
        mean(&outcome.stored, OUTAGE.1),
        recovery(outcome),
        100.0 * outcome.failed_calls as f64 / outcome.calls as f64,
    );
}

fn recovery(outcome: &Outcome) -> String {
    match outcome.recovery {
        Some(seconds) => format!("{:.1} min", seconds as f64 / 60.0),
        None => format!("not in {} min", (fleet::END - OUTAGE.1) / 60),
    }
}

/// Of the minute that begins at `from`.
fn mean(per_second: &[u32], from: u64) -> f64 {
    let from = from as usize;
    per_second[from..from + 60].iter().copied().map(f64::from).sum::<f64>() / 60.0
}

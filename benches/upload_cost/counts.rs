//! Counts that no load of the machine changes: the difference between many repeats and few, divided
//! by how many more they are, so that the start of a program is no part of it.

use std::process::Command;

use crate::clients::{Bench, Kind, Work, expect_success};

const FEW: u64 = 200;

/// Instructions of each kept upload in the program, as callgrind counts them.
pub fn instructions(bench: &Bench, kind: Kind, work: Work) -> f64 {
    per_repeat(|requests| {
        under_callgrind(bench, |under| bench.client(kind, Work { requests, ..work }, under))
    })
}

/// Instructions of each repeat of what this program does as `name`.
pub fn own_instructions(bench: &Bench, name: &str) -> f64 {
    per_repeat(|repeats| {
        under_callgrind(bench, |under| {
            let mut command = bench.on_client_core(under);
            command.arg(std::env::current_exe().expect("a program knows its own path"));
            command.arg(name).arg(bench.path("head")).arg(repeats.to_string());
            command
        })
    })
}

/// System calls of each kept upload. None where strace cannot trace.
pub fn system_calls(bench: &Bench, kind: Kind, work: Work) -> Option<f64> {
    let out = bench.path("strace.out");
    let out = out.display().to_string();
    let count = |requests| {
        let under = ["strace", "-f", "-c", "-o", &out];
        let output = bench.client(kind, Work { requests, ..work }, &under).output().ok()?;
        let text = std::fs::read_to_string(&out).ok().filter(|_| output.status.success())?;
        // "100.00  0.012345  3  4242  17 total"
        let total = text.lines().find(|line| line.ends_with(" total"))?;
        total.split_whitespace().nth(3)?.parse::<f64>().ok()
    };
    Some((count(2 * FEW)? - count(FEW)?) / FEW as f64)
}

fn under_callgrind(bench: &Bench, command: impl Fn(&[&str]) -> Command) -> f64 {
    let out = bench.path("callgrind.out");
    let option = format!("--callgrind-out-file={}", out.display());
    expect_success(&mut command(&["valgrind", "-q", "--tool=callgrind", &option]));
    let text = std::fs::read_to_string(&out).expect("callgrind has written it");
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    total.and_then(|total| total.trim().parse().ok()).expect("callgrind writes a total")
}

fn per_repeat(count: impl Fn(u64) -> f64) -> f64 {
    (count(2 * FEW) - count(FEW)) / FEW as f64
}

//! Counts for each kept upload, that no load of the machine changes: the difference between many
//! uploads and few, divided by how many more they are.

use crate::clients::{Bench, Kind, Work, expect_success};

const FEW: u64 = 200;

/// Instructions in the program, as callgrind counts them.
pub fn instructions(bench: &Bench, kind: Kind, work: Work) -> f64 {
    per_request(|requests| {
        let out = bench.path("callgrind.out");
        let option = format!("--callgrind-out-file={}", out.display());
        let under = ["valgrind", "-q", "--tool=callgrind", &option];
        expect_success(&mut bench.client(kind, Work { requests, ..work }, &under));
        let text = std::fs::read_to_string(&out).expect("callgrind has written it");
        let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
        total.and_then(|total| total.trim().parse().ok()).expect("callgrind writes a total")
    })
}

fn per_request(count: impl Fn(u64) -> f64) -> f64 {
    (count(2 * FEW) - count(FEW)) / FEW as f64
}

//! All that is measured, with the targets.

use crate::clients::{Bench, GIB, Kind, Work};
use crate::costs::{self, Cost, Runs};
use crate::counts;
use crate::row::{Row, Target, Unit};

const SMALL: Work =
    Work { requests: 5000, size: 1024, threads: 1, from_file: false, over_tls: false };
const LARGE: Work = Work { requests: 1, size: GIB, threads: 1, from_file: true, over_tls: false };
const PART: u64 = 8 << 20;
const SIGNATURES: u64 = 100_000;

/// All rows, in the order of the table. Printed when they are known, for it takes minutes.
pub fn measure(bench: &Bench) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |row: Row| {
        println!("{}", row.markdown());
        rows.push(row);
    };
    cpu(bench).for_each(&mut add);
    one_process(bench).into_iter().for_each(&mut add);
    per_upload(bench).into_iter().for_each(&mut add);
    signing(bench).into_iter().for_each(&mut add);
    let size = std::fs::metadata(Bench::library()).expect("it was built").len() as f64;
    let row = Row::new("bytes of libossbind.so", Unit::Count, [Some(size), None, None]);
    add(row.target(Target::AtMost(2_450_000.0)));
    rows
}

/// CPU of the client, in the program and in the kernel.
fn cpu(bench: &Bench) -> impl Iterator<Item = Row> {
    let parts = Work { requests: GIB / PART, size: PART, threads: 2, ..LARGE };
    let threads = Work { requests: 8000, threads: 8, ..SMALL };
    let over_tls = |work| Work { over_tls: true, ..work };
    let of_curl = |times| Target::Times(times, Kind::Curl);
    let of_raw = |times| Target::Times(times, Kind::Raw);
    let works = [
        ("CPU, 5,000 of 1 KiB", SMALL, vec![of_curl(0.60), of_raw(1.8)]),
        ("CPU, 5,000 of 1 KiB over TLS", over_tls(SMALL), vec![of_curl(1.0)]),
        ("CPU, 8,000 of 1 KiB by 8 threads", threads, vec![]),
        ("CPU, 1 GiB in one request", LARGE, vec![of_raw(1.15)]),
        ("CPU, 1 GiB in one request over TLS", over_tls(LARGE), vec![of_curl(1.0)]),
        ("CPU, 1 GiB in parts of 8 MiB by 2 workers", parts, vec![]),
        ("CPU, these parts over TLS", over_tls(parts), vec![of_curl(1.0)]),
    ];
    works.into_iter().map(|(name, work, targets)| {
        let runs = costs::of_work(bench, work, if work.from_file { 5 } else { 9 });
        Row { targets, ..Row::new(name, Unit::Seconds, runs.medians(|cost| cost.cpu_seconds)) }
    })
}

/// A program that starts, makes one upload and ends.
fn one_process(bench: &Bench) -> [Row; 2] {
    let runs: Runs = costs::of_work(bench, Work { requests: 1, ..SMALL }, 51);
    let wall = runs.medians(|cost| cost.wall_seconds);
    let peak = runs.medians(|cost| cost.peak_kib / 1024.0);
    [
        Row::new("wall time of a process that makes one PUT", Unit::Milliseconds, wall)
            .target(Target::Times(0.35, Kind::Curl)),
        Row::new("its peak resident size", Unit::Mebibytes, peak).target(Target::AtMost(4.0)),
    ]
}

fn per_upload(bench: &Bench) -> [Row; 2] {
    bench.save_head(SMALL);
    let instructions = Kind::ALL.map(|kind| Some(counts::instructions(bench, kind, SMALL)));
    let calls = Kind::ALL.map(|kind| counts::system_calls(bench, kind, SMALL));
    [
        Row::new("instructions of a PUT of 1 KiB on a kept connection", Unit::Count, instructions)
            .target(Target::AtMost(110_000.0)),
        Row::new("system calls of a PUT of 1 KiB on a kept connection", Unit::FewCounts, calls),
    ]
}

/// Of the request whose head was saved last.
fn signing(bench: &Bench) -> [Row; 5] {
    let least = |library, bare| [Some(library), None, Some(bare)];
    let instructions = ["sign", "hash"].map(|name| counts::own_instructions(bench, name));
    let own = std::env::current_exe().expect("a program knows its own path");
    let head = bench.path("head").display().to_string();
    let repeats = SIGNATURES.to_string();
    let rate = |cost: Cost| (SIGNATURES as f64 / cost.cpu_seconds).round();
    let own_rate = |name| rate(costs::of_program(bench, &own, &[name, &head, &repeats]));
    let client = bench.path("signing_client");
    let client_rate = |name| rate(costs::of_program(bench, &client, &[name, &repeats]));
    let through_c = |name, what| Row::new(name, Unit::Count, [Some(client_rate(what)), None, None]);
    [
        Row::new(
            "instructions of a V4 signature",
            Unit::Count,
            least(instructions[0], instructions[1]),
        )
        .target(Target::Times(2.5, Kind::Raw)),
        Row::new(
            "V4 signatures per second",
            Unit::Count,
            least(own_rate("sign"), own_rate("hash")),
        ),
        through_c("ossbind_client_sign_headers() per second", "sign"),
        through_c("ossbind_client_sign_url() per second", "presign"),
        through_c("ossbind_callback_encode() per second", "callback"),
    ]
}

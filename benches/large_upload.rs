//! Peak memory and CPU of a C program that uploads 1 GiB with one call.
//!
//! `cargo bench --bench large_upload`, or `make bench`. Prints figures, judges nothing.
#![allow(clippy::print_stdout, reason = "figures are what it is for")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs::File;
use std::process::Command;

use ossbind_emulator::{Options, Storage};
use support::local_oss::LocalOss;
use support::native::{Compiler, expect_success, out_dir};

const SIZE: u64 = 1 << 30;
const RUNS: usize = 11;
/// What is measured, and what the program takes for it.
const WAYS: [(&str, &str); 4] =
    [("one request", "0"), ("1 part at a time", "1"), ("2 parts", "2"), ("3 parts", "3")];

/// One run, as the program reports it.
struct Figures {
    peak_resident_mib: f64,
    user_seconds: f64,
    system_seconds: f64,
    wall_seconds: f64,
}

fn main() {
    let program = Compiler::c("gnu99").build(&["benches/upload_file.c"], "upload_file");
    // Sparse, so that the disk has no part in the figures.
    let path = out_dir().join("large_upload.bin");
    File::create(&path).and_then(|file| file.set_len(SIZE)).expect("the target folder is writable");
    let oss = LocalOss::with(Options { storage: Storage::Discard, ..Options::default() });
    println!("1 GiB from a file over plain HTTP, medians of {RUNS} runs:");
    println!("                    peak MiB   user s   kernel s   wall s   CPU / one request");
    // Taken in turns, so that what else the machine does spoils all of them alike.
    let mut runs: Vec<Vec<Figures>> = WAYS.iter().map(|_| Vec::new()).collect();
    for _ in 0..RUNS {
        for ((_, parallel), runs) in WAYS.iter().zip(&mut runs) {
            let mut command = Command::new(&program);
            oss.environment(&mut command);
            let output = expect_success(command.arg(&path).arg(parallel));
            runs.push(parse(&String::from_utf8_lossy(&output.stdout)));
        }
    }
    let one_request = median(&mut runs[0], Figures::cpu_seconds);
    for ((name, _), runs) in WAYS.iter().zip(&mut runs) {
        println!(
            "  {name:16} {:9.2} {:8.2} {:10.2} {:8.2} {:19.2}",
            median(runs, |f| f.peak_resident_mib),
            median(runs, |f| f.user_seconds),
            median(runs, |f| f.system_seconds),
            median(runs, |f| f.wall_seconds),
            median(runs, Figures::cpu_seconds) / one_request,
        );
    }
    std::fs::remove_file(&path).expect("the file is ours");
}

impl Figures {
    fn cpu_seconds(&self) -> f64 {
        self.user_seconds + self.system_seconds
    }
}

fn median(runs: &mut [Figures], figure: fn(&Figures) -> f64) -> f64 {
    runs.sort_by(|a, b| figure(a).total_cmp(&figure(b)));
    figure(&runs[runs.len() / 2])
}

fn parse(line: &str) -> Figures {
    let numbers: Vec<f64> =
        line.split_whitespace().map(|text| text.parse().expect("a number")).collect();
    Figures {
        peak_resident_mib: numbers[0] / (1024.0 * 1024.0),
        user_seconds: numbers[1],
        system_seconds: numbers[2],
        wall_seconds: numbers[3],
    }
}

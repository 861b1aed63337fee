//! Every system call of the examples fails, with every error that it can have: once, and then again without an end.
//! Nothing hangs, crashes or leaks; what the program says is true; and a run without faults succeeds afterwards.
//!
//! `make test-torture` is the long form, which also writes docs/torture.md.

mod cell;
mod errors;
mod page;
mod programs;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use cell::{Cell, Ran};
use errors::Failable;
use programs::{PROGRAMS, Program, Scene};
use support::native::expect_success;

/// How many cells run at the same time: most of them wait, for the next attempt or for a time-out.
const WORKERS: usize = 16;

/// With fewer cells the calls of the examples were not found.
const ENOUGH: usize = 3000;
const ENOUGH_SHORT: usize = 80;

#[test]
#[expect(clippy::print_stdout, reason = "the figures of the torture")]
fn a_torture() {
    let is_long = std::env::var_os("OSSBIND_TEST_TORTURE").is_some();
    if let Err(reason) = can_inject() {
        assert!(!is_long, "{reason}");
        println!("not tortured: {reason}");
        return;
    }
    let began = Instant::now();
    let programs = if is_long { PROGRAMS } else { &PROGRAMS[..2] };
    let cells: Vec<Cell> = programs.iter().flat_map(|program| cells_of(program, is_long)).collect();
    let ran = run_all(&cells);

    let seconds = began.elapsed().as_secs();
    let wrong: Vec<&Ran> = ran.iter().filter(|ran| ran.fault.is_some()).collect();
    println!("{} cells, {} wrong, {seconds} s", ran.len(), wrong.len());
    for ran in &wrong {
        println!("{}: {}", ran.cell, ran.fault.as_deref().unwrap_or_default());
    }
    assert!(wrong.is_empty(), "{} cells are wrong", wrong.len());
    let enough = if is_long { ENOUGH } else { ENOUGH_SHORT };
    assert!(ran.len() >= enough, "only {} cells", ran.len());
    if is_long {
        page::write(&ran);
    }
}

/// Whether strace is there and may trace.
fn can_inject() -> Result<(), String> {
    match Command::new("strace").args(["-f", "-qq", "-e", "trace=none", "true"]).output() {
        Err(error) => Err(format!("strace cannot be run: {error}")),
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            Err(format!("strace may not trace: {}", String::from_utf8_lossy(&output.stderr)))
        }
    }
}

/// All cells of a program, or one error for each call.
fn cells_of(program: &'static Program, is_long: bool) -> Vec<Cell> {
    let binary = program.build();
    let mut cells = Vec::new();
    let failable = Failable::of(&trace(program, &binary));
    for (call, nth) in &failable.calls {
        let errors = errors::of(call);
        for (index, error) in errors.iter().copied().enumerate() {
            let (binary, call, nth) = (binary.clone(), call.clone(), *nth);
            let cell = Cell { program, binary, call, error, nth, stays: false };
            let may_stay = errors::may_stay(error) && failable.may_all_fail(&cell.call, nth);
            if is_long && may_stay && !program.asks_for_ever {
                cells.push(Cell { stays: true, ..cell.clone() });
            }
            if is_long || index == nth % errors.len() {
                cells.push(cell);
            }
        }
    }
    cells
}

/// All system calls of a run in which nothing fails.
fn trace(program: &Program, binary: &Path) -> String {
    let scene = Scene::set(program, 0);
    let out = scene.path("trace");
    let strace = ["strace", "-f", "-qq", "-y", "-o", out.to_str().unwrap()];
    expect_success(&mut scene.command(&strace, binary, program));
    std::fs::read_to_string(out).unwrap()
}

/// Runs the cells, and gives those in which the call that was to fail was made.
fn run_all(cells: &[Cell]) -> Vec<Ran<'_>> {
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(cell) = cells.get(number) else { break };
                    if let Some(ran) = cell.run(number) {
                        all.lock().unwrap().push(ran);
                    }
                }
            });
        }
    });
    all.into_inner().unwrap()
}

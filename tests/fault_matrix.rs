//! What becomes of an upload under each fault of the emulator: status, object, requests, and that it
//! ends. The expectations are in `tests/fault_matrix/cells.txt`; `docs/fault-matrix.md` is made of them.
#![allow(clippy::print_stdout, reason = "the measured times are for those who run it")]

mod support;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use support::fault_cells::{Cell, all};
use support::fault_document::document;
use support::fault_run::{Material, Measured, run};
use support::native::root;

const UPDATE: &str = "OSSBIND_UPDATE_FAULT_MATRIX";
/// They wait nearly all of the time.
const THREADS: usize = 24;

fn run_all(cells: &[Cell]) -> Vec<(usize, Result<Measured, String>)> {
    let material = Material::new();
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(index) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&index| index < cells.len())
                {
                    let result = run(&cells[index], &material);
                    results.lock().unwrap().push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(index, _)| *index);
    results
}

#[test]
fn every_cell_is_as_expected() {
    let cells = all();
    assert!(cells.len() >= 120, "{}", cells.len());
    let mut failures = Vec::new();
    let (mut total, mut longest) = (Duration::ZERO, Duration::ZERO);
    for (index, result) in run_all(&cells) {
        let cell = &cells[index];
        match result {
            Ok(measured) => {
                println!("{:>6} ms  {} requests  {cell}", measured.took.as_millis(), measured.seen);
                total += measured.took;
                longest = longest.max(measured.took);
            }
            Err(fault) => failures.push(format!("{cell}: {fault}")),
        }
    }
    println!("{} cells, {total:?} of calls, the longest {longest:?}", cells.len());
    assert!(failures.is_empty(), "{} cells:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn the_committed_document_is_that_of_the_cells() {
    let path = root().join("docs/fault-matrix.md");
    let generated = document(&all());
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "docs/fault-matrix.md is not that of the cells; set {UPDATE}=1"
    );
}

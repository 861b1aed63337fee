//! The power fails after every write to the disk, during uploads with checkpoints and while an outbox is in use. The
//! same program goes on afterwards: nothing is lost, nothing is done twice.
//!
//! `make test-power-cut` is the long form, which also writes docs/power-cuts.md.

mod board;
mod cuts;
mod disk;
mod outbox;
mod page;
mod program;
mod promises;
mod service;
#[path = "../support/mod.rs"]
mod support;
mod upload;

use board::Board;
use disk::Event;
use outbox::Outbox;
use page::{Figures, Rows};
use program::{LeftOut, Program};
use upload::Upload;

/// What a planted fault leaves out, and the test of the type of a file in C.
const PLANTED: [(&str, &str); 3] =
    [("everything", "(mode > 0)"), ("files", "S_ISREG(mode)"), ("folders", "S_ISDIR(mode)")];

/// How a program is put to the test.
struct Plan {
    name: &'static str,
    program: fn(LeftOut) -> Box<dyn Program>,
    runs: usize,
    /// Of each state.
    reorderings: u64,
    /// One of so many cuts is made.
    every: usize,
    /// So many states make a proof.
    enough: usize,
}

const UPLOAD: Plan = Plan {
    name: "upload",
    program: |left_out| Box::new(Upload::new(left_out)),
    runs: 24,
    reorderings: 4,
    every: 1,
    enough: 1000,
};
const OUTBOX: Plan = Plan {
    name: "outbox",
    program: |left_out| Box::new(Outbox::new(left_out)),
    runs: 3,
    reorderings: 4,
    every: 1,
    enough: 2000,
};

#[test]
#[expect(clippy::print_stdout, reason = "the figures of the cuts")]
fn a_power_cut() {
    let is_long = std::env::var_os("OSSBIND_TEST_POWER_CUTS").is_some();
    let short = Plan { runs: 1, reorderings: 1, enough: 0, ..UPLOAD };
    let short = [short, Plan { runs: 1, reorderings: 1, every: 5, enough: 0, ..OUTBOX }];
    let plans = if is_long { [UPLOAD, OUTBOX] } else { short };
    let planted = if is_long { &PLANTED[..] } else { &PLANTED[..1] };
    let mut rows = Vec::new();
    for plan in plans {
        match plan.cut_all(planted) {
            Ok(found) => rows.push(found),
            Err(reason) => {
                assert!(!is_long, "{reason}");
                return println!("no power was cut: {reason}");
            }
        }
    }
    if is_long {
        page::write(&rows);
    }
}

impl Plan {
    /// An error where this system lets nobody make a disk.
    #[expect(clippy::print_stdout, reason = "the figures of the cuts")]
    fn cut_all(&self, planted: &[(&'static str, &'static str)]) -> Result<Rows, String> {
        let works = self.cut(None, self.runs)?;
        println!("{}: {works}", self.name);
        assert_eq!(works.wrong, <[String; 0]>::default());
        assert!(works.states >= self.enough, "only {} states", works.states);
        let mut rows = Rows { works, planted: Vec::new() };
        for (name, left_out) in planted {
            let figures = self.cut(Some(*left_out), 1)?;
            println!("{} without fsync of {name}: {figures}", self.name);
            assert!(!figures.wrong.is_empty(), "the lack of fsync of {name} is not found");
            rows.planted.push((*name, figures));
        }
        Ok(rows)
    }

    /// Runs the program, and cuts the power of each run.
    fn cut(&self, left_out: LeftOut, runs: usize) -> Result<Figures, String> {
        let program = (self.program)(left_out);
        let mut board = Board::new(&*program)?;
        let mut figures = Figures::default();
        for recording in board.record((0..runs).map(|number| format!("run{number}"))) {
            for event in &recording.events {
                match event {
                    Event::Write(_) => figures.writes += 1,
                    Event::Flush => figures.flushes += 1,
                    Event::Service(_) => figures.requests += 1,
                    Event::Said(_) => {}
                }
            }
            let cuts = recording.cuts(self.reorderings).step_by(self.every);
            let (states, wrong) = board.cut(&recording, cuts);
            figures.runs += 1;
            figures.states += states;
            figures.wrong.extend(wrong);
        }
        Ok(figures)
    }
}

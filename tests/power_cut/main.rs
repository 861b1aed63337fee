//! The power fails during an upload with a checkpoint, after every write to the disk. The same command goes on with it
//! afterwards: nothing is sent twice, nothing is left at the service.
//!
//! `make test-power-cut` is the long form, which also writes docs/power-cuts.md.

mod board;
mod cuts;
mod disk;
mod page;
mod service;
#[path = "../support/mod.rs"]
mod support;

use board::Board;
use disk::Event;
use page::Figures;

/// What a planted fault leaves out, and the test of the type of a file in C.
const PLANTED: [(&str, &str); 3] =
    [("everything", "(mode > 0)"), ("files", "S_ISREG(mode)"), ("folders", "S_ISDIR(mode)")];

const ENOUGH: usize = 1000;

#[test]
#[expect(clippy::print_stdout, reason = "the figures of the cuts")]
fn a_power_cut() {
    let is_long = std::env::var_os("OSSBIND_TEST_POWER_CUTS").is_some();
    let (uploads, reorderings, planted) =
        if is_long { (24, 4, &PLANTED[..]) } else { (1, 1, &PLANTED[..1]) };
    let figures = match cut(None, uploads, reorderings) {
        Ok(figures) => figures,
        Err(reason) => {
            assert!(!is_long, "{reason}");
            return println!("no power was cut: {reason}");
        }
    };
    println!("{figures}");
    assert_eq!(figures.wrong, <[String; 0]>::default());
    assert!(!is_long || figures.states >= ENOUGH, "only {} states", figures.states);

    let planted: Vec<(&str, Figures)> = planted
        .iter()
        .map(|(name, left_out)| {
            let figures = cut(Some(left_out), 1, reorderings).expect("it could be cut before");
            println!("without fsync of {name}: {figures}");
            assert!(!figures.wrong.is_empty(), "the lack of fsync of {name} is not found");
            (*name, figures)
        })
        .collect();
    if is_long {
        page::write(&figures, &planted);
    }
}

/// Uploads, and cuts the power of each. An error where this system lets nobody make a disk.
fn cut(left_out: Option<&str>, uploads: usize, reorderings: u64) -> Result<Figures, String> {
    let mut board = Board::new(left_out)?;
    let mut figures = Figures::default();
    for recording in board.record((0..uploads).map(|number| format!("upload-{number}"))) {
        for event in &recording.events {
            match event {
                Event::Write(_) => figures.writes += 1,
                Event::Flush => figures.flushes += 1,
                Event::Service(_) => figures.requests += 1,
            }
        }
        let (states, wrong) = board.cut(&recording, reorderings);
        figures.uploads += 1;
        figures.states += states;
        figures.wrong.extend(wrong);
    }
    Ok(figures)
}

//! What an upload costs, beside what a program would use instead: a plain libcurl client that signs
//! nothing, and a socket that writes the same bytes.
//!
//! `make bench`. Judges nothing: the targets stand beside the figures.
#![allow(clippy::print_stdout, reason = "figures are what it is for")]

mod clients;
mod counts;
mod sink;

use clients::{Bench, Kind, Work};

const SMALL: Work =
    Work { requests: 5000, size: 1024, threads: 1, from_file: false, over_tls: false };

fn main() {
    if std::env::args().nth(1).as_deref() == Some("sink") {
        return sink::run().expect("the sink can listen");
    }
    let bench = Bench::start();
    for kind in Kind::ALL {
        let count = counts::instructions(&bench, kind, SMALL);
        println!("{kind:?}: {count:.0} instructions for each kept PUT of 1 KiB");
    }
}

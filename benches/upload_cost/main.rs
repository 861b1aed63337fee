//! What an upload costs, beside what a program would use instead: a plain libcurl client that signs
//! nothing, and a socket that writes the same bytes.
//!
//! `make bench` writes docs/bench. It judges nothing: the targets stand beside the figures.
#![allow(clippy::print_stdout, reason = "figures are what it is for")]

mod bare;
mod clients;
mod costs;
mod counts;
mod page;
mod picture;
mod row;
mod sink;
#[path = "../svg/mod.rs"]
mod svg;
mod works;

use clients::Bench;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["sink"] => sink::run().expect("the sink can listen"),
        ["sign", head, repeats] => bare::sign(&read(head), number(repeats)),
        ["hash", head, repeats] => bare::hash(&read(head), number(repeats)),
        _ => {
            let rows = works::measure(&Bench::start());
            page::write(&rows);
        }
    }
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).expect("the head was saved")
}

fn number(text: &str) -> u64 {
    text.parse().expect("a number of repeats")
}

//! The local OSS as a program: `serve` is the service, `receive` an application server.

// Talking to standard output is what this program is for.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod exports;
mod ready;
mod receive;
mod serve;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(*arguments),
        Command::Receive(arguments) => receive::run(arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ossbind-emulator: {error}");
            ExitCode::FAILURE
        }
    }
}

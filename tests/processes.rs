//! Processes that fork, and those that load the library and unload it.

mod support;

use std::process::Command;

use ossbind_emulator::{Options, SelfSigned};
use support::local_oss::LocalOss;
use support::native::{Compiler, expect_success, library_dir, out_dir};

#[test]
fn connections_from_before_a_fork_stay_with_the_parent() {
    let program = Compiler::c("gnu99").build(&["tests/c/fork.c"], "fork");
    let made = SelfSigned::generate(&["127.0.0.1"]).unwrap();
    let ca_file = out_dir().join("fork.pem");
    std::fs::write(&ca_file, made.ca_pem).unwrap();
    for tls in [None, Some(made.identity)] {
        let oss = LocalOss::with(Options { tls, ..Options::default() });
        let mut command = Command::new(&program);
        oss.environment(&mut command);
        expect_success(command.arg(&ca_file));
        let port = |key: &str| {
            let requests = oss.emulator.requests();
            requests.iter().find(|r| r.key.as_deref() == Some(key)).unwrap().peer.port()
        };
        assert_ne!(port("child"), port("before"), "both would talk on one connection");
        assert_eq!(port("after"), port("before"), "the child broke the parent's connection");
    }
}

/// A thread that waits for the program's own function cannot be ended, so the code of the library has
/// to stay.
#[test]
fn threads_outlive_the_unloading() {
    let compiler = Compiler::c("gnu99").flag("-Wno-pedantic").flag("-Wl,--as-needed");
    let program = compiler.build(&["tests/c/unload.c"], "unload");
    let oss = LocalOss::start();
    let mut command = Command::new(program);
    oss.environment(&mut command);
    expect_success(command.arg(library_dir().join("libossbind.so")));
}

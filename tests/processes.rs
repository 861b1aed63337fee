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

/// A child has the descriptor of the lock as well, and may live on.
#[test]
fn a_child_does_not_keep_the_lock_of_a_checkpoint() {
    let program = Compiler::c("gnu99").build(&["tests/c/fork_during_upload.c"], "fork-lock");
    let folder = out_dir().join(format!("fork-lock-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("file"), vec![b'a'; 150 * 1024]).unwrap();
    let oss = LocalOss::start();
    let mut command = Command::new(&program);
    oss.environment(&mut command);
    expect_success(command.arg(folder.join("file")).arg(&folder));
    assert!(oss.emulator.multipart_uploads().is_empty());
    std::fs::remove_dir_all(&folder).unwrap();
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

#[test]
fn a_terminal_in_place_of_a_file_does_not_become_that_of_the_process() {
    let program = Compiler::c("gnu99").build(&["tests/c/terminal.c"], "terminal");
    expect_success(&mut Command::new(program));
}

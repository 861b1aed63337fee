//! A board without a battery begins in 1970, and still uploads over TLS: certificates are checked
//! against the date of the build, and the service says what time it is.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use ossbind_emulator::{Operation, Options, SelfSigned};
use support::local_oss::LocalOss;
use support::native::{Compiler, expect_success, out_dir};

/// A local OSS with TLS, and a file with its authority.
fn https_oss(name: &str) -> (LocalOss, PathBuf) {
    let made = SelfSigned::generate(&["127.0.0.1"]).unwrap();
    let ca_file = out_dir().join(format!("no-clock-{name}.pem"));
    std::fs::write(&ca_file, made.ca_pem).unwrap();
    let oss = LocalOss::with(Options { tls: Some(made.identity), ..Options::default() });
    (oss, ca_file)
}

/// What the program says whose clock is that of such a board.
fn upload_in_1970(oss: &LocalOss, ca_file: &Path, name: &str) -> String {
    let shim = Compiler::c("gnu11")
        .flag("-shared")
        .flag("-fPIC")
        .build(&["tests/c/no_clock.c"], &format!("no_clock-{name}.so"));
    let program = Compiler::c("c99").build(&["tests/c/board.c"], &format!("board-{name}"));
    let mut command = Command::new(program);
    oss.environment(&mut command);
    let output = expect_success(command.arg(ca_file).env("LD_PRELOAD", shim));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_board_in_1970_uploads_with_the_time_of_the_service() {
    let (oss, ca_file) = https_oss("right");
    let said = upload_in_1970(&oss, &ca_file, "right");
    assert!(said.starts_with("1970 OSSBIND_STATUS_OK"), "{said}");
    assert_eq!(oss.content("from 1970").unwrap(), b"v");
    let requests = oss.emulator.requests();
    let codes: Vec<_> = requests
        .iter()
        .filter(|request| request.operation == Some(Operation::PutObject))
        .map(|request| request.code.as_deref())
        .collect();
    assert_eq!(codes, [Some("RequestTimeTooSkewed"), None], "told once, and then right");
}

/// The floor is for the clock, and for nothing else.
#[test]
fn a_board_in_1970_refuses_what_any_other_does() {
    for (fault, part) in [
        ("tls-expired times=always", "expired"),
        ("tls-wrong-host times=always", "another host"),
        ("tls-untrusted times=always", "certificate"),
    ] {
        let name = fault.split(' ').next().unwrap();
        let (oss, ca_file) = https_oss(name);
        oss.emulator.faults().add(fault).unwrap();
        let said = upload_in_1970(&oss, &ca_file, name);
        assert!(said.starts_with("1970 OSSBIND_STATUS_TLS"), "{fault}: {said}");
        assert!(said.to_lowercase().contains(part), "{fault}: {said}");
        assert!(oss.content("from 1970").is_none());
    }
}

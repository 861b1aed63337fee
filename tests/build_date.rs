//! The date that the build puts into the library is the floor of every clock, so it has to be right whatever
//! the machine that builds says.

mod support;

use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use support::native::{Compiler, expect_success, out_dir, root};

/// 2026-11-01, that of the source.
const SOURCE_DATE: u64 = 1_793_491_200;
const DAY: u64 = 24 * 60 * 60;

/// The script, as a program of its own.
static SCRIPT: LazyLock<std::path::PathBuf> = LazyLock::new(|| {
    let program = out_dir().join("build-script");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    command.arg(root().join("build.rs")).args(["--edition", "2024", "-o"]).arg(&program);
    expect_success(command.env("CARGO_PKG_VERSION", env!("CARGO_PKG_VERSION")));
    program
});

/// A run with or without `SOURCE_DATE_EPOCH`, on a machine with or without a clock.
fn run(epoch: Option<&str>, clock: Option<&Path>) -> Output {
    let mut command = Command::new(SCRIPT.as_path());
    command.current_dir(root()).env_remove("SOURCE_DATE_EPOCH");
    command.envs(epoch.map(|epoch| ("SOURCE_DATE_EPOCH", epoch)));
    command.envs(clock.map(|shim| ("LD_PRELOAD", shim)));
    command.output().unwrap()
}

fn date(output: &Output) -> u64 {
    let text = String::from_utf8_lossy(&output.stdout);
    let line =
        text.lines().find_map(|line| line.strip_prefix("cargo::rustc-env=OSSBIND_BUILD_DATE="));
    line.unwrap_or_else(|| panic!("{output:?}")).parse().unwrap()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn a_date_of_long_ago_is_that_of_the_source() {
    // What build systems put when they know no better: 1970, 1980 and 2011.
    for epoch in ["0", "315532800", "1302044400"] {
        assert_eq!(date(&run(Some(epoch), None)), SOURCE_DATE, "{epoch}");
    }
}

#[test]
fn a_later_date_is_taken_as_it_is() {
    let hour_ago = now() - 3600;
    assert_eq!(date(&run(Some(&hour_ago.to_string()), None)), hour_ago);
    assert!(date(&run(None, None)) >= hour_ago);
}

#[test]
fn a_date_to_come_is_refused_and_so_is_what_is_none() {
    let days_to_come = (now() + 2 * DAY).to_string();
    for (epoch, part) in
        [(days_to_come.as_str(), "believe no clock"), ("today", "number of seconds")]
    {
        let output = run(Some(epoch), None);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{epoch}");
        assert!(said.contains("SOURCE_DATE_EPOCH is") && said.contains(part), "{epoch}: {said}");
    }
}

#[test]
fn a_machine_without_a_clock_builds_with_what_it_is_given() {
    let shim = Compiler::c("gnu11").flag("-shared").flag("-fPIC");
    let shim = shim.build(&["tests/c/no_clock.c"], "no_clock-build.so");
    let today = now();
    assert_eq!(date(&run(None, Some(&shim))), SOURCE_DATE);
    assert_eq!(date(&run(Some(&today.to_string()), Some(&shim))), today);
}

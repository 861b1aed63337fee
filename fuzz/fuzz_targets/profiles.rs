//! Files with keys: the INI file, the configuration of the command line tool, and the words of a
//! command.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use ossbind::CancelToken;
use ossbind::credentials::{IniProfile, Limits, Process, Provider as _};
use ossbind_fuzz::{Fields, scratch};

static FILE: LazyLock<PathBuf> = LazyLock::new(|| scratch().join("profile"));

fuzz_target!(|input: &[u8]| {
    let fields = Fields::of(input);
    fs::write(&*FILE, fields.get(1)).expect("a file can be written");
    let section = fields.some(0).map(str::to_owned);
    let deadline = Instant::now() + Duration::from_secs(1);
    let limits = Limits { deadline, cancel: CancelToken::new() };
    let _ = IniProfile::new(FILE.clone(), section).fetch(&limits);
    let _ = Process::program(fields.get(2));
});

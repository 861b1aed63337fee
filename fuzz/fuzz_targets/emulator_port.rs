//! Any bytes to the port of the local OSS.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ossbind_emulator::{Emulator, Options};
use ossbind_fuzz::exchange;

static EMULATOR: LazyLock<Emulator> = LazyLock::new(|| {
    Emulator::start(Options { record_limit: 10, ..Options::default() }).expect("a port is free")
});

fuzz_target!(|input: &[u8]| {
    exchange(EMULATOR.address(), input);
});

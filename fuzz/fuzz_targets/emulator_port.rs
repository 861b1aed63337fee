//! Any bytes to the port of the local OSS.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ossbind_emulator::Emulator;
use ossbind_fuzz::{emulator, exchange};

static EMULATOR: LazyLock<Emulator> = LazyLock::new(emulator);

fuzz_target!(|input: &[u8]| {
    exchange(EMULATOR.address(), input);
});

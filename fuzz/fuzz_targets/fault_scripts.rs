//! Scripts of faults for the local OSS. What is read is written the same way.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ossbind_emulator::Fault;

fuzz_target!(|text: &str| {
    for fault in Fault::script(text).into_iter().flatten() {
        let written = fault.to_string();
        let read = Fault::script(&written).expect("what was written can be read");
        assert_eq!(read.len(), 1, "{written}");
        assert_eq!(read[0].to_string(), written);
    }
});

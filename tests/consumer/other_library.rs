//! A library in Rust of somebody else, as a C program links it: with all of Rust's own library.

use std::collections::HashMap;

/// Counts the different bytes of a text of its own; a panic is caught, as it is in ossbind.
#[unsafe(no_mangle)]
pub extern "C" fn other_library() -> i32 {
    let mut counts = HashMap::new();
    for byte in "ossbind".bytes() {
        *counts.entry(byte).or_insert(0) += 1;
    }
    let caught = std::panic::catch_unwind(|| std::panic::resume_unwind(Box::new(1)));
    if caught.is_err() { counts.len() as i32 } else { -1 }
}

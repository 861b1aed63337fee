//! The boundary as a C program meets it: raw pointers, memory of the program's own, and nothing that
//! the type system promises. `make test-miri` runs these in an interpreter that sees what no test
//! can: a read behind the end of a struct, a use after a free, a leak, an alias, a race.
//!
//! Nothing here reaches the network, for Miri has no ppoll(); the programs in tests/c do, under
//! AddressSanitizer, valgrind and ThreadSanitizer.

mod callbacks;
mod clients;
mod credentials;
mod outboxes;
mod outcomes;
mod program;
mod receiving;
mod signing;
mod sizes;
mod texts;
mod threads;
mod uploads;
mod without_objects;

use std::path::Path;

/// A function that is added without a test here would not be under Miri.
#[test]
#[cfg_attr(miri, ignore = "compares texts, which takes an interpreter minutes")]
fn every_exported_function_is_called() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests: String = std::fs::read_dir(root.join("src/ffi/tests"))
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let exports = std::fs::read_to_string(root.join("tests/exports.txt")).unwrap();
    let is_called = |name: &&str| tests.contains(&format!("{name}("));
    let missing: Vec<&str> = exports.lines().filter(|name| !is_called(name)).collect();
    assert_eq!(missing, [""; 0]);
}

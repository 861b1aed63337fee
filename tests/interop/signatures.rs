//! How many requests were signed by the SDKs and compared: `make interop` does that before.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::native::root;

const FILES: [&str; 2] =
    ["tests/vectors/sdk_signatures.jsonl", "target/interop/sdk_signatures.jsonl"];

/// By SDK, version, and the place of the signature.
pub fn counts() -> BTreeMap<(String, u64, String), usize> {
    let mut counts = BTreeMap::new();
    for path in FILES {
        let text = std::fs::read_to_string(root().join(path)).unwrap();
        for line in text.lines() {
            let vector: Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| vector[name].as_str().unwrap().to_owned();
            let version = vector["version"].as_u64().unwrap();
            *counts.entry((text("sdk"), version, text("place"))).or_default() += 1;
        }
    }
    counts
}

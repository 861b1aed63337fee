//! Writing faults so that they can be read again.

use std::fmt;

use super::kinds;
use crate::faults::fault::{Fault, Times};

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = kinds::words(&self.kind);
        let selection = &self.selection;
        words.add("operation", selection.operation.map(|operation| operation.name().to_owned()));
        words.add("bucket", selection.bucket.clone());
        words.add("key", selection.key.clone());
        words.add("prefix", selection.prefix.clone());
        words.add("part", selection.part.map(|part| part.to_string()));
        words.add("attempt", selection.attempt.map(|attempt| attempt.to_string()));
        words.add(
            "times",
            self.times.map(|times| match times {
                Times::Count(count) => count.to_string(),
                Times::Always => "always".to_owned(),
            }),
        );
        words.add("p", self.chance.map(|chance| chance.probability.to_string()));
        words.add("seed", self.chance.map(|chance| chance.seed.to_string()));
        formatter.write_str(words.text())
    }
}

//! The states in which a power cut can leave the disk.

use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::disk::Event;

/// One run of a program, as the disk and the service saw it.
pub struct Recording {
    pub name: String,
    /// What the disk had before.
    pub before: Vec<u8>,
    /// What the service had before.
    pub moment: usize,
    pub events: Vec<Event>,
}

/// The power fails.
#[derive(Clone, Copy)]
pub struct Cut {
    /// After so many events.
    events: usize,
    /// The drive has written only some of the blocks since the last flush: others for each number.
    reordering: Option<u64>,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after event {}, reordering {:?}", self.events, self.reordering)
    }
}

impl Recording {
    /// Before the first event and after each: all written in order, and reordered in so many ways.
    pub fn cuts(&self, reorderings: u64) -> impl Iterator<Item = Cut> {
        (0..=self.events.len()).flat_map(move |events| {
            let reorderings = (0..reorderings).map(Some);
            [None].into_iter().chain(reorderings).map(move |reordering| Cut { events, reordering })
        })
    }

    /// What the disk has after a cut.
    pub fn disk_after(&self, cut: Cut) -> Vec<u8> {
        let mut disk = self.before.clone();
        let events = &self.events[..cut.events];
        let durable = events.iter().rposition(|event| matches!(event, Event::Flush)).unwrap_or(0);
        for (number, event) in events.iter().enumerate() {
            if let Event::Write(write) = event
                && (number < durable || cut.has_written(number))
            {
                let end = write.offset + write.bytes.len();
                disk[write.offset..end].copy_from_slice(&write.bytes);
            }
        }
        disk
    }

    /// What the service has after a cut.
    pub fn moment_after(&self, cut: Cut) -> usize {
        let last = self.events[..cut.events].iter().rev().find_map(|event| match event {
            Event::Service(moment) => Some(*moment),
            _ => None,
        });
        last.unwrap_or(self.moment)
    }

    /// What the program has said until a cut.
    pub fn said_until(&self, cut: Cut) -> Vec<&str> {
        let said = self.events[..cut.events].iter().filter_map(|event| match event {
            Event::Said(text) => Some(text.as_str()),
            _ => None,
        });
        said.collect()
    }

    /// What the service has at the end.
    pub fn end(&self) -> usize {
        self.moment_after(Cut { events: self.events.len(), reordering: None })
    }
}

impl Cut {
    fn has_written(&self, event: usize) -> bool {
        self.reordering.is_none_or(|reordering| {
            let mut hasher = DefaultHasher::new();
            (reordering, self.events, event).hash(&mut hasher);
            hasher.finish().is_multiple_of(2)
        })
    }
}

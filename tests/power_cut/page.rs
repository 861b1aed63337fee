//! docs/power-cuts.md.

use std::fmt;

use crate::support::native::root;

/// What a number of uploads came to.
#[derive(Default)]
pub struct Figures {
    pub uploads: usize,
    pub requests: usize,
    pub writes: usize,
    pub flushes: usize,
    pub states: usize,
    /// What was wrong after which cut.
    pub wrong: Vec<String>,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { uploads, requests, writes, flushes, states, wrong } = self;
        write!(
            f,
            "{uploads} uploads, {requests} requests, {writes} writes, {flushes} flushes, {states} states, \
             {} wrong",
            wrong.len()
        )
    }
}

const TEXT: &str = "\
# Power cuts

Written by `make test-power-cut` (`tests/power_cut/`). It needs root, FUSE and loop devices.

[multipart_callback](../c_examples/multipart_callback.c) uploads a file of three parts from an ext4 file system, with a
checkpoint on the same file system. Every block that reaches the disk is recorded, every flush, and what OSS has after
each request. Then the power is cut after each of these events. The disk has all blocks that were written until then, or,
since a drive may write in another order, only some of those since the last flush: four random choices for each event.
OSS has what it had at that moment. Equal states count once.

*Uploads* are runs of this same upload before the power is cut, *Requests* all that they sent.

On each state the same command runs again, and then:

- the file system can be mounted, and the program succeeds;
- what is stored is the file;
- no part that OSS had is sent again, and no part is left at OSS for ever;
- an upload that was completed, and whose checkpoint is still there, is not completed again;
- there is no file in the folder of checkpoints.

What no client can prevent: when the power fails between the answer to Initiate and the end of the checkpoint, an upload
without parts is left at OSS. It costs nothing; a lifecycle rule of the bucket removes it.

The last rows show that this finds faults: there, `fsync` does nothing for what is named.

| fsync | Uploads | Requests | Blocks written | Flushes | States | Wrong |
| --- | --: | --: | --: | --: | --: | --: |
";

/// Writes the page.
pub fn write(figures: &Figures, planted: &[(&str, Figures)]) {
    let mut page = TEXT.to_owned() + &row("works", figures);
    for (name, figures) in planted {
        page += &row(&format!("does nothing for {name}"), figures);
    }
    std::fs::write(root().join("docs/power-cuts.md"), page).expect("docs is writable");
}

fn row(name: &str, figures: &Figures) -> String {
    let Figures { uploads, requests, writes, flushes, states, wrong } = figures;
    format!(
        "| {name} | {uploads} | {requests} | {writes} | {flushes} | {states} | {} |\n",
        wrong.len()
    )
}

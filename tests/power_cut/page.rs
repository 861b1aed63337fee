//! docs/power-cuts.md.

use std::fmt;

use crate::support::native::root;

/// What a number of runs came to.
#[derive(Default)]
pub struct Figures {
    pub runs: usize,
    pub requests: usize,
    pub writes: usize,
    pub flushes: usize,
    pub states: usize,
    /// What was wrong after which cut.
    pub wrong: Vec<String>,
}

/// What a program came to as it is, and with faults that were planted.
pub struct Rows {
    pub works: Figures,
    pub planted: Vec<(&'static str, Figures)>,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { runs, requests, writes, flushes, states, wrong } = self;
        write!(
            f,
            "{runs} runs, {requests} requests, {writes} writes, {flushes} flushes, {states} states, {} wrong",
            wrong.len()
        )
    }
}

const INTRODUCTION: &str = "\
# Power cuts

Written by `make test-power-cut` (`tests/power_cut/`). It needs root, FUSE and loop devices.

A program runs on an ext4 file system. Every block that reaches the disk is recorded, every flush, and what OSS has after
each request. Then the power is cut after each of these events. The disk has all blocks that were written until then, or,
since a drive may write in another order, only some of those since the last flush: four random choices for each event.
OSS has what it had at that moment, and the program what it was promised. What is equal in all three counts once. On each
state the program runs again, and what is there then is compared with what was promised.

*Runs* are those of the program before the power is cut, *Requests* all that they sent. The last rows of each table show
that this finds faults: there, `fsync` and its like do nothing for what is named.
";

const UPLOAD: &str = "
## An upload with a checkpoint

[multipart_callback](../c_examples/multipart_callback.c) uploads a file of three parts, with a checkpoint on the same file
system. After the cut the same command runs again, and then:

- the file system can be mounted, and the program succeeds;
- what is stored is the file;
- no part that OSS had is sent again, and no part is left at OSS for ever;
- an upload that was completed, and whose checkpoint is still there, is not completed again;
- there is no file in the folder of checkpoints.

What no client can prevent: when the power fails between the answer to Initiate and the end of the checkpoint, an upload
without parts is left at OSS. It costs nothing; a lifecycle rule of the bucket removes it.

";

const OUTBOX: &str = "
## An outbox

[outbox_power_cut](../tests/c/outbox_power_cut.c) adds items from memory and from files that are copied, linked, moved and
referred to, at once and with one commit; holds and releases; sends, with an item in parts, one that overwrites, one whose
callback fails and one that is refused, dead and tried again; takes and acknowledges receipts; reaches limits, so that an
item is dropped; and removes one. Each time a call has returned it says so, and goes on when that is recorded between the
events of the disk. After the cut it opens the outbox again and sends all that is there, and then:

- the outbox opens, and nothing is in `corrupt/`;
- each item whose add, or commit, had returned is there with its id, unless its end had begun: the program was acknowledging
  its receipt or removing it;
- each item has one receipt, or is dead because its receipt was; one that was held is held;
- a receipt that the program had been given comes again, with the same outcome;
- what a receipt calls stored is at OSS as it was added, *acknowledged* only with a callback that arrived; what it
  calls refused or dropped is not;
- nothing was called back twice, before and after the cut together;
- a file that was to be moved is in its place or in the outbox, and one whose add was refused is in its place;
- no id is given again;
- no file is left in the outbox when all receipts are acknowledged, and no part at OSS.

";

const HEAD: &str = "\
| fsync | Runs | Requests | Blocks written | Flushes | States | Wrong |
| --- | --: | --: | --: | --: | --: | --: |
";

/// Writes the page, with the rows of the upload and those of the outbox.
pub fn write(rows: &[Rows]) {
    let mut page = INTRODUCTION.to_owned();
    for (text, Rows { works, planted }) in [UPLOAD, OUTBOX].into_iter().zip(rows) {
        page = page + text + HEAD + &row("works", works);
        for (name, figures) in planted {
            page += &row(&format!("does nothing for {name}"), figures);
        }
    }
    std::fs::write(root().join("docs/power-cuts.md"), page).expect("docs is writable");
}

fn row(name: &str, figures: &Figures) -> String {
    let Figures { runs, requests, writes, flushes, states, wrong } = figures;
    format!(
        "| {name} | {runs} | {requests} | {writes} | {flushes} | {states} | {} |\n",
        wrong.len()
    )
}

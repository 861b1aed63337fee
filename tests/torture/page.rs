//! docs/torture.md.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::cell::{Outcome, Ran};
use crate::errors;
use crate::support::native::root;

const TEXT: &str = "\
# Torture

Written by `make test-torture` (`tests/torture/`), with strace. Each example in C runs against the local OSS as often
as it makes system calls. Each time another of them fails, with each error that it can have: alone, and together with
all later calls of that name. Then the example runs again without a fault. A cell is one such pair of runs.

In every cell:

- the program ends by itself within 19 s, less than the idle time-out, and does not crash;
- it ends with no descriptor that nobody needs any more;
- it says nothing untrue: a success is stored, and what it says is not stored is not;
- the second run succeeds, and what is stored is the file;
- then there is no file in the folder of checkpoints, and OSS has no begun upload but those of which the message says
  that they could not be aborted, and those whose id was lost with the answer to Initiate, which
  have no parts.

`EINTR` and `EAGAIN` mean *again*, and no system says so for ever, so they are made once only. What the dynamic loader
calls before the program begins is left out, and so is the waking of another thread by an eventfd, which cannot fail.
The figures differ a little from run to run, since threads and sockets are not always equally fast.

That it finds faults was seen with four that were put into the library, one after the other. The cells of one example
became wrong, and in its short form (two examples, each call with one of its errors, once) `make test` found three of
them as well:

| Fault | Example | Wrong | In the short form | It says |
| --- | --- | --- | --- | --- |
| A checkpoint that cannot be written ends the call, and nobody aborts the upload | multipart_callback | 72 of 703 | 7 of 123 | a begun upload is left that no message names |
| A socket that could not be connected is not closed | put_object_callback | 12 of 209 | 1 of 120 | it leaks |
| An answer that is lost after the body is said to have stored nothing | put_object_callback | 13 of 209 | 1 of 120 | what is stored is said not to be |
| What cannot wait for the network tries to do so for ever | put_object_callback | 2 of 209 | none | it hangs |

Two things it does not see: a callback that is made twice, for which there is the [fault matrix](fault-matrix.md), and a
file that is left by the first run and written over by the second, for which there is `tests/checkpoint_folder.rs`.
";

/// How often a call failed, and what came of it.
#[derive(Default)]
struct Sum {
    cells: usize,
    done: usize,
    told: usize,
}

impl Sum {
    fn add(&mut self, outcome: Outcome) {
        self.cells += 1;
        *match outcome {
            Outcome::Done => &mut self.done,
            Outcome::Told => &mut self.told,
        } += 1;
    }

    fn columns(&self) -> String {
        format!("{} | {} | {}", self.cells, self.done, self.told)
    }
}

/// Writes the page.
pub fn write(ran: &[Ran<'_>]) {
    let mut page = format!("{TEXT}\nThere are {} cells. None is wrong.\n\n", ran.len());
    let mut calls: BTreeMap<(&str, bool), Sum> = BTreeMap::new();
    let mut programs: BTreeMap<&str, Sum> = BTreeMap::new();
    for ran in ran {
        calls.entry((&ran.cell.call, ran.cell.stays)).or_default().add(ran.outcome);
        programs.entry(ran.cell.program.name).or_default().add(ran.outcome);
    }
    page += "| System call | Errors | Fails | Cells | Succeeded | Failed, and said so |\n\
             | --- | --- | --- | --- | --- | --- |\n";
    for ((call, stays), sum) in &calls {
        let errors = errors::of(call).iter().filter(|error| !stays || errors::may_stay(error));
        let errors: Vec<&str> = errors.copied().collect();
        let how = if *stays { "from then on" } else { "once" };
        let _ = writeln!(page, "| `{call}` | {} | {how} | {} |", errors.join(", "), sum.columns());
    }
    page += "\n| Example | Cells | Succeeded | Failed, and said so |\n\
             | --- | --- | --- | --- |\n";
    for (name, sum) in &programs {
        let _ = writeln!(page, "| [{name}](../c_examples/{name}.c) | {} |", sum.columns());
    }
    std::fs::write(root().join("docs/torture.md"), page).expect("docs is writable");
}

//! The fault matrix as a document.

use std::fmt::Write as _;

use ossbind::ObjectState;

use super::fault_cells::{Cell, Kind, Way};

const HEAD: &str = "\
# Fault matrix

What becomes of one call of `upload` when something goes wrong: made of `tests/fault_matrix/cells.txt` by
`tests/fault_matrix.rs`, which runs every cell over real sockets against the local OSS, and fails when one is
not as it says here. `OSSBIND_UPDATE_FAULT_MATRIX=1 cargo test --test fault_matrix` writes this file.

- *Fault*: in the language of [testing-against-faults.md](testing-against-faults.md), for the requests of the
  operation (of the parts: the second of three). Without `times=always` it happens once.
- *Body*: in memory; a file; a `read` function that knows its length, without and with `rewind`; one that does
  not know its length.
- *Status*: `ok`, or the status of the error. *Object*: what the library says and, when it says *unknown*, what
  is true. In every other cell what it says is compared with what is true. No cell calls back twice.
- *Requests*: how many for the operation reach the service (with connections that end before there is one).
- *Within*: no call takes longer. This is about hangs; most cells take a few milliseconds.

The client makes 3 attempts with hardly a pause (`base_delay` 1 ms), and waits 1 s for a byte, unless
the settings say otherwise: `large` is a body of 16 MiB instead of 300 kB, more than the buffers of a socket;
`tiny` one of 1 kB, which goes out in one piece, before any answer can come; `patient` an idle limit of 20 s;
`timeout` that of the call; `floor` a `low_speed` of 1000 B/s over 0.8 s; `keys` temporary keys that a provider
renews. The rules behind all this are in [retries.md](retries.md).
";

/// The text of the document.
pub fn document(cells: &[Cell]) -> String {
    let mut text = HEAD.to_owned();
    let _ = writeln!(text, "\nThere are {} cells.", cells.len());
    let mut group = "";
    for same in cells.chunk_by(|a, b| row_of(a) == row_of(b)) {
        let cell = &same[0];
        if cell.group != group {
            group = cell.group;
            let _ = write!(
                text,
                "\n## {group}\n\n\
                 | Fault | Settings | Operation | Body | Status | Object | Requests | Within |\n\
                 | --- | --- | --- | --- | --- | --- | --- | --- |\n"
            );
        }
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} | {} | {} | {} s |",
            cell.fault,
            cell.setting_words,
            operation(cell),
            same.iter().map(|cell| body(cell.kind)).collect::<Vec<_>>().join(", "),
            cell.outcome.status,
            object(cell),
            cell.outcome.requests,
            cell.outcome.bound.as_secs()
        );
    }
    text
}

/// Cells that differ in their body only share a row.
fn row_of(cell: &Cell) -> (&str, &str, &str, String, String) {
    let outcome = &cell.outcome;
    let expected =
        format!("{} {} {:?} {:?}", outcome.status, object(cell), outcome.requests, outcome.bound);
    (cell.group, cell.fault, cell.setting_words, operation(cell), expected)
}

fn operation(cell: &Cell) -> String {
    let name = match cell.way {
        Way::Put => "PutObject",
        Way::Form => "PostObject",
        Way::Bundle => "PutObject of a bundle",
        Way::Initiate => "InitiateMultipartUpload",
        Way::Part => "UploadPart",
        Way::Complete => "CompleteMultipartUpload",
    };
    if cell.has_callback { format!("{name}, callback") } else { name.to_owned() }
}

fn body(kind: Kind) -> &'static str {
    match kind {
        Kind::Memory => "memory",
        Kind::File => "file",
        Kind::Read => "read",
        Kind::Rewind => "read with rewind",
        Kind::Unknown => "read of unknown length",
    }
}

fn object(cell: &Cell) -> &'static str {
    match (cell.outcome.state, cell.outcome.is_stored) {
        (ObjectState::Stored, _) => "stored",
        (ObjectState::NotStored, _) => "not stored",
        (ObjectState::Unknown, true) => "unknown (stored)",
        (ObjectState::Unknown, false) => "unknown (not stored)",
    }
}

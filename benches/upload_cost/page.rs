//! docs/bench: the table, how it was made, and the picture.

use std::path::Path;

use crate::clients::expect_success;
use crate::picture;
use crate::row::Row;

const TEXT: &str = "\
# What uploads cost

Written by `make bench`, which needs no account and no network: all clients talk to a server on the same
machine that reads, drops and answers (`benches/upload_cost/sink.rs`).

- **ossbind**: a C program with the release of the library. It signs each request (V4), computes the CRC-64 of
  the body and compares it with that of the answer. Its callback is the same for all, so it is encoded once.
- **libcurl**: a plain client that sends the same headers and bodies. It signs nothing, encodes nothing and
  computes no CRC-64.
- **the least**: a socket that writes the same bytes, computes the CRC-64 and compares it. It leaves as few bytes
  unsent in the kernel as the library does (TCP_NOTSENT_LOWAT): on loopback the server then sleeps more often,
  and waking it is charged to the client, which makes 1 GiB cost a third more. For a signature: the SHA-256 and
  HMAC of the same bytes, with their texts ready.

CPU is that of the client in the program and in the kernel, with the start of the process. Clients have a core of
their own, the server another; runs are taken in turns, and the figures are their medians. Counts are those of
callgrind and strace, as the difference between 400 uploads and 200, divided by 200; callgrind knows no SHA
instructions of the processor, so a signature costs more of its instructions than of time.

What stands in the way of the rest, and what was tried: [profile.md](profile.md).
";

/// Writes the page and its picture.
pub fn write(rows: &[Row]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/bench");
    let lines: Vec<String> = rows.iter().map(Row::markdown).collect();
    let page = format!(
        "{TEXT}\n{}\n\n![CPU beside libcurl](cpu.svg)\n\n\
         | | ossbind | libcurl | the least | at most | reached |\n\
         | --- | --- | --- | --- | --- | --- |\n{}\n",
        machine(),
        lines.join("\n")
    );
    let written = std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(folder.join("README.md"), page))
        .and_then(|()| std::fs::write(folder.join("cpu.svg"), picture::draw(rows)));
    written.expect("docs is writable");
}

/// A sentence on what it was measured with.
fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unknown processor", |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let curl = expect_success(std::process::Command::new("curl-config").arg("--version"));
    format!("Measured on {model}, {cores} cores, {}.", curl.trim())
}

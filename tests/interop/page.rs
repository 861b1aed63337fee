//! docs/interop.md.

use std::fmt::Write as _;

use crate::expected::OPERATIONS;
use crate::judged::{Cell, DIFFERENCES, Run};
use crate::sdk::SDKS;
use crate::signatures;
use crate::support::native::root;

const TEXT: &str = "\
# The vendor's SDKs

Written by `make interop` (`tests/interop/`). It installs the SDKs once, in the versions that `tests/interop/sdks/` pins,
into `target/interop`, and needs no network afterwards. `make test` runs a short form, one signature of each SDK, where they
are installed; `scripts/prepare-interop.sh` does that alone.
";

const OPERATIONS_TEXT: &str = "
## The local OSS

Each SDK does each operation against the local OSS, with permanent and with temporary keys (STS). Keys have blanks, `+`, `%`,
`&`, `~` and letters that are not ASCII. What the SDK says of the answer is compared: ETag, CRC-64, size, type and metadata,
content, ranges, lists, the code of a refusal, what the application server said. Each callback arrives at the
application server once, its signature holds, and its body is what the template says. An upload is interrupted by a
refused part, and what resumes it sends no part again. Of 2,500 objects every SDK lists all, in order, and ends.

✓ is equal, – is what the SDK does not have; a number is explained below.

";

const SIGNATURES_TEXT: &str = "
## Signatures

Random requests are signed by the SDKs, as they would send them, and by ossbind: methods, keys and values with hard
letters, parameters, headers, metadata, tokens, times, further headers. Every sub-resource that an SDK signs with version 1
is among them. Signatures and what they are sent with are equal in all: 504 requests in `tests/vectors/sdk_signatures.jsonl`,
which `make test` compares without Python or Node.js (`src/service/tests.rs`), and 6,000 that `make interop` makes anew.

";

const PURPOSE_TEXT: &str = "
## What is different on purpose

| What | The SDKs | ossbind |
| --- | --- | --- |
| Order of the parameters in a signed URL | three SDKs, three orders; nothing depends on it | parameters of the request, then those of the signature |
| Parts of `Authorization` with version 4 | oss2 puts blanks between them, and the further headers last | no blanks, as the others do |
| Letters `!'()*` in URLs | ali-oss leaves them as they are, and writes `name=` for an empty value | encoded, and `name`: as in the text that is signed |
| Token with version 1 | alibabacloud-oss-v2 sends a header `security-token`, which is not signed and which OSS does not know | `x-oss-security-token`, as documented |
| Sub-resources with version 1 | alibabacloud-oss-v2 has a short list, and some operations name further ones; what is in neither, such as `x-oss-process`, is not signed, and OSS refuses it | all that any of them knows, and every name that begins with `x-oss-` |
| Order of signed parameters with version 4 | ali-oss sorts as people do, the service by bytes: `requestPayment` beside `requesterQosInfo` is refused | by bytes |
| A parameter of `query` without a value, with version 4 | ali-oss signs `name=`, and is refused | `name`, as documented |
| A callback that fails (203) | no error for those in Python, as if nothing were wrong; an error for ali-oss, as if nothing were stored | a status of its own, which says that the object is stored |
| What the application server answered | alibabacloud-oss-v2 gives a text, ali-oss fails when it is no JSON | bytes |
| Signed URLs for an IP address | ali-oss refuses to make them, and here it talks to `localhost` with `sldEnable` | are made |
";

/// Writes the page.
pub fn write(runs: &[Run]) {
    let mut page = TEXT.to_owned();
    write_versions(&mut page);
    page += OPERATIONS_TEXT;
    write_operations(&mut page, runs);
    page += SIGNATURES_TEXT;
    write_signatures(&mut page);
    page += PURPOSE_TEXT;
    std::fs::write(root().join("docs/interop.md"), page).expect("docs is writable");
}

fn write_versions(page: &mut String) {
    *page += "\n| SDK | Language | Version |\n| --- | --- | --- |\n";
    for sdk in &SDKS {
        let _ = writeln!(page, "| {} | {} | {} |", sdk.name, sdk.language, sdk.version());
    }
}

fn write_operations(page: &mut String, runs: &[Run]) {
    let heads = runs.iter().map(|run| format!("{} {}", run.way.sdk.name, run.way.signature()));
    let heads: Vec<String> = heads.collect();
    let _ = writeln!(page, "| | {} |\n| ---{} |", heads.join(" | "), " | :-:".repeat(runs.len()));
    for (index, operation) in OPERATIONS.iter().enumerate() {
        let marks: Vec<String> = runs.iter().map(|run| mark(&run.cells[index])).collect();
        let _ = writeln!(page, "| {} | {} |", operation.title, marks.join(" | "));
    }
    page.push('\n');
    for (index, difference) in DIFFERENCES.iter().enumerate() {
        let _ = writeln!(page, "{}. {}", index + 1, difference.reason);
    }
}

fn mark(cell: &Cell) -> String {
    match cell {
        Cell::Same => "✓".to_owned(),
        Cell::Missing => "–".to_owned(),
        Cell::Different(index) => (index + 1).to_string(),
        Cell::Wrong(_) => unreachable!("the page is written when nothing is wrong"),
    }
}

fn write_signatures(page: &mut String) {
    *page += "| SDK | V1, header | V1, URL | V4, header | V4, URL |\n\
              | --- | --: | --: | --: | --: |\n";
    let counts = signatures::counts();
    for sdk in &SDKS {
        let of = |version, place: &str| counts[&(sdk.name.to_owned(), version, place.to_owned())];
        let columns = [(1, "header"), (1, "url"), (4, "header"), (4, "url")];
        let columns = columns.map(|(version, place)| of(version, place).to_string());
        let _ = writeln!(page, "| {} | {} |", sdk.name, columns.join(" | "));
    }
}

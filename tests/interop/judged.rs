//! What the clients have said, beside what has to be said.

use serde_json::{Value, json};

use ossbind_emulator::Operation as OssOperation;

use crate::client::{self, Line};
use crate::expected::{OPERATIONS, Operation};
use crate::scene::{PART_SIZE, Scene};
use crate::sdk::Way;

/// What is known to be otherwise.
pub struct Difference {
    sdk: &'static str,
    /// Which signatures are meant: V1, V1+STS…
    signatures: &'static [&'static str],
    operations: fn(&Operation) -> bool,
    answer: fn(&Operation) -> Value,
    pub reason: &'static str,
}

pub const DIFFERENCES: &[Difference] = &[Difference {
    sdk: "alibabacloud-oss-v2",
    signatures: &["V1+STS"],
    operations: |operation| {
        !operation.name.starts_with("signed_url") && operation.name != "missing_bucket"
    },
    answer: |operation| match operation.name {
        // Since it could not be made.
        "delete_bucket" => json!({"refused": 404, "code": "NoSuchBucket"}),
        _ => json!({"refused": 403, "code": "InvalidAccessKeyId"}),
    },
    reason: "With version 1 this SDK sends the token in a header `security-token`, which the service does not know: \
             the keys are those of nobody. In signed URLs it does so rightly.",
}];

/// An operation of an SDK with a signature.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Same,
    /// The SDK has no such operation.
    Missing,
    /// Which of the known differences.
    Different(usize),
    Wrong(String),
}

/// All operations of an SDK with a signature.
pub struct Run {
    pub way: Way,
    /// One for each operation.
    pub cells: Vec<Cell>,
    /// What did not fit besides.
    others: Vec<String>,
}

impl Run {
    pub fn of(scene: &Scene, way: Way) -> Self {
        let _ = (scene.oss.receiver.take_received(), scene.oss.emulator.take_requests());
        scene.interrupt(way);
        let lines = client::run(scene, way);
        let cells: Vec<Cell> = OPERATIONS
            .iter()
            .map(|operation| {
                let line = lines.iter().find(|line| line.operation == operation.name);
                judge(operation, line, &operation.expected(scene, way), way)
            })
            .collect();
        let mut others = wrong_callbacks(scene, &cells);
        others.extend(parts_sent_again(scene, way, &cells));
        Self { way, cells, others }
    }

    /// What is wrong, in words.
    pub fn wrong(&self) -> Vec<String> {
        let named = OPERATIONS.iter().zip(&self.cells).filter_map(|(operation, cell)| match cell {
            Cell::Wrong(fault) => Some(format!("{}: {fault}", operation.name)),
            _ => None,
        });
        let way = format!("{} {}", self.way.sdk.name, self.way.signature());
        named.chain(self.others.iter().cloned()).map(|text| format!("{way}: {text}")).collect()
    }
}

fn judge(operation: &Operation, line: Option<&Line>, expected: &Value, way: Way) -> Cell {
    let Some(line) = line else { return Cell::Wrong("the client said nothing".to_owned()) };
    if line.missing {
        return Cell::Missing;
    }
    let Some(answer) = &line.answer else {
        return Cell::Wrong(line.broken.clone().unwrap_or_default());
    };
    let known = DIFFERENCES.iter().position(|known| {
        known.sdk == way.sdk.name
            && known.signatures.contains(&&*way.signature())
            && (known.operations)(operation)
    });
    match known {
        Some(index) if has(answer, &(DIFFERENCES[index].answer)(operation)) => {
            Cell::Different(index)
        }
        None if has(answer, expected) => Cell::Same,
        _ => Cell::Wrong(format!("{answer} and not {expected}, or what is known to differ")),
    }
}

/// Whether an answer has all members that are wanted.
fn has(answer: &Value, wanted: &Value) -> bool {
    wanted.as_object().unwrap().iter().all(|(name, value)| answer.get(name) == Some(value))
}

/// The application server has heard of each callback once, with a good signature, and of no other.
fn wrong_callbacks(scene: &Scene, cells: &[Cell]) -> Vec<String> {
    let done = OPERATIONS.iter().zip(cells).filter(|(_, cell)| **cell == Cell::Same);
    let expected: Vec<String> =
        done.filter_map(|(operation, _)| operation.callback_body(scene)).collect();
    let received = scene.oss.receiver.take_received();
    let bodies: Vec<String> = received.iter().map(|callback| callback.body_text()).collect();
    let unsigned = received.iter().filter_map(|callback| callback.signature.clone().err());
    let mut wrong: Vec<String> = unsigned.collect();
    if bodies != expected {
        wrong.push(format!("the callbacks {bodies:?} and not {expected:?}"));
    }
    wrong
}

/// An upload that is resumed sends no part that is there.
fn parts_sent_again(scene: &Scene, way: Way, cells: &[Cell]) -> Option<String> {
    let index = OPERATIONS.iter().position(|operation| operation.name == "resumable_upload");
    if cells[index.unwrap()] != Cell::Same {
        return None;
    }
    let bucket = way.bucket();
    let parts = scene.oss.emulator.requests().into_iter().filter(|request| {
        request.operation == Some(OssOperation::UploadPart)
            && request.bucket.as_deref() == Some(&bucket)
            && request.key.as_deref() == Some("resumed")
            && request.status == 200
    });
    let (count, expected) = (parts.count(), scene.content.len().div_ceil(PART_SIZE));
    (count != expected).then(|| format!("{count} parts were stored to resume {expected}"))
}

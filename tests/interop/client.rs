//! A client, which says by a line of JSON what came of each operation.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use serde::Deserialize;
use serde_json::Value;

use crate::scene::Scene;
use crate::sdk::Way;
use crate::support::local_oss::PATIENCE;

/// What an SDK made of an operation.
#[derive(Debug, Deserialize)]
pub struct Line {
    pub operation: String,
    /// What it says of the answer, or of a refusal.
    pub answer: Option<Value>,
    /// It has no such operation.
    #[serde(default)]
    pub missing: bool,
    /// What happened else.
    pub broken: Option<String>,
}

/// Runs the client to its end, or until it says nothing for too long.
pub fn run(scene: &Scene, way: Way) -> Vec<Line> {
    let mut command = way.sdk.command();
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = scene.told_to(way).to_string();
    process.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let lines = lines_of(&mut process);
    let mut all = Vec::new();
    while let Ok(line) = lines.recv_timeout(PATIENCE) {
        all.push(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}")));
    }
    // After its end, this does nothing.
    let _ = process.kill();
    let _ = process.wait();
    all
}

fn lines_of(process: &mut Child) -> Receiver<String> {
    let (sender, receiver) = channel();
    let output = BufReader::new(process.stdout.take().unwrap());
    thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

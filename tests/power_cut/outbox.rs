//! An outbox: after a power cut nothing is lost or repaired, no receipt is lost or changed, and none is false.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use ossbind_emulator::RequestRecord;

use crate::disk::{Event, Recorder};
use crate::program::{LeftOut, Past, Place, Program, build, said};
use crate::promises::{Promise, Promises, Story};
use crate::support::folders::is_mark;
use crate::support::local_oss::PATIENCE;
use crate::upload::parts_of_begun;

/// Files that the program adds; of the last one there are too many bytes, so that it is refused.
const FILES: [&str; 7] = [
    "copied-5000",
    "moved-6000",
    "later-moved-7000",
    "unheard-310",
    "parts-250000",
    "old-5000",
    "toolarge-70000",
];
/// Those that are moved into the outbox.
const MOVED: [&str; 3] = ["moved-6000", "later-moved-7000", "parts-250000"];

pub struct Outbox {
    program: PathBuf,
}

impl Outbox {
    pub fn new(left_out: LeftOut) -> Self {
        let sources = ["tests/c/outbox_power_cut.c", "tests/c/another_boot.c"];
        Self { program: build(&sources, left_out, "power-cut-outbox") }
    }

    /// Lets the program say what it has to.
    fn listen(&self, place: &Place<'_>, mode: &str, mut hear: impl FnMut(String)) -> Output {
        let unheard = format!("{}-unheard-310", place.run);
        place.oss.fault(&format!("callback-status status=500 key={unheard} times=always"));
        let mut command = place.command(&self.program);
        command.args([mode, place.run]).stdin(Stdio::piped());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("the program can be run");
        let mut answers = child.stdin.take().expect("it is piped");
        for line in BufReader::new(child.stdout.take().expect("it is piped")).lines() {
            hear(line.expect("it is text"));
            // One that has failed says so below.
            let _ = answers.write_all(b"\n");
        }
        child.wait_with_output().expect("it ends")
    }
}

impl Program for Outbox {
    fn prepare(&self, place: &Place<'_>) {
        fs::create_dir_all(place.path("files")).expect("the disk has space");
        for file in FILES {
            let name = format!("{}-{file}", place.run);
            let path = place.path("files").join(&name);
            fs::write(path, content(&name)).expect("the disk has space");
        }
    }

    fn run(&self, place: &Place<'_>, recorder: &Recorder) {
        let output = self.listen(place, "play", |line| recorder.note(Event::Said(line)));
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }

    fn judge(&self, place: &Place<'_>, past: &Past<'_>) -> Result<(), String> {
        let mut lines = Vec::new();
        let output = self.listen(place, "recover", |line| lines.push(line));
        if output.status.code() != Some(0) {
            return Err(format!("the program fails: {}", said(&output)));
        }
        assert!(place.oss.emulator.wait_idle(PATIENCE));
        let promises = Promises::of(&past.said);
        let story = Story::of(lines.iter().map(String::as_str))?;
        story.keeps(&promises)?;
        let truth = Truth::of(place, past);
        let earlier = promises.iter().filter_map(|(name, promise)| Some((*name, promise.outcome?)));
        let later = story.receipts.iter().map(|(name, (_, outcome))| (*name, *outcome));
        for (name, outcome) in earlier.chain(later) {
            truth.judge(name, outcome, promises.get(name))?;
        }
        truth.has_called_once()?;
        files(place, &promises, &story)?;
        nothing_is_left(&place.path("outbox"))?;
        match parts_of_begun(place.oss) {
            0 => Ok(()),
            parts => Err(format!("{parts} parts are left at the service for ever")),
        }
    }
}

/// What the service has, and what it has done.
struct Truth<'a> {
    place: &'a Place<'a>,
    /// Callbacks that arrived, of each key.
    calls: BTreeMap<String, usize>,
}

impl<'a> Truth<'a> {
    fn of(place: &'a Place<'a>, past: &Past<'_>) -> Self {
        let mut calls = BTreeMap::new();
        for request in past.requests.iter().chain(&place.oss.emulator.requests()) {
            if let RequestRecord { key: Some(key), callback: Some(callback), .. } = request
                && callback.delivered
            {
                *calls.entry(key.clone()).or_insert(0) += 1;
            }
        }
        Self { place, calls }
    }

    fn judge(&self, name: &str, outcome: &str, promise: Option<&Promise>) -> Result<(), String> {
        let is_doomed = name.contains("-refused-");
        let key =
            if is_doomed { format!("{}-inline-300", self.place.run) } else { name.to_owned() };
        let found = self.place.oss.content(&key);
        let is_stored = found.as_ref() == Some(&content(name));
        let is_true = match outcome {
            "ACKNOWLEDGED" => is_stored && self.calls.contains_key(&key),
            "NOT_ACKNOWLEDGED" => is_stored,
            "REFUSED" => is_doomed && !is_stored,
            "DROPPED" => found.is_none() && promise.is_none_or(|promise| promise.may_be_dropped),
            _ => false,
        };
        match is_true {
            true => Ok(()),
            false => Err(format!("the receipt {outcome} of {name} is false")),
        }
    }

    fn has_called_once(&self) -> Result<(), String> {
        match self.calls.iter().find(|(_, count)| **count > 1) {
            Some((key, count)) => Err(format!("{key} was called back {count} times")),
            None => Ok(()),
        }
    }
}

/// A file is where it was and as it was, or in the outbox.
fn files(place: &Place<'_>, promises: &Promises<'_>, story: &Story<'_>) -> Result<(), String> {
    for file in FILES {
        let name = format!("{}-{file}", place.run);
        let is_taken = MOVED.contains(&file)
            && (story.has(&name) || promises.get(&name).is_some_and(|promise| promise.may_be_gone));
        match fs::read(place.path("files").join(&name)) {
            Ok(found) if found == content(&name) => {}
            Ok(_) => return Err(format!("the file {name} has changed")),
            Err(_) if is_taken => {}
            Err(error) => return Err(format!("the file {name} is lost: {error}")),
        }
    }
    Ok(())
}

/// All items are over: what is left are folders, and the number of the next one.
fn nothing_is_left(outbox: &Path) -> Result<(), String> {
    let entries = |folder: &Path| fs::read_dir(folder).expect("it is there").map(Result::unwrap);
    for entry in entries(outbox).flat_map(|folder| entries(&folder.path())) {
        if !is_mark(&entry.file_name().to_string_lossy()) {
            return Err(format!("{} is left", entry.path().display()));
        }
    }
    Ok(())
}

/// What is in an item, as its name says.
fn content(name: &str) -> Vec<u8> {
    let size = name.rsplit('-').next().and_then(|size| size.parse().ok());
    name.bytes().cycle().take(size.expect("a name ends with a size")).collect()
}

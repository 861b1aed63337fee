//! The cells of the fault matrix, as text.

use std::fmt;
use std::time::Duration;

use ossbind::ObjectState;
use ossbind_emulator::Operation;

const TEXT: &str = include_str!("../fault_matrix/cells.txt");

/// What is under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Put,
    Form,
    Bundle,
    Initiate,
    Part,
    Complete,
}

impl Way {
    pub fn operation(self) -> Operation {
        match self {
            Self::Put | Self::Bundle => Operation::PutObject,
            Self::Form => Operation::PostObject,
            Self::Initiate => Operation::InitiateMultipartUpload,
            Self::Part => Operation::UploadPart,
            Self::Complete => Operation::CompleteMultipartUpload,
        }
    }

    pub fn is_in_parts(self) -> bool {
        matches!(self, Self::Initiate | Self::Part | Self::Complete)
    }
}

/// How the content is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Memory,
    File,
    Read,
    Rewind,
    Unknown,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Memory, Self::File, Self::Read, Self::Rewind, Self::Unknown];

    fn word(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::File => "file",
            Self::Read => "read",
            Self::Rewind => "rewind",
            Self::Unknown => "unknown",
        }
    }
}

/// Size of the content.
#[derive(Clone, Copy, Default)]
pub enum Size {
    /// Sent in one piece with the head.
    Tiny,
    #[default]
    Small,
    /// More than the buffers of a socket.
    Large,
}

/// How a cell is set up, besides its fault.
#[derive(Clone, Copy, Default)]
pub struct Settings {
    pub size: Size,
    pub is_patient: bool,
    pub has_floor: bool,
    pub has_renewable_keys: bool,
    pub has_tls: bool,
    pub timeout: Option<Duration>,
}

/// What a cell expects.
#[derive(Clone)]
pub struct Outcome {
    /// As `Debug` of `Status`; `ok` for success.
    pub status: String,
    pub state: ObjectState,
    /// What the service has in truth.
    pub is_stored: bool,
    pub requests: usize,
    pub bound: Duration,
}

pub struct Cell {
    pub group: &'static str,
    pub fault: &'static str,
    pub setting_words: &'static str,
    pub settings: Settings,
    pub way: Way,
    pub has_callback: bool,
    pub kind: Kind,
    pub outcome: Outcome,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let callback = if self.has_callback { " with a callback" } else { "" };
        write!(
            f,
            "{} [{}] {:?}{callback} {:?}",
            self.fault, self.setting_words, self.way, self.kind
        )
    }
}

/// All cells, in the order of the text.
pub fn all() -> Vec<Cell> {
    let (mut cells, mut group) = (Vec::new(), "");
    for line in TEXT.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("## ") {
            Some(name) => group = name,
            None if line.starts_with('#') => {}
            None => add_line(&mut cells, group, line),
        }
    }
    cells
}

fn add_line(cells: &mut Vec<Cell>, group: &'static str, line: &'static str) {
    let columns: Vec<&str> = line.split('|').map(str::trim).collect();
    let [fault, setting_words, ways, kinds, outcome, bound] = columns[..] else {
        panic!("a line has six columns: {line}");
    };
    let bound = Duration::from_secs(bound.parse().expect(line));
    for word in ways.split(' ') {
        let (word, has_callback) = match word.strip_suffix("+cb") {
            Some(word) => (word, true),
            None => (word, false),
        };
        let way = way(word);
        for kind in Kind::ALL.into_iter().filter(|kind| is_meant(kinds, way, *kind)) {
            let (settings, outcome) = (settings(setting_words), self::outcome(outcome, bound));
            cells.push(Cell {
                group,
                fault,
                setting_words,
                settings,
                way,
                has_callback,
                kind,
                outcome,
            });
        }
    }
}

fn way(word: &str) -> Way {
    match word {
        "put" => Way::Put,
        "form" => Way::Form,
        "bundle" => Way::Bundle,
        "initiate" => Way::Initiate,
        "part" => Way::Part,
        "complete" => Way::Complete,
        _ => panic!("{word} is no operation"),
    }
}

/// `any` is every kind that the operation takes, `again` those that can be given again.
fn is_meant(kinds: &str, way: Way, kind: Kind) -> bool {
    let is_taken = kind != Kind::Unknown || !matches!(way, Way::Form | Way::Bundle);
    match kinds {
        "any" => is_taken,
        "again" => is_taken && kind != Kind::Read,
        words => words.split(' ').any(|word| word == kind.word()),
    }
}

fn settings(words: &str) -> Settings {
    let mut settings = Settings::default();
    for word in words.split_whitespace() {
        match word {
            "tiny" => settings.size = Size::Tiny,
            "large" => settings.size = Size::Large,
            "patient" => settings.is_patient = true,
            "floor" => settings.has_floor = true,
            "keys" => settings.has_renewable_keys = true,
            "tls" => settings.has_tls = true,
            _ => {
                let seconds = word.strip_prefix("timeout=").and_then(|text| text.parse().ok());
                settings.timeout = Some(Duration::from_secs(seconds.expect(word)));
            }
        }
    }
    settings
}

fn outcome(text: &str, bound: Duration) -> Outcome {
    let words: Vec<&str> = text.split(' ').collect();
    let (status, state, requests) = match words[..] {
        ["ok", requests] => ("ok", "stored", requests),
        [status, state, requests] => (status, state, requests),
        _ => panic!("{text} is no outcome"),
    };
    let (state, is_stored) = match state {
        "stored" => (ObjectState::Stored, true),
        "not-stored" => (ObjectState::NotStored, false),
        "unknown/stored" => (ObjectState::Unknown, true),
        "unknown/not-stored" => (ObjectState::Unknown, false),
        _ => panic!("{state} is no state"),
    };
    let requests = requests.parse().expect(text);
    Outcome { status: status.to_owned(), state, is_stored, requests, bound }
}

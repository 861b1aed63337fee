//! `ossbind outbox`: what goes into an outbox, and what is seen of it.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::program::{Ended, command, command_for, file};
use crate::support::local_oss::{BUCKET, LocalOss};
use crate::support::native::out_dir;

/// An outbox of one test, and the service that it sends to.
pub struct Board {
    pub oss: LocalOss,
    pub folder: PathBuf,
}

impl Board {
    pub fn new(name: &str) -> Self {
        let folder = out_dir().join(format!("command-outbox-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Self { oss: LocalOss::start(), folder }
    }

    /// A command of the outbox, in an environment without service and keys.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = command();
        command.env("OSSBIND_OUTBOX", &self.folder).env("OSS_BUCKET", BUCKET);
        command.arg("outbox").args(words);
        command
    }

    pub fn run(&self, words: &[&str]) -> Ended {
        Ended::of(self.command(words).output().unwrap())
    }

    /// What a command prints that does well.
    #[track_caller]
    pub fn output(&self, words: &[&str]) -> String {
        let ended = self.run(words);
        assert_eq!((ended.code, &*ended.stderr), (Some(0), ""), "{words:?}: {ended:?}");
        ended.stdout
    }

    /// The objects that a command prints, one on each line.
    #[track_caller]
    pub fn json(&self, words: &[&str]) -> Vec<Value> {
        let output = self.output(&[words, &["--json"]].concat());
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Adds a file; returns the number of the item.
    #[track_caller]
    pub fn add(&self, words: &[&str]) -> String {
        let id = self.output(&[&["add"], words].concat());
        id.trim_end().to_owned()
    }

    /// The command that sends, in the environment of the local OSS.
    pub fn drain(&self, words: &[&str]) -> Command {
        let mut command = command_for(&self.oss, &["outbox", "drain"]);
        command.env("OSSBIND_OUTBOX", &self.folder).args(words);
        command
    }

    #[track_caller]
    pub fn drains(&self, words: &[&str], code: i32, summary: &str) -> Ended {
        let ended = Ended::of(self.drain(words).output().unwrap());
        let expected = (Some(code), format!("{summary}\n"));
        assert_eq!((ended.code, ended.stdout.clone()), expected, "{ended:?}");
        ended
    }

    /// The states of all items, by their keys.
    pub fn states(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let of = |item: &Value| (text(&item["key"]), text(&item["state"]));
        let items = self.json(&["list"]);
        items
            .iter()
            .map(of)
            .map(|(key, state)| (key, state.replace("OSSBIND_ITEM_STATE_", "")))
            .collect()
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn an_item_from_its_add_to_its_end() {
    let board = Board::new("life");
    let path = file("outbox-life", b"twelve bytes");
    let id = board.add(&[&path, "dir/a.txt"]);
    let line = board.output(&["list"]);
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words, [&*id, "waiting", "0", "12", words[4], "dir/a.txt"]);
    assert!(words[4].parse::<u32>().unwrap() < 60, "{line}");
    let shown = board.output(&["show", &id]);
    assert!(shown.contains(&format!("  bucket     {BUCKET}\n  key        dir/a.txt\n")), "{shown}");
    assert_eq!(board.output(&["receipts"]), "");

    board.drains(&[], 0, "1 stored, 0 wait");
    assert_eq!(board.oss.content("dir/a.txt").unwrap(), b"twelve bytes");
    let receipt = format!("{id:>8}  acknowledged      dir/a.txt\n");
    assert_eq!(board.output(&["receipts"]), receipt);
    let shown = board.output(&["show", &id]);
    for row in [
        "state      receipt",
        "outcome    acknowledged",
        "etag       C91FA94E14CF2FA5474BECEFF788C0DC",
    ] {
        assert!(shown.contains(&format!("  {row}\n")), "{shown}");
    }
    assert_eq!(board.output(&["receipts", "--acknowledge"]), receipt);
    assert_eq!(board.output(&["receipts"]) + &board.output(&["list"]), "");
    board.drains(&[], 0, "0 stored, 0 wait");
}

#[test]
fn every_option_reaches_the_item_and_the_object() {
    let board = Board::new("options");
    let path = file("outbox-options", b"v");
    let url = board.oss.callback_url();
    let words = [
        "--bucket=examplebucket",
        "--callback",
        &url,
        "--callback-json",
        "--callback-body={\"key\":${object},\"id\":${x:id}}",
        "--var",
        "x:id=4=2",
        "--content-type=text/csv",
        "--meta=camera=north",
        "--storage-class=IA",
        "--part-size=102400",
        "--keep=copy",
        "--priority=7",
        "--id=shot \u{1b}1",
        "--order=north",
        "--lifetime=3600",
        "--hold",
        "--unmetered",
        &path,
        "k",
    ];
    let id = board.add(&words);
    assert_eq!(board.add(&words), id, "the same --id is the same item");
    let item = &board.json(&["show", &id])[0];
    for (member, value) in [
        ("id", json!(id)),
        ("state", json!("OSSBIND_ITEM_STATE_HELD")),
        ("priority", json!(7)),
        ("size", json!(1)),
        ("bucket", json!(BUCKET)),
        ("key", json!("k")),
        ("caller_id", json!("shot \u{1b}1")),
        ("order", json!("north")),
        ("message", Value::Null),
    ] {
        assert_eq!(item[member], value, "{item}");
    }
    // What comes from elsewhere does not act on a terminal.
    assert!(board.output(&["show", &id]).contains("  caller id  shot \\u{1b}1\n"));

    board.drains(&[], 0, "0 stored, 0 wait, 1 held");
    assert_eq!(board.output(&["release", &id]), "");
    board.drains(&[], 0, "1 stored, 0 wait");
    let object = board.oss.emulator.object(BUCKET, "k").unwrap();
    assert_eq!((object.content_type(), object.storage_class()), ("text/csv", "IA"));
    assert_eq!(board.oss.received(1)[0].body_text(), "{\"key\":\"k\",\"id\":\"4=2\"}");
    let receipt = &board.json(&["receipts"])[0];
    let crc64 = object.crc64().to_string();
    for (member, value) in [
        ("id", json!(id)),
        ("bucket", json!(BUCKET)),
        ("key", json!("k")),
        ("caller_id", json!("shot \u{1b}1")),
        ("size", json!(1)),
        ("message", Value::Null),
        ("outcome", json!("OSSBIND_ITEM_OUTCOME_ACKNOWLEDGED")),
        ("status", json!("OSSBIND_STATUS_OK")),
        ("http_status", json!(200)),
        ("content_type", json!("text/csv")),
        ("crc64", json!(crc64)),
        ("callback_answer", json!("{\"Status\":\"OK\"}")),
        ("callback_answer_base64", Value::Null),
        ("told", json!(false)),
        ("variables", json!({"x:id": "4=2"})),
    ] {
        assert_eq!(receipt[member], value, "{member}: {receipt}");
    }
    assert!(receipt["ended_at"].as_u64().unwrap() > 1_700_000_000, "{receipt}");
    let shown = &board.json(&["show", &id])[0];
    assert_eq!(shown["state"], "OSSBIND_ITEM_STATE_RECEIPT");
    assert_eq!(shown["variables"], receipt["variables"]);
}

#[test]
fn a_file_is_kept_in_four_ways() {
    let board = Board::new("keep");
    let paths: Vec<String> = ["copy", "link", "move", "reference"]
        .map(|way| {
            let path = file(&format!("outbox-keep-{way}"), format!("{way} content").as_bytes());
            board.add(&["--keep", way, &path, way]);
            path
        })
        .into();
    assert!(fs::exists(&paths[0]).unwrap());
    assert_eq!(fs::metadata(&paths[1]).unwrap().nlink(), 2);
    assert!(!fs::exists(&paths[2]).unwrap());
    fs::write(&paths[0], "changed").unwrap();
    board.drains(&[], 0, "4 stored, 0 wait");
    for way in ["copy", "link", "move", "reference"] {
        assert_eq!(board.oss.content(way).unwrap(), format!("{way} content").into_bytes());
    }
    assert!(fs::exists(&paths[3]).unwrap());

    board.add(&["--keep=reference", &paths[3], "changed"]);
    fs::remove_file(&paths[3]).unwrap();
    board.drains(&[], 5, "0 stored, 1 refused, 0 wait");
}

#[test]
fn priorities_and_overwriting() {
    let board = Board::new("priorities");
    let path = file("outbox-priorities", b"v");
    for (priority, key) in [("0", "last"), ("9", "first"), ("5", "second")] {
        board.add(&["--priority", priority, &path, key]);
    }
    board.drains(&[], 0, "3 stored, 0 wait");
    let requests = board.oss.emulator.requests();
    let keys: Vec<_> = requests.iter().filter_map(|request| request.key.clone()).collect();
    assert_eq!(keys, ["first", "second", "last"]);

    let other = file("outbox-other", b"other");
    board.add(&[&other, "last"]);
    board.drains(&[], 5, "0 stored, 1 refused, 0 wait");
    board.add(&["--overwrite", &other, "last"]);
    board.drains(&[], 0, "1 stored, 0 wait");
    assert_eq!(board.oss.content("last").unwrap(), b"other");
}

#[test]
fn items_are_held_dropped_and_tried_again() {
    let board = Board::new("changes");
    let path = file("outbox-changes", b"v");
    let ids = ["a", "b"].map(|key| board.add(&[&path, key]));
    assert_eq!(board.json(&["hold", &ids[0]])[0]["status"], "OSSBIND_STATUS_OK");
    let held = |state: &str| {
        vec![("b".to_owned(), "WAITING".to_owned()), ("a".to_owned(), state.to_owned())]
    };
    assert_eq!(board.states(), held("HELD"));
    assert_eq!(board.output(&["release", &ids[0]]), "");
    assert_eq!(board.output(&["drop", &ids[0]]), "");
    assert_eq!(board.states(), held("HELD")[..1]);

    // What was refused is kept, and goes back into the queue.
    let other = ossbind::UploadRequest::new(BUCKET, "b", ossbind::Body::Memory(b"other"));
    board.oss.client().upload(other).unwrap();
    let ended = board.drains(&[], 5, "0 stored, 1 refused, 0 wait");
    assert!(ended.stderr.contains(&format!("{:>8}  refused           b: ", ids[1])), "{ended:?}");
    board.output(&["receipts", "--acknowledge"]);
    assert_eq!(board.states(), [("b".to_owned(), "DEAD".to_owned())]);
    assert_eq!(board.output(&["retry", &ids[1]]), "");
    assert_eq!(board.states(), held("HELD")[..1]);
    assert_eq!(board.output(&["retry"]), "");
    assert_eq!(board.output(&["drop", &ids[1]]) + &board.output(&["list"]), "");
}

#[test]
fn an_item_that_is_not_there_ends_with_5() {
    let board = Board::new("missing");
    board.add(&[&file("outbox-missing", b"v"), "k"]);
    for name in ["show", "retry", "hold", "release", "drop"] {
        let people = board.run(&[name, "99"]);
        assert_eq!((people.code, &*people.stdout), (Some(5), ""), "{people:?}");
        assert!(people.stderr.starts_with("ossbind: "), "{people:?}");
        let program = board.run(&[name, "99", "--json"]);
        assert_eq!((program.code, &*program.stderr), (Some(5), ""), "{program:?}");
        let json = program.json();
        assert_eq!(json["status"], "OSSBIND_STATUS_NOT_FOUND", "{json}");
        assert!(people.stderr.contains(json["message"].as_str().unwrap()), "{people:?}");
    }
}

#[test]
fn an_add_that_fails_says_why() {
    let board = Board::new("fails");
    let path = file("outbox-fails", b"v");
    let taken = [
        (&["/does/not/exist", "k"][..], 5, "FIX_REQUEST", "\"/does/not/exist\""),
        (&[&path, "/k"], 5, "FIX_REQUEST", "key: \"/k\""),
        (&["--outbox=/does/not/exist", &path, "k"], 3, "AGAIN", "is its file system mounted?"),
        (&["--outbox=/etc", &path, "k"], 6, "FIX_SETTINGS", "/etc"),
    ];
    for (words, code, advice, part) in taken {
        let ended = board.run(&[&["add"], words].concat());
        assert_eq!((ended.code, &*ended.stdout), (Some(code), ""), "{words:?}: {ended:?}");
        assert!(ended.stderr.contains(part), "{words:?}: {ended:?}");
        let ended = board.run(&[&["add", "--json"], words].concat());
        let json = ended.json();
        assert_eq!((ended.code, &*ended.stderr), (Some(code), ""), "{words:?}: {ended:?}");
        assert_eq!(json["advice"], format!("OSSBIND_ADVICE_{advice}"), "{json}");
    }
    let json = &board.json(&["add", &path, "k"])[0];
    assert_eq!(json["status"], "OSSBIND_STATUS_OK");
    assert!(json["id"].as_str().unwrap().parse::<u64>().unwrap() > 0, "{json}");
}

#[test]
fn damage_is_found_and_nothing_else() {
    let board = Board::new("damage");
    let path = file("outbox-damage", &[7; 5000]);
    for key in ["a", "b"] {
        board.add(&[&path, key]);
    }
    let sound = board.output(&["check"]);
    assert!(sound.starts_with("2 wait, 0 held, 0 with a receipt, 0 refused for good, 0 damaged\n"));
    assert_eq!(board.json(&["check"])[0]["ok"], true);

    let item = board.json(&["list"])[0]["file"].as_str().unwrap().to_owned();
    let mut text = fs::read(board.folder.join(&item)).unwrap();
    text[100] ^= 1;
    fs::write(board.folder.join(&item), text).unwrap();
    fs::write(board.folder.join("items/of others"), "").unwrap();
    board.drains(&[], 5, "1 stored, 1 damaged, 0 wait");
    let ended = board.run(&["check"]);
    assert_eq!((ended.code, &*ended.stderr), (Some(5), ""), "{ended:?}");
    assert!(ended.stdout.contains(" 2 damaged\n"), "{ended:?}");
    let name = item.replace("items/", "corrupt/");
    for line in [
        format!("damaged: {name}: its first line is damaged"),
        "damaged: corrupt/of others: it is no file of an outbox: move it away by hand, or delete it \
         if nobody needs it"
            .to_owned(),
    ] {
        assert!(ended.stdout.contains(&format!("\n{line}\n")), "{ended:?}");
    }
    assert!(ended.stdout.contains(&format!("is in {}/corrupt\n", board.folder.display())));
    let ended = board.run(&["check", "--json"]);
    let json = ended.json();
    assert_eq!((ended.code, &json["ok"], &json["corrupt"]), (Some(5), &json!(false), &json!(2)));
    assert_eq!(json["damaged"][0]["file"], name, "{json}");
    assert_eq!(json["damaged"][1]["file"], "corrupt/of others", "{json}");
    assert_eq!(json["damaged"][1]["id"], "0", "{json}");
}

#[test]
fn what_cannot_be_written_is_not_acknowledged() {
    let board = Board::new("full");
    let path = file("outbox-full", b"v");
    for key in ["a", "b"] {
        board.add(&[&path, key]);
    }
    board.drains(&[], 0, "2 stored, 0 wait");
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = board.command(&["receipts", "--acknowledge"]);
    let ended = Ended::of(command.stdout(full).output().unwrap());
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stderr.contains("standard output: No space left"), "{ended:?}");
    assert_eq!(board.json(&["receipts", "--acknowledge"]).len(), 2);
    assert_eq!(board.json(&["receipts"]).len(), 0);
}

#[test]
fn wrong_words() {
    let board = Board::new("words");
    let missing = board.folder.join("none");
    let missing = missing.to_str().unwrap();
    let rows: [(&[&str], &str); 18] = [
        (&[], "usage: ossbind outbox COMMAND"),
        (&["send"], "there is no command \"outbox send\""),
        (&["add", "f"], "KEY is missing: outbox add needs FILE and KEY"),
        (&["add", "-", "k"], "outbox add takes a file, and not standard input"),
        (&["add", "--keep=hold", "f", "k"], "--keep is \"hold\", and must be copy, link, move or"),
        (&["add", "--priority=10", "f", "k"], "--priority is \"10\", and must be a whole number"),
        (&["add", "--once", "f", "k"], "outbox add has no option \"--once\""),
        (&["add", "--bucket=", "f", "k"], "there is no bucket"),
        (
            &["add", "--outbox=", "f", "k"],
            "there is no outbox: give --outbox, or set OSSBIND_OUTBOX",
        ),
        (&["list", "1"], "outbox list takes options only, and not \"1\""),
        (&["list", "--outbox", missing], "there is no outbox in \"/"),
        (&["show"], "ID is missing: outbox show needs the number of an item"),
        (&["show", "0"], "ID is \"0\", and must be a number of 'ossbind outbox list'"),
        (&["show", "1x"], "ID is \"1x\""),
        (&["retry", "1", "2"], "\"2\" is one argument too many"),
        (&["receipts", "1"], "outbox receipts takes options only"),
        (&["drain", "now"], "outbox drain takes options only"),
        (&["drain", "--follow", "--timeout=1"], "--follow has no end, and so no --timeout"),
    ];
    for (words, part) in rows {
        let ended = board.run(words);
        assert_eq!((ended.code, &*ended.stdout), (Some(1), ""), "{words:?}: {ended:?}");
        assert!(ended.stderr.contains(part), "{words:?}: {ended:?}");
    }
    assert!(!board.folder.exists(), "nothing makes an outbox by mistake");
}

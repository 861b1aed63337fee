//! The command `ossbind`: built as its users build it, with sanitizers, and run against the local OSS.

#[path = "command/callbacks.rs"]
mod callbacks;
#[path = "command/doctor.rs"]
mod doctor;
#[path = "command/outbox.rs"]
mod outbox;
#[path = "command/outbox_drain.rs"]
mod outbox_drain;
#[path = "command/outbox_follow.rs"]
mod outbox_follow;
#[path = "command/outbox_settings.rs"]
mod outbox_settings;
#[path = "command/program.rs"]
mod program;
#[path = "command/put.rs"]
mod put;
#[path = "command/put_outcomes.rs"]
mod put_outcomes;
mod support;

use program::{Ended, command};
use support::native::root;

/// All commands that have options.
const COMMANDS: [&str; 14] = [
    "put",
    "doctor",
    "check",
    "render",
    "outbox add",
    "outbox list",
    "outbox show",
    "outbox retry",
    "outbox hold",
    "outbox release",
    "outbox drop",
    "outbox drain",
    "outbox receipts",
    "outbox check",
];

fn run(words: &[&str]) -> Ended {
    Ended::of(command().args(words).output().unwrap())
}

#[test]
fn version() {
    let ended = run(&["version"]);
    let library = env!("CARGO_PKG_VERSION");
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
    assert!(ended.stdout.starts_with(&format!("ossbind {library}")), "{ended:?}");
    assert!(ended.stdout.ends_with(&format!(", header {library}\n")), "{ended:?}");
    assert_eq!(run(&["--version"]).stdout, ended.stdout);
}

#[test]
fn help() {
    let all = run(&["help"]);
    assert_eq!((all.code, &*all.stderr), (Some(0), ""));
    for name in ["outbox", "explain", "version", "help"].into_iter().chain(COMMANDS) {
        let words: Vec<&str> = name.split(' ').collect();
        let (own, groups) = words.split_last().unwrap();
        let list = run(&[&["help"], groups].concat());
        assert!(list.stdout.contains(&format!("\n  {own} ")), "{list:?}");
        let one = run(&[&["help"], &*words].concat());
        assert_eq!((one.code, &*one.stderr), (Some(0), ""));
        assert!(one.stdout.starts_with(&format!("usage: ossbind {name}")), "{one:?}");
        assert!(one.stdout.lines().all(|line| line.len() <= 100), "{one:?}");
        assert_eq!(run(&[&*words, &["--help"]].concat()).stdout, one.stdout);
    }
    assert_eq!(run(&["--help"]).stdout, all.stdout);
    // Also behind other options.
    assert_eq!(run(&["put", "--once", "--help"]).stdout, run(&["help", "put"]).stdout);
}

#[test]
fn the_page_has_every_option() {
    let page = std::fs::read_to_string(root().join("docs/command.md")).unwrap();
    for name in COMMANDS {
        let words: Vec<&str> = ["help"].into_iter().chain(name.split(' ')).collect();
        let help = run(&words).stdout;
        let lines = help.lines().filter_map(|line| line.strip_prefix("  --"));
        let options: Vec<_> = lines.map(|line| line.split(' ').next().unwrap()).collect();
        assert!(options.len() >= 2, "{options:?}");
        for option in options {
            assert!(page.contains(&format!("`--{option}")), "docs/command.md lacks --{option}");
        }
    }
}

#[test]
fn a_wrong_command_line_ends_with_1_and_says_why() {
    let most = ["put", "--meta=a=b"].into_iter().chain(["--meta", "a=b"].repeat(64));
    let rows: [(&[&str], &str); 26] = [
        (&[], "usage: ossbind COMMAND"),
        (&["fetch"], "there is no command \"fetch\""),
        (&["help", "fetch"], "there is no command \"fetch\""),
        (&["version", "1"], "version takes no argument, and not \"1\""),
        (&["doctor", "b"], "doctor takes options only, and not \"b\""),
        (&["put"], "FILE is missing"),
        (&["put", "f"], "KEY is missing"),
        (&["put", "f", "k", "more"], "\"more\" is one argument too many"),
        (&["put", "--nice", "f", "k"], "put has no option \"--nice\""),
        (&["put", "--once=1", "f", "k"], "--once takes no value, and not \"1\""),
        (&["put", "f", "k", "--bucket"], "--bucket needs a value"),
        (&["put", "--meta", "camera", "f", "k"], "--meta is \"camera\", and must be a name, '='"),
        (&most.collect::<Vec<_>>(), "--meta is given more than 64 times"),
        (
            &["put", "--timeout", "0", "f", "k"],
            "--timeout is \"0\", and must be a whole number from 1",
        ),
        (&["put", "--timeout=-1", "f", "k"], "--timeout is \"-1\""),
        (&["put", "--part-size", "99999999999999999999", "f", "k"], "--part-size is \"99999"),
        (&["put", "f", "k"], "there is no bucket: give --bucket, or set OSS_BUCKET"),
        (
            &["put", "--bucket=b", "--var=x:a=1", "f", "k"],
            "--var is given, but nobody is to be called",
        ),
        (
            &["put", "--bucket=b", "--callback=http://h/", "--var=x:a=1", "f", "k"],
            "nothing says where it goes: give --callback-body with ${x:a} in it",
        ),
        (&["check"], "FILE is missing: check needs one"),
        (&["check", "a", "b"], "\"b\" is one argument too many"),
        (&["render"], "FILE is missing: render needs one"),
        (&["render", "--size=-1", "f"], "--size is \"-1\""),
        (&["explain", "a", "b"], "\"b\" is one argument too many"),
        (&["explain", "--all"], "explain has no option \"--all\""),
        (&["explain", "0007-00000999"], "there is no page for \"0007-00000999\""),
    ];
    for (words, part) in rows {
        let ended = run(words);
        assert_eq!((ended.code, &*ended.stdout), (Some(1), ""), "{words:?}: {ended:?}");
        assert!(ended.stderr.contains(part), "{words:?}: {ended:?}");
    }
    // What comes from elsewhere does not act on a terminal.
    let ended = run(&["\u{1b}[2J"]);
    assert!(ended.stderr.contains("\"\\u{1b}[2J\""), "{ended:?}");
}

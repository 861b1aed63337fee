//! Everything that is wrong with a callback is said at once, in words that say what to do.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::native::{Compiler, expect_success, root};

/// Whoever changes a message sets this to write the list instead of comparing it, and reads the difference.
const UPDATE: &str = "OSSBIND_UPDATE_DOCS";

/// The program that checks the callback of its arguments.
fn checker() -> PathBuf {
    Compiler::c("c99")
        .flag("-fsanitize=address,undefined")
        .flag("-fno-sanitize-recover=all")
        .build(&["tests/c/check_callback.c"], "check-callback")
}

/// A line of the list as an argument: `url: http://…`, or `body x 3600: a`.
fn argument(line: &str) -> String {
    let (member, text) = line.split_once(": ").unwrap_or_else(|| panic!("{line:?}"));
    let text = text.replace("\\r", "\r").replace("\\n", "\n");
    let Some((member, times)) = member.split_once(" x ") else {
        return format!("{member}={text}");
    };
    let times = times.parse().unwrap();
    match text.split_once('=') {
        Some((name, value)) => format!("{member}={name}={}", value.repeat(times)),
        None => format!("{member}={}", text.repeat(times)),
    }
}

fn is_problem(line: &str) -> bool {
    line.starts_with("error: ") || line.starts_with("warning: ")
}

/// What the library says of a callback.
fn problems(checker: &Path, lines: &[&str]) -> String {
    let arguments = lines.iter().map(|line| argument(line));
    let output = expect_success(Command::new(checker).args(arguments));
    String::from_utf8(output.stdout).unwrap()
}

/// A piece of the list as it must be, and whether it is a callback with problems, or without; or none.
fn made(checker: &Path, piece: &str) -> (String, Option<bool>) {
    let lines: Vec<&str> = piece.lines().filter(|line| !is_problem(line)).collect();
    let text = lines.join("\n");
    if !text.starts_with("= ") {
        return (text, None);
    }
    let problems = problems(checker, &lines[1..]);
    (format!("{text}\n{problems}").trim_end().to_owned(), Some(!problems.is_empty()))
}

#[test]
fn all_problems_of_good_and_bad_callbacks() {
    let path = root().join("tests/callback_check/cases.txt");
    let list = std::fs::read_to_string(&path).unwrap();
    let checker = checker();
    let (made, are_bad): (Vec<String>, Vec<Option<bool>>) =
        list.trim_end().split("\n\n").map(|piece| made(&checker, piece)).unzip();
    let count = |wanted| are_bad.iter().filter(|is_bad| **is_bad == Some(wanted)).count();
    assert!(count(false) >= 20 && count(true) >= 60, "{} good, {} bad", count(false), count(true));
    let made = made.join("\n\n") + "\n";
    if std::env::var_os(UPDATE).is_some_and(|value| !value.is_empty()) {
        return std::fs::write(&path, made).unwrap();
    }
    assert_eq!(list, made, "run `{UPDATE}=1 cargo test --locked --test callback_check`");
}

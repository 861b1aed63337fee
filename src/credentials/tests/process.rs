use std::io::Read as _;
use std::time::Duration;

use super::{Folder, limits, limits_of, text};
use crate::credentials::{Expiration, Limits, Process, Provider as _};
use crate::error::Status;
use crate::time::Timestamp;

const KEYS: &str = r#"{"AccessKeyId":"STS.id","AccessKeySecret":"s3cr3t","SecurityToken":"t0k3n",
    "Expiration":"2023-12-16T17:20:57Z"}"#;

#[test]
fn a_shell_command_prints_keys() {
    let fetched =
        Process::shell(&format!("cat <<'E'\n{KEYS}\nE")).unwrap().fetch(&limits()).unwrap();
    assert_eq!(fetched.credentials.access_key_id(), "STS.id");
    assert_eq!(fetched.credentials.secret(), "s3cr3t");
    assert_eq!(fetched.credentials.token(), Some("t0k3n"));
    let expected = Expiration::At { moment: Timestamp(1_702_747_257), server_time: None };
    assert_eq!(fetched.expiration, expected);
}

#[test]
fn the_names_of_the_command_line_tool_serve_as_well() {
    let folder = Folder::new();
    let keys = r#"{"mode":"AK","access_key_id":"id","access_key_secret":"s"}"#;
    let path = folder.write("two words", keys);
    let command = format!("cat '{}'", text(&path));
    let fetched = Process::program(&command).unwrap().fetch(&limits()).unwrap();
    assert_eq!(fetched.credentials.access_key_id(), "id");
    assert_eq!(fetched.credentials.token(), None);
    assert_eq!(fetched.expiration, Expiration::Never);
}

#[test]
fn faults_name_the_process_and_no_secret() {
    for (command, fault) in [
        ("exit 3", "it ended with exit status: 3; what it wrote to standard error"),
        ("kill -TERM $$", "it ended with signal: 15"),
        ("echo s3cr3t", "its output has no proper JSON at line 1, column 1"),
        ("true", "its output has no proper JSON"),
        ("echo '{\"AccessKeyId\":\"id\"}'", "access_key_secret: is empty"),
        ("echo '{}'", "access_key_id: is empty"),
        ("yes s3cr3t", "it printed more than 65536 bytes"),
    ] {
        let error = Process::shell(command).unwrap().fetch(&limits()).unwrap_err();
        assert_eq!(error.status(), Status::Credentials);
        let start = "the credentials process (sh -c): ";
        assert!(error.message().starts_with(start), "{error}");
        assert!(error.message().contains(fault), "{error}");
        assert!(!error.message().contains("s3cr3t"), "{error}");
    }
    let error =
        Process::program("/no/such/tool --key s3cr3t").unwrap().fetch(&limits()).unwrap_err();
    assert!(error.message().contains("process \"/no/such/tool\": cannot be started"), "{error}");
    assert!(!error.message().contains("s3cr3t"), "{error}");
    assert!(Process::shell(" ").is_err());
}

#[test]
fn commands_are_split_at_blanks_but_not_in_quotes() {
    let folder = Folder::new();
    let script = folder.write("script", "printf '%s|' \"$@\" > \"${0%script}words\"; exit 1");
    for (arguments, words) in [
        ("", "|"),
        ("  --a b\t", "--a|b|"),
        ("'a b' \"c d\" e\\ f", "a b|c d|e f|"),
        ("''", "|"),
        ("a'b c'd", "ab cd|"),
        ("\"a\\\"b\\n\" 'a\\b'", "a\"b\\n|a\\b|"),
        ("https://h/?a=1&b=$X;c", "https://h/?a=1&b=$X;c|"),
    ] {
        let process = Process::program(&format!("sh {} {arguments}", text(&script))).unwrap();
        process.fetch(&limits()).unwrap_err();
        let seen = std::fs::read_to_string(folder.path("words")).unwrap();
        assert_eq!(seen, words, "{arguments}");
    }
    for command in ["", "  ", "tool 'a", "tool \"a", "tool \\"] {
        assert!(Process::program(command).is_err(), "{command}");
    }
}

/// Runs a command that never ends, and that has a child which does not either. Gives the error, once
/// none of them is left.
fn hang(limits: &Limits, begun: impl FnOnce() + Send) -> crate::Error {
    let folder = Folder::new();
    let pipe = folder.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let command = format!("exec 3>'{}'; sleep 1000 & sleep 1000", text(&pipe));
    std::thread::scope(|scope| {
        let everybody_is_gone = scope.spawn(|| {
            // Opens when the command does, and ends when all have closed it.
            let mut pipe = std::fs::File::open(&pipe).unwrap();
            begun();
            pipe.read_to_end(&mut Vec::new()).unwrap()
        });
        let error = Process::shell(&command).unwrap().fetch(limits).unwrap_err();
        assert_eq!(everybody_is_gone.join().unwrap(), 0);
        error
    })
}

#[test]
fn a_process_that_hangs_is_killed_with_its_children() {
    let error = hang(&limits_of(Duration::from_secs(3)), || ());
    assert!(error.message().contains("gave no credentials in time"), "{error}");
}

#[test]
fn a_process_is_killed_when_the_client_goes() {
    let limits = limits();
    let error = hang(&limits, || limits.cancel.cancel());
    assert!(error.message().contains("was stopped"), "{error}");
}

#[test]
fn a_process_that_closes_its_output_has_to_end_too() {
    let process = Process::shell("exec >&-; exec sleep 1000").unwrap();
    let error = process.fetch(&limits_of(Duration::from_millis(300))).unwrap_err();
    assert!(error.message().contains("in time"), "{error}");
}

#[test]
fn something_left_behind_is_not_waited_for() {
    let folder = Folder::new();
    // Keeps the output open until the folder is gone.
    let command = format!(
        "(while [ -d '{}' ]; do sleep 0.05; done) & echo '{{\"AccessKeyId\":\"id\",\
         \"AccessKeySecret\":\"s\"}}'",
        folder.as_str()
    );
    let fetched = Process::shell(&command).unwrap().fetch(&limits());
    assert_eq!(fetched.unwrap().credentials.access_key_id(), "id");
}

//! The C++ face through the real shared library: programs built as users build theirs, with and
//! without exceptions, and all of them under AddressSanitizer and UndefinedBehaviorSanitizer.

mod support;

use std::path::Path;
use std::process::Command;

use ossbind_emulator::{Answer, Operation, RequestRecord, SignatureVersion};
use support::callback_failures;
use support::local_oss::{BUCKET, LocalOss};
use support::native::{Compiler, expect_success, out_dir, root};

const NO_EXCEPTIONS: [&str; 2] = ["-fno-exceptions", "-fno-rtti"];
const SANITIZERS: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

fn source(name: &str) -> String {
    format!("tests/cpp/{name}.cpp")
}

fn with_flags(compiler: Compiler, flags: &[&str]) -> Compiler {
    flags.iter().fold(compiler, |compiler, flag| compiler.flag(flag))
}

/// A program in the oldest standard, under sanitizers.
fn sanitized(name: &str) -> Command {
    let program = with_flags(Compiler::cpp("c++11"), &SANITIZERS)
        .build(&[&source(name)], &format!("cpp-{name}-sanitized"));
    assert_has_sanitizers(&program);
    Command::new(program)
}

/// A program in the newest standard, as projects without exceptions and type information build it.
fn without_exceptions(name: &str) -> Command {
    let compiler = with_flags(Compiler::cpp("c++20"), &NO_EXCEPTIONS);
    Command::new(compiler.build(&[&source(name)], &format!("cpp-{name}-plain")))
}

/// A check that is silently off proves nothing.
fn assert_has_sanitizers(program: &Path) {
    let output = expect_success(Command::new("nm").arg(program));
    let symbols = String::from_utf8_lossy(&output.stdout);
    assert!(symbols.contains("__asan_init") && symbols.contains("__ubsan_handle"), "{program:?}");
}

/// Runs a program that needs no server, in both ways.
fn run_alone(name: &str) {
    for mut command in [sanitized(name), without_exceptions(name)] {
        for variable in ["ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
            command.env_remove(variable);
        }
        expect_success(command.env("ALL_PROXY", "http://127.0.0.1:2"));
    }
}

/// Runs a program in both ways, each with a local OSS of its own, whose application server gives
/// `answer`.
fn run_with_oss(name: &str, answer: Answer) -> [LocalOss; 2] {
    [sanitized(name), without_exceptions(name)].map(|mut command| {
        let oss = LocalOss::start();
        oss.receiver.answer_with(answer.clone());
        oss.environment(&mut command);
        command.arg(out_dir().join(format!("cpp-{name}.txt")));
        expect_success(&mut command);
        oss
    })
}

#[test]
fn bad_input_is_refused() {
    run_alone("bad_input");
}

#[test]
fn a_server_verifies_and_answers() {
    run_alone("receiving");
}

#[test]
fn nul_inside_is_refused_by_name() {
    run_alone("nul_inside");
}

#[test]
fn advice_for_what_the_header_refuses_is_that_of_the_library() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let quoted = |text: &str, quote: char| -> Vec<String> {
        text.split(quote).skip(1).step_by(2).map(str::to_owned).collect()
    };
    let docs = read("docs/retries.md");
    let (_, fields) = docs.split_once("| the field is `body`").unwrap();
    let fields = format!("`body`{}", fields.split(" | ").next().unwrap());
    let header = read("include/ossbind.hpp");
    let (_, function) = header.split_once("differs_from_file_to_file").unwrap();
    let (_, table) = function.split_once("{\"").unwrap();
    let table = format!("\"{}", table.split('}').next().unwrap());
    assert_eq!(quoted(&table, '"'), quoted(&fields, '`'));
}

/// What an older library gives is shorter than the struct of the header.
#[test]
fn metrics_of_an_older_library_are_not_read_past_their_end() {
    let newer = out_dir().join("newer-header");
    std::fs::create_dir_all(&newer).unwrap();
    let read = |name: &str| std::fs::read_to_string(root().join("include").join(name)).unwrap();
    let last = "  uint64_t bytes_received;\n";
    let header = read("ossbind.h").replace(last, &format!("{last}  uint64_t appended;\n"));
    std::fs::write(newer.join("ossbind.h"), header).unwrap();
    std::fs::write(newer.join("ossbind.hpp"), read("ossbind.hpp")).unwrap();
    let program = with_flags(Compiler::cpp("c++11"), &SANITIZERS)
        .flag(&format!("-I{}", newer.display()))
        .build(&[&source("older_metrics")], "cpp-older-metrics");
    expect_success(&mut Command::new(program));
}

#[test]
fn callbacks_and_builders_give_the_values_of_the_reference() {
    run_alone("encoding");
}

#[test]
fn callbacks_are_checked_and_rendered() {
    run_alone("checking");
}

#[test]
fn objects_move_and_big_bodies_are_not_copied() {
    run_alone("ownership");
}

#[test]
fn without_an_answer_the_outcome_says_what_is_known() {
    run_alone("offline");
}

#[test]
fn a_part_that_memory_does_not_hold_is_an_error() {
    let mut command = without_exceptions("out_of_memory");
    command
        .env("OSS_ENDPOINT", "http://127.0.0.1:1")
        .env("OSS_REGION", "cn-hangzhou")
        .env("OSS_ACCESS_KEY_ID", "ak")
        .env("OSS_ACCESS_KEY_SECRET", "sk");
    expect_success(&mut command);
}

#[test]
fn files_with_and_without_exceptions_meet_in_one_program() {
    for flags in [&[][..], &NO_EXCEPTIONS[..]] {
        let other = out_dir().join(format!("other-unit-{}.o", flags.len()));
        let compiler = with_flags(Compiler::cpp("c++11").flag("-c"), flags);
        let compiled = compiler.build(&[&source("other_unit")], other.to_str().unwrap());
        let other = compiled.to_str().unwrap();
        let two = source("two_units");
        // Whichever comes first gives the functions that both files have.
        for (order, objects) in [[&*two, other], [other, &*two]].iter().enumerate() {
            let name = format!("cpp-two-units-{}-{order}", flags.len());
            expect_success(&mut Command::new(Compiler::cpp("c++11").build(objects, &name)));
        }
    }
}

#[test]
fn outcomes_must_be_looked_at() {
    Compiler::cpp("c++14").check(&[&source("discarded")]);
    let compile = || Compiler::cpp("c++17").check(&[&source("discarded")]);
    let failure = std::panic::catch_unwind(compile).expect_err("the outcome is discarded");
    let message = failure.downcast_ref::<String>().expect("what the compiler says");
    assert!(message.contains("nodiscard"), "{message}");
}

/// The upload of a key that was stored.
fn stored_upload(oss: &LocalOss, key: &str) -> RequestRecord {
    let is_it = |r: &RequestRecord| r.key.as_deref() == Some(key) && r.status == 200;
    oss.emulator.requests().into_iter().find(is_it).unwrap_or_else(|| panic!("{key} is stored"))
}

#[test]
fn every_body_and_member_arrives() {
    for oss in run_with_oss("uploads", Answer::json("{}")) {
        for key in ["borrowed", "pointer", "owned", "file", "stream", "members", "md5", "ways"] {
            assert_eq!(oss.content(key).as_deref(), Some(&b"hello world"[..]), "{key}");
        }
        assert_eq!(oss.content("empty").as_deref(), Some(&b""[..]));
        let members = stored_upload(&oss, "members");
        for (name, value) in [
            ("content-type", "text/x-test"),
            ("content-md5", "XrY7u+Ae7tCTyyK7j1rNww=="),
            ("x-oss-meta-camera", "north-1"),
            ("x-oss-meta-note", "grüß"),
            ("cache-control", "no-cache"),
            ("x-oss-storage-class", "IA"),
            ("x-oss-object-acl", "private"),
            ("x-oss-forbid-overwrite", "true"),
        ] {
            assert_eq!(members.header(name), Some(value), "{name}");
        }
        assert_eq!(members.signature_version, Some(SignatureVersion::V4));
        let md5 = stored_upload(&oss, "md5");
        assert_eq!(md5.header("content-md5"), Some("XrY7u+Ae7tCTyyK7j1rNww=="));
        assert_eq!(md5.header("x-oss-callback"), None);
        // The first one of two: the other shows that http is taken.
        let config = stored_upload(&oss, "config");
        assert_eq!(config.signature_version, Some(SignatureVersion::V1));
        assert!(config.header("user-agent").unwrap().ends_with(" every-member/1"));
    }
}

/// In every standard, since each brings types of its own.
#[test]
fn types_of_the_program_are_taken() {
    let compilers = ["c++11", "c++14", "c++17", "c++20"].map(Compiler::cpp);
    let plain = ["c++11", "c++17", "c++20"].map(|s| with_flags(Compiler::cpp(s), &NO_EXCEPTIONS));
    let sanitized = with_flags(Compiler::cpp("c++20"), &SANITIZERS);
    let all = compilers.into_iter().chain(plain).chain([sanitized]);
    for (number, compiler) in all.enumerate() {
        let program = compiler.build(&[&source("own_types")], &format!("cpp-own-types-{number}"));
        let oss = LocalOss::start();
        let mut command = Command::new(program);
        oss.environment(&mut command);
        expect_success(command.arg(out_dir().join("cpp-own-types.txt")));
        for key in ["vector", "vector kept", "array", "istream", "istringstream", "pipe"] {
            assert_eq!(oss.content(key).as_deref(), Some(&b"hello world"[..]), "{key}");
        }
        for key in ["string_view", "span", "bytes"] {
            assert!(oss.content(key).is_none_or(|content| content == b"hello world"), "{key}");
        }
        assert_eq!(oss.content("empty").as_deref(), Some(&b""[..]));
        let map = stored_upload(&oss, "map");
        assert_eq!(map.header("x-oss-meta-camera"), Some("north"));
        assert_eq!(map.header("content-language"), Some("en"));
    }
}

#[test]
fn what_was_signed_uploads_without_keys() {
    for oss in run_with_oss("signed", Answer::json("{\"a\":1}")) {
        for key in ["bundle", "url", "form/bundle", "form/fields", "own form"] {
            assert_eq!(oss.content(key).as_deref(), Some(&b"signed elsewhere"[..]), "{key}");
            let object = oss.emulator.object(BUCKET, key).unwrap();
            assert_eq!(object.content_type(), "text/x-test", "{key}");
            assert_eq!(object.acl(), if key == "own form" { "default" } else { "private" });
        }
        for key in ["bundle", "url"] {
            let request = stored_upload(&oss, key);
            for (name, value) in [
                ("content-md5", "ZmzzUGujXAJgC5X12PXVcQ=="),
                ("x-oss-meta-camera", "north"),
                ("cache-control", "no-cache"),
                ("x-oss-storage-class", "IA"),
            ] {
                assert_eq!(request.header(name), Some(value), "{key}: {name}");
            }
            assert_eq!(request.header("x-oss-callback").is_some(), key == "bundle");
            assert_eq!(request.header("x-oss-forbid-overwrite").is_some(), key == "bundle");
        }
        assert!(oss.content("elsewhere").is_none() && oss.content("form/short").is_none());
        let received = oss.received(7);
        assert!(received.iter().all(|callback| callback.signature == Ok(())));
        assert_eq!(received[4].body_text(), "object=form%2Fbundle");
    }
}

#[test]
fn failed_callback_has_result_and_error() {
    for oss in run_with_oss("callback_failed", Answer::status(502)) {
        assert_eq!(oss.content("key").as_deref(), Some(&b"v"[..]));
    }
}

#[test]
fn every_callback_failure_is_stored_but_failed() {
    let oss = LocalOss::start();
    let program =
        Compiler::cpp("c++11").build(&["tests/cpp/callback_failures.cpp"], "cpp-callback-failures");
    for failure in callback_failures::all() {
        let url = failure.provoke(&oss);
        let mut command = Command::new(&program);
        oss.environment(&mut command);
        command.env("OSS_CALLBACK_URL", url).args([failure.message, failure.ec]);
        expect_success(&mut command);
    }
}

#[test]
fn own_functions_stop_uploads_and_their_exceptions_come_back() {
    for oss in run_with_oss("own_functions", Answer::json("{}")) {
        assert!(oss.content("stopped").is_none());
        assert!(oss.content("outer").is_some() && oss.content("inner").is_some());
    }
}

#[test]
fn callbacks_arrive_as_they_were_written() {
    const FORM: &str = "application/x-www-form-urlencoded";
    const JSON: &str = "application/json";
    let expected = [
        (FORM, "object=dir%2Fa%20%22b%22%20%E4%B8%AD.txt&id=u%201%2F%2B"),
        (
            JSON,
            r#"{"object":"dir/a \"b\" 中.txt","size":5,"id":"\"\\ 文 ${object}","text":"quote \" backslash \\ 中文"}"#,
        ),
        (FORM, "s=5"),
        (
            FORM,
            "bucket=examplebucket&object=dir%2Fa%20%22b%22%20%E4%B8%AD.txt\
             &etag=5D41402ABC4B2A76B9719D911017C592&size=5&mimeType=text%2Fplain&my_var1=value1",
        ),
        (JSON, r#"{"size":5,"text":"\"\\"}"#),
        (FORM, "s=5&id=7"),
        (FORM, "s=5&id=7"),
        (FORM, "o=dir%2Fa%20%22b%22%20%E4%B8%AD.txt%20%26&n=0"),
        (FORM, "o=dir%2Fa%20%22b%22%20%E4%B8%AD.txt%20%26&n=0"),
    ];
    for oss in run_with_oss("callbacks", Answer::json("{\"a\":1}\n")) {
        let received = oss.received(expected.len());
        for (callback, (content_type, body)) in received.iter().zip(expected) {
            assert_eq!(callback.body_text(), body);
            assert_eq!(callback.header("content-type"), Some(content_type));
            assert_eq!(callback.signature, Ok(()));
        }
        assert_eq!(received[4].header("host"), Some("app.example.com"));
    }
}

#[test]
fn an_outbox_sends_what_was_added_and_gives_receipts() {
    for mut command in [sanitized("outbox"), without_exceptions("outbox")] {
        let folder = out_dir().join("cpp-outbox");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let oss = LocalOss::start();
        oss.receiver.answer_with(Answer::json("{\"a\":1}"));
        oss.environment(&mut command);
        expect_success(command.arg(&folder));
        for key in ["memory", "file", "thread"] {
            assert_eq!(oss.content(key).as_deref(), Some(key.as_bytes()));
        }
        assert!(oss.content("removed").is_none());
        assert_eq!(oss.received(1)[0].body_text(), "id=7");
    }
}

#[test]
fn an_upload_that_was_stopped_goes_on_with_its_checkpoint() {
    const PARTS: usize = 24;
    let content: Vec<u8> = (0..PARTS * 100 * 1024 - 77).map(|i| (i * 31 % 251) as u8).collect();
    for mut command in [sanitized("resume"), without_exceptions("resume")] {
        let folder = out_dir().join("cpp-resume");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join("checkpoints")).unwrap();
        std::fs::write(folder.join("source"), &content).unwrap();
        let oss = LocalOss::start();
        oss.receiver.answer_with(Answer::json("{\"a\":1}"));
        oss.environment(&mut command);
        expect_success(command.arg(folder.join("source")).arg(folder.join("checkpoints")));

        assert_eq!(oss.content("resumed").unwrap(), content);
        let requests = oss.emulator.requests();
        let count = |operation| {
            let done = |r: &&RequestRecord| r.operation == Some(operation) && r.status == 200;
            requests.iter().filter(done).count()
        };
        assert_eq!(count(Operation::InitiateMultipartUpload), 1, "the same upload goes on");
        assert_eq!(count(Operation::UploadPart), PARTS, "no part twice");
        let expected = format!("object=resumed&size={}", content.len());
        assert_eq!(oss.received(1)[0].body_text(), expected);
        assert!(oss.emulator.multipart_uploads().is_empty());
        let left = std::fs::read_dir(folder.join("checkpoints")).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().path()).collect();
        assert!(left.iter().all(|path| path.extension() != Some("json".as_ref())), "{left:?}");
    }
}

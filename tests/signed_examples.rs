//! The examples about forms, signed URLs and requests for other HTTP stacks, in C and in C++, as users
//! build and run them, against the local OSS.

mod support;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use ossbind_emulator::{Answer, Operation, RequestRecord};
use support::local_oss::{BUCKET, LocalOss};
use support::native::{Compiler, expect_success, out_dir, root};

const VARIABLES: [&str; 7] = [
    "OSS_ENDPOINT",
    "OSS_REGION",
    "OSS_ACCESS_KEY_ID",
    "OSS_ACCESS_KEY_SECRET",
    "OSS_SESSION_TOKEN",
    "OSS_BUCKET",
    "OSS_CALLBACK_URL",
];

/// An example that was built.
struct Example(PathBuf);

impl Example {
    /// It in both languages.
    fn build(name: &str) -> [Self; 2] {
        let (c, cpp) = (format!("c_examples/{name}.c"), format!("cpp_examples/{name}.cpp"));
        [
            Self(Compiler::c("c99").build(&[&c], &format!("signed-c-{name}"))),
            Self(Compiler::cpp("c++11").build(&[&cpp], &format!("signed-cpp-{name}"))),
        ]
    }

    /// A run with nothing of OSS in its environment.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.0);
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command.current_dir(root()).args(arguments);
        command
    }
}

/// How a run ended, and all that it said.
fn run(command: &mut Command) -> (i32, String) {
    said(command.output().expect("the example was built"))
}

fn said(output: Output) -> (i32, String) {
    let text = [output.stdout, output.stderr].concat();
    let code = output.status.code().expect("it ends by itself");
    (code, String::from_utf8(text).expect("it writes UTF-8"))
}

fn with_oss<'a>(oss: &LocalOss, command: &'a mut Command) -> &'a mut Command {
    oss.environment(command);
    command
}

/// Runs a command with a text on its standard input.
fn run_with_input(command: &mut Command, input: &str) -> (i32, String) {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = piped.expect("the example was built");
    let written = child.stdin.take().expect("it is piped").write_all(input.as_bytes());
    written.expect("it reads all");
    said(child.wait_with_output().expect("it ends"))
}

/// A run without one variable fails and names what is missing.
fn expect_missing(oss: &LocalOss, command: &mut Command, variable: &str, part: &str) {
    let (code, text) = run(with_oss(oss, command).env_remove(variable));
    assert_eq!(code, 1, "without {variable}: {text}");
    assert!(text.contains(part), "without {variable}: {text}");
}

fn expect_all_needed(oss: &LocalOss, example: &Example, arguments: &[&str]) {
    for (variable, part) in [
        ("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_ID is not set"),
        ("OSS_ACCESS_KEY_SECRET", "OSS_ACCESS_KEY_SECRET is not set"),
        ("OSS_REGION", "region: "),
        ("OSS_BUCKET", "bucket: is "),
        ("OSS_CALLBACK_URL", "callback.url: is NULL"),
    ] {
        expect_missing(oss, &mut example.command(arguments), variable, part);
    }
    let mut command = example.command(arguments);
    let (code, text) =
        run(with_oss(oss, &mut command).env_remove("OSS_ENDPOINT").env_remove("OSS_REGION"));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("endpoint: "), "{text}");
    assert!(oss.emulator.requests().is_empty());
}

#[test]
fn post_form() {
    let path = out_dir().join("post-form.txt");
    std::fs::write(&path, "twelve bytes").unwrap();
    let path = path.to_str().unwrap();
    for example in Example::build("post_form") {
        let oss = LocalOss::start();
        expect_all_needed(&oss, &example, &[path]);

        oss.receiver.answer_next_with(Answer::json("{\"Status\":\"OK\"}"));
        let (code, text) = run(with_oss(&oss, &mut example.command(&[path, "dir/e.txt"])));
        assert_eq!(code, 0, "{text}");
        let is_form = |request: &RequestRecord| request.operation == Some(Operation::PostObject);
        let request = oss.emulator.requests().into_iter().find(is_form).expect("a form was sent");
        assert_eq!(
            text,
            format!(
                "outcome: OSSBIND_STATUS_OK\netag:    C91FA94E14CF2FA5474BECEFF788C0DC\nrequest: {}\n\
                 answer:  {{\"Status\":\"OK\"}}\n",
                request.request_id
            )
        );
        assert_eq!(oss.content("dir/e.txt").unwrap(), b"twelve bytes");
        let received = &oss.received(1)[0];
        assert_eq!(received.body_text(), "object=dir%2Fe.txt&size=12&camera=north%20gate&shot=42");
        assert_eq!(received.signature, Ok(()));

        oss.receiver.answer_next_with(Answer::status(500));
        let (code, text) = run(with_oss(&oss, &mut example.command(&[path])));
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("error:   the object is stored, but its callback failed"), "{text}");
        assert!(oss.content("ossbind-example").is_some());

        let (code, text) = run(with_oss(&oss, &mut example.command(&[])));
        assert_eq!(code, 1, "{text}");
        assert!(text.starts_with("usage: post_form FILE "), "{text}");
    }
}

#[test]
fn signed_rest_request() {
    // Without care curl would take it for the name of a file, and the shell for much more.
    const TEXT: &str = "@it's \"$HOME\" `pwd` \\ 100%";
    const KEY: &str = "dir/it's $HOME.txt";
    for example in Example::build("signed_rest_request") {
        let oss = LocalOss::start();
        expect_all_needed(&oss, &example, &[KEY, TEXT]);
        let (code, text) = run(with_oss(&oss, &mut example.command(&[KEY])));
        assert_eq!((code, &*text), (1, "usage: signed_rest_request KEY TEXT\n"));

        let (code, line) = run(with_oss(&oss, &mut example.command(&[KEY, TEXT])));
        assert_eq!((code, line.lines().count()), (0, 1), "{line}");
        assert!(oss.emulator.requests().is_empty(), "to sign is not to send");
        let send = || {
            let mut shell = Command::new("sh");
            oss.environment(&mut shell);
            let output = expect_success(shell.args(["-c", &line]));
            String::from_utf8(output.stdout).unwrap()
        };
        oss.receiver.answer_next_with(Answer::json("{\"a\":1}"));
        assert_eq!(send(), "{\"a\":1}\n200\n");
        assert_eq!(oss.content(KEY).unwrap(), TEXT.as_bytes());
        assert_eq!(oss.emulator.object(BUCKET, KEY).unwrap().content_type(), "text/plain");
        let received = &oss.received(1)[0];
        assert_eq!(
            received.body_text(),
            format!("object=dir%2Fit%27s%20%24HOME.txt&size={}&id=4%272", TEXT.len())
        );
        assert_eq!(received.signature, Ok(()));

        oss.receiver.answer_next_with(Answer::status(500));
        let answer = send();
        assert!(answer.contains("CallbackFailed") && answer.ends_with("\n203\n"), "{answer}");
    }
}

#[test]
fn signed_url() {
    let path = out_dir().join("signed-url.txt");
    std::fs::write(&path, "twelve bytes").unwrap();
    let path = path.to_str().unwrap();
    for example in Example::build("signed_url") {
        let oss = LocalOss::start();
        expect_all_needed(&oss, &example, &["sign", "key"]);
        for arguments in [&[][..], &["sign"], &["upload"], &["send", "key"]] {
            let (code, text) = run(&mut example.command(arguments));
            assert_eq!((code, &*text), (1, "usage: signed_url sign KEY | upload FILE\n"));
        }
        let sign = |key| {
            let (code, bundle) = run(with_oss(&oss, &mut example.command(&["sign", key])));
            assert_eq!(code, 0, "{bundle}");
            bundle
        };
        // The device has nothing of OSS in its environment.
        let upload = |bundle: &str| run_with_input(&mut example.command(&["upload", path]), bundle);

        let bundle = sign("dir/e.txt");
        assert!(!bundle.contains("\"sk\""));
        oss.receiver.answer_next_with(Answer::json("{\"a\":1}"));
        let ok = (0, "outcome: OSSBIND_STATUS_OK\nanswer:  {\"a\":1}\n".to_owned());
        assert_eq!(upload(&bundle), ok);
        assert_eq!(oss.content("dir/e.txt").unwrap(), b"twelve bytes");
        let received = &oss.received(1)[0];
        assert_eq!(
            received.body_text(),
            "object=dir%2Fe.txt&size=12&etag=C91FA94E14CF2FA5474BECEFF788C0DC"
        );
        assert_eq!(received.signature, Ok(()));

        let (code, text) = upload(&bundle);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains("FileAlreadyExists"), "{text}");

        let bundle = sign("failed");
        let (code, text) =
            upload(&bundle.replace("callback=", "x=").replace("/failed?", "/other?"));
        assert_eq!(code, 1, "{text}");
        assert!(text.contains("SignatureDoesNotMatch"), "{text}");
        let (code, text) = upload(&bundle[..bundle.len() / 2]);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains("bundle: is not JSON"), "{text}");
        oss.receiver.answer_next_with(Answer::status(500));
        let (code, text) = upload(&bundle);
        assert_eq!(code, 2, "{text}");
        assert!(text.starts_with("outcome: OSSBIND_STATUS_CALLBACK_FAILED\n"), "{text}");
        assert!(oss.content("failed").is_some() && oss.content("other").is_none());
    }
}

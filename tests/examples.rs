//! The examples: built as their readers build them, and run against the local OSS.

#[path = "examples/program.rs"]
mod program;
mod support;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::process::Stdio;
use std::sync::mpsc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ossbind_emulator::{
    CallbackOutcome, Operation, Options, Receiver, ReceiverOptions, SelfSigned, SignatureVersion,
};
use program::{Ended, Example, Language};
use support::local_oss::{BUCKET, LocalOss, PATIENCE};
use support::native::root;
use support::raw_server::{RawServer, read_request};

/// Makes a test of each function of this file that is named here, and calls it once for the example
/// of that name in C and once for that in C++.
macro_rules! examples {
    ($($name:ident)*) => {
        const EXAMPLES: &[&str] = &[$(stringify!($name)),*];
        mod run {
            $(
                #[test]
                fn $name() {
                    super::Example::in_both_languages(stringify!($name)).for_each(super::$name);
                }
            )*
        }
    };
}

examples! {
    background_upload
    content_type_and_custom_values
    image_info
    json_body_with_variables
    multipart_callback
    progress
    put_object_callback
    put_object_from_buffer
    query_string_and_callback_error
    several_callback_urls
}

/// Those that `tests/signed_examples.rs`, `tests/setting_examples.rs` and `tests/receivers.rs` run.
const ELSEWHERE: [&str; 11] = [
    "post_form",
    "receiver",
    "signed_rest_request",
    "signed_url",
    "cancel_from_signal",
    "endpoints",
    "find_after_lost_answer",
    "log_and_report",
    "proxy_and_tls",
    "read_function",
    "temporary_keys",
];

/// Those that are there in C alone; `tests/gateway.rs` and `tests/watch_folder.rs` run them.
const ONLY_IN_C: [&str; 2] = ["gateway", "watch_folder"];

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

fn sources(folder: &str, ending: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        // The folders are run by tests of their own: browser.
        .filter(|path| path.is_file())
        .map(|path| {
            assert_eq!(path.extension().unwrap(), ending, "{path:?} is no example");
            path.file_stem().unwrap().to_str().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn every_example_is_run_and_in_the_readme() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for (folder, ending, more) in
        [("c_examples", "c", &ONLY_IN_C[..]), ("cpp_examples", "cpp", &[])]
    {
        let all = EXAMPLES.iter().chain(&ELSEWHERE).chain(more);
        let named: BTreeSet<String> = all.clone().map(|name| (*name).to_owned()).collect();
        assert_eq!(sources(folder, ending), named, "{folder} is not what examples! names");
        for name in all {
            let link = format!("({folder}/{name}.{ending})");
            assert!(readme.contains(&link), "README.md has no link {link}");
        }
    }
}

#[test]
fn each_says_what_is_missing() {
    for example in EXAMPLES.iter().flat_map(|name| Example::in_both_languages(name)) {
        let oss = LocalOss::start();
        let url = oss.callback_url();
        let mut command = example.command(&oss, &["/does/not/exist", &url]);
        for variable in ["OSS_ENDPOINT", "OSS_REGION", "OSS_BUCKET", "OSS_CALLBACK_URL"] {
            command.env_remove(variable);
        }
        let ended = Ended::of(command.output().unwrap());
        assert_eq!(ended.code, Some(1), "{}: {ended:?}", example.name);
        assert!(ended.all().contains("OSS_"), "{}: {ended:?}", example.name);

        if example.name == "put_object_from_buffer" {
            continue; // it takes no file
        }
        let ended = example.run(&oss, &[]);
        assert_eq!(ended.code, Some(1), "{}: {ended:?}", example.name);
        let usage = format!("usage: {} FILE ", example.name);
        assert!(ended.stderr.starts_with(&usage), "{}: {ended:?}", example.name);
        let ended = example.run(&oss, &["/does/not/exist", &url]);
        assert_eq!(ended.code, Some(1), "{}: {ended:?}", example.name);
        assert!(ended.all().contains("/does/not/exist"), "{}: {ended:?}", example.name);
        assert!(oss.emulator.requests().is_empty(), "nothing was sent");
    }
}

fn background_upload(example: Example) {
    let path = example.file(b"twelve bytes");
    let oss = LocalOss::start();
    let (ended, callback) = example.acknowledged(&oss, &[&path, "dir/b.txt"]);
    assert_eq!(callback.body_text(), "object=dir%2Fb.txt&size=12");
    let mut lines: Vec<&str> = ended.stdout.lines().collect();
    lines.sort_unstable(); // two threads wrote them
    assert_eq!(lines, ["complete: OSSBIND_STATUS_OK", "uploading in the background"]);
    let ended = example.callback_fails(&oss, &[&path, "failed"], "failed");
    assert!(ended.stdout.contains("complete: OSSBIND_STATUS_CALLBACK_FAILED\n"), "{ended:?}");

    // The upload cannot end before the test has read that the program went on meanwhile.
    let oss = LocalOss::with(Options { callback_timeout: PATIENCE, ..Options::default() });
    let (went_on, wait) = mpsc::channel();
    let server = RawServer::start(move |mut stream| {
        read_request(&stream);
        wait.recv_timeout(PATIENCE).expect("the program goes on");
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/json\r\n\r\n{}";
        stream.write_all(answer).expect("the callback waits for its answer");
    });
    let mut command = example.command(&oss, &[&path]);
    command.env("OSS_CALLBACK_URL", format!("http://{}/", server.address()));
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "uploading in the background\n");
    went_on.send(()).unwrap();
    line.clear();
    output.read_to_string(&mut line).unwrap();
    assert_eq!(line, "complete: OSSBIND_STATUS_OK\n");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

fn content_type_and_custom_values(example: Example) {
    let path = example.file(b"a,b\n1,2\n");
    let oss = LocalOss::start();
    let (ended, callback) = example.acknowledged(&oss, &[&path, "t.txt"]);
    assert_eq!(ended.stdout, "{\"Status\":\"OK\"}\n");
    assert_eq!(callback.header("content-type"), Some(FORM));
    assert_eq!(
        callback.body_text(),
        "bucket=examplebucket&object=t.txt&type=text%2Fcsv%3B%20charset%3Dutf-8\
         &var1=value1&var2=a%20%26%20b%20%3D%20c"
    );
    let stored = oss.emulator.object(BUCKET, "t.txt").unwrap();
    assert_eq!(stored.content_type(), "text/csv; charset=utf-8");
    example.callback_fails(&oss, &[&path, "failed"], "failed");
}

fn image_info(example: Example) {
    /// 3 pixels wide, 2 high.
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0\
        \x12\x16\xf1M\0\0\0\x10IDAT\x78\xda\x63\x38\x21\x27\x07\x41\x0c\x70\x16\0\x41\0\x06\x19\
        \xd4\x44\xee\x19\0\0\0\0IEND\xae\x42\x60\x82";
    let oss = LocalOss::start();
    let path = example.file(PNG);
    let (ended, callback) = example.acknowledged(&oss, &[&path, "dir/a.png"]);
    assert_eq!(ended.stdout, "{\"Status\":\"OK\"}\n");
    assert_eq!(callback.body_text(), "object=dir%2Fa.png&width=3&height=2&format=png");
    assert_eq!(oss.content("dir/a.png").unwrap(), PNG);
    example.callback_fails(&oss, &[&path, "failed.png"], "failed.png");

    let path = example.file(b"no image");
    let (_, callback) = example.acknowledged(&oss, &[&path, "a.txt"]);
    assert_eq!(callback.body_text(), "object=a.txt&width=&height=&format=");
    let ended = example.run(&oss, &[&path]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("Get image info failed."), "{ended:?}");
}

fn json_body_with_variables(example: Example) {
    let path = example.file(b"twelve bytes");
    let oss = LocalOss::start();
    let (ended, callback) = example.acknowledged(&oss, &[&path, "dir/\"e\".txt"]);
    assert_eq!(ended.stdout, "{\"Status\":\"OK\"}\n");
    assert_eq!(callback.header("content-type"), Some(JSON));
    assert_eq!(
        callback.body_text(),
        r#"{"object":"dir/\"e\".txt","size":12,"camera":"north \"gate\"","order":"4711"}"#
    );
    assert_eq!(oss.content("dir/\"e\".txt").unwrap(), b"twelve bytes");
    example.callback_fails(&oss, &[&path], "ossbind-example");
}

fn multipart_callback(example: Example) {
    const PARTS: usize = 9;
    let content: Vec<u8> = (0..(PARTS << 20) - 777).map(|i| (i * 31 % 251) as u8).collect();
    let path = example.file(&content);
    let checkpoints = example.program.with_extension("checkpoints");
    let _ = std::fs::remove_dir_all(&checkpoints);
    std::fs::create_dir(&checkpoints).unwrap();
    let arguments = [&path, checkpoints.to_str().unwrap(), "big.bin"];
    let oss = LocalOss::start();
    let count = |operation| {
        let requests = oss.emulator.requests().into_iter();
        requests.filter(|r| r.operation == Some(operation) && r.status == 200).count()
    };

    // A refusal, and no fault of the network: nothing tries that again but the example's user.
    oss.emulator.fail_next(Operation::UploadPart, 403, "AccessDenied");
    let ended = example.run(&oss, &arguments);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("AccessDenied"), "{ended:?}");
    assert!(oss.content("big.bin").is_none() && oss.receiver.received().is_empty());

    let (ended, callback) = example.acknowledged(&oss, &arguments);
    assert_eq!(ended.stdout, "{\"Status\":\"OK\"}\n");
    let shown = ended.percentages();
    assert!(shown.is_sorted() && shown.last() == Some(&100), "{shown:?}");
    let stored = oss.emulator.object(BUCKET, "big.bin").unwrap();
    assert_eq!(
        callback.body_text(),
        format!(
            "object=big.bin&size={}&crc64={}&operation=CompleteMultipartUpload",
            content.len(),
            stored.crc64()
        )
    );
    assert_eq!(oss.content("big.bin").unwrap(), content);
    assert_eq!(count(Operation::InitiateMultipartUpload), 1, "the second run goes on");
    assert_eq!(count(Operation::UploadPart), PARTS, "no part is stored twice");
    example.callback_fails(&oss, &[&path, arguments[1], "failed"], "failed");
}

fn progress(example: Example) {
    let content = vec![7; 16 << 20];
    let path = example.file(&content);
    let oss = LocalOss::start();
    let (ended, callback) = example.acknowledged(&oss, &[&path, "p"]);
    assert_eq!(ended.stdout, "{\"Status\":\"OK\"}\n");
    assert_eq!(callback.body_text(), "object=p&size=16777216");
    // Of pieces of 128 KiB there are more than per cents.
    assert_eq!(ended.percentages(), Vec::from_iter(0..=100));
    assert!(ended.stderr.ends_with("100 %\n"), "{ended:?}");
    assert_eq!(oss.content("p").unwrap(), content);
    example.callback_fails(&oss, &[&path, "failed"], "failed");
}

fn put_object_callback(example: Example) {
    let path = example.file(b"twelve bytes");
    let oss = LocalOss::start();
    let (ended, callback) = example.acknowledged(&oss, &[&path, "dir/e.txt"]);
    let etag = "C91FA94E14CF2FA5474BECEFF788C0DC";
    let requests = oss.emulator.requests();
    let put = requests.iter().find(|r| r.operation == Some(Operation::PutObject)).unwrap();
    assert_eq!(put.signature_version, Some(SignatureVersion::V4));
    assert_eq!(
        ended.stdout,
        format!(
            "outcome: OSSBIND_STATUS_OK\netag:    {etag}\nrequest: {}\nanswer:  {{\"Status\":\"OK\"}}\n",
            put.request_id
        )
    );
    let expected = match example.language {
        Language::C => "{\"object\":\"dir/e.txt\",\"size\":12,\"type\":\"text/plain\"}".to_owned(),
        Language::Cpp => format!(
            "bucket=examplebucket&object=dir%2Fe.txt&etag={etag}&size=12&mimeType=text%2Fplain\
             &my_var1=value1"
        ),
    };
    assert_eq!(callback.body_text(), expected);
    let ended = example.callback_fails(&oss, &[&path], "ossbind-example");
    assert!(
        ended.stdout.starts_with("outcome: OSSBIND_STATUS_CALLBACK_FAILED\nerror:   "),
        "{ended:?}"
    );
}

fn put_object_from_buffer(example: Example) {
    let oss = LocalOss::start();
    let (ended, callback) = example.acknowledged(&oss, &[]);
    assert!(ended.stdout.contains("{\"Status\":\"OK\"}\n"), "{ended:?}");
    assert_eq!(oss.content("example/callback.txt").unwrap(), b"an upload callback example");
    let etag = oss.emulator.object(BUCKET, "example/callback.txt").unwrap().etag();
    let expected = match example.language {
        Language::C => format!(
            "bucket=examplebucket&object=example%2Fcallback.txt&etag={}&size=26\
             &mimeType=text%2Fplain",
            etag.trim_matches('"')
        ),
        Language::Cpp => {
            "{\"object\":\"example/callback.txt\",\"size\":26,\"id\":\"42\"}".to_owned()
        }
    };
    assert_eq!(callback.body_text(), expected);
    example.callback_fails(&oss, &[], "example/callback.txt");
}

fn query_string_and_callback_error(example: Example) {
    let path = example.file(b"twelve bytes");
    let oss = LocalOss::start();
    let (ended, callback) = example.acknowledged(&oss, &[&path, "dir/q.txt"]);
    assert_eq!(callback.target, "/callback?user=put_object&site=north%20gate");
    assert_eq!(callback.body_text(), "bucket=examplebucket&object=dir%2Fq.txt");
    assert_eq!(ended.stdout, "stored, and the server knows: dir/q.txt\n");

    let ended = example.callback_fails(&oss, &[&path, "failed"], "failed");
    let told = "stored, but the server has to be told (0007-00000203): failed\n";
    assert_eq!(ended.stdout, told);
    let requests = oss.emulator.requests();
    let of_failed = requests.iter().filter(|r| r.key.as_deref() == Some("failed"));
    assert_eq!(of_failed.count(), 1, "it is not uploaded again");
}

fn several_callback_urls(example: Example) {
    let path = example.file(b"twelve bytes");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("http://{nobody}/nobody");
    let oss = LocalOss::start();
    let https = Receiver::start(ReceiverOptions {
        tls: Some(SelfSigned::generate(&["localhost"]).unwrap().identity),
        key_url_prefixes: vec![oss.emulator.public_key_url()],
        ..ReceiverOptions::default()
    });
    let https = https.unwrap();
    let second = format!("https://localhost:{}/second", https.address().port());

    let ended = example.run(&oss, &[&path, &nobody, &second, &oss.callback_url()]);
    assert_eq!((ended.code, &*ended.stdout), (Some(0), "{\"Status\":\"OK\"}\n"), "{ended:?}");
    let tried = oss.emulator.callbacks();
    assert_eq!((&tried[0].url, &tried[1].url, tried.len()), (&nobody, &second, 2));
    assert!(matches!(tried[0].outcome, CallbackOutcome::Failed { .. }));
    let callback = https.wait_for(1, PATIENCE).remove(0);
    assert_eq!(callback.server_name.as_deref(), Some("localhost"));
    assert_eq!(callback.signature, Ok(()));
    let etag = "C91FA94E14CF2FA5474BECEFF788C0DC";
    assert_eq!(callback.body_text(), format!("object=ossbind-example&etag={etag}&size=12"));
    assert!(oss.receiver.received().is_empty(), "the third is not needed");

    // SNI is asked for, also where the library would not have done so by itself.
    example.acknowledged(&oss, &[&path, &oss.callback_url()]);
    let requests = oss.emulator.requests();
    let last = requests.iter().rfind(|r| r.operation == Some(Operation::PutObject)).unwrap();
    let parameter = STANDARD.decode(last.header("x-oss-callback").unwrap()).unwrap();
    let parameter: serde_json::Value = serde_json::from_slice(&parameter).unwrap();
    assert_eq!(parameter["callbackSNI"], true);

    let arguments = [&*path, &nobody, &oss.callback_url()];
    example.callback_fails(&oss, &arguments, "ossbind-example");
    let too_many: Vec<&str> = [&*path].into_iter().chain([&*nobody; 6]).collect();
    let ended = example.run(&oss, &too_many);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("callback.url: "), "{ended:?}");
}

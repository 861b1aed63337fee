//! `ossbind check`, `ossbind render` and `ossbind explain`: what the library says, on the command line.

use std::io::Write as _;
use std::process::Stdio;

use ossbind::Callback;
use ossbind::callback::{Audience, Image, ObjectFacts, Problem, Severity};
use serde_json::{Value, json};

use crate::program::{Ended, command, file};
use crate::support::native::root;

const GOOD: &str = r#"{"callbackUrl":"http://a.example/","callbackBody":"object=${object}"}"#;

fn run(words: &[&str]) -> Ended {
    Ended::of(command().args(words).output().unwrap())
}

/// What `--json` says of a problem.
fn as_json(problem: &Problem) -> Value {
    let severity = match problem.severity() {
        Severity::Error => "OSSBIND_SEVERITY_ERROR",
        Severity::Warning => "OSSBIND_SEVERITY_WARNING",
    };
    json!({
        "severity": severity,
        "field": problem.field(),
        "offset": problem.offset(),
        "rule": problem.rule(),
        "cure": problem.cure(),
        "ec": problem.ec(),
        "message": problem.message(),
    })
}

/// Checks a callback with options of the command, and with the library.
fn compare(text: &str, words: &[&str], callback: &Callback) {
    let path = file("check.json", text.as_bytes());
    let problems = callback.check();
    let is_refused = problems.iter().any(|problem| problem.severity() == Severity::Error);
    let code = Some(if is_refused { 5 } else { 0 });

    let program = run(&[&["check", "--json", &path], words].concat());
    assert_eq!((program.code, &*program.stderr), (code, ""), "{text}");
    let expected: Vec<Value> = problems.iter().map(as_json).collect();
    assert_eq!(program.json(), json!({"ok": !is_refused, "problems": expected}), "{text}");

    let people = run(&[&["check", &path], words].concat());
    assert_eq!((people.code, &*people.stderr), (code, ""), "{text}");
    for problem in &problems {
        assert!(people.stdout.contains(problem.rule()), "{people:?}");
        assert!(people.stdout.contains(problem.cure()), "{people:?}");
    }
    assert_eq!(people.stdout == "nothing is wrong\n", problems.is_empty(), "{people:?}");
}

#[test]
fn the_command_finds_what_the_library_finds() {
    let of = Callback::from_parameter;
    compare(GOOD, &[], &of(GOOD));
    let base64 = of(GOOD).encode(Audience::Any).unwrap().callback;
    compare(&base64, &[], &of(&base64));
    let private = r#"{"callbackUrl":"http://10.0.0.1/","callbackBody":"a"}"#;
    compare(private, &[], &of(private));
    let wrong = r#"{"callbackUrl":"a.example;ftp://b/","callbackBody":"$a${x:a}${b}"}"#;
    compare(wrong, &["--var=x:c=1"], &of(wrong).variable("x:c", "1"));
    let odd = r#"{"callbackUrl":"https://a.example/","callbackBody":"${x:a}"}"#;
    compare(odd, &["--relaxed"], &of(odd).relaxed(true));
    let variables = r#"{"x:a":1}"#;
    compare(odd, &["--vars", variables], &of(odd).variables_parameter(variables));
    for nonsense in ["{\"callbackUrl\":", "\u{1b}[2J", ""] {
        compare(nonsense, &[], &of(nonsense));
    }
}

#[test]
fn a_problem_reads_well() {
    let path =
        file("reads.json", br#"{"callbackUrl":"http://a.example/","callbackBody":"price=$5"}"#);
    assert_eq!(
        run(&["check", &path]).stdout,
        "error    callback.parameter: callbackBody (at byte 6): a '$' must be followed by '{': a \
         template cannot hold a plain '$'\n         put such text into a variable, or write \
         ${object} if one is meant\n         'ossbind explain 0007-00000105' says more\n"
    );
}

#[test]
fn what_is_no_callback_at_all() {
    let too_long = vec![b' '; 65536];
    for (content, part) in [
        (&b"{\0}"[..], "it has a NUL"),
        (&too_long, "OSS takes 5120 bytes"),
        (b"\xff", "is not UTF-8: byte 0 is 0xFF"),
    ] {
        let path = file("no-callback", content);
        for name in ["check", "render"] {
            let ended = run(&[name, &path]);
            assert_eq!((ended.code, &*ended.stdout), (Some(5), ""), "{ended:?}");
            assert!(ended.stderr.contains(part), "{ended:?}");
        }
    }
    for (path, part) in
        [("/no/such/file", "/no/such/file: No such file"), ("/", "/: Is a directory")]
    {
        let ended = run(&["check", path]);
        assert_eq!((ended.code, &*ended.stdout), (Some(5), ""), "{ended:?}");
        assert!(ended.stderr.contains(part), "{ended:?}");
    }
}

#[test]
fn a_callback_from_standard_input() {
    let mut child = command()
        .args(["render", "-", "--object=a b"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(GOOD.as_bytes()).unwrap();
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!((ended.code, &*ended.stdout, &*ended.stderr), (Some(0), "object=a%20b", ""));
}

#[test]
fn the_command_renders_what_the_library_renders() {
    let body = "[${bucket},${object},${etag},${size},${mimeType},${imageInfo.format},\
                \"${imageInfo.width}x${imageInfo.height}\",${crc64},${contentMd5},${vpcId},\
                ${clientIp},${reqId},${operation},${x:a}]";
    let parameter = json!({
        "callbackUrl": "http://a.example/",
        "callbackBody": body,
        "callbackBodyType": "application/json",
    });
    let parameter = parameter.to_string();
    let path = file("render.json", parameter.as_bytes());
    let words = "render --bucket=b --object=k --etag=E --size=18446744073709551615 --type=t/t \
                 --image-format=png --image-width=2 --image-height=3 --crc64=4 --md5=M== \
                 --vpc-id=V --client-ip=192.0.2.1 --request-id=R --operation=PostObject \
                 --var=x:a=\"";
    let words: Vec<&str> = words.split_whitespace().chain([&*path]).collect();
    let ended = run(&words);
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
    let facts = ObjectFacts {
        bucket: Some("b"),
        key: Some("k"),
        etag: Some("E"),
        size: u64::MAX,
        content_type: Some("t/t"),
        image: Some(Image { width: 2, height: 3, format: "png" }),
        crc64: 4,
        content_md5: Some("M=="),
        vpc_id: Some("V"),
        client_ip: Some("192.0.2.1"),
        request_id: Some("R"),
        operation: Some("PostObject"),
    };
    let callback = Callback::from_parameter(&parameter).variable("x:a", "\"");
    assert_eq!(ended.stdout, callback.render(&facts).unwrap().body);
}

#[test]
fn what_is_needed_is_asked_for() {
    for (variable, option) in [
        ("bucket", "--bucket"),
        ("object", "--object"),
        ("etag", "--etag"),
        ("clientIp", "--client-ip"),
        ("reqId", "--request-id"),
    ] {
        let parameter = GOOD.replace("${object}", &format!("${{{variable}}}"));
        let path = file("needed.json", parameter.as_bytes());
        let ended = run(&["render", &path]);
        assert_eq!((ended.code, &*ended.stdout), (Some(1), ""));
        let part = format!("{option} is missing: the body has ${{{variable}}}");
        assert!(ended.stderr.contains(&part), "{ended:?}");
        assert_eq!(run(&["render", &path, option, "1"]).stdout, "object=1");
    }
    let path = file("needed-image.json", GOOD.as_bytes());
    let ended = run(&["render", &path, "--object=k", "--image-width=1"]);
    assert!(ended.stderr.contains("--image-format is missing: the image has a"), "{ended:?}");
    let path = file("needed-dollar.json", GOOD.replace("object=", "$").as_bytes());
    let ended = run(&["render", &path, "--object=k"]);
    assert_eq!(ended.code, Some(5));
    assert!(ended.stderr.contains("(EC 0007-00000105)"), "{ended:?}");
}

#[test]
fn every_page_is_explained() {
    let list = run(&["explain"]);
    assert_eq!((list.code, &*list.stderr), (Some(0), ""));
    let pages = root().join("docs/errors").read_dir().unwrap().count() - 1;
    assert_eq!(list.stdout.lines().count(), pages);
    for line in list.stdout.lines() {
        let (ec, title) = line.split_once("  ").unwrap();
        let ended = run(&["explain", ec]);
        let page = std::fs::read_to_string(root().join(format!("docs/errors/{ec}.md"))).unwrap();
        assert_eq!((ended.code, &*ended.stdout, &*ended.stderr), (Some(0), &*page, ""));
        assert!(page.replace('\n', " ").contains(title), "{title}");
    }
}

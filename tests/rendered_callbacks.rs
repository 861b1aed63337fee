//! What the library says that OSS would send is what the local OSS sends, which shares no code with it.
//!
//! `PROPTEST_CASES=100000 cargo test --test rendered_callbacks` tries more.

mod support;

use std::sync::LazyLock;

use ossbind::callback::{BodyType, Image, ObjectFacts, Problem};
use ossbind::upload::Destination;
use ossbind::{Body, Callback, Client, UploadRequest};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::Config;
use support::local_oss::{BUCKET, LocalOss};

fn thousand() -> Config {
    let cases = match std::env::var_os("PROPTEST_CASES") {
        Some(_) => Config::default().cases,
        None => 1000,
    };
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// The least that goes in parts.
const PART: usize = 100 * 1024;

/// Of these OSS knows the first.
const KNOWN: usize = 17;
const NAMES: [&str; 19] = [
    "bucket",
    "object",
    "etag",
    "size",
    "mimeType",
    "imageInfo.height",
    "imageInfo.width",
    "imageInfo.format",
    "crc64",
    "contentMd5",
    "vpcId",
    "clientIp",
    "reqId",
    "operation",
    "x:a",
    "x:b-1.c_d",
    "x:unknown",
    "Object",
    "",
];

/// Any text, with more of what is encoded or escaped somewhere.
fn text(most: usize) -> impl Strategy<Value = String> {
    let odd: Vec<char> = " +%/?&=;#'\"()*~._-!:@,{}[]<>\\\n\r\t\0\u{7f}\u{85}\u{2028}中é\u{10ffff}"
        .chars()
        .collect();
    let character =
        prop_oneof![3 => select(odd), 2 => any::<char>(), 2 => prop::char::range('a', 'z')];
    vec(character, 0..most).prop_map(String::from_iter)
}

/// A template that OSS takes, whatever its server may think of it.
fn template() -> impl Strategy<Value = String> {
    let literal = text(8).prop_map(|text| text.replace('$', ""));
    let variable = select(&NAMES[..]).prop_map(|name| format!("${{{name}}}"));
    let piece = prop_oneof![1 => literal, 3 => variable];
    vec(piece, 1..12).prop_map(|pieces| pieces.concat()).prop_filter("empty", |t| !t.is_empty())
}

fn key() -> impl Strategy<Value = String> {
    let is_key = |key: &String| !key.is_empty() && !key.starts_with(['/', '\\']);
    text(20).prop_filter("no name of an object", is_key)
}

/// Bytes, and the width and height of the image that they are.
type Content = (Vec<u8>, Option<(u16, u16)>);

fn content() -> impl Strategy<Value = Content> {
    let gif = |(width, height): (u16, u16)| {
        let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
        ([&b"GIF89a"[..], &size, &[0; 3]].concat(), Some((width, height)))
    };
    // No image begins with a zero.
    let other = |bytes: Vec<u8>| ([vec![0], bytes].concat(), None);
    prop_oneof![
        1 => Just((Vec::new(), None)),
        4 => vec(any::<u8>(), 0..20).prop_map(other),
        4 => (any::<u16>(), any::<u16>()).prop_map(gif),
    ]
}

/// How it is stored.
#[derive(Debug, Clone, Copy, PartialEq)]
enum How {
    Put,
    Post,
    Parts,
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![12 => Just(How::Put), 6 => Just(How::Post), 1 => Just(How::Parts)]
}

fn destination(how: How, key: &str) -> Destination<'_> {
    match how {
        How::Post => Destination::Form { bucket: BUCKET, key },
        How::Put | How::Parts => Destination::Object { bucket: BUCKET, key },
    }
}

proptest! {
    #![proptest_config(thousand())]

    #[test]
    fn what_is_rendered_is_what_arrives(
        template in template(),
        json in any::<bool>(),
        values in (text(20), text(20)),
        key in key(),
        content_type in proptest::option::of(select(&["text/plain", "a/b; c=\"d\"", "image/gif"][..])),
        (bytes, image) in content(),
        how in how(),
    ) {
        static OSS: LazyLock<(LocalOss, Client)> = LazyLock::new(|| {
            let oss = LocalOss::start();
            let client = oss.client();
            (oss, client)
        });
        let (oss, client) = &*OSS;
        // What claims to be an image and is none is another matter.
        let content_type = content_type.filter(|name| image.is_some() || *name != "image/gif");
        let bytes = if how == How::Parts { [bytes, vec![0; PART]].concat() } else { bytes };
        let callback = Callback::new(oss.callback_url(), template)
            .body_type(if json { BodyType::Json } else { BodyType::UrlEncoded })
            .variable("x:a", values.0)
            .variable("x:b-1.c_d", values.1)
            .relaxed(true);
        let mut request = UploadRequest::to(destination(how, &key), Body::Memory(&bytes));
        request.content_type = content_type.or(Some("application/octet-stream"));
        request.callback = Some(&callback);
        if how == How::Parts {
            request.part_size = Some(PART as u64);
            request.multipart_threshold = Some(PART as u64);
        }
        client.upload(request).unwrap();

        let object = oss.emulator.object(BUCKET, &key).unwrap();
        let record = oss.emulator.requests().pop().unwrap();
        let (etag, content_md5) = (object.etag(), object.content_md5());
        let (client_ip, operation) = (record.peer.ip().to_string(), format!("{:?}", record.operation.unwrap()));
        let facts = ObjectFacts {
            bucket: Some(BUCKET),
            key: Some(&key),
            etag: Some(&etag),
            size: bytes.len() as u64,
            content_type,
            image: image.map(|(width, height)| Image { width: width.into(), height: height.into(), format: "gif" }),
            crc64: object.crc64(),
            content_md5: Some(&content_md5),
            vpc_id: None,
            client_ip: Some(&client_ip),
            request_id: Some(&record.request_id),
            operation: Some(&operation),
        };
        let rendered = callback.render(&facts).unwrap();
        let received = oss.receiver.received().pop().unwrap();
        prop_assert_eq!(rendered.body.as_bytes(), received.body.as_slice());
        prop_assert_eq!(received.header("content-type"), Some(rendered.content_type));
    }
}

/// A value of JSON as people write it, right or wrong.
fn json_value() -> impl Strategy<Value = String> {
    let variable = || select(&NAMES[..KNOWN]);
    prop_oneof![
        6 => variable().prop_map(|name| format!("${{{name}}}")),
        2 => variable().prop_map(|name| format!("\"${{{name}}}\"")),
        1 => select(&["1", "\"\"", "[${size},2]", "\"${imageInfo.width}x${size}\""][..])
            .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(thousand())]

    /// When nothing is said against a body of JSON, it arrives as JSON, whatever is uploaded; and when
    /// it is refused, it does not.
    #[test]
    fn what_nothing_is_said_against_is_json(values in vec(json_value(), 1..4), text in text(9)) {
        let members: Vec<String> =
            values.iter().enumerate().map(|(at, value)| format!("\"m{at}\":{value}")).collect();
        let callback = Callback::new("http://a.example/", format!("{{{}}}", members.join(",")))
            .body_type(BodyType::Json)
            .variable("x:a", &*text)
            .variable("x:b-1.c_d", &*text)
            .variable("x:unknown", &*text)
            .relaxed(true);
        let about_body = |problem: &&Problem| problem.field() == "callback.body";
        let problems = callback.check();
        let said: Vec<&str> =
            problems.iter().filter(about_body).map(|problem| problem.rule()).collect();
        let text = Some(&*text);
        let are_json = [None, Some(Image { width: 1, height: 2, format: "gif" })].map(|image| {
            let facts = ObjectFacts {
                bucket: text,
                key: text,
                etag: text,
                image,
                client_ip: text,
                request_id: text,
                ..ObjectFacts::default()
            };
            let body = callback.render(&facts).unwrap().body;
            serde_json::from_str::<serde_json::Value>(&body).is_ok()
        });
        if said.is_empty() {
            prop_assert_eq!(are_json, [true, true]);
        }
        if said.iter().any(|rule| rule.starts_with("is not JSON once")) {
            prop_assert_ne!(are_json, [true, true], "{:?}", said);
        }
        if said.iter().any(|rule| rule.starts_with("is not JSON when the object is no image")) {
            prop_assert!(!are_json[0], "{:?}", said);
        }
    }
}

/// A worked example of the reference, and bodies that OSS itself has sent (spec: callback.md 5).
#[test]
fn known_bodies() {
    let render = |body: &str, body_type, facts: &ObjectFacts<'_>| {
        let callback = Callback::new("http://app.example.com/", body).body_type(body_type);
        let callback = callback.variable("x:uid", "u 1/+").variable("x:fname", "2f.jpg");
        callback.render(facts).unwrap().body
    };
    let empty = ObjectFacts {
        bucket: Some("examplebucket"),
        key: Some("dir/a b+c.txt"),
        etag: Some("D41D8CD98F00B204E9800998ECF8427E"),
        ..ObjectFacts::default()
    };
    assert_eq!(
        render(
            "bucket=${bucket}&object=${object}&etag=${etag}&size=${size}&uid=${x:uid}",
            BodyType::UrlEncoded,
            &empty
        ),
        "bucket=examplebucket&object=dir%2Fa%20b%2Bc.txt&etag=D41D8CD98F00B204E9800998ECF8427E\
         &size=0&uid=u%201%2F%2B"
    );
    assert_eq!(
        render(
            r#"{"object":${object},"size":${size},"uid":${x:uid},"h":"${imageInfo.height}"}"#,
            BodyType::Json,
            &empty
        ),
        r#"{"object":"dir/a b+c.txt","size":0,"uid":"u 1/+","h":""}"#
    );
    let photo = ObjectFacts {
        key: Some("headSculpture/jikang2.jpg"),
        size: 108_904,
        content_type: Some("image/jpeg"),
        image: Some(Image { width: 200, height: 278, format: "jpg" }),
        ..ObjectFacts::default()
    };
    assert_eq!(
        render(
            "filename=${object}&size=${size}&mimeType=${mimeType}&height=${imageInfo.height}\
             &width=${imageInfo.width}",
            BodyType::UrlEncoded,
            &photo
        ),
        "filename=headSculpture%2Fjikang2.jpg&size=108904&mimeType=image%2Fjpeg&height=278&width=200"
    );
    assert_eq!(
        render(
            r#"{"name":${x:fname},"source_name":${object},"pic_info":"${imageInfo.width},${imageInfo.height}"}"#,
            BodyType::Json,
            &photo
        ),
        r#"{"name":"2f.jpg","source_name":"headSculpture/jikang2.jpg","pic_info":"200,278"}"#
    );
}

//! The lists of parts and of uploads.

mod common;

use common::multipart::{abort, elements, initiate, list_parts, upload_part};
use common::{BUCKET, Request, emulator};

#[test]
fn parts_are_listed_in_pages() {
    let emulator = emulator();
    let id = initiate(&emulator, "dir/é");
    let empty = list_parts("dir/é", &id).send(&emulator);
    assert_eq!(empty.element("NextPartNumberMarker").as_deref(), Some("0"));
    assert_eq!(empty.element("MaxParts").as_deref(), Some("1000"));
    assert_eq!(empty.element("Key").as_deref(), Some("dir/é"));
    for number in [3, 1, 10_000] {
        upload_part(&emulator, "dir/é", &id, number, "123456789");
    }
    let page = |marker: &str| {
        list_parts("dir/é", &id)
            .query("max-parts", "2")
            .query("part-number-marker", marker)
            .query("encoding-type", "url")
            .send(&emulator)
    };
    let first = page("");
    assert_eq!(first.element("EncodingType").as_deref(), Some("url"));
    assert_eq!(first.element("Key").as_deref(), Some("dir%2F%C3%A9"));
    assert_eq!(first.element("Bucket").as_deref(), Some(BUCKET));
    assert_eq!(first.element("UploadId").as_deref(), Some(id.as_str()));
    assert_eq!(first.element("StorageClass").as_deref(), Some("Standard"));
    assert_eq!(first.element("PartNumberMarker").as_deref(), Some("0"));
    assert_eq!(first.element("NextPartNumberMarker").as_deref(), Some("3"));
    assert_eq!(first.element("IsTruncated").as_deref(), Some("true"));
    assert_eq!(elements(&first, "PartNumber"), ["1", "3"]);
    assert_eq!(elements(&first, "Size"), ["9", "9"]);
    assert_eq!(elements(&first, "ETag"), ["\"25F9E794323B453885F5181F1B624D0B\""; 2]);
    assert_eq!(elements(&first, "HashCrc64ecma"), ["11051210869376104954"; 2]);
    assert_eq!(elements(&first, "LastModified")[0].len(), "2023-11-22T05:42:34.000Z".len());
    let last = page("3");
    assert_eq!(elements(&last, "PartNumber"), ["10000"]);
    assert_eq!(last.element("IsTruncated").as_deref(), Some("false"));
    assert_eq!(last.element("NextPartNumberMarker").as_deref(), Some("10000"));
}

#[test]
fn wrong_limits_are_refused() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    let cases = [
        ("max-parts", "0"),
        ("max-parts", "1001"),
        ("part-number-marker", "-1"),
        ("part-number-marker", "10001"),
        ("encoding-type", "base64"),
    ];
    for (name, value) in cases {
        let answer = list_parts("a", &id).query(name, value).send(&emulator);
        assert_eq!(answer.error().1, "InvalidArgument", "{name}={value}");
        assert_eq!(answer.element("ArgumentName").as_deref(), Some(name));
    }
    let answer = Request::get("").query("uploads", "").query("max-uploads", "1001").send(&emulator);
    assert_eq!(answer.error().1, "InvalidArgument");
}

#[test]
fn uploads_are_listed_in_pages() {
    let emulator = emulator();
    let mut begun: Vec<(String, String)> = ["b/2", "a", "b/1", "b/2", "b/2", "c"]
        .map(|key| (key.to_owned(), initiate(&emulator, key)))
        .to_vec();
    begun.sort();
    let list = |more: &[(&str, &str)]| {
        let request = Request::get("").query("uploads", "");
        more.iter().fold(request, |request, (n, v)| request.query(n, v)).send(&emulator)
    };
    let found = |more: &[(&str, &str)]| {
        let answer = list(more);
        let keys = elements(&answer, "Key").into_iter();
        keys.zip(elements(&answer, "UploadId")).collect::<Vec<_>>()
    };
    assert_eq!(found(&[]), begun);
    assert_eq!(found(&[("prefix", "b/")]), begun[1..5]);
    assert_eq!(found(&[("key-marker", "b/1")]), begun[2..]);
    assert_eq!(found(&[("key-marker", "b/2")]), begun[5..]);
    assert_eq!(found(&[("key-marker", "b/2"), ("upload-id-marker", &begun[2].1)]), begun[3..]);
    assert_eq!(found(&[("upload-id-marker", &begun[2].1)]), begun);
    assert_eq!(found(&[("prefix", "b/"), ("key-marker", "a")]), begun[1..5]);

    let first = list(&[("max-uploads", "3"), ("encoding-type", "url")]);
    assert_eq!(elements(&first, "Key"), ["a", "b%2F1", "b%2F2"]);
    assert_eq!(first.element("IsTruncated").as_deref(), Some("true"));
    assert_eq!(first.element("NextKeyMarker").as_deref(), Some("b%2F2"));
    assert_eq!(first.element("NextUploadIdMarker").as_deref(), Some(begun[2].1.as_str()));
    assert_eq!(first.element("Initiated").unwrap().len(), "2023-11-22T05:42:34.000Z".len());
    let last = list(&[("max-uploads", "6")]);
    assert_eq!(last.element("IsTruncated").as_deref(), Some("false"));
    let end = begun.last().unwrap();
    assert_eq!(last.element("NextKeyMarker").as_ref(), Some(&end.0));
    assert_eq!(last.element("NextUploadIdMarker").as_ref(), Some(&end.1));

    let kept: Vec<_> =
        emulator.multipart_uploads().into_iter().map(|u| (u.key, u.upload_id)).collect();
    assert_eq!(kept, begun);
    for (key, id) in &begun {
        assert_eq!(abort(&emulator, key, id).status, 204);
    }
    assert_eq!(found(&[]), []);
}

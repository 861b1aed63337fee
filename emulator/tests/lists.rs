//! The lists of buckets, objects and uploads: pages, folders, owners and odd keys.

mod common;

use common::multipart::{elements, initiate};
use common::{Request, Response, emulator};
use ossbind_emulator::{Bucket, Emulator, Options};
use percent_encoding::percent_decode_str;

/// A bound for lists that would never end.
const MAX_PAGES: usize = 100;

/// How each version of the list of objects goes on.
struct Version {
    parameters: &'static [(&'static str, &'static str)],
    next: &'static str,
    marker: &'static str,
}

const VERSIONS: [Version; 2] = [
    Version { parameters: &[], next: "NextMarker", marker: "marker" },
    Version {
        parameters: &[("list-type", "2")],
        next: "NextContinuationToken",
        marker: "continuation-token",
    },
];

fn list(emulator: &Emulator, parameters: &[(&str, &str)]) -> Response {
    let request = parameters.iter().fold(Request::get(""), |request, (n, v)| request.query(n, v));
    let answer = request.send(emulator);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

/// Pages through a list as a client does.
fn pages(emulator: &Emulator, version: &Version, parameters: &[(&str, &str)]) -> Vec<Response> {
    let mut all: Vec<Response> = Vec::new();
    let mut marker = String::new();
    loop {
        let mut asked = [version.parameters, parameters].concat();
        asked.push(("encoding-type", "url"));
        if !marker.is_empty() {
            asked.push((version.marker, &marker));
        }
        let answer = list(emulator, &asked);
        let is_truncated = answer.element("IsTruncated").unwrap();
        let next = answer.element(version.next);
        all.push(answer);
        assert!(all.len() <= MAX_PAGES, "the list does not end");
        match next {
            Some(next) => marker = decoded(&next),
            None => {
                assert_eq!(is_truncated, "false");
                return all;
            }
        }
        assert_eq!(is_truncated, "true");
    }
}

/// Keys, then folders.
fn entries(answers: &[Response]) -> (Vec<String>, Vec<String>) {
    let keys = answers.iter().flat_map(|answer| elements(answer, "Key"));
    let folders = answers.iter().flat_map(|answer| {
        // The first is the prefix that was asked for.
        elements(answer, "Prefix").into_iter().skip(1)
    });
    (keys.map(|key| decoded(&key)).collect(), folders.map(|folder| decoded(&folder)).collect())
}

#[test]
fn a_client_pages_through_2500_objects() {
    let emulator = emulator();
    let keys: Vec<String> = (0..2500).map(|number| format!("dir/{number:04} é")).collect();
    for key in &keys {
        assert_eq!(Request::put(key, "").send(&emulator).status, 200);
    }
    for version in VERSIONS {
        let all = pages(&emulator, &version, &[("max-keys", "1000")]);
        assert_eq!(all.len(), 3);
        assert_eq!(entries(&all).0, keys);
        let all = pages(&emulator, &version, &[("prefix", "dir/2")]);
        assert_eq!(all.len(), 5, "100 in each page");
        assert_eq!(entries(&all).0, keys[2000..]);
    }
}

#[test]
fn folders_are_listed_once_whatever_the_page() {
    let emulator = emulator();
    for key in ["a", "b/1", "b/2", "b/c/3", "d", "e/4", "e/5"] {
        Request::put(key, "").send(&emulator);
    }
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    for version in VERSIONS {
        for size in ["1", "2", "3", "4", "1000"] {
            let all = pages(&emulator, &version, &[("delimiter", "/"), ("max-keys", size)]);
            assert_eq!(entries(&all), (owned(&["a", "d"]), owned(&["b/", "e/"])), "{size}");
            assert_eq!(all[0].element("Delimiter").as_deref(), Some("%2F"));
            let inside = [("delimiter", "/"), ("max-keys", size), ("prefix", "b/")];
            let all = pages(&emulator, &version, &inside);
            assert_eq!(entries(&all), (owned(&["b/1", "b/2"]), owned(&["b/c/"])), "{size}");
        }
    }
}

#[test]
fn version_2_counts_and_says_where_it_is() {
    let emulator = emulator();
    for key in ["a", "b/1", "b/2", "c", "d"] {
        Request::put(key, "").send(&emulator);
    }
    let ask = |parameters: &[(&str, &str)]| {
        list(&emulator, &[&[("list-type", "2"), ("delimiter", "/")], parameters].concat())
    };
    let first = ask(&[("max-keys", "2"), ("start-after", "a")]);
    assert_eq!(first.element("KeyCount").as_deref(), Some("2"));
    assert_eq!(first.element("StartAfter").as_deref(), Some("a"));
    assert_eq!(first.element("ContinuationToken"), None);
    assert_eq!(elements(&first, "Key"), ["c"]);
    let token = first.element("NextContinuationToken").unwrap();
    let last = ask(&[("continuation-token", &token), ("start-after", "a")]);
    assert_eq!(last.element("ContinuationToken"), Some(token));
    assert_eq!(last.element("NextContinuationToken"), None);
    assert_eq!(last.element("KeyCount").as_deref(), Some("1"));
    assert_eq!(elements(&last, "Key"), ["d"]);

    let wrong = Request::get("").query("list-type", "2").query("continuation-token", "no token");
    let answer = wrong.send(&emulator);
    assert_eq!(answer.error().1, "InvalidArgument");
    assert_eq!(answer.element("ArgumentName").as_deref(), Some("continuation-token"));
    for version in ["", "1", "3"] {
        let answer = Request::get("").query("list-type", version).send(&emulator);
        assert_eq!(answer.error().1, "NotImplemented", "{version}");
    }
}

#[test]
fn version_2_shows_owners_only_on_request() {
    let emulator = emulator();
    Request::put("a", "").send(&emulator);
    let has_owner = |parameters: &[(&str, &str)]| {
        let answer = list(&emulator, parameters);
        (elements(&answer, "ID").len(), elements(&answer, "DisplayName").len()) == (1, 1)
    };
    assert!(has_owner(&[]));
    assert!(!has_owner(&[("list-type", "2")]));
    assert!(!has_owner(&[("list-type", "2"), ("fetch-owner", "false")]));
    assert!(has_owner(&[("list-type", "2"), ("fetch-owner", "true")]));
}

#[test]
fn uploads_are_listed_by_folder() {
    let emulator = emulator();
    let top = ["a", "a", "d"].map(|key| initiate(&emulator, key));
    for key in ["b/1", "b/1", "b/2", "e/"] {
        initiate(&emulator, key);
    }
    for size in ["1", "2", "3", "5", "1000"] {
        let (mut ids, mut folders) = (Vec::new(), Vec::new());
        let (mut key_marker, mut id_marker) = (String::new(), String::new());
        for _ in 0..MAX_PAGES {
            let parameters = [
                ("uploads", ""),
                ("delimiter", "/"),
                ("max-uploads", size),
                ("key-marker", &key_marker),
                ("upload-id-marker", &id_marker),
            ];
            let answer = list(&emulator, &parameters);
            ids.extend(elements(&answer, "UploadId"));
            folders.extend(elements(&answer, "Prefix").into_iter().skip(1));
            if answer.element("IsTruncated").as_deref() == Some("false") {
                break;
            }
            key_marker = answer.element("NextKeyMarker").unwrap();
            id_marker = answer.element("NextUploadIdMarker").unwrap();
        }
        ids.sort();
        let mut begun = top.to_vec();
        begun.sort();
        assert_eq!((ids, folders), (begun, vec!["b/".to_owned(), "e/".to_owned()]), "{size}");
    }
}

/// XML 1.0 has no place for some characters, whatever the escape.
#[test]
fn lists_are_well_formed_whatever_the_key() {
    let emulator = emulator();
    let keys =
        ["a\u{1}", "b\u{b}/\u{1f}", "c\t\n\r", "d<&>\"']]>", "e\u{7f}\u{85}", "f\u{fffe}", "g\0"];
    for key in keys {
        assert_eq!(Request::put(key, "").send(&emulator).status, 200, "{key:?}");
        initiate(&emulator, key);
    }
    for parameters in [&[][..], &[("list-type", "2")], &[("delimiter", "/")], &[("uploads", "")]] {
        let shown = elements(&list(&emulator, parameters), "Key");
        assert!(shown.contains(&"d<&>\"']]>".to_owned()), "{shown:?}");
        let encoded = [parameters, &[("encoding-type", "url")]].concat();
        let shown = entries(&[list(&emulator, &encoded)]).0;
        let of_folders = parameters.first().is_some_and(|(name, _)| *name == "delimiter");
        let expected: Vec<&str> =
            keys.into_iter().filter(|key| !of_folders || !key.contains('/')).collect();
        assert_eq!(shown, expected);
    }
    // So are errors.
    let missing = Request::get("no\u{1}\u{ffff}").send(&emulator);
    assert_eq!(missing.error().1, "NoSuchKey");
}

#[test]
fn buckets_are_listed_in_pages() {
    let names = ["a-1", "a-2", "a-3", "bbb"].map(|name| format!("{name}-bucket"));
    let buckets = names.iter().map(Bucket::new).collect();
    let emulator = Emulator::start(Options { buckets, ..Options::default() }).unwrap();
    let ask = |parameters: &[(&str, &str)]| {
        let request = Request { bucket: String::new(), ..Request::get("") };
        parameters.iter().fold(request, |request, (n, v)| request.query(n, v)).send(&emulator)
    };
    let all = ask(&[]);
    assert_eq!(elements(&all, "Name"), names);
    assert_eq!((all.element("IsTruncated"), all.element("NextMarker")), (None, None));
    let first = ask(&[("prefix", "a-"), ("max-keys", "2")]);
    assert_eq!(elements(&first, "Name"), names[..2]);
    assert_eq!(first.element("Prefix").as_deref(), Some("a-"));
    assert_eq!(first.element("MaxKeys").as_deref(), Some("2"));
    assert_eq!(first.element("IsTruncated").as_deref(), Some("true"));
    assert_eq!(first.element("NextMarker"), Some(names[1].clone()));
    let last = ask(&[("prefix", "a-"), ("max-keys", "2"), ("marker", &names[1])]);
    assert_eq!(elements(&last, "Name"), names[2..3]);
    assert_eq!(last.element("NextMarker"), None);
    assert_eq!(ask(&[("max-keys", "1001")]).error().1, "InvalidArgument");
}

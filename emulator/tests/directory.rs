//! Objects that survive the emulator.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use common::folder::Folder;
use common::multipart::{MIN_PART, abort, complete_all, initiate, list_parts, part, upload_part};
use common::{BUCKET, Request};
use ossbind_emulator::{Emulator, Log, Options, Storage};

#[test]
fn a_restart_finds_the_objects_again() {
    let folder = Folder::new("restart");
    let keys = ["..", "../../outside", "a/../b", "dir/", "é\u{1}\n中 %2e", &"k".repeat(1023)];
    let emulator = folder.emulator();
    for key in keys {
        let put = Request::put(key, format!("content of {key}"))
            .header("content-type", "text/plain")
            .header("x-oss-meta-a", "b");
        assert_eq!(put.send(&emulator).status, 200, "{key}");
    }
    let before = emulator.object(BUCKET, "..").unwrap();
    drop(emulator);
    // Nothing was written beside the data directory.
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);

    let emulator = folder.emulator();
    for key in keys {
        let get = Request::get(key).send(&emulator);
        assert_eq!((get.status, get.text()), (200, format!("content of {key}")));
        assert_eq!(get.header("content-type"), Some("text/plain"));
        assert_eq!(get.header("x-oss-meta-a"), Some("b"));
    }
    let after = emulator.object(BUCKET, "..").unwrap();
    assert_eq!((after.etag(), after.crc64()), (before.etag(), before.crc64()));
    drop(after);

    for key in keys {
        assert_eq!(Request::new("DELETE", key).send(&emulator).status, 204);
    }
    assert_eq!(folder.files(), 0);
}

#[test]
fn the_callback_key_lasts_as_long_as_the_directory() {
    let folder = Folder::new("key");
    let first = folder.emulator().public_key_pem();
    assert_eq!(folder.emulator().public_key_pem(), first);
    let storage = Storage::Directory(folder.0.join("data"));
    let longer = Options { storage, callback_rsa_bits: 1024, ..Options::default() };
    assert_ne!(Emulator::start(longer).unwrap().public_key_pem(), first);
}

#[test]
fn replaced_and_refused_uploads_leave_no_files() {
    let folder = Folder::new("replaced");
    let emulator = folder.emulator();
    for content in ["1", "2"] {
        assert_eq!(Request::put("a.txt", content).send(&emulator).status, 200);
    }
    let refused = Request::put("a.txt", "3")
        .header("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")
        .send(&emulator);
    assert_eq!(refused.status, 400);
    assert_eq!(Request::get("a.txt").send(&emulator).text(), "2");
    assert_eq!(folder.files(), 2);
}

#[test]
fn a_content_stays_as_long_as_somebody_holds_it() {
    let folder = Folder::new("held");
    let emulator = folder.emulator();
    Request::put("a", "first").send(&emulator);
    let held = emulator.object(BUCKET, "a").unwrap();
    Request::put("a", "second").send(&emulator);
    assert_eq!(held.content().unwrap().unwrap(), b"first");
    assert_eq!(folder.files(), 3);
    drop(held);
    assert_eq!(folder.files(), 2);
    assert_eq!(Request::get("a").send(&emulator).text(), "second");
}

#[test]
fn left_overs_of_a_crash_are_removed() {
    let folder = Folder::new("crash");
    drop(folder.emulator());
    let bucket = folder.0.join("data").join(BUCKET);
    for name in ["1.temporary", "2.data", "3.json.temporary"] {
        fs::write(bucket.join(name), "x").unwrap();
    }
    drop(folder.emulator());
    assert_eq!(folder.files(), 0);
}

#[test]
fn a_large_object_passes_through_the_directory() {
    let folder = Folder::new("large");
    let emulator = folder.emulator();
    let content: Vec<u8> = (0..5_000_000_u32).map(|n| n as u8).collect();
    assert_eq!(Request::put("large", content.clone()).send(&emulator).status, 200);
    assert!(Request::get("large").send(&emulator).body == content);
}

#[test]
fn a_restart_finds_the_multipart_uploads_again() {
    let folder = Folder::new("uploads");
    let emulator = folder.emulator();
    let begun = Request::post("../é", "").query("uploads", "").header("x-oss-meta-a", "b");
    let id = begun.send(&emulator).element("UploadId").unwrap();
    upload_part(&emulator, "../é", &id, 1, "replaced");
    upload_part(&emulator, "../é", &id, 1, vec![1; MIN_PART]);
    upload_part(&emulator, "../é", &id, 2, "end");
    let aborted = initiate(&emulator, "b");
    upload_part(&emulator, "b", &aborted, 1, "x");
    assert_eq!(abort(&emulator, "b", &aborted).status, 204);
    let before = emulator.multipart_uploads();
    drop(emulator);

    let emulator = folder.emulator();
    let after = emulator.multipart_uploads();
    assert_eq!(after.len(), 1);
    assert_eq!((&after[0].key, &after[0].parts), (&before[0].key, &before[0].parts));
    assert_eq!(complete_all("../é", &id).send(&emulator).status, 200);
    // One file with the content, one with the rest.
    assert_eq!(folder.files(), 2);
    drop(emulator);

    let emulator = folder.emulator();
    assert_eq!(emulator.multipart_uploads(), []);
    let get = Request::get("../é").send(&emulator);
    assert!(get.body.starts_with(&[1; MIN_PART]) && get.body.ends_with(b"end"));
    assert_eq!(get.header("x-oss-meta-a"), Some("b"));
    assert_eq!(get.header("x-oss-object-type"), Some("Multipart"));
    assert!(get.header("etag").unwrap().ends_with("-2\""));
}

#[test]
fn refused_parts_and_completions_leave_no_files() {
    let folder = Folder::new("refused");
    let emulator = folder.emulator();
    let id = initiate(&emulator, "a");
    let refused = part("a", &id, 1, "x").header("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==");
    assert_eq!(refused.send(&emulator).status, 400);
    // The folder of the upload.
    assert_eq!(folder.files(), 1);
    upload_part(&emulator, "a", &id, 1, "replaced");
    upload_part(&emulator, "a", &id, 1, "new");
    assert_eq!(folder.files(), 2);
    Request::put("a", "old").send(&emulator);
    let complete = complete_all("a", &id).header("x-oss-forbid-overwrite", "true");
    assert_eq!(complete.send(&emulator).status, 409);
    assert_eq!(folder.files(), 4);
    assert_eq!(complete_all("a", &id).send(&emulator).status, 200);
    assert_eq!(folder.files(), 2);
    assert_eq!(Request::get("a").send(&emulator).text(), "new");
}

#[test]
fn left_overs_of_uploads_are_removed() {
    let folder = Folder::new("upload-crash");
    let emulator = folder.emulator();
    let id = initiate(&emulator, "a");
    upload_part(&emulator, "a", &id, 1, "x");
    drop(emulator);
    let bucket = folder.0.join("data").join(BUCKET);
    fs::write(bucket.join(&id).join("2.json.temporary"), "x").unwrap();
    let forgotten = bucket.join("0123456789ABCDEF0123456789ABCDEF");
    fs::create_dir(&forgotten).unwrap();
    fs::write(forgotten.join("1.json"), "x").unwrap();
    let foreign = ["of-somebody-else", "of-somebody-else.data"].map(|name| bucket.join(name));
    for path in &foreign {
        fs::create_dir(path).unwrap();
    }

    let emulator = folder.emulator();
    assert_eq!(fs::read_dir(bucket.join(&id)).unwrap().count(), 2);
    assert!(!forgotten.exists());
    assert!(foreign.iter().all(|path| path.exists()));
    assert_eq!(complete_all("a", &id).send(&emulator).status, 200);
}

/// A crash behind the object is there and before its upload is forgotten.
#[test]
fn an_upload_that_has_become_an_object_is_not_found_again() {
    let folder = Folder::new("completed");
    let bucket = folder.0.join("data").join(BUCKET);
    let emulator = folder.emulator();
    let (id, other) = (initiate(&emulator, "a"), initiate(&emulator, "a"));
    upload_part(&emulator, "a", &id, 1, "content");
    let before: Vec<(PathBuf, Vec<u8>)> = [bucket.clone(), bucket.join(&id)]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.clone(), fs::read(&path).unwrap()))
        .collect();
    assert_eq!(before.len(), 3);
    assert_eq!(complete_all("a", &id).send(&emulator).status, 200);
    drop(emulator);
    fs::create_dir(bucket.join(&id)).unwrap();
    for (path, content) in before {
        fs::write(path, content).unwrap();
    }

    let emulator = folder.emulator();
    let uploads = emulator.multipart_uploads();
    assert_eq!(uploads.iter().map(|upload| &upload.upload_id).collect::<Vec<_>>(), [&other]);
    assert_eq!(Request::get("a").send(&emulator).text(), "content");
    // Two of the object, and the other upload.
    assert_eq!(folder.files(), 3);
}

/// The file of the only object in the bucket.
fn record_file(folder: &Folder) -> PathBuf {
    let entries = fs::read_dir(folder.0.join("data").join(BUCKET)).unwrap();
    let mut paths = entries.map(|entry| entry.unwrap().path());
    paths.find(|path| path.extension().is_some_and(|extension| extension == "json")).unwrap()
}

/// Changes a member of a record.
fn change(record: &Path, name: &str, value: serde_json::Value) {
    let mut json: serde_json::Value = serde_json::from_slice(&fs::read(record).unwrap()).unwrap();
    json[name] = value;
    fs::write(record, json.to_string()).unwrap();
}

#[test]
fn records_of_earlier_versions_are_read() {
    let folder = Folder::new("earlier");
    let emulator = folder.emulator();
    Request::put("a", "content").header("x-oss-meta-a", "b").send(&emulator);
    drop(emulator);
    let record = record_file(&folder);
    let mut json: serde_json::Value = serde_json::from_slice(&fs::read(&record).unwrap()).unwrap();
    // Neither types nor tags were known once.
    assert!(json.as_object_mut().unwrap().remove("object_type").is_some());
    assert!(json["properties"].as_object_mut().unwrap().remove("tags").is_some());
    fs::write(&record, json.to_string()).unwrap();
    let get = Request::get("a").send(&folder.emulator());
    assert_eq!((get.text().as_str(), get.header("x-oss-meta-a")), ("content", Some("b")));
    assert_eq!(get.header("x-oss-object-type"), Some("Normal"));
    change(&record, "object_type", serde_json::json!({"Multipart": {"parts": 2}}));
    let get = Request::get("a").send(&folder.emulator());
    assert_eq!((get.status, get.header("x-oss-object-type")), (200, Some("Multipart")));
}

#[test]
fn a_record_cannot_reach_files_of_somebody_else() {
    let folder = Folder::new("elsewhere");
    let emulator = folder.emulator();
    Request::put("a", "content").send(&emulator);
    drop(emulator);
    let (record, secret) = (record_file(&folder), folder.0.join("secret.data"));
    fs::write(&secret, "secrets").unwrap();
    for name in ["../../secret.data", secret.to_str().unwrap(), "..", "", "missing.data"] {
        change(&record, "data_file", name.into());
        let emulator = folder.emulator();
        assert_eq!(Request::get("a").send(&emulator).status, 404, "{name}");
        assert_eq!(Request::new("DELETE", "a").send(&emulator).status, 204);
        assert!(secret.exists(), "{name}");
    }

    let link = record.with_file_name("link.data");
    std::os::unix::fs::symlink(&secret, link).unwrap();
    change(&record, "data_file", "link.data".into());
    assert_eq!(Request::get("a").send(&folder.emulator()).status, 404);
}

#[test]
fn a_part_cannot_reach_files_of_somebody_else() {
    let folder = Folder::new("part-elsewhere");
    let emulator = folder.emulator();
    let id = initiate(&emulator, "a");
    upload_part(&emulator, "a", &id, 1, "content");
    drop(emulator);
    let secret = folder.0.join("secret.data");
    fs::write(&secret, "secrets").unwrap();
    let record = folder.0.join("data").join(BUCKET).join(&id).join("1.json");
    change(&record, "data_file", "../../secret.data".into());
    let emulator = folder.emulator();
    assert_eq!(emulator.multipart_uploads()[0].parts, []);
    assert_eq!(abort(&emulator, "a", &id).status, 204);
    assert!(secret.exists());
}

#[test]
fn a_damaged_record_is_left_out_and_stays() {
    let folder = Folder::new("damaged");
    let emulator = folder.emulator();
    Request::put("a", "content").send(&emulator);
    drop(emulator);
    let record = record_file(&folder);
    let whole = fs::read(&record).unwrap();
    let emulator = folder.emulator();
    Request::put("b", "other").send(&emulator);
    let id = initiate(&emulator, "c");
    drop(emulator);
    fs::write(&record, &whole[..10]).unwrap();
    let upload = folder.0.join("data").join(BUCKET).join(id).join("upload.json");
    fs::write(&upload, "{}").unwrap();
    fs::write(record.with_file_name("another-name.json"), &whole).unwrap();

    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let log = Log::Sink(Arc::new(move |line: &str| sink.lock().unwrap().push(line.to_owned())));
    let storage = Storage::Directory(folder.0.join("data"));
    let emulator = Emulator::start(Options { storage, log, ..Options::default() }).unwrap();
    let said = lines.lock().unwrap().join("\n");
    for path in [&record, &upload, &record.with_file_name("another-name.json")] {
        assert!(said.contains(&format!("left out: {}: ", path.display())), "{said}");
    }
    assert_eq!(Request::get("a").send(&emulator).status, 404);
    assert_eq!(Request::get("b").send(&emulator).text(), "other");
    drop(emulator);

    // Nothing of it was taken for a left-over.
    fs::write(&record, &whole).unwrap();
    assert_eq!(Request::get("a").send(&folder.emulator()).text(), "content");
}

/// Puts a folder where a file is, which nothing then removes; the file.
fn block(path: &Path) -> Vec<u8> {
    let content = fs::read(path).unwrap();
    fs::remove_file(path).unwrap();
    fs::create_dir(path).unwrap();
    content
}

fn unblock(path: &Path, content: &[u8]) {
    fs::remove_dir(path).unwrap();
    fs::write(path, content).unwrap();
}

/// Otherwise the second request would be told that it is gone, and a restart would bring it back.
#[test]
fn what_cannot_be_removed_stays() {
    let folder = Folder::new("stays");
    let emulator = folder.emulator();
    Request::put("a", "content").send(&emulator);
    let record = record_file(&folder);
    let id = initiate(&emulator, "b");
    let upload = folder.0.join("data").join(BUCKET).join(&id).join("upload.json");
    let delete = || Request::new("DELETE", "a").send(&emulator).status;
    let contents = [&record, &upload].map(|path| block(path));
    for _ in 0..2 {
        assert_eq!((delete(), abort(&emulator, "b", &id).status), (500, 500));
        assert_eq!(Request::get("a").send(&emulator).text(), "content");
        assert_eq!(list_parts("b", &id).send(&emulator).status, 200);
    }
    unblock(&record, &contents[0]);
    unblock(&upload, &contents[1]);
    assert_eq!((delete(), abort(&emulator, "b", &id).status), (204, 204));
    assert_eq!(folder.files(), 0);
}

/// Somebody has tidied up.
#[test]
fn what_is_gone_already_can_be_removed() {
    let folder = Folder::new("gone");
    let emulator = folder.emulator();
    Request::put("a", "content").send(&emulator);
    fs::remove_file(record_file(&folder)).unwrap();
    let id = initiate(&emulator, "b");
    fs::remove_dir_all(folder.0.join("data").join(BUCKET).join(&id)).unwrap();
    assert_eq!(Request::new("DELETE", "a").send(&emulator).status, 204);
    assert_eq!(abort(&emulator, "b", &id).status, 204);
    assert_eq!(folder.files(), 0);
}

#[test]
fn a_directory_belongs_to_one_emulator_at_a_time() {
    let folder = Folder::new("shared");
    let emulator = folder.emulator();
    let storage = Storage::Directory(folder.0.join("data"));
    let second = Emulator::start(Options { storage, ..Options::default() });
    let reason = second.unwrap_err().to_string();
    assert!(reason.ends_with("data: another emulator keeps its data here"), "{reason}");
    drop(emulator);
    drop(folder.emulator());
}

#[test]
fn what_stands_in_the_way_is_named() {
    let folder = Folder::new("in-the-way");
    let data = folder.0.join("data");
    for path in [&data, &data.join(BUCKET)] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
        let storage = Storage::Directory(data.clone());
        let error = Emulator::start(Options { storage, ..Options::default() }).unwrap_err();
        let reason = error.to_string();
        assert!(reason.starts_with(&format!("{}: ", path.display())), "{reason}");
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn only_its_owner_can_read_the_callback_key() {
    let folder = Folder::new("mode");
    let start = || {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        let log = Log::Sink(Arc::new(move |line: &str| sink.lock().unwrap().push(line.to_owned())));
        let storage = Storage::Directory(folder.0.join("data"));
        drop(Emulator::start(Options { storage, log, ..Options::default() }).unwrap());
        lines.lock().unwrap().join("\n")
    };
    assert_eq!(start(), "");
    let key = folder.0.join("data").join("callback_private_key.pem");
    let mode = || fs::metadata(&key).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    for loose in [0o644, 0o640, 0o660] {
        fs::set_permissions(&key, fs::Permissions::from_mode(loose)).unwrap();
        let said = start();
        let expected =
            format!("{}: others could use this private key (mode {loose:04o})", key.display());
        assert!(said.starts_with(&expected), "{said}");
        assert_eq!(mode(), 0o600);
    }
    assert_eq!(start(), "");
}

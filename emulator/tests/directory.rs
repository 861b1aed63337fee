//! Objects that survive the emulator.

mod common;

use std::fs;
use std::path::PathBuf;

use common::{BUCKET, Request};
use ossbind_emulator::{Emulator, Options, Storage};

/// A directory that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn emulator(&self) -> Emulator {
        let storage = Storage::Directory(self.0.join("data"));
        Emulator::start(Options { storage, ..Options::default() }).unwrap()
    }

    fn files(&self) -> usize {
        fs::read_dir(self.0.join("data").join(BUCKET)).unwrap().count()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

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

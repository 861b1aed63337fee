//! Any JSON as the checkpoint of an upload in parts, with the checksum that belongs to it.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ossbind::{Body, Client, UploadRequest};
use ossbind_fuzz::{PATIENCE, Player, client, scratch};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Answers nothing, so that the call ends once the checkpoint is read.
static PLAYER: LazyLock<Player> = LazyLock::new(Player::start);
static CLIENT: LazyLock<Client> = LazyLock::new(|| client(&PLAYER.url()));

struct Place {
    folder: PathBuf,
    body: PathBuf,
}

static PLACE: LazyLock<Place> = LazyLock::new(|| {
    let folder = scratch();
    let body = folder.join("body");
    fs::write(&body, vec![b'a'; 250 * 1024]).expect("a file can be written");
    Place { folder, body }
});

/// The checkpoint, which a first call leaves when its part gets no answer.
static CHECKPOINT: LazyLock<PathBuf> = LazyLock::new(|| {
    let id =
        "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>";
    PLAYER.set(vec![
        format!(
            "HTTP/1.1 200 OK\r\nx-oss-request-id: 1\r\nContent-Length: {}\r\n\r\n{id}",
            id.len()
        )
        .into_bytes(),
    ]);
    let error = upload().expect_err("its part gets no answer");
    let entries = fs::read_dir(&PLACE.folder).expect("it is there").flatten();
    let mut paths = entries.map(|entry| entry.path());
    paths
        .find(|path| path.extension().is_some_and(|extension| extension == "json"))
        .unwrap_or_else(|| panic!("no checkpoint was left: {:?}", error.error.message()))
});

fn upload() -> Result<(), ossbind::UploadError> {
    let mut request = UploadRequest::new("examplebucket", "a.bin", Body::file(&PLACE.body));
    request.timeout = Some(PATIENCE);
    request.multipart_threshold = Some(1);
    request.part_size = Some(100 * 1024);
    request.parallel = Some(1);
    request.checkpoint_dir = Some(&PLACE.folder);
    CLIENT.upload(request).map(|_| ())
}

fuzz_target!(|input: &[u8]| {
    let checkpoint = &*CHECKPOINT;
    let document = match serde_json::from_slice::<Value>(input) {
        Ok(upload) => {
            let checksum = Sha256::digest(upload.to_string());
            let checksum: String = checksum.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{{\"checksum\":\"{checksum}\",\"upload\":{upload}}}").into_bytes()
        }
        Err(_) => input.to_vec(),
    };
    fs::write(checkpoint, document).expect("a file can be written");
    PLAYER.set(Vec::new());
    assert!(upload().is_err(), "nothing answers");
});

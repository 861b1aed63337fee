//! A hostile service: any bytes as the answers to an upload in parts, which goes on from a
//! checkpoint where there is one.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;
use std::{fs, process};

use libfuzzer_sys::fuzz_target;
use ossbind::{Body, Client, UploadRequest};
use ossbind_fuzz::{PATIENCE, Player, client, pieces, scratch};

static PLAYER: LazyLock<Player> = LazyLock::new(Player::start);
static CLIENT: LazyLock<Client> = LazyLock::new(|| client(&PLAYER.url()));
static FOLDER: LazyLock<PathBuf> = LazyLock::new(scratch);
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let file = FOLDER.join("body");
    fs::write(&file, vec![b'a'; 250 * 1024]).unwrap_or_else(|_| process::abort());
    file
});

fuzz_target!(|input: &[u8]| {
    PLAYER.set(pieces(input));
    let mut request = UploadRequest::new("examplebucket", "a.bin", Body::file(&*FILE));
    request.timeout = Some(PATIENCE);
    request.multipart_threshold = Some(1);
    request.part_size = Some(100 * 1024);
    request.parallel = Some(1);
    request.checkpoint_dir = Some(&*FOLDER);
    if let Err(error) = CLIENT.upload(request) {
        assert!(!error.error.message().is_empty());
    }
});

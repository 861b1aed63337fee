//! Any bytes as the answer of an application server to a callback of the local OSS.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ossbind::{Body, Callback, Client, UploadRequest};
use ossbind_emulator::Emulator;
use ossbind_fuzz::{PATIENCE, Player, client, emulator, pieces};

static EMULATOR: LazyLock<Emulator> = LazyLock::new(emulator);
static CLIENT: LazyLock<Client> = LazyLock::new(|| client(&EMULATOR.endpoint()));
static PLAYER: LazyLock<Player> = LazyLock::new(Player::start);

fuzz_target!(|input: &[u8]| {
    PLAYER.set(pieces(input));
    let callback = Callback::new(PLAYER.url(), "object=${object}");
    let mut request = UploadRequest::new("examplebucket", "a.txt", Body::Memory(b"abc"));
    request.timeout = Some(PATIENCE);
    request.callback = Some(&callback);
    let _ = CLIENT.upload(request);
});

//! A hostile service: any bytes as the answers to an upload with a callback, and to those that ask
//! what became of it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ossbind::{Body, Callback, Client, UploadRequest};
use ossbind_fuzz::{PATIENCE, Player, client, pieces};

static PLAYER: LazyLock<Player> = LazyLock::new(Player::start);
static CLIENT: LazyLock<Client> = LazyLock::new(|| client(&PLAYER.url()));

fuzz_target!(|input: &[u8]| {
    PLAYER.set(pieces(input));
    let callback = Callback::new("http://127.0.0.1:9/cb", "object=${object}");
    let mut request = UploadRequest::new("examplebucket", "a.txt", Body::Memory(b"abc"));
    request.timeout = Some(PATIENCE);
    request.callback = Some(&callback);
    if let Err(error) = CLIENT.upload(request) {
        assert!(!error.error.message().is_empty());
    }
});

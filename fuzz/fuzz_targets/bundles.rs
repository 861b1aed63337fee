//! Any text as a bundle that was signed elsewhere, and any URL as a signed one.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ossbind::upload::Destination;
use ossbind::{Body, Client, UploadRequest};
use ossbind_fuzz::{Player, client};

/// Nothing is sent to where an input says, but to this proxy, which answers nothing.
static PLAYER: LazyLock<Player> = LazyLock::new(Player::start);
static CLIENT: LazyLock<Client> = LazyLock::new(|| client(&PLAYER.url()));

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input).replace("HOST", &PLAYER.url());
    for destination in [
        Destination::Bundle { text: &text, key: None },
        Destination::Bundle { text: &text, key: Some("a") },
        Destination::SignedUrl(&text),
    ] {
        // Other hosts are not asked: names would be looked up.
        if text.contains("://") && !text.contains(&PLAYER.url()) {
            return;
        }
        let _ = CLIENT.upload(UploadRequest::to(destination, Body::Memory(b"abc")));
    }
});

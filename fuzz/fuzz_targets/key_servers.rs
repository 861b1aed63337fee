//! A hostile server of keys: any bytes as the answers to a credentials URI, of the metadata service,
//! and of STS.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use ossbind::CancelToken;
use ossbind::credentials::{
    CredentialsUri, EcsOptions, EcsRamRole, Limits, OidcOptions, OidcRole, Provider,
};
use ossbind_fuzz::{Player, pieces, scratch};

static PLAYER: LazyLock<Player> = LazyLock::new(Player::start);
static TOKEN: LazyLock<PathBuf> = LazyLock::new(|| {
    let file = scratch().join("token");
    fs::write(&file, "token").expect("a file can be written");
    file
});
static PROVIDERS: LazyLock<[Box<dyn Provider>; 3]> = LazyLock::new(|| {
    let url = PLAYER.url();
    let ecs = EcsOptions { endpoint: Some(url.clone()), ..EcsOptions::default() };
    let oidc = OidcOptions {
        role_arn: "acs:ram::1:role/r".to_owned(),
        provider_arn: "acs:ram::1:oidc-provider/p".to_owned(),
        token_file: TOKEN.clone(),
        endpoint: Some(url.clone()),
        ..OidcOptions::default()
    };
    [
        Box::new(CredentialsUri::new(&url).expect("a good URL")),
        Box::new(EcsRamRole::new(ecs).expect("good options")),
        Box::new(OidcRole::new(oidc).expect("good options")),
    ]
});

fuzz_target!(|input: &[u8]| {
    let answers = pieces(input);
    for provider in &*PROVIDERS {
        PLAYER.set(answers.clone());
        let deadline = Instant::now() + Duration::from_secs(1);
        let _ = provider.fetch(&Limits { deadline, cancel: CancelToken::new() });
    }
});

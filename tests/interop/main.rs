//! The vendor's SDKs against the local OSS: every operation, with each signature, and each answer compared
//! with what it has to be. `make interop` is the long form, which also writes docs/interop.md; the short one
//! runs where `scripts/prepare-interop.sh` has installed them.

mod client;
mod expected;
mod judged;
mod page;
mod scene;
mod sdk;
mod signatures;
#[path = "../support/mod.rs"]
mod support;

use judged::Run;
use scene::Scene;
use sdk::{SDKS, Way};

#[test]
#[expect(clippy::print_stdout, reason = "says what was not run, and the figures")]
fn the_sdks_of_the_vendor() {
    let is_long = std::env::var_os("OSSBIND_TEST_INTEROP").is_some();
    if !sdk::is_prepared() {
        assert!(!is_long, "scripts/prepare-interop.sh has not installed them");
        println!("not run: the SDKs are not installed; scripts/prepare-interop.sh does so");
        return;
    }
    let ways = Way::all().filter(|way| is_long || way.is_in_short_form());
    let scene = Scene::set();
    let runs: Vec<Run> = ways.map(|way| Run::of(&scene, way)).collect();

    let wrong: Vec<String> = runs.iter().flat_map(Run::wrong).collect();
    println!("{} runs, {} cells are wrong", runs.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(runs.len() >= SDKS.len());
    if is_long {
        page::write(&runs);
    }
}

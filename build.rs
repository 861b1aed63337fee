//! What cargo does not do for a shared library by itself, and when and from what it was built. Nothing
//! is generated into the tree.

use std::path::Path;
use std::process::Command;

/// Number of the C ABI, raised only by a break. CMakeLists.txt and a test read the SONAME back.
const ABI_MAJOR: u32 = 0;

/// 2026-11-01, raised with each release: this source is not older, so no clock is right that is.
const SOURCE_DATE: u64 = 1_793_491_200;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    println!("cargo::rustc-env=OSSBIND_BUILD_DATE={}", build_date());
    println!("cargo::rustc-env=OSSBIND_BUILD={}", build());
    let os = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    match os.as_str() {
        "linux" | "android" | "freebsd" | "netbsd" | "openbsd" | "dragonfly" => {
            link_argument(&format!("-soname,libossbind.so.{ABI_MAJOR}"));
            // Thread-locals with destructors would outlive a dlclose().
            link_argument("-z,nodelete");
            link_argument("-z,relro,-z,now");
        }
        "macos" => {
            link_argument(&format!("-install_name,@rpath/libossbind.{ABI_MAJOR}.dylib"));
        }
        _ => {}
    }
}

/// Unix time before which no clock can be right. `SOURCE_DATE_EPOCH` makes builds reproducible; where a
/// distribution has put a date of long ago, a board without a clock would be that far from the service.
fn build_date() -> u64 {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let Ok(text) = std::env::var("SOURCE_DATE_EPOCH") else { return now.max(SOURCE_DATE) };
    let date: u64 = text.parse().unwrap_or_else(|_| {
        panic!("SOURCE_DATE_EPOCH is {text:?}; it has to be a number of seconds since 1970")
    });
    // Machines that build may have no clock either: then there is nothing to compare with.
    let is_future = now >= SOURCE_DATE && date > now + 24 * 60 * 60;
    assert!(
        !is_future,
        "SOURCE_DATE_EPOCH is {date}, and now is {now}: until then boards would believe no clock. Set it to \
         the date of the source, or set the clock of this machine"
    );
    date.max(SOURCE_DATE)
}

/// Version and commit, as semantic versioning has them: 0.1.0+3d74d3e01f2a.
fn build() -> String {
    let version = env!("CARGO_PKG_VERSION");
    commit().map_or_else(|| version.to_owned(), |commit| format!("{version}+{commit}"))
}

/// The commit of `OSSBIND_COMMIT`, else that of the checkout; none outside of one, or if it is empty.
fn commit() -> Option<String> {
    println!("cargo::rerun-if-env-changed=OSSBIND_COMMIT");
    let commit = match std::env::var("OSSBIND_COMMIT") {
        Ok(commit) => commit,
        // Without it the folder may be part of another project's checkout.
        Err(_) if !Path::new(".git").exists() => return None,
        Err(_) => {
            let branch = git(&["rev-parse", "--symbolic-full-name", "HEAD"])?;
            for name in ["HEAD", &branch, "packed-refs"] {
                let path = git(&["rev-parse", "--git-path", name])?;
                // Cargo takes a file that is missing for one that has changed.
                if Path::new(&path).exists() {
                    println!("cargo::rerun-if-changed={path}");
                }
            }
            git(&["rev-parse", "--short=12", "HEAD"])?
        }
    };
    let is_identifier =
        commit.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    assert!(
        is_identifier,
        "OSSBIND_COMMIT is {commit:?}; it has letters, digits, '-' and '.' only"
    );
    Some(commit).filter(|commit| !commit.is_empty())
}

/// What git prints; none without git or a commit.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

fn link_argument(argument: &str) {
    println!("cargo::rustc-cdylib-link-arg=-Wl,{argument}");
}

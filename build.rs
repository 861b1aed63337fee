//! What cargo does not do for a shared library by itself. Nothing is generated into the tree.

/// Number of the C ABI, raised only by a break. CMakeLists.txt and a test read the SONAME back.
const ABI_MAJOR: u32 = 0;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    println!("cargo::rustc-env=OSSBIND_BUILD_DATE={}", build_date());
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

/// Unix time before which no clock can be right. `SOURCE_DATE_EPOCH` makes builds reproducible.
fn build_date() -> u64 {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => text.parse().expect("SOURCE_DATE_EPOCH is a number of seconds"),
        Err(_) => {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            since.map_or(0, |since| since.as_secs())
        }
    }
}

fn link_argument(argument: &str) {
    println!("cargo::rustc-cdylib-link-arg=-Wl,{argument}");
}

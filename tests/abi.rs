//! The header, the library and the committed list of symbols must agree.

#[path = "abi/header.rs"]
mod header;
mod support;

use std::collections::BTreeSet;
use std::process::Command;

use support::native::{Compiler, expect_success, library_dir, out_dir, root};

/// `make header` sets this to write the header instead of comparing it.
const UPDATE: &str = "OSSBIND_UPDATE_HEADER";

#[test]
fn committed_header_is_what_the_generator_makes() {
    let generated = header::generate();
    let committed = root().join("include/ossbind.h");
    if std::env::var_os(UPDATE).is_some_and(|value| !value.is_empty()) {
        std::fs::write(&committed, generated).unwrap();
        return;
    }
    let is_same = std::fs::read_to_string(&committed).unwrap() == generated;
    assert!(is_same, "include/ossbind.h is not up to date: run `make header` and commit it");
}

/// What stands between @code and @endcode in the comments of the header.
#[test]
fn examples_in_the_header_compile() {
    let header = std::fs::read_to_string(root().join("include/ossbind.h")).unwrap();
    let examples: Vec<String> = header
        .split(" * @code\n")
        .skip(1)
        .filter_map(|rest| rest.split_once(" * @endcode"))
        .map(|(example, _)| example.lines().map(uncommented).collect())
        .collect();
    assert_eq!(
        examples.len(),
        1 + header.matches("/* ====").count(),
        "one at the top, one a group"
    );
    for (number, example) in examples.iter().enumerate() {
        let path = out_dir().join(format!("header-example-{number}.c"));
        let includes = "#include <ossbind.h>\n#include <stdio.h>\n";
        std::fs::write(&path, format!("{includes}{example}")).unwrap();
        Compiler::c("c99").flag("-Wno-unused-function").check(&[path.to_str().unwrap()]);
    }
}

fn uncommented(line: &str) -> String {
    let code = line.strip_prefix(" *").expect("it is part of a comment");
    format!("{}\n", code.strip_prefix(' ').unwrap_or(code))
}

#[test]
fn library_header_and_list_have_the_same_symbols() {
    let committed: BTreeSet<String> = std::fs::read_to_string(root().join("tests/exports.txt"))
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(exported(), committed, "exported by the library / in tests/exports.txt");
    assert_eq!(declared(), committed, "declared in the header / in tests/exports.txt");
}

fn exported() -> BTreeSet<String> {
    let library = library_dir().join("libossbind.so");
    let output = expect_success(Command::new("nm").args(["-D", "--defined-only"]).arg(library));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split_whitespace().last()).map(str::to_owned).collect()
}

fn declared() -> BTreeSet<String> {
    let header = std::fs::read_to_string(root().join("include/ossbind.h")).unwrap();
    header::function_names(&header).into_iter().collect()
}

#[test]
fn soname_has_the_abi_number_and_the_library_stays_loaded() {
    let library = library_dir().join("libossbind.so");
    let output = expect_success(Command::new("readelf").arg("-d").arg(library));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("[libossbind.so.0]"), "{text}");
    assert!(text.contains("NODELETE"), "{text}");
    assert!(text.contains("NOW"), "{text}");
}

/// Two ways to install, which know nothing of each other.
#[test]
fn cargo_c_and_cmake_install_the_same() {
    let read = |path| std::fs::read_to_string(root().join(path)).unwrap();
    let part = |text: &str, start, end: &str| -> String {
        let rest = text.split_once(start).expect("the part is there").1;
        rest.split(end).next().unwrap_or_default().to_owned()
    };
    let headers = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| c.is_whitespace() || c == '"');
        words.filter_map(|word| word.strip_prefix("include/")).map(str::to_owned).collect()
    };
    let files = std::fs::read_dir(root().join("include")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let all: BTreeSet<String> = names.filter(|name| !name.ends_with(".in")).collect();
    let cargo = read("Cargo.toml");
    let cargo_c = part(&cargo, "[package.metadata.capi.install.include]", "\n[");
    let cmake = part(&read("cmake/OssbindInstall.cmake"), "install(FILES include/", ")");
    assert_eq!(headers(&cargo_c), all, "package.metadata.capi.install.include in Cargo.toml");
    assert_eq!(headers(&format!("include/{cmake}")), all, "cmake/OssbindInstall.cmake");

    // How many numbers of the version a SONAME of cargo-c has.
    let library = part(&cargo, "[package.metadata.capi.library]", "\n[");
    assert!(library.contains("\nversion_suffix_components = 1\n"), "{library}");
    let abi = part(&read("build.rs"), "const ABI_MAJOR: u32 = ", ";");
    assert_eq!(env!("CARGO_PKG_VERSION").split('.').next(), Some(abi.as_str()), "the SONAME");
}

/// The first release's layout. A change here is a break of the ABI: only append.
#[test]
fn layout_is_frozen_and_has_no_padding() {
    Compiler::c("c11").flag("-Wpadded").check(&["tests/c/layout.c"]);
}

#[test]
fn headers_compile_alone_and_twice_in_every_standard() {
    let dir = out_dir().join("headers");
    std::fs::create_dir_all(&dir).unwrap();
    let c = dir.join("twice.c");
    std::fs::write(
        &c,
        "#include \"ossbind.h\"\n#include \"ossbind.h\"\nint main(void) { return 0; }\n",
    )
    .unwrap();
    let cpp = dir.join("twice.cpp");
    std::fs::write(
        &cpp,
        "#include \"ossbind_receiving.hpp\"\n#include \"ossbind_receiving.hpp\"\nint main() { return 0; }\n",
    )
    .unwrap();
    let (c, cpp) = (c.to_str().unwrap(), cpp.to_str().unwrap());
    for standard in ["c99", "c11", "c17"] {
        Compiler::c(standard).check(&[c]);
    }
    for standard in ["c++98", "c++11", "c++14", "c++17", "c++20"] {
        Compiler::cpp(standard).flag("-Wno-long-long").flag("-xc++").check(&[c]);
    }
    for standard in ["c++11", "c++14", "c++17", "c++20"] {
        Compiler::cpp(standard).check(&[cpp]);
        Compiler::cpp(standard).flag("-fno-exceptions").flag("-fno-rtti").check(&[cpp]);
    }
}

/// The numbers that the generator copies without looking.
#[test]
fn version_of_header_and_package_agree() {
    let header = std::fs::read_to_string(root().join("include/ossbind.h")).unwrap();
    let number = |name: &str| {
        let define = format!("#define OSSBIND_VERSION_{name} ");
        let rest = header.split(&define).nth(1).expect("the macro exists");
        rest.lines().next().unwrap_or_default().to_owned()
    };
    let version = format!("{}.{}.{}", number("MAJOR"), number("MINOR"), number("PATCH"));
    assert_eq!(version, ossbind::VERSION);
}

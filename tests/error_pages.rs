//! `docs/errors`: one page for each error code, of one form, and all of them in the command.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use support::native::root;

/// Whoever changes a page sets this to write what is made of it instead of comparing it.
const UPDATE: &str = "OSSBIND_UPDATE_DOCS";

/// What only OSS itself says, of all that it says of uploads and callbacks.
const OF_OSS_ALONE: [&str; 4] =
    ["0002-00000602", "0004-00000304", "0007-00000201", "0017-00000244"];

/// Text of each page, by its code.
fn pages() -> BTreeMap<String, String> {
    let folder = root().join("docs/errors");
    let files = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let pages = files.filter(|path| !path.ends_with("README.md"));
    pages
        .map(|path| {
            let ec = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (ec, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// The files of a folder that are no tests.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let paths = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    paths
        .filter(|path| name(path) != "tests" && !name(path).ends_with("_tests"))
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .collect()
}

/// What a source says, without its unit tests and comments.
fn code(path: &Path) -> String {
    let source = std::fs::read_to_string(path).unwrap();
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn is_code(text: &str) -> bool {
    let digit =
        |(at, byte): (usize, u8)| if at == 4 { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 13 && text.bytes().enumerate().all(digit)
}

/// Codes that stand in a source: whole, or as the number of one of a callback.
fn codes(source: &str) -> BTreeSet<String> {
    let whole = source.split('"').filter(|text| is_code(text)).map(str::to_owned);
    let number = |text: &str| text.parse().ok().map(|number: u32| format!("0007-{number:08}"));
    let first = ["fault(", "refuse("].into_iter().flat_map(|call| source.split(call).skip(1));
    let first = first.filter_map(|rest| number(rest.split(',').next().unwrap().trim()));
    let last = source.split("Failure::new(").skip(1).filter_map(|rest| {
        let arguments = rest.split_once(";\n").map_or(rest, |(call, _)| call);
        let arguments = arguments.split_once(")\n").map_or(arguments, |(call, _)| call);
        number(arguments.trim_end_matches(')').rsplit(',').next().unwrap().trim())
    });
    whole.chain(first).chain(last).collect()
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let folders = ["src", "emulator/src"].map(|folder| sources(&root().join(folder)));
    let mut said: BTreeSet<String> =
        folders.concat().iter().flat_map(|path| codes(&code(path))).collect();
    assert!(said.len() > 50 && said.contains("0007-00000302"), "{said:?}");
    said.extend(OF_OSS_ALONE.map(str::to_owned));
    assert_eq!(said, pages().into_keys().collect());
}

#[test]
fn codes_of_a_source() {
    let source = "error.ec(\"0002-00000040\"); fault(3, \"not JSON\")\nrefuse(21, \"no\");\n\
                  Failure::new(message, 204)\n}\nFailure::new(format!(\"a, {b}\"), 203)\n}";
    let expected =
        ["0002-00000040", "0007-00000003", "0007-00000021", "0007-00000203", "0007-00000204"];
    assert_eq!(codes(source).into_iter().collect::<Vec<_>>(), expected);
}

/// The paragraphs of a page.
fn paragraphs(page: &str) -> Vec<String> {
    page.trim_end().split("\n\n").map(|text| text.replace('\n', " ")).collect()
}

#[test]
fn pages_have_one_form() {
    for (ec, page) in pages() {
        let paragraphs = paragraphs(&page);
        let [title, what, cause, rule, cure, source] = &paragraphs[..] else {
            panic!("{ec}: {paragraphs:?}");
        };
        assert_eq!(*title, format!("# {ec}"));
        assert!(what.contains(", HTTP "), "{ec}: {what}");
        for (paragraph, begin) in [(cause, "Cause: "), (rule, "Rule: "), (cure, "Cure: ")] {
            assert!(paragraph.starts_with(begin), "{ec}: {paragraph}");
            assert!(paragraph.ends_with('.') && paragraph.len() > 20, "{ec}: {paragraph}");
        }
        let link = format!("; https://api.aliyun.com/troubleshoot?q={ec}");
        assert!(source.starts_with("Source: ") && source.ends_with(&link), "{ec}: {source}");
        assert!(page.lines().all(|line| line.chars().count() <= 100), "{ec}");
    }
}

/// Compares a file that is made of the pages, or writes it.
fn check_made(path: &str, made: &str) {
    let path = root().join(path);
    if std::env::var_os(UPDATE).is_some_and(|value| !value.is_empty()) {
        return std::fs::write(path, made).unwrap();
    }
    let is_same = std::fs::read_to_string(&path).unwrap() == made;
    assert!(is_same, "{path:?}: run `{UPDATE}=1 cargo test --locked --test error_pages`");
}

#[test]
fn the_index_has_every_page() {
    const PATH: &str = "docs/errors/README.md";
    let index = std::fs::read_to_string(root().join(PATH)).unwrap();
    let head = index.split_inclusive("| --- | --- |\n").next().unwrap();
    let row =
        |(ec, page): (String, String)| format!("| [{ec}]({ec}.md) | {} |\n", paragraphs(&page)[1]);
    check_made(PATH, &format!("{head}{}", pages().into_iter().map(row).collect::<String>()));
}

/// A text as C writes it, a line of it on each line.
fn literal(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    let lines = escaped.split_inclusive('\n').map(|line| line.replace('\n', "\\n"));
    lines.map(|line| format!("     \"{line}\"")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_command_has_every_page() {
    let mut source = format!(
        "/* Made of docs/errors: {UPDATE}=1 cargo test --locked --test error_pages */\n\
         #include \"error_pages.h\"\n#include <stddef.h>\n\n/* clang-format off */\n\
         const struct error_page ERROR_PAGES[] = {{\n"
    );
    for (ec, page) in pages() {
        let title = literal(&paragraphs(&page)[1]);
        source += &format!("    {{\"{ec}\",\n{title},\n{}}},\n", literal(&page));
    }
    source += "    {NULL, NULL, NULL}};\n";
    check_made("tools/ossbind/error_pages.c", &source);
}

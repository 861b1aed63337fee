//! The order of the rooms of the library, which docs/architecture.md shows: each one uses those on
//! floors below its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Constants of the library as a whole, which every room may use.
const CONSTANTS: [&str; 2] = ["BUILD", "VERSION"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The floor of each room, counted from above. The page lists the rooms of `src/` from top to bottom, and
/// an empty line ends a floor.
fn floors(page: &str) -> BTreeMap<String, usize> {
    let list = page.split("```").find(|block| block.trim_start().starts_with("src/"));
    let mut floors = BTreeMap::new();
    let mut floor = 0;
    for line in list.expect("a list of src/").lines().skip_while(|line| *line != "src/").skip(1) {
        let Some(name) = line.split_whitespace().next() else {
            floor += 1;
            continue;
        };
        let name = name.trim_end_matches('/').trim_end_matches(".rs");
        assert_eq!(floors.insert(name.to_owned(), floor), None, "{name} is listed twice");
    }
    floors
}

/// The library's own files, without tests.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        match path.file_name().unwrap().to_str().unwrap() {
            "tests" | "tests.rs" => {}
            _ if path.is_dir() => files.extend(sources(&path)),
            _ => files.push(path),
        }
    }
    files
}

fn room(file: &Path) -> String {
    let inside = file.strip_prefix(root().join("src")).unwrap();
    let first = inside.iter().next().unwrap().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// What a source uses of the crate, without its comments and unit tests.
fn used_rooms(source: &str) -> Vec<&str> {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    code.lines()
        .map(|line| line.split("//").next().unwrap())
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap())
        .collect()
}

/// The uses that go up, or along a floor.
fn wrong_uses(floors: &BTreeMap<String, usize>, room: &str, source: &str) -> Vec<String> {
    let own = floors[room];
    used_rooms(source)
        .into_iter()
        .filter(|used| *used != room && !CONSTANTS.contains(used))
        .filter(|used| floors.get(*used).is_none_or(|floor| *floor <= own))
        .map(|used| format!("{room} uses {used}"))
        .collect()
}

fn page() -> String {
    std::fs::read_to_string(root().join("docs/architecture.md")).unwrap()
}

#[test]
fn no_room_uses_one_above_it() {
    let floors = floors(&page());
    let files = sources(&root().join("src"));
    let rooms: BTreeMap<_, _> = files.iter().map(|file| (room(file), ())).collect();
    let listed: Vec<_> = floors.keys().collect();
    let existing: Vec<_> = rooms.keys().filter(|room| *room != "lib").collect();
    assert_eq!(listed, existing, "docs/architecture.md lists all rooms");
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| room(file) != "lib") {
        let source = std::fs::read_to_string(file).unwrap();
        let uses = wrong_uses(&floors, &room(file), &source);
        wrong.extend(uses.into_iter().map(|what| format!("{}: {what}", file.display())));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_use_that_goes_up_is_seen() {
    let floors = floors("```\nsrc/\nupper/  a\n\nleft/   b\nright.rs\n\nlower/  c\n```\n");
    let wrong = |room, source| wrong_uses(&floors, room, source);
    assert!(wrong("upper", "use crate::left::A;\nuse crate::VERSION;").is_empty());
    assert!(
        wrong("lower", "// crate::upper\n#[cfg(test)]\nmod tests { use crate::upper::A; }")
            .is_empty()
    );
    assert_eq!(wrong("lower", "use crate::upper::A;"), ["lower uses upper"]);
    assert_eq!(wrong("left", "let a = crate::right::A;"), ["left uses right"]);
    // Not by way of what lib.rs gives to programs either.
    assert_eq!(wrong("lower", "use crate::Client;"), ["lower uses Client"]);
    assert_eq!(wrong("lower", "use crate::{upper, left};"), ["lower uses "]);
}

/// The way of one upload is short, and every file on it exists.
#[test]
fn the_way_of_one_upload_is_short() {
    let page = page();
    let way = page.split("## The way of one upload").nth(1).expect("a chapter");
    let way = way.split("\n## ").next().unwrap();
    let mut files: Vec<&str> = way.split('`').filter(|text| text.ends_with(".rs")).collect();
    for file in &files {
        assert!(root().join("src").join(file).is_file(), "{file} exists");
    }
    let count = files.len();
    files.sort_unstable();
    files.dedup();
    assert_eq!(files.len(), count, "each file is named once");
    assert!((10..=25).contains(&count), "{count} files");
}

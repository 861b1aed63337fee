//! The floors of README.md: no module uses one of its own floor or above.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Each module with its floor, counted from the top.
fn floors() -> HashMap<String, usize> {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    let modules = |row: &str| -> Vec<String> {
        let cell = row.split('|').nth(1).unwrap();
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let numbered = rows.enumerate();
    numbered.flat_map(|(floor, row)| modules(row).into_iter().map(move |m| (m, floor))).collect()
}

/// Calls `look` with the path and the text of every source file below `folder`.
fn each_file(folder: &Path, look: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each_file(&path, look);
        } else {
            look(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

/// What a file uses of the crate, apart from its tests and comments.
fn used_modules(text: &str) -> Vec<&str> {
    let program = text.split("\nmod tests").next().unwrap();
    let lines = program.lines().filter(|line| !line.trim_start().starts_with("//"));
    let paths = lines.flat_map(|line| line.split("crate::").skip(1));
    paths.filter_map(|path| path.split(|c: char| c != '_' && !c.is_alphanumeric()).next()).collect()
}

#[test]
fn modules_use_only_those_below() {
    let floors = floors();
    let src = Path::new(ROOT).join("src");
    let mut wrong = Vec::new();
    let mut arrows = 0;
    each_file(&src, &mut |path, text| {
        let inside = path.strip_prefix(&src).unwrap();
        let name = inside.to_str().unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if ["lib", "bin"].contains(&module) || name.ends_with("tests.rs") {
            return;
        }
        let Some(floor) = floors.get(module) else {
            return wrong.push(format!("{name}: the table of README.md has no floor for it"));
        };
        for used in used_modules(text).into_iter().filter(|used| *used != module) {
            arrows += 1;
            if floors.get(used).is_none_or(|below| below <= floor) {
                wrong.push(format!("{name} uses {used}, which is not below {module}"));
            }
        }
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(arrows > 100, "only {arrows} uses were found, so the test looks at the wrong files");
}

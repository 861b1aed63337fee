//! What the page about faults shows must work.

use ossbind_emulator::{Emulator, Fault, Options, SelfSigned};

const PAGE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/testing-against-faults.md"));

/// The blocks of a language.
fn blocks<'a>(language: &str) -> Vec<&'a str> {
    let start = format!("```{language}\n");
    let block = |text: &'a str| text.split("```").next().unwrap_or_default();
    PAGE.split(&start).skip(1).map(block).collect()
}

#[test]
fn all_faults_of_the_page_are_understood() {
    let tls = Some(SelfSigned::generate(&["localhost"]).unwrap().identity);
    let emulator = Emulator::start(Options { tls, ..Options::default() }).unwrap();
    let scripts = blocks("faults");
    assert_eq!(scripts.len(), 4);
    for script in scripts {
        emulator.faults().add_script(script).unwrap();
    }
}

#[test]
fn all_faults_of_the_recipes_are_understood() {
    let (_, recipes) = PAGE.split_once("\n## Recipes\n").unwrap();
    let rows = recipes.lines().filter(|line| line.starts_with("| ")).skip(2);
    let cells = rows.filter_map(|row| row.split('|').nth(2));
    let faults: Vec<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(faults.len() > 15, "{faults:?}");
    for fault in faults {
        assert!(fault.parse::<Fault>().is_ok(), "{fault}");
    }
}

#[test]
fn the_page_shows_every_fault() {
    let shown = blocks("faults").concat();
    let help = Fault::help();
    // A name is indented by two, its meaning by more.
    let (_, list) = help.split_once("\nFaults:\n").unwrap();
    let list = list.split("\n\n").next().unwrap();
    let names: Vec<&str> = list
        .lines()
        .filter_map(|line| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')))
        .filter_map(|usage| usage.split(' ').next())
        .collect();
    assert!(names.len() > 25, "{names:?}");
    for name in names {
        assert!(shown.contains(&format!("\n{name}")), "{name}");
    }
}

//! Makes include/ossbind.h: the text of include/ossbind.h.in, with the declarations that cbindgen
//! makes of the files of src/ffi in the places that the text gives them.

use std::path::Path;

use super::support::native::root;

const TEMPLATE: &str = "include/ossbind.h.in";
/// Longest line of what is generated.
const WIDTH: usize = 100;
/// A line of the template that stands for the declarations of a file.
const FILE: &str = "@src/";
/// A line of the template that stands for a declaration of every struct.
const STRUCTS: &str = "@structs";
/// What stands for the names of the functions from here to the next such mark.
const FUNCTIONS: &str = " * @functions";

/// The text of the header.
pub fn generate() -> String {
    let mut header = assembled();
    while header.contains("\n\n\n") {
        header = header.replace("\n\n\n", "\n\n");
    }
    header
}

fn assembled() -> String {
    let template = std::fs::read_to_string(root().join(TEMPLATE)).expect("the template is there");
    let lines: Vec<(&str, String)> = template
        .lines()
        .map(|line| match line.strip_prefix('@').filter(|_| line.starts_with(FILE)) {
            Some(file) => (line, declarations(&root().join(file))),
            None => (line, String::new()),
        })
        .collect();
    let mut header = String::new();
    for (at, (line, declared)) in lines.iter().enumerate() {
        if line.starts_with(FILE) {
            header.push_str(declared);
        } else if *line == STRUCTS {
            lines.iter().for_each(|(_, declared)| header.push_str(&forward_declarations(declared)));
        } else if *line == FUNCTIONS {
            let section = lines[at + 1..].iter().take_while(|(line, _)| *line != FUNCTIONS);
            let names = section.flat_map(|(_, declared)| function_names(declared)).collect();
            header.push_str(&wrapped(names));
        } else {
            header.push_str(line);
        }
        header.push('\n');
    }
    header
}

/// The functions that a C text declares.
pub fn function_names(text: &str) -> Vec<String> {
    let name = |declaration: &str| {
        let head = declaration.split('(').next()?;
        Some(head[head.rfind("ossbind_")?..].to_owned())
    };
    text.split("\nOSSBIND_API").skip(1).filter_map(name).collect()
}

/// What a file of the boundary declares. All structs have a typedef before, so that none needs the
/// word `struct` where it is used.
fn declarations(file: &Path) -> String {
    let mut config =
        cbindgen::Config::from_file(root().join("cbindgen.toml")).expect("it is valid");
    // Of its own accord it takes those types only that a function of the file needs.
    config.export.include = public_types(file);
    let mut bytes = Vec::new();
    let builder = cbindgen::Builder::new().with_config(config).with_src(file);
    builder.generate().expect("the file is valid").write(&mut bytes);
    let text = String::from_utf8(bytes).expect("it is text").replace("struct ossbind_", "ossbind_");
    let mut declared = String::new();
    let mut open = None;
    for line in text.trim().lines() {
        let defined = line.strip_prefix("typedef ossbind_").and_then(|rest| rest.split_once(' '));
        match (defined, open) {
            (Some((name, "{")), _) => {
                declared.push_str(&format!("struct ossbind_{name} {{\n"));
                open = Some(name);
            }
            (Some((name, _)), _) => declared.push_str(&format!("struct ossbind_{name};\n")),
            (None, Some(name)) if line.starts_with('}') => {
                declared.push_str("};\n");
                if declared.contains(&initialized(name)) {
                    declared.push_str(&initializer(name));
                }
                open = None;
            }
            _ => declared.push_str(&format!("{line}\n")),
        }
    }
    compact(&declared)
}

/// Three lines that fit on one: a comment of one line, or a declaration with its macros.
fn compact(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut result = String::new();
    let mut at = 0;
    while at < lines.len() {
        let joined = lines.get(at..at + 3).and_then(joined).filter(|line| line.len() <= WIDTH);
        at += if joined.is_some() { 3 } else { 1 };
        result.push_str(&joined.unwrap_or_else(|| lines[at - 1].to_owned()));
        result.push('\n');
    }
    result
}

fn joined(lines: &[&str]) -> Option<String> {
    let (first, middle) = (lines[0], lines[1].trim_start());
    let indent = &first[..first.len() - first.trim_start().len()];
    match (first.trim_start(), lines[2].trim_start()) {
        ("/**", "*/") => Some(format!("{indent}/** {} */", middle.strip_prefix("* ")?)),
        ("OSSBIND_API", "OSSBIND_NOEXCEPT;") => Some(lines.join(" ")),
        _ => None,
    }
}

fn public_types(file: &Path) -> Vec<String> {
    let source = std::fs::read_to_string(file).expect("the template names files that are there");
    let name = |line: &str| {
        let rest = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub type "))?;
        rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().map(str::to_owned)
    };
    source.lines().filter_map(name).collect()
}

/// What the comment of the first member of a sized struct says.
fn initialized(name: &str) -> String {
    format!("set by ossbind_{name}_init()")
}

/// Compiled into the caller, so that a newer library cannot write past an older caller's struct.
fn initializer(name: &str) -> String {
    let name = format!("ossbind_{name}");
    format!(
        "\n/** Sets every member to its default. */\n\
         static inline void {name}_init({name} *target)\n{{\n  \
           memset(target, 0, sizeof *target);\n  target->struct_size = sizeof *target;\n}}\n"
    )
}

fn forward_declarations(declared: &str) -> String {
    let name =
        |line: &str| line.strip_prefix("struct ")?.split([' ', ';']).next().map(str::to_owned);
    let names = declared.lines().filter_map(name);
    names.map(|name| format!("typedef struct {name} {name};\n")).collect()
}

/// Names as lines of a comment.
fn wrapped(names: Vec<String>) -> String {
    let mut text = String::from(" * Functions:");
    let mut column = text.len();
    for (at, name) in names.iter().enumerate() {
        let separator = if at + 1 < names.len() { "," } else { "." };
        if column + name.len() + 2 > WIDTH {
            text.push_str("\n *  ");
            column = 4;
        }
        text.push_str(&format!(" {name}{separator}"));
        column += name.len() + 2;
    }
    text
}

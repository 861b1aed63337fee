//! The programs in the README are what users copy, so they must compile.

mod support;

use support::native::{Compiler, out_dir, root};

/// The fenced blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let mut parts = text.split(&fence);
    parts.next();
    parts.filter_map(|part| part.split("\n```").next()).map(|code| format!("{code}\n")).collect()
}

#[test]
fn programs_in_the_readme_compile() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for (language, compiler) in [("c", Compiler::c("c99")), ("cpp", Compiler::cpp("c++11"))] {
        let programs = blocks(&readme, language);
        assert_eq!(programs.len(), 1, "{language}");
        let path = out_dir().join(format!("readme.{language}"));
        std::fs::write(&path, &programs[0]).unwrap();
        compiler.build(&[path.to_str().unwrap()], &format!("readme-{language}"));
    }
}

//! The programs in the README are what users copy, so they must compile, and the first one must upload.

mod support;

use std::path::PathBuf;
use std::process::Command;

use ossbind_emulator::Answer;
use support::local_oss::LocalOss;
use support::native::{Compiler, expect_success, out_dir, root};

/// The only fenced block of a language, built.
fn program(language: &str, compiler: Compiler) -> PathBuf {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let fence = format!("```{language}\n");
    let (_, rest) = readme.split_once(&fence).unwrap();
    let (code, rest) = rest.split_once("\n```").unwrap();
    assert!(!rest.contains(&fence), "one program in {language}");
    let path = out_dir().join(format!("readme.{language}"));
    std::fs::write(&path, format!("{code}\n")).unwrap();
    compiler.build(&[path.to_str().unwrap()], &format!("readme-{language}"))
}

/// Runs a program with the file of the README; returns what it said, and what the server was sent.
fn run(language: &str, compiler: Compiler) -> [String; 2] {
    let oss = LocalOss::start();
    let folder = out_dir().join("readme").join(language);
    std::fs::create_dir_all(&folder).unwrap();
    // As the README says.
    std::fs::write(folder.join("photo.jpg"), "hello\n").unwrap();
    oss.receiver.answer_with(Answer::json("{\"seen\":1}"));
    let mut command = Command::new(program(language, compiler));
    oss.environment(&mut command);
    let output = expect_success(command.current_dir(folder));
    assert_eq!(oss.content("camera/photo.jpg").unwrap(), b"hello\n");
    [String::from_utf8(output.stdout).unwrap(), oss.received(1)[0].body_text()]
}

#[test]
fn the_program_in_c_uploads_to_the_local_oss_as_it_is() {
    let [said, sent] = run("c", Compiler::c("c99"));
    assert_eq!(said, "stored; your server answered: {\"seen\":1}\n");
    assert_eq!(sent, "object=camera%2Fphoto.jpg&size=6");
}

#[test]
fn the_program_in_cpp_uploads_to_the_local_oss_as_it_is() {
    let [said, sent] = run("cpp", Compiler::cpp("c++11"));
    assert!(said.ends_with(" {\"seen\":1}\n"), "{said}");
    let expected = r#"{"object":"camera/photo.jpg","size":6,"camera":"north \"1\"","shot":"17"}"#;
    assert_eq!(sent, expected);
}

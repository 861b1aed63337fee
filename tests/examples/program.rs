//! An example as a program: how it is built and run, and what it leaves behind.
#![allow(dead_code, reason = "no test uses all of it")]

use std::path::PathBuf;
use std::process::Command;

use ossbind_emulator::{Answer, ReceivedCallback};

pub use crate::support::ended::Ended;
use crate::support::local_oss::LocalOss;
use crate::support::native::{Compiler, expect_success, root};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Language {
    C,
    Cpp,
}

/// An example in one of the languages, built.
pub struct Example {
    pub language: Language,
    pub name: &'static str,
    pub program: PathBuf,
}

impl Example {
    /// Builds an example in C, then in C++.
    pub fn in_both_languages(name: &'static str) -> impl Iterator<Item = Self> {
        [Language::C, Language::Cpp].into_iter().map(move |language| Self::build(language, name))
    }

    /// As its readers build it, and C with AddressSanitizer, because there all is freed by hand.
    fn build(language: Language, name: &'static str) -> Self {
        let program = match language {
            Language::C => Compiler::c("c99")
                .flag("-fsanitize=address,undefined")
                .flag("-fno-sanitize-recover=all")
                .build(&[&format!("c_examples/{name}.c")], &format!("example-{name}-c")),
            Language::Cpp => Compiler::cpp("c++11")
                .build(&[&format!("cpp_examples/{name}.cpp")], &format!("example-{name}-cpp")),
        };
        if language == Language::C {
            // A check that is silently off proves nothing.
            let symbols = expect_success(Command::new("nm").arg(&program)).stdout;
            assert!(String::from_utf8_lossy(&symbols).contains("__asan_init"));
        }
        Self { language, name, program }
    }

    /// A file for this example alone.
    pub fn file(&self, content: &[u8]) -> String {
        let path = self.program.with_extension("content");
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The program with the environment of a local OSS.
    pub fn command(&self, oss: &LocalOss, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        oss.environment(&mut command);
        command.current_dir(root()).args(arguments);
        command
    }

    pub fn run(&self, oss: &LocalOss, arguments: &[&str]) -> Ended {
        Ended::of(self.command(oss, arguments).output().unwrap())
    }

    /// Runs it with a server that acknowledges, and gives the callback.
    pub fn acknowledged(&self, oss: &LocalOss, arguments: &[&str]) -> (Ended, ReceivedCallback) {
        let before = oss.receiver.received().len();
        let ended = self.run(oss, arguments);
        assert_eq!(ended.code, Some(0), "{:?} {}: {ended:?}", self.language, self.name);
        let callback = oss.received(before + 1).remove(before);
        assert_eq!(callback.signature, Ok(()));
        (ended, callback)
    }

    /// Runs it with a server that fails: the object is stored, the exit code tells.
    pub fn callback_fails(&self, oss: &LocalOss, arguments: &[&str], key: &str) -> Ended {
        oss.receiver.answer_next_with(Answer::status(500));
        let ended = self.run(oss, arguments);
        assert_eq!(ended.code, Some(2), "{:?} {}: {ended:?}", self.language, self.name);
        assert!(ended.all().contains("Error status : 500."), "{ended:?}");
        assert!(!ended.stdout.contains("Status\":"), "nothing was acknowledged: {ended:?}");
        assert!(oss.content(key).is_some(), "{key} is stored");
        ended
    }
}

impl Ended {
    /// All that it printed.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// The percentages that were shown, in order.
    pub fn percentages(&self) -> Vec<u32> {
        let shown = self.stderr.split(['\r', '\n']).filter_map(|line| line.strip_suffix(" %"));
        shown.map(|number| number.trim().parse().unwrap()).collect()
    }
}

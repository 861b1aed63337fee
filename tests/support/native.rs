//! Compiles C and C++ against the header and the shared library, as a user would, and runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Warnings that the headers and examples must not raise in anybody's project.
const WARNINGS: [&str; 7] =
    ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wundef", "-Wconversion", "-Werror"];

/// A compiler call that is being put together.
pub struct Compiler {
    is_cpp: bool,
    arguments: Vec<String>,
    /// What comes after the sources, which linkers look for in what follows.
    libraries: Vec<String>,
}

impl Compiler {
    /// C of the given standard, for example `c99`.
    pub fn c(standard: &str) -> Self {
        Self { is_cpp: false, arguments: vec![format!("-std={standard}")], libraries: Vec::new() }
    }

    /// C++ of the given standard, for example `c++11`.
    pub fn cpp(standard: &str) -> Self {
        Self { is_cpp: true, arguments: vec![format!("-std={standard}")], libraries: Vec::new() }
    }

    /// Adds a flag.
    pub fn flag(mut self, flag: &str) -> Self {
        self.arguments.push(flag.to_owned());
        self
    }

    /// Adds a library by its name for pkg-config.
    pub fn package(mut self, name: &str) -> Self {
        let flags = expect_success(Command::new("pkg-config").args(["--cflags", "--libs", name]));
        let flags = String::from_utf8(flags.stdout).expect("flags are text");
        self.libraries.extend(flags.split_whitespace().map(str::to_owned));
        self
    }

    /// Compiles and links sources (paths from the root of the repository) with the shared library.
    pub fn build(self, sources: &[&str], program: &str) -> PathBuf {
        static BUILDS: AtomicU32 = AtomicU32::new(0);
        let path = out_dir().join(program);
        // Renamed into place: another test may be running the program of that name, and one that is
        // being written cannot be run.
        let number = BUILDS.fetch_add(1, Ordering::Relaxed);
        let new = out_dir().join(format!("{program}.{}.{number}", std::process::id()));
        let library = library_dir();
        let mut command = self.command();
        command.args(sources).args(&self.libraries).arg("-g").arg("-o").arg(&new);
        command.arg(format!("-L{}", library.display())).arg("-lossbind").arg("-pthread");
        // An RPATH and not a RUNPATH: cargo's LD_LIBRARY_PATH must not lead to another build.
        command.arg("-Wl,--disable-new-dtags").arg(format!("-Wl,-rpath,{}", library.display()));
        expect_success(&mut command);
        std::fs::rename(&new, &path).expect("the target folder is writable");
        path
    }

    /// Only checks that sources compile.
    pub fn check(self, sources: &[&str]) {
        expect_success(self.command().arg("-fsyntax-only").args(sources));
    }

    fn command(&self) -> Command {
        let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let compiler = cc::Build::new()
            .cpp(self.is_cpp)
            .cargo_metadata(false)
            .host(&target)
            .target(&target)
            .opt_level(1)
            .get_compiler();
        let mut command = Command::new(compiler.path());
        command.current_dir(root()).args(WARNINGS).args(&self.arguments).arg("-Iinclude");
        command
    }
}

/// Root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder for what tests make.
pub fn out_dir() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Folder with the shared library of this build, under the names that linker and loader look for.
pub fn library_dir() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        let test = std::env::current_exe().expect("a test knows its own path");
        let library = test.with_file_name("libossbind.so");
        assert!(library.exists(), "{} was not built", library.display());
        let dir = out_dir().join("lib");
        std::fs::create_dir_all(&dir).expect("the target folder is writable");
        for name in ["libossbind.so", "libossbind.so.0"] {
            // Renamed into place, since other test programs may be looking at it.
            let new = dir.join(format!("{name}.{}", std::process::id()));
            std::os::unix::fs::symlink(&library, &new).expect("the target folder takes links");
            std::fs::rename(&new, dir.join(name)).expect("the target folder is writable");
        }
        dir
    })
}

/// Runs a command and demands that it succeeds.
pub fn expect_success(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

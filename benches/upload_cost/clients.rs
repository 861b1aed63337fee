//! Builds the C clients against the release of the library, and runs them against the sink.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::sink::LAST_HEAD;

/// Size of the file that bodies come from.
pub const GIB: u64 = 1 << 30;
/// Of the keys that the clients sign with.
pub const SECRET: &str = "measured-secret";

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Ossbind,
    Curl,
    Raw,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Ossbind, Self::Curl, Self::Raw];

    /// The socket knows plain HTTP alone.
    pub fn knows_tls(self) -> bool {
        self != Self::Raw
    }

    fn program(self) -> &'static str {
        match self {
            Self::Ossbind => "ossbind_client",
            Self::Curl => "curl_client",
            Self::Raw => "raw_client",
        }
    }
}

/// Uploads that all clients can be asked for.
#[derive(Debug, Clone, Copy)]
pub struct Work {
    pub requests: u64,
    pub size: u64,
    pub threads: u32,
    /// The bodies come from a file and not from memory.
    pub from_file: bool,
    pub over_tls: bool,
}

/// The programs, a running sink, and the files that they need.
pub struct Bench {
    dir: PathBuf,
    sink: Child,
    ports: (u16, u16),
    client_core: &'static str,
}

impl Bench {
    /// Where the library is that users get.
    pub fn library() -> PathBuf {
        let bench = std::env::current_exe().expect("a program knows its own path");
        let release = bench.ancestors().nth(2).expect("cargo puts it into deps/ of the profile");
        release.join("libossbind.so")
    }

    pub fn start() -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("upload_cost");
        std::fs::create_dir_all(&dir).expect("the target folder is writable");
        // Sparse, so that the disk has no part in the figures.
        let body = std::fs::File::create(dir.join("body")).and_then(|file| file.set_len(GIB));
        body.expect("the target folder is writable");
        for (program, libraries) in [
            ("ossbind_client", &["-lossbind"][..]),
            ("signing_client", &["-lossbind"]),
            ("curl_client", &["-lcurl"]),
            ("raw_client", &[]),
            ("measure", &[]),
        ] {
            build(&dir, program, libraries);
        }
        // The sink has a core of its own where there are two.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (client_core, sink_core) = if cores > 1 { ("0", "1") } else { ("0", "0") };
        let mut sink = Command::new("taskset")
            .args(["-c", sink_core])
            .arg(std::env::current_exe().expect("a program knows its own path"))
            .arg("sink")
            .stdout(Stdio::piped())
            .spawn()
            .expect("taskset is there");
        let mut lines = BufReader::new(sink.stdout.take().expect("it was asked for")).lines();
        let mut line = || lines.next().and_then(Result::ok).expect("the sink says what it serves");
        let ports = line();
        let (plain, tls) = ports.split_once(' ').expect("two ports");
        let ports = (plain.parse().expect("a port"), tls.parse().expect("a port"));
        let mut certificate = String::new();
        while !certificate.contains("-----END") {
            certificate += &(line() + "\n");
        }
        std::fs::write(dir.join("ca.pem"), certificate).expect("the target folder is writable");
        Self { dir, sink, ports, client_core }
    }

    /// A file in the folder of the benchmark.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The call of a client under further programs, such as valgrind. The clients that are not the
    /// library send the head that was saved last.
    pub fn client(&self, kind: Kind, work: Work, under: &[&str]) -> Command {
        let mut command = self.on_client_core(under);
        command.arg(self.path(kind.program())).args(self.arguments(kind, work));
        command
    }

    /// The beginning of a command that is measured.
    pub fn on_client_core(&self, under: &[&str]) -> Command {
        let mut command = Command::new("taskset");
        command.args(["-c", self.client_core]).args(under);
        command
    }

    fn arguments(&self, kind: Kind, work: Work) -> [String; 7] {
        let path = |name: &str, is_wanted: bool| match is_wanted {
            true => self.path(name).display().to_string(),
            false => "-".to_owned(),
        };
        let endpoint = match work.over_tls {
            true => format!("https://127.0.0.1:{}", self.ports.1),
            false => format!("http://127.0.0.1:{}", self.ports.0),
        };
        [
            endpoint,
            work.requests.to_string(),
            work.size.to_string(),
            work.threads.to_string(),
            path("body", work.from_file),
            path("head", kind != Kind::Ossbind),
            path("ca.pem", work.over_tls),
        ]
    }

    /// Saves the head of the request that the library makes of such a body.
    pub fn save_head(&self, work: Work) {
        let one = Work { requests: 1, threads: 1, from_file: false, ..work };
        expect_success(&mut self.client(Kind::Ossbind, one, &[]));
        let mut stream = TcpStream::connect(("127.0.0.1", self.ports.0)).expect("the sink serves");
        let mut head = Vec::new();
        // No further request follows, so the sink closes after the answer.
        write!(stream, "GET {LAST_HEAD} HTTP/1.1\r\n\r\n")
            .and_then(|()| stream.shutdown(Shutdown::Write))
            .and_then(|()| stream.read_to_end(&mut head))
            .expect("the sink answers");
        let body = head.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
        std::fs::write(self.path("head"), &head[body..]).expect("the target folder is writable");
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.sink.kill();
        let _ = self.sink.wait();
    }
}

fn build(dir: &Path, program: &str, libraries: &[&str]) {
    let root = env!("CARGO_MANIFEST_DIR");
    let library = Bench::library();
    assert!(library.exists(), "{} was not built: see `make bench`", library.display());
    // The name that the loader looks for.
    let link = dir.join("libossbind.so.0");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(&library, &link).expect("the target folder takes links");
    let mut command = Command::new("cc");
    command.args(["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-o"]).arg(dir.join(program));
    command.arg(format!("{root}/benches/upload_cost/clients/{program}.c"));
    command.arg(format!("-I{root}/include"));
    command.arg(format!("-L{}", library.with_file_name("").display())).args(libraries);
    command.arg("-pthread").arg(format!("-Wl,--disable-new-dtags,-rpath,{}", dir.display()));
    expect_success(&mut command);
}

/// What it printed.
pub fn expect_success(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

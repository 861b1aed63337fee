//! The example `receiver` as a program, alone or behind nginx.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::iter::once;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::local_oss::{LocalOss, PATIENCE};
use crate::support::native::{Compiler, expect_success, out_dir, root};

/// Name and secret of the seals.
pub const SECRET: (&str, &str) = ("camera-7", "a secret of 25 characters");

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    C,
    Cpp,
    /// That in C, behind the nginx of docs/receiving.md.
    BehindNginx,
}

impl Kind {
    /// All that can be run here.
    pub fn all() -> impl Iterator<Item = Self> {
        let behind = nginx().is_some().then_some(Self::BehindNginx);
        [Self::C, Self::Cpp].into_iter().chain(behind)
    }

    /// As its readers build it, and C with AddressSanitizer, because there all is freed by hand.
    fn program(self) -> &'static Path {
        static C: OnceLock<PathBuf> = OnceLock::new();
        static CPP: OnceLock<PathBuf> = OnceLock::new();
        match self {
            Self::C | Self::BehindNginx => C.get_or_init(|| {
                Compiler::c("c99")
                    .flag("-fsanitize=address,undefined")
                    .flag("-fno-sanitize-recover=all")
                    .package("libmicrohttpd")
                    .package("sqlite3")
                    .build(&["c_examples/receiver.c"], "receiver-c")
            }),
            Self::Cpp => CPP.get_or_init(|| {
                Compiler::cpp("c++11")
                    .package("cpp-httplib")
                    .package("sqlite3")
                    .build(&["cpp_examples/receiver.cpp"], "receiver-cpp")
            }),
        }
    }
}

/// A receiver that runs.
pub struct Server {
    kind: Kind,
    process: Child,
    nginx: Option<Nginx>,
    /// Where it is called, without a path.
    authority: String,
    folder: PathBuf,
}

/// What came of an upload.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    pub object: String,
    pub size: u64,
}

impl Server {
    /// With a database of its own, for the callbacks of a local OSS; with seals or without.
    pub fn start(kind: Kind, oss: &LocalOss, with_seals: bool) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = out_dir().join(format!("receiver-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self::start_in(folder, kind, oss, with_seals)
    }

    /// Another process with the same database, which knows nothing but what is there.
    pub fn restarted(mut self, oss: &LocalOss, with_seals: bool) -> Self {
        self.stop();
        let folder = std::mem::take(&mut self.folder);
        Self::start_in(folder, self.kind, oss, with_seals)
    }

    fn start_in(folder: PathBuf, kind: Kind, oss: &LocalOss, with_seals: bool) -> Self {
        let mut command = Command::new(kind.program());
        command.arg("0").arg(folder.join("uploads.db")).stdout(Stdio::piped());
        command.env("OSSBIND_KEY_URL", format!("{}/", oss.emulator.endpoint()));
        command.stderr(
            fs::File::options().append(true).create(true).open(folder.join("log")).unwrap(),
        );
        if with_seals {
            command.env("OSSBIND_SEAL_NAME", SECRET.0).env("OSSBIND_SEAL_SECRET", SECRET.1);
        }
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let url = line.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/\n"));
        let mut authority = url.unwrap_or_else(|| panic!("it prints its URL: {line:?}")).to_owned();
        let nginx = (kind == Kind::BehindNginx).then(|| Nginx::start(&folder, &authority));
        if let Some(nginx) = &nginx {
            authority.clone_from(&nginx.authority);
        }
        Self { kind, process, nginx, authority, folder }
    }

    pub fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.authority)
    }

    /// Sends bytes and says how they were answered: the HTTP status, or none if the connection was closed.
    pub fn send(&self, head: &str, body: impl Iterator<Item = Vec<u8>>) -> Option<u16> {
        status_of(&self.sent(head, body))
    }

    /// The same for a sender that ends before its body does.
    pub fn send_and_end(&self, head: &str, part: &[u8]) -> Option<u16> {
        let stream = self.sent(head, once(part.to_vec()));
        stream.shutdown(Shutdown::Write).expect("it is connected");
        status_of(&stream)
    }

    fn sent(&self, head: &str, body: impl Iterator<Item = Vec<u8>>) -> TcpStream {
        let mut stream = TcpStream::connect(&self.authority).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(head.as_bytes()).expect("it takes the head");
        for piece in body {
            // It may have had enough.
            if stream.write_all(&piece).is_err() {
                break;
            }
        }
        stream
    }

    /// Does something with its database.
    pub fn sql(&self, statement: &str) -> String {
        let mut command = Command::new("sqlite3");
        let output = expect_success(command.arg(self.folder.join("uploads.db")).arg(statement));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn rows(&self) -> Vec<Row> {
        let text = self.sql("SELECT object, size FROM uploads");
        let row = |line: &str| {
            let (object, size) = line.rsplit_once('|').unwrap();
            Row { object: object.to_owned(), size: size.parse().unwrap() }
        };
        text.lines().map(row).collect()
    }

    /// What it said of the requests that it refused.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap()
    }

    /// The most memory that the process has had so far.
    pub fn peak_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Ends it; the one in C frees everything, or its sanitizer complains.
    fn stop(&mut self) {
        self.nginx = None;
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
        let status = self.process.wait().unwrap();
        assert!(self.kind == Kind::Cpp || status.success(), "{status}: {}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.folder == Path::new("") {
            return; // another one has its database
        }
        match thread::panicking() {
            false => self.stop(),
            true => {
                self.nginx = None;
                let _ = self.process.kill();
                let _ = self.process.wait();
            }
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn status_of(stream: &TcpStream) -> Option<u16> {
    let mut line = String::new();
    // A reset is as good as an end.
    let _ = BufReader::new(stream).read_line(&mut line);
    let status = line.strip_prefix("HTTP/1.1 ")?.split(' ').next()?;
    Some(status.parse().expect("a status"))
}

struct Nginx {
    folder: PathBuf,
    authority: String,
}

impl Nginx {
    /// With the configuration of the page, other addresses put in. It listens when this returns.
    fn start(folder: &Path, upstream: &str) -> Self {
        let page = fs::read_to_string(root().join("docs/receiving.md")).unwrap();
        let server = page.split("```nginx\n").nth(1).and_then(|rest| rest.split("```").next());
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let server = server.expect("an example for nginx");
        for address in ["8080", "127.0.0.1:9002"] {
            assert!(server.contains(address), "the example has {address}");
        }
        let server = server.replace("8080", &free.to_string()).replace("127.0.0.1:9002", upstream);
        let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {name};\n"))
            .concat();
        let config = format!(
            "pid nginx.pid;\nerror_log error.log;\nevents {{}}\nhttp {{\naccess_log off;\n{paths}{server}}}\n"
        );
        fs::write(folder.join("nginx.conf"), config).unwrap();
        let made = Self { folder: folder.to_owned(), authority: free.to_string() };
        expect_success(&mut made.command());
        made
    }

    fn command(&self) -> Command {
        let mut command = Command::new(nginx().expect("it is there"));
        command.arg("-p").arg(&self.folder).args(["-c", "nginx.conf", "-e", "error.log"]);
        command
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let stopped = self.command().args(["-s", "stop"]).status();
        assert!(thread::panicking() || stopped.is_ok_and(|status| status.success()));
    }
}

fn nginx() -> Option<&'static Path> {
    let places = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"];
    places.map(Path::new).into_iter().find(|place| place.exists())
}

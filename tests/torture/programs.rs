//! The examples in C that are tortured, each with a local OSS and a folder of its own for each run.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ossbind_emulator::{Cname, Options, SelfSigned};

use crate::support::local_oss::{BUCKET, LocalOss};
use crate::support::native::{Compiler, out_dir};

/// An example with its arguments.
pub struct Program {
    pub name: &'static str,
    /// OSS, FILE, FOLDER and the like stand for what a scene has.
    arguments: &'static [&'static str],
    /// What is stored when all is well.
    pub key: Option<&'static str>,
    /// Whether it asks until OSS answers, so that an error without an end keeps it for ever.
    pub asks_for_ever: bool,
    /// How many connections its client may keep.
    connections: u32,
}

const fn uploading(name: &'static str, arguments: &'static [&'static str]) -> Program {
    Program { name, arguments, key: Some("k"), asks_for_ever: false, connections: 1 }
}

pub const PROGRAMS: &[Program] = &[
    uploading("put_object_callback", &["FILE", "k"]),
    Program { connections: 4, ..uploading("multipart_callback", &["FILE", "FOLDER", "k"]) },
    uploading("background_upload", &["FILE", "k"]),
    uploading("cancel_from_signal", &["FILE", "k"]),
    uploading("content_type_and_custom_values", &["FILE", "k"]),
    uploading("endpoints", &["cname", "DOMAIN", "FILE", "k"]),
    Program { asks_for_ever: true, ..uploading("find_after_lost_answer", &["60000", "FILE", "k"]) },
    Program { key: Some("queued"), ..uploading("gateway", &["-1", "QUEUE"]) },
    uploading("image_info", &["FILE", "k"]),
    uploading("json_body_with_variables", &["FILE", "k"]),
    uploading("log_and_report", &["FILE", "k"]),
    uploading("post_form", &["FILE", "k"]),
    uploading("progress", &["FILE", "k"]),
    uploading("proxy_and_tls", &["CA", "", "FILE", "k"]),
    Program { key: Some("example/callback.txt"), ..uploading("put_object_from_buffer", &[]) },
    uploading("query_string_and_callback_error", &["FILE", "k"]),
    uploading("read_function", &["k"]),
    Program {
        key: Some("ossbind-example"),
        ..uploading("several_callback_urls", &["FILE", "URL"])
    },
    Program { key: None, ..uploading("signed_rest_request", &["k", "a text"]) },
    Program { key: None, ..uploading("signed_url", &["sign", "k"]) },
    uploading("temporary_keys", &["KEYS", "FILE", "k"]),
];

impl Program {
    /// Builds it as its readers do, with `tests/c/torture.c`.
    pub fn build(&self) -> PathBuf {
        let source = format!("c_examples/{}.c", self.name);
        Compiler::c("c99").build(&[&source, "tests/c/torture.c"], &format!("torture-{}", self.name))
    }
}

/// Where one program runs: nothing that another cell left behind is in its way.
pub struct Scene {
    pub oss: LocalOss,
    folder: PathBuf,
    content: Vec<u8>,
}

impl Scene {
    pub fn set(program: &Program, number: usize) -> Self {
        let mut options = Options {
            cnames: vec![Cname { host: "localhost".to_owned(), bucket: BUCKET.to_owned() }],
            ..Options::default()
        };
        let mut ca = String::new();
        if program.arguments.contains(&"CA") {
            let made = SelfSigned::generate(&["127.0.0.1"]).unwrap();
            (ca, options.tls) = (made.ca_pem, Some(made.identity));
        }
        let folder = out_dir().join(format!("torture-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let bytes = |count| (0..count).map(|i| (i * 31 % 251) as u8).collect();
        let content: Vec<u8> = match program.name {
            "multipart_callback" | "read_function" => bytes((5 << 20) / 2), // three parts
            "put_object_from_buffer" => b"an upload callback example".to_vec(),
            _ => bytes(300_000),
        };
        let scene = Self { oss: LocalOss::with(options), folder, content };
        fs::create_dir_all(scene.path("checkpoints")).unwrap();
        fs::create_dir_all(scene.path("queue")).unwrap();
        fs::write(scene.path("file"), &scene.content).unwrap();
        if program.arguments.contains(&"QUEUE") {
            fs::write(scene.path("queue/queued"), &scene.content).unwrap();
        }
        fs::write(scene.path("keys"), "STS.ak\nsts-sk\ntoken\n").unwrap();
        fs::write(scene.path("ca"), ca).unwrap();
        scene
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Runs `binary`, an example, by the command and its arguments in `under`.
    pub fn command(&self, under: &[&str], binary: &Path, program: &Program) -> Command {
        let mut command = Command::new(under[0]);
        command.args(&under[1..]).arg(binary);
        for argument in program.arguments {
            match *argument {
                "FILE" => command.arg(self.path("file")),
                "FOLDER" => command.arg(self.path("checkpoints")),
                "QUEUE" => command.arg(self.path("queue")),
                "KEYS" => command.arg(self.path("keys")),
                "CA" => command.arg(self.path("ca")),
                "URL" => command.arg(self.oss.callback_url()),
                "DOMAIN" => {
                    command.arg(self.oss.emulator.endpoint().replace("127.0.0.1", "localhost"))
                }
                text => command.arg(text),
            };
        }
        self.oss.environment(&mut command);
        command.env("KEPT_CONNECTIONS", program.connections.to_string());
        command.current_dir(&self.folder);
        let input = if program.name == "read_function" { "file" } else { "checkpoints" };
        command.stdin(Stdio::from(File::open(self.path(input)).unwrap()));
        command
    }

    /// Whether the object is there and is the file.
    pub fn is_stored(&self, key: &str) -> bool {
        self.oss.content(key).is_some_and(|content| content == self.content)
    }

    /// Whether the gateway took its file for one that can never be uploaded, as it does when it may not be read.
    pub fn is_set_aside(&self) -> bool {
        self.path("queue/rejected/queued").exists()
    }

    /// The files that a program should have deleted.
    pub fn leftovers(&self) -> Vec<PathBuf> {
        let checkpoints = fs::read_dir(self.path("checkpoints")).unwrap();
        let queue = fs::read_dir(self.path("queue")).unwrap();
        let paths = checkpoints.chain(queue).map(|entry| entry.unwrap().path());
        paths.filter(|path| path.is_file()).collect()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

//! What the targets share: a server that plays bytes, a client that gives up early, and inputs as
//! lists of texts.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{env, fs, io, process, thread};

use ossbind::credentials::Credentials;
use ossbind::endpoint::EndpointOptions;
use ossbind::retry::RetryPolicy;
use ossbind::{Client, ClientConfig, HttpOptions};
use ossbind_emulator::{Emulator, Options};

/// Bytes between two fields of an input. A byte that no format has would be found sooner by the
/// fuzzer, but not be seen in a seed.
const SEPARATOR: &str = "\n~~~\n";

/// An input as its fields: texts, since this is what the functions take.
pub struct Fields {
    fields: Vec<String>,
}

impl Fields {
    /// Bytes that are not UTF-8 become U+FFFD.
    pub fn of(input: &[u8]) -> Self {
        let text = String::from_utf8_lossy(input);
        Self { fields: text.split(SEPARATOR).map(str::to_owned).collect() }
    }

    /// Field number `index`; empty when there is none.
    pub fn get(&self, index: usize) -> &str {
        self.fields.get(index).map_or("", String::as_str)
    }

    /// The same, but none when it is empty.
    pub fn some(&self, index: usize) -> Option<&str> {
        Some(self.get(index)).filter(|text| !text.is_empty())
    }

    /// The lines of a field as names and values with `=` between them.
    pub fn pairs(&self, index: usize) -> Vec<(&str, &str)> {
        self.get(index).lines().filter_map(|line| line.split_once('=')).collect()
    }

    /// A number; 0 when the field is none.
    pub fn number(&self, index: usize) -> u64 {
        self.get(index).trim().parse().unwrap_or(0)
    }
}

/// The pieces of an input that are answers, one for each request.
pub fn pieces(input: &[u8]) -> Vec<Vec<u8>> {
    let separator = SEPARATOR.as_bytes();
    let mut pieces = vec![Vec::new()];
    let mut rest = input;
    while let Some(&byte) = rest.first() {
        match rest.strip_prefix(separator) {
            Some(after) => {
                pieces.push(Vec::new());
                rest = after;
            }
            None => {
                pieces.last_mut().expect("begins with one").push(byte);
                rest = &rest[1..];
            }
        }
    }
    pieces
}

/// A server that answers whatever comes with bytes that were set before.
pub struct Player {
    address: SocketAddr,
    answers: Arc<Mutex<std::vec::IntoIter<Vec<u8>>>>,
}

impl Player {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let answers = Arc::new(Mutex::new(Vec::<Vec<u8>>::new().into_iter()));
        let played = Arc::clone(&answers);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let answer = played.lock().expect("nobody panics with it").next();
                // A peer that went away is not a finding.
                let _ = play(connection, &answer.unwrap_or_default());
            }
        });
        Self { address, answers }
    }

    /// The answers to the next requests; later ones get none.
    pub fn set(&self, answers: Vec<Vec<u8>>) {
        *self.answers.lock().expect("nobody panics with it") = answers.into_iter();
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Reads a request, and answers. The connection is not kept.
fn play(mut connection: TcpStream, answer: &[u8]) -> io::Result<()> {
    connection.set_read_timeout(Some(Duration::from_secs(2)))?;
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&request) {
        match connection.read(&mut buffer)? {
            0 => return Ok(()),
            count => request.extend_from_slice(&buffer[..count]),
        }
    }
    connection.write_all(answer)
}

/// Whether a request has its head, and as much after it as the head says.
fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    request.len() >= end + 4 + length
}

/// How long a call may wait, for one that looks for an object looks again after a second.
pub const PATIENCE: Duration = Duration::from_millis(200);

/// A client for `endpoint` that tries twice, without a pause.
pub fn client(endpoint: &str) -> Client {
    let config = ClientConfig {
        endpoint: Some(endpoint.to_owned()),
        region: Some("cn-hangzhou".to_owned()),
        credentials: Some(keys().into()),
        endpoint_options: EndpointOptions { path_style: true, ..EndpointOptions::default() },
        http: HttpOptions {
            idle_timeout: Duration::from_secs(1),
            proxy: Some(String::new()),
            ..HttpOptions::default()
        },
        retry: RetryPolicy { attempts: 2, base_delay: Duration::ZERO, max_delay: Duration::ZERO },
        ..ClientConfig::default()
    };
    Client::new(config).expect("a good configuration")
}

/// The keys that the local OSS knows.
pub fn keys() -> Credentials {
    Credentials::new("ak", "sk", None).expect("good keys")
}

/// An empty folder of this process, in memory where there is one.
pub fn scratch() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() { memory.to_owned() } else { env::temp_dir() };
    let folder = parent.join(format!("ossbind-fuzz-{}", process::id()));
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

/// A local OSS that remembers little.
pub fn emulator() -> Emulator {
    let options = Options { record_limit: 10, ..Options::default() };
    Emulator::start(options).expect("a port is free")
}

/// What the server at `address` answers to `request`, which may be no HTTP at all.
pub fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    if let Ok(mut connection) = TcpStream::connect(address) {
        let _ = connection.set_read_timeout(Some(Duration::from_secs(5)));
        let _ = connection.write_all(request);
        let _ = connection.shutdown(Shutdown::Write);
        let _ = connection.read_to_end(&mut answer);
    }
    answer
}

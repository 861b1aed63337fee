//! A server that answers whatever a test wants.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crate::time::Timestamp;

pub(super) struct Request {
    /// Method and target.
    pub(super) line: String,
    /// Names are lowercase.
    headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    fn read(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let line = lines.first()?.strip_suffix(" HTTP/1.1")?.to_owned();
        let headers: Vec<_> = lines[1..]
            .iter()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        let mut request = Self { line, headers, body: String::new() };
        let length = request.header("content-length").map_or(0, |text| text.parse().unwrap());
        reader.take(length).read_to_string(&mut request.body).ok()?;
        Some(request)
    }
}

/// One connection after the other, one request on each.
pub(super) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(serve: impl Fn(&Request, &mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stopping = Arc::new(AtomicBool::new(false));
        let (seen, stop) = (Arc::clone(&requests), Arc::clone(&stopping));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let mut stream = stream.unwrap();
                if let Some(request) = Request::read(&stream) {
                    serve(&request, &mut stream);
                    seen.lock().unwrap().push(request);
                }
            }
        });
        Self { address, requests, stopping, thread: Some(thread) }
    }

    /// Answers by the request line.
    pub(super) fn answering(answer: impl Fn(&Request) -> Vec<u8> + Send + 'static) -> Self {
        Self::start(move |request, stream| {
            let _ = stream.write_all(&answer(request));
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far. The last answer may arrive before its request is listed.
    pub(super) fn into_requests(mut self) -> Vec<Request> {
        self.stop();
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    fn stop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the thread out of accept().
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A whole answer, with a clock that says 2023-12-16 16:20:57.
pub(super) fn answer(status: u16, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} X\r\nDate: Sat, 16 Dec 2023 16:20:57 GMT\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Seconds since 1970 of that clock.
pub(super) const SERVER_TIME: Timestamp = Timestamp(1_702_743_657);

/// Keys that expire an hour after that.
pub(super) const KEYS: &str = r#"{"AccessKeyId":"STS.id","AccessKeySecret":"s3cr3t",
    "SecurityToken":"t0k3n","Expiration":"2023-12-16T17:20:57Z","LastUpdated":"x","Code":"Success"}"#;

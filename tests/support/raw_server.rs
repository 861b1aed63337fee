//! A server that does with a connection whatever a test wants: for answers that no honest server
//! would give.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use ossbind::{Client, ClientConfig};

pub struct RawServer {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl RawServer {
    /// Serves each connection in turn.
    pub fn start(serve: impl Fn(TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                serve(stream.expect("accepting works"));
            }
        });
        Self { address, stopping, thread: Some(thread) }
    }

    /// Reads whole requests and answers each connection once with `answer`.
    pub fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |mut stream| {
            read_request(&stream);
            let _ = stream.write_all(&answer);
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn config(&self) -> ClientConfig {
        super::client_config(format!("http://{}", self.address))
    }

    pub fn client(&self) -> Client {
        Client::new(self.config()).unwrap()
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the thread out of accept().
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let outcome = thread.join();
            assert!(outcome.is_ok() || std::thread::panicking(), "a check of the server failed");
        }
    }
}

/// Reads the head of a request and gives its lines.
pub fn read_head(reader: &mut impl BufRead) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        match reader.read_line(&mut line) {
            Ok(0) | Err(_) => return lines,
            Ok(_) if line == "\r\n" => return lines,
            Ok(_) => lines.push(line.trim_end().to_owned()),
        }
    }
}

/// Reads a whole request with a Content-Length; gives the lines of its head.
pub fn read_request(stream: &TcpStream) -> Vec<String> {
    let mut reader = BufReader::new(stream);
    let head = read_head(&mut reader);
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: "));
    let length: u64 = length.map_or(0, |text| text.parse().expect("a number"));
    std::io::copy(&mut reader.take(length), &mut std::io::sink()).expect("the body arrives");
    head
}

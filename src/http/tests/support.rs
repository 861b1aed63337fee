//! Servers that do what a test wants, and short ways to talk to them.

use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use socket2::{Domain, Socket, Type};

use crate::http::dns::Resolver;
use crate::http::{Failure, HttpClient, HttpOptions, HttpRequest, HttpResponse, Limits, Unwatched};

/// Far beyond what anything here takes, unless it hangs.
pub const LONG: Duration = Duration::from_secs(60);
/// Larger than what the sockets of both sides buffer.
pub const LARGE: u64 = 64 * 1024 * 1024;
pub const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Serves every connection on a thread of its own.
pub struct Server {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    accepted: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0", serve)
    }

    /// Its kernel takes little before the server reads, so that the client's has to wait.
    pub fn with_small_window(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(8 * 1024).unwrap();
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        socket.listen(16).unwrap();
        Self::on(socket.into(), serve)
    }

    pub fn at(address: &str, serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind(address).unwrap(), serve)
    }

    fn on(listener: TcpListener, serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let address = listener.local_addr().unwrap();
        let (stopping, accepted) =
            (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (stop, count) = (Arc::clone(&stopping), Arc::clone(&accepted));
        let serve = Arc::new(serve);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                count.fetch_add(1, Ordering::SeqCst);
                let (serve, stream) = (Arc::clone(&serve), stream.unwrap());
                std::thread::spawn(move || serve(stream));
            }
        });
        Self { address, stopping, accepted, thread: Some(thread) }
    }

    /// Answers every request with `OK`, and keeps the connection.
    pub fn polite() -> Self {
        Self::start(answer_politely)
    }

    /// Accepts, and says nothing until the client hangs up.
    pub fn silent() -> Self {
        Self::start(hold)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn url(&self) -> String {
        format!("http://{}/x", self.address)
    }

    /// Connections so far.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the thread out of accept().
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().unwrap().join();
    }
}

pub fn answer_politely(stream: TcpStream) {
    let mut reader = BufReader::new(stream);
    while read_request(&mut reader).is_some() {
        reader.get_mut().write_all(OK.as_bytes()).unwrap();
    }
}

/// Reads nothing and says nothing until the client hangs up.
pub fn hold(stream: TcpStream) {
    let _ = poll(&mut [PollFd::new(&stream, PollFlags::RDHUP)], None);
}

/// The lines of a head; None when the connection ends.
pub fn read_head(reader: &mut impl io::BufRead) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        match reader.read_line(&mut line) {
            Ok(0) | Err(_) => return None,
            Ok(_) if line == "\r\n" => return Some(lines),
            Ok(_) => lines.push(line.trim_end().to_owned()),
        }
    }
}

/// The lines of the head of a request whose body was read to its end.
pub fn read_request<R: Read>(reader: &mut BufReader<R>) -> Option<Vec<String>> {
    let head = read_head(reader)?;
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: "));
    let mut left: usize = length.map_or(0, |text| text.parse().unwrap());
    while left > 0 {
        let count = reader.fill_buf().ok()?.len().min(left);
        if count == 0 {
            return None;
        }
        reader.consume(count);
        left -= count;
    }
    Some(head)
}

/// A port at which connecting hangs: nobody accepts, and the queue is full.
pub struct BlackHole {
    listener: Socket,
    _queue: Vec<Socket>,
}

impl BlackHole {
    pub fn new() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap())
    }

    pub fn at(address: SocketAddr) -> Self {
        let listener = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
        listener.bind(&address.into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let queue = (0..4).map(|_| {
            let socket =
                Socket::new(Domain::for_address(address.as_socket().unwrap()), Type::STREAM, None)
                    .unwrap();
            socket.set_nonblocking(true).unwrap();
            let _ = socket.connect(&address);
            socket
        });
        let queue = queue.collect();
        Self { listener, _queue: queue }
    }

    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap().as_socket().unwrap()
    }

    pub fn url(&self) -> String {
        format!("http://{}/x", self.address())
    }
}

/// No proxy, whatever the environment says, and time-outs that end no test.
pub fn options() -> HttpOptions {
    HttpOptions {
        proxy: Some(String::new()),
        connect_timeout: LONG,
        tls_timeout: LONG,
        idle_timeout: LONG,
        ..HttpOptions::default()
    }
}

pub fn client(options: HttpOptions) -> HttpClient {
    HttpClient::new(options).unwrap()
}

/// A client for which every name has these addresses.
pub fn client_where(options: HttpOptions, addresses: &[&str]) -> HttpClient {
    let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    HttpClient::with_resolver(options, resolver(move |_| Ok(addresses.clone()))).unwrap()
}

pub fn resolver(
    lookup: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static,
) -> Resolver {
    Resolver::new(Box::new(lookup), LONG)
}

pub fn send(
    client: &HttpClient,
    method: &'static str,
    url: &str,
    length: u64,
    body: &mut dyn Read,
    limits: Limits<'_>,
) -> Result<HttpResponse, Failure> {
    let request = HttpRequest {
        method,
        url,
        headers: &[],
        content_length: length,
        max_response_body: 1024 * 1024,
        limits,
    };
    client.exchange(&request, body, &mut Unwatched)
}

/// PUT of `length` bytes.
pub fn put(
    client: &HttpClient,
    url: &str,
    length: u64,
    limits: Limits<'_>,
) -> Result<HttpResponse, Failure> {
    send(client, "PUT", url, length, &mut io::repeat(b'x'), limits)
}

pub fn get(client: &HttpClient, url: &str) -> Result<HttpResponse, Failure> {
    send(client, "GET", url, 0, &mut io::empty(), Limits::default())
}

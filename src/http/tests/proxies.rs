//! Each kind of proxy, with and without a login, and what hostile ones may try.
//!
//! The proxies here are the server as well: what comes through the tunnel they answer themselves.

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::certificates::{Made, made, tls_server};
use super::support::{
    OK, Server, client, client_where, get, options, put, read_head, read_request,
};
use crate::http::{FailureKind, HttpOptions, Limits, TlsOptions};

fn through(proxy: String) -> HttpOptions {
    HttpOptions { proxy: Some(proxy), ..options() }
}

/// Gives the failure, which is no time-out.
fn refusal(options: HttpOptions) -> String {
    let client = client_where(options, &["127.0.0.1"]);
    let failure = put(&client, "http://host.test/", 0, Limits::default()).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Transport), "{failure:?}");
    assert!(!failure.request_complete, "even an empty body was not sent: {failure:?}");
    assert!(!failure.message.contains("secret"), "{}", failure.message);
    failure.message
}

fn answer_one(stream: &mut (impl Read + Write)) {
    let mut reader = BufReader::new(stream);
    read_request(&mut reader).unwrap();
    reader.get_mut().write_all(OK.as_bytes()).unwrap();
}

/// Speaks CONNECT, and gives the heads that it got.
fn http_proxy(expected_login: Option<&'static str>) -> (Server, Receiver<Vec<String>>) {
    let (seen, heads) = channel();
    let server = Server::start(move |mut stream| {
        let head = read_head(&mut BufReader::with_capacity(1, &stream)).unwrap();
        let login = expected_login.map(|login| format!("Proxy-Authorization: Basic {login}"));
        if login.is_some_and(|login| !head.contains(&login)) {
            let answer = "HTTP/1.1 407 Authenticate\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer.as_bytes()).unwrap();
            return;
        }
        let _ = seen.send(head);
        let answer = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.0 200 X\r\ncontent-length: 9\r\n\r\n";
        stream.write_all(answer.as_bytes()).unwrap();
        answer_one(&mut stream);
    });
    (server, heads)
}

#[test]
fn http() {
    let (proxy, heads) = http_proxy(None);
    let client = client(through(format!("http://{}", proxy.address())));
    assert_eq!(get(&client, "http://host.test:81/").unwrap().body, b"ok");
    let head = heads.recv().unwrap();
    assert_eq!(head[..2], ["CONNECT host.test:81 HTTP/1.1", "Host: host.test:81"]);
}

#[test]
fn http_with_a_login() {
    // me:p@ss
    let (proxy, _heads) = http_proxy(Some("bWU6cEBzcw=="));
    let address = proxy.address();
    get(&client(through(format!("http://me:p%40ss@{address}"))), "http://host.test/").unwrap();
    let wrong = refusal(through(format!("http://me:secret@{address}")));
    assert!(wrong.contains("does not accept the user and the password"), "{wrong}");
    let none = refusal(through(format!("http://{address}")));
    assert!(none.contains("asks for a user and a password"), "{none}");
}

#[test]
fn https_to_the_proxy_and_through_it() {
    let Made { chain, key, ca_pem, .. } = made(&["127.0.0.1"]);
    let proxy = tls_server(chain.clone(), key.clone_key(), None, move |mut outer| {
        read_head(&mut BufReader::with_capacity(1, &mut outer)).unwrap();
        outer.write_all(b"HTTP/1.1 200 X\r\n\r\n").unwrap();
        let config = super::certificates::server_config(chain.clone(), key.clone_key(), None);
        let inner = rustls::ServerConnection::new(config).unwrap();
        answer_one(&mut rustls::StreamOwned::new(inner, outer));
    });
    let tls = TlsOptions { ca_pem: Some(ca_pem.into()), ..TlsOptions::default() };
    let options = HttpOptions { tls, ..through(format!("https://{}", proxy.address())) };
    for length in [0, 3_000_000] {
        let answer =
            put(&client(options.clone()), "https://127.0.0.1/", length, Limits::default()).unwrap();
        assert_eq!(answer.body, b"ok");
        assert!(answer.metrics.bytes_sent > length, "twice wrapped: {:?}", answer.metrics);
    }
    let stranger = HttpOptions { tls: TlsOptions::default(), ..options };
    let failure = put(&client(stranger), "https://127.0.0.1/", 0, Limits::default()).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Tls), "{failure:?}");
}

fn read<const N: usize>(stream: &mut TcpStream) -> [u8; N] {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

fn read_text(stream: &mut TcpStream) -> String {
    let [length] = read(stream);
    let mut bytes = vec![0; usize::from(length)];
    stream.read_exact(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Speaks SOCKS 5, and gives the targets it was asked for.
fn socks_proxy(
    login: Option<(&'static str, &'static str)>,
    reply: u8,
) -> (Server, Receiver<String>) {
    let (seen, targets) = channel();
    let server = Server::start(move |mut stream| {
        let [5, count] = read(&mut stream) else { panic!("not SOCKS 5") };
        let mut methods = vec![0; usize::from(count)];
        stream.read_exact(&mut methods).unwrap();
        let method = if login.is_some() { 2 } else { 0 };
        if !methods.contains(&method) {
            stream.write_all(&[5, 0xff]).unwrap();
            return;
        }
        stream.write_all(&[5, method]).unwrap();
        if let Some((user, password)) = login {
            assert_eq!(read(&mut stream), [1]);
            let given = (read_text(&mut stream), read_text(&mut stream));
            let is_right = (given.0.as_str(), given.1.as_str()) == (user, password);
            stream.write_all(&[1, u8::from(!is_right)]).unwrap();
            if !is_right {
                return;
            }
        }
        let [5, 1, 0, kind] = read(&mut stream) else { panic!("not CONNECT") };
        let host = match kind {
            1 => std::net::Ipv4Addr::from(read::<4>(&mut stream)).to_string(),
            3 => read_text(&mut stream),
            4 => std::net::Ipv6Addr::from(read::<16>(&mut stream)).to_string(),
            other => panic!("address type {other}"),
        };
        let port = u16::from_be_bytes(read(&mut stream));
        let _ = seen.send(format!("{host} {port}"));
        // As address a name, which is unusual but allowed.
        stream.write_all(&[5, reply, 0, 3, 2, b'm', b'e', 0, 1]).unwrap();
        if reply == 0 {
            answer_one(&mut stream);
        }
    });
    (server, targets)
}

#[test]
fn socks5_looks_names_up_here_or_there() {
    let (proxy, targets) = socks_proxy(None, 0);
    for (scheme, url, target) in [
        ("socks5", "http://host.test:81/", "127.0.0.9 81"),
        ("socks5h", "http://host.test:81/", "host.test 81"),
        ("socks5h", "http://[::1]:81/", "::1 81"),
        ("socks5h", "http://127.0.0.8/", "127.0.0.8 80"),
    ] {
        let options = through(format!("{scheme}://{}", proxy.address()));
        let client = client_where(options, &["127.0.0.9"]);
        assert_eq!(get(&client, url).unwrap().body, b"ok");
        assert_eq!(targets.recv().unwrap(), target, "{scheme}");
    }
}

#[test]
fn socks5_with_a_login() {
    let (proxy, _targets) = socks_proxy(Some(("me", "p@ss")), 0);
    let address = proxy.address();
    get(&client(through(format!("socks5h://me:p%40ss@{address}"))), "http://h.test/").unwrap();
    let wrong = refusal(through(format!("socks5h://me:secret@{address}")));
    assert!(wrong.contains("does not accept the user and the password"), "{wrong}");
    let none = refusal(through(format!("socks5h://{address}")));
    assert!(none.contains("asks for a user and a password"), "{none}");
}

#[test]
fn socks5_that_refuses() {
    let (proxy, _targets) = socks_proxy(None, 5);
    let message = refusal(through(format!("socks5://{}", proxy.address())));
    assert!(message.contains("connection refused"), "{message}");
}

#[test]
fn hostile_answers() {
    let endless = "x".repeat(100_000);
    for (scheme, answer, part) in [
        ("http", "HTTP/1.1 403 Forbidden\r\n\r\n".to_owned(), "403 Forbidden"),
        ("http", "SSH-2.0-x\r\n\r\n".to_owned(), "does not speak HTTP"),
        ("http", String::new(), "broke the connection off"),
        ("http", "HTTP/1.1 200 OK\r\n".to_owned(), "broke the connection off"),
        ("http", format!("HTTP/1.1 200 OK\r\nx: {endless}"), "more than 16384 bytes"),
        ("http", format!("{endless}\r\n\r\n"), "more than 16384 bytes"),
        ("http", format!("HTTP/1.1 500 {}\r\n\r\n", "y".repeat(9000)), "…"),
        ("socks5h", String::new(), "broke the connection off"),
        ("socks5h", "HTTP/1.1 400 Bad".to_owned(), "does not speak SOCKS 5"),
        ("socks5h", "\x05\x02".to_owned(), "does not speak SOCKS 5"),
        ("socks5h", "\x05\x00\x05\x63\x00\x01".to_owned(), "reply 99"),
        ("socks5h", "\x05\x00\x05\x00\x00\x07".to_owned(), "does not speak SOCKS 5"),
        ("socks5h", "\x05\x00\x05\x00\x00\x03\x7fx".to_owned(), "broke the connection off"),
    ] {
        let proxy = Server::start(move |mut stream| {
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(answer.as_bytes());
            let _ = stream.shutdown(std::net::Shutdown::Write);
            // Or what was not read yet would end it with a reset.
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        });
        let message = refusal(through(format!("{scheme}://{}", proxy.address())));
        assert!(message.contains(part), "{part}: {message}");
        assert!(message.len() < 400, "{message}");
    }
}

#[test]
fn endless_interim_answers_end_with_the_time() {
    let proxy = Server::start(
        |mut stream| {
            while stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").is_ok() {}
        },
    );
    let connect_timeout = Duration::from_millis(200);
    let options = HttpOptions { connect_timeout, ..through(format!("http://{}", proxy.address())) };
    let failure = put(&client(options), "http://h.test/", 0, Limits::default()).unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Timeout), "{failure:?}");
    assert!(failure.message.contains("gave no connection"), "{}", failure.message);
}

#[test]
fn exempt_hosts_go_round_it() {
    let server = Server::polite();
    let nobody = "http://127.0.0.1:1".to_owned();
    let exempt =
        |list: &str| HttpOptions { no_proxy: Some(list.to_owned()), ..through(nobody.clone()) };
    get(&client(exempt("example.com 127.0.0.0/8")), &server.url()).unwrap();
    let failure = get(&client(exempt("10.0.0.0/8")), &server.url()).unwrap_err();
    assert!(failure.message.contains("through proxy 127.0.0.1:1"), "{}", failure.message);
    let limits = Limits { bypass_proxy: true, ..Limits::default() };
    put(&client(exempt("")), &server.url(), 1, limits).unwrap();
}

//! CONNECT: the tunnel through an HTTP proxy (RFC 9110, 9.3.6). Plain http goes through it as
//! well, so that what the proxy says is never taken for what the server says.

use std::io::{Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use super::{Login, Proxy};
use crate::error::MASK;
use crate::http::connect::Target;
use crate::http::exchange::{State, Stopped};
use crate::http::failure::FailureKind;
use crate::http::stream::Stream;
use crate::text::quoted;

/// Longest head of an answer.
const MAX_HEAD: usize = 16 * 1024;

pub(in crate::http) fn open_tunnel(
    stream: &mut Stream,
    proxy: &Proxy,
    target: &Target,
    user_agent: &str,
    state: &State,
) -> Result<(), Stopped> {
    let fail = |message: String| Stopped::new(FailureKind::Transport, format!("{proxy} {message}"));
    let lost = |error: std::io::Error| {
        error.downcast().unwrap_or_else(|error| fail(format!("broke the connection off: {error}")))
    };
    let mut stream = stream.with(state);
    let request = request(proxy, target, user_agent);
    stream.write_all(request.as_bytes()).map_err(lost)?;
    loop {
        let head = read_head(&mut stream).map_err(lost)?.ok_or_else(|| {
            fail(format!("said more than {MAX_HEAD} bytes, or nothing that is HTTP"))
        })?;
        let Some((status, line)) = status(&head) else {
            return Err(fail("does not speak HTTP".to_owned()));
        };
        let line = match &proxy.login {
            Some(login) => line.replace(basic(login).as_str(), MASK),
            None => line,
        };
        match status {
            100..=199 => {}
            200..=299 => return Ok(()),
            407 => {
                let advice = match proxy.login {
                    None => "asks for a user and a password: put them into the proxy's URL",
                    Some(_) => "does not accept the user and the password",
                };
                return Err(fail(format!("{advice} ({})", quoted(&line))));
            }
            _ => return Err(fail(format!("refused a connection to {target}: {}", quoted(&line)))),
        }
    }
}

fn request(proxy: &Proxy, target: &Target, user_agent: &str) -> Zeroizing<String> {
    let login = match &proxy.login {
        None => Zeroizing::default(),
        Some(login) => Zeroizing::new(format!("Proxy-Authorization: Basic {}\r\n", *basic(login))),
    };
    Zeroizing::new(format!(
        "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: {user_agent}\r\n{}\r\n",
        *login
    ))
}

fn basic(login: &Login) -> Zeroizing<String> {
    let pair = Zeroizing::new(format!("{}:{}", login.user, *login.password));
    Zeroizing::new(BASE64.encode(pair.as_bytes()))
}

/// A head up to its empty line, byte by byte: what follows is not the proxy's any more. None when
/// it is too long.
fn read_head(stream: &mut impl Read) -> std::io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && !head.ends_with(b"\n\n") {
        if head.len() == MAX_HEAD {
            return Ok(None);
        }
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    Ok(Some(head))
}

/// The status and its line.
fn status(head: &[u8]) -> Option<(u16, String)> {
    let line = head.split(|byte| *byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line).trim_end().to_owned();
    let mut words = line.split(' ');
    let version = words.next()?;
    let status = words.next()?.parse().ok()?;
    version.starts_with("HTTP/1.").then_some((status, line))
}

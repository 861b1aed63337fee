//! CONNECT: the tunnel through an HTTP proxy (RFC 9110, 9.3.6). Plain http goes through it as
//! well, so that what the proxy says is never taken for what the server says.

use std::io::{Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use super::{ASKS_FOR_LOGIN, Fault, Login, REFUSES_LOGIN};
use crate::http::connect::Target;
use crate::http::stream::InUse;
use crate::secret::masked;
use crate::text::quoted;

/// Longest head of an answer.
const MAX_HEAD: usize = 16 * 1024;

pub(super) fn open_tunnel(
    stream: &mut InUse<'_>,
    login: Option<&Login>,
    target: &Target,
    user_agent: &str,
) -> Result<(), Fault> {
    stream.write_all(request(login, target, user_agent).as_bytes())?;
    loop {
        let head = read_head(stream)?.ok_or_else(|| {
            Fault::said(format!("said more than {MAX_HEAD} bytes, or nothing that is HTTP"))
        })?;
        let (status, line) = status(&head).ok_or_else(|| Fault::said("does not speak HTTP"))?;
        let line = match login {
            Some(login) => without_secrets(&line, login),
            None => line,
        };
        match (status, login) {
            (100..=199, _) => {}
            (200..=299, _) => return Ok(()),
            (407, None) => {
                return Err(Fault::said(format!("{ASKS_FOR_LOGIN} ({})", quoted(&line))));
            }
            (407, _) => return Err(Fault::said(format!("{REFUSES_LOGIN} ({})", quoted(&line)))),
            _ => {
                let fault = format!("refused a connection to {target}: {}", quoted(&line));
                return Err(Fault::said(fault));
            }
        }
    }
}

fn request(login: Option<&Login>, target: &Target, user_agent: &str) -> Zeroizing<String> {
    let login = match login {
        None => Zeroizing::default(),
        Some(login) => Zeroizing::new(format!("Proxy-Authorization: Basic {}\r\n", *basic(login))),
    };
    Zeroizing::new(format!(
        "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: {user_agent}\r\n{}\r\n",
        *login
    ))
}

/// A short password may be part of any word, and is taken out only together with its user.
fn without_secrets(line: &str, login: &Login) -> String {
    const SHORT: usize = 4;
    let line = masked(line, &pair(login));
    if login.password.len() < SHORT { line } else { masked(&line, &login.password) }
}

fn basic(login: &Login) -> Zeroizing<String> {
    Zeroizing::new(BASE64.encode(pair(login).as_bytes()))
}

fn pair(login: &Login) -> Zeroizing<String> {
    Zeroizing::new(format!("{}:{}", login.user, *login.password))
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

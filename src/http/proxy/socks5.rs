//! SOCKS 5 (RFC 1928), with user and password (RFC 1929).

use std::io::{self, Read, Write};
use std::net::IpAddr;

use zeroize::Zeroizing;

use super::{ASKS_FOR_LOGIN, Fault, Login, REFUSES_LOGIN};
use crate::http::connect::Target;
use crate::http::stream::InUse;

const VERSION: u8 = 5;
const NO_LOGIN: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;
const NONE_ACCEPTABLE: u8 = 0xff;
const LOGIN_VERSION: u8 = 1;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Asks for a connection to `address`, or to the name of the target.
pub(super) fn connect(
    stream: &mut InUse<'_>,
    login: Option<&Login>,
    target: &Target,
    address: Option<IpAddr>,
) -> Result<(), Fault> {
    greet(stream, login)?;
    ask(stream, target, address)
}

fn greet(stream: &mut InUse<'_>, login: Option<&Login>) -> Result<(), Fault> {
    match login {
        None => stream.write_all(&[VERSION, 1, NO_LOGIN])?,
        Some(_) => stream.write_all(&[VERSION, 2, NO_LOGIN, USER_AND_PASSWORD])?,
    }
    match (read::<2>(stream)?, login) {
        ([VERSION, NO_LOGIN], _) => Ok(()),
        ([VERSION, USER_AND_PASSWORD], Some(login)) => log_in(stream, login),
        ([VERSION, NONE_ACCEPTABLE], None) => Err(Fault::said(ASKS_FOR_LOGIN)),
        ([VERSION, NONE_ACCEPTABLE], Some(_)) => Err(Fault::said("accepts no user and password")),
        _ => Err(Fault::said("does not speak SOCKS 5")),
    }
}

fn log_in(stream: &mut InUse<'_>, login: &Login) -> Result<(), Fault> {
    let mut message = Zeroizing::new(vec![LOGIN_VERSION]);
    for text in [login.user.as_bytes(), login.password.as_bytes()] {
        message.push(length(text)?);
        message.extend_from_slice(text);
    }
    stream.write_all(&message)?;
    match read::<2>(stream)? {
        [_, 0] => Ok(()),
        _ => Err(Fault::said(REFUSES_LOGIN)),
    }
}

fn ask(stream: &mut InUse<'_>, target: &Target, address: Option<IpAddr>) -> Result<(), Fault> {
    let mut message = vec![VERSION, CONNECT, 0];
    match address.or_else(|| target.host.parse().ok()) {
        Some(IpAddr::V4(address)) => {
            message.push(IPV4);
            message.extend(address.octets());
        }
        Some(IpAddr::V6(address)) => {
            message.push(IPV6);
            message.extend(address.octets());
        }
        None => {
            message.extend([NAME, length(target.host.as_bytes())?]);
            message.extend(target.host.as_bytes());
        }
    }
    message.extend(target.port.to_be_bytes());
    stream.write_all(&message)?;
    let [version, reply, _, kind] = read(stream)?;
    if version != VERSION {
        return Err(Fault::said("does not speak SOCKS 5"));
    }
    if reply != 0 {
        let fault = format!("refused a connection to {target}: {}", meaning(reply));
        return Err(Fault::said(fault));
    }
    // The address that the proxy connects from has no use here, but is in the way.
    let rest = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => usize::from(read::<1>(stream)?[0]),
        _ => return Err(Fault::said("does not speak SOCKS 5")),
    };
    stream.read_exact(&mut vec![0; rest + 2])?;
    Ok(())
}

fn read<const N: usize>(stream: &mut InUse<'_>) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Of a text that has one byte for it.
fn length(text: &[u8]) -> Result<u8, Fault> {
    u8::try_from(text.len())
        .map_err(|_| Fault::said("cannot be told more than 255 bytes of a name"))
}

/// RFC 1928, section 6.
fn meaning(reply: u8) -> String {
    let text = match reply {
        1 => "general failure",
        2 => "not allowed by its rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "time to live expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => return format!("reply {reply}"),
    };
    text.to_owned()
}

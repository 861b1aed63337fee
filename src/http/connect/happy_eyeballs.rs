//! The first address that answers wins (RFC 8305): a broken IPv6 must not cost a time-out.

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use socket2::{Domain, Protocol, Type};

use super::SocketOptions;
use crate::http::exchange::{Phase, State, Stopped};
use crate::http::socket::Socket;

/// How long an attempt has before the next one begins beside it (RFC 8305, section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
/// More addresses than any host has use for.
const MAX_ADDRESSES: usize = 16;
/// What may wait in the kernel unsent. Without it megabytes do, and neither a stalled uplink nor
/// the speed is seen until they are gone.
const MAX_UNSENT: u32 = 256 * 1024;
/// Failures that a message tells of.
const MAX_TOLD: usize = 3;

/// Connects to one of the addresses.
pub(super) fn connect(
    addresses: &[SocketAddr],
    options: &SocketOptions,
    state: &mut State,
) -> Result<Socket, Stopped> {
    let suits = |address: &&SocketAddr| options.source.as_ref().is_none_or(|s| s.suits(address));
    let addresses: Vec<SocketAddr> = addresses.iter().filter(suits).copied().collect();
    if addresses.is_empty() {
        let message = "the host has no address of the family of the source address";
        return Err(Stopped::transport(message.to_owned()));
    }
    state.enter(Phase::Connecting, &named(&addresses));
    let mut addresses = interleaved(addresses).into_iter().peekable();
    let mut attempts: Vec<(socket2::Socket, SocketAddr)> = Vec::new();
    let mut failures = Vec::new();
    let mut next_start = Instant::now();
    loop {
        state.check()?;
        if next_start <= Instant::now()
            && let Some(address) = addresses.next()
        {
            match begin(address, options) {
                Ok(socket) => {
                    attempts.push((socket, address));
                    next_start = Instant::now() + ATTEMPT_DELAY;
                }
                Err(error) => failures.push(failure(address, &error)),
            }
            continue;
        }
        if attempts.is_empty() && addresses.peek().is_none() {
            failures.truncate(MAX_TOLD);
            return Err(Stopped::transport(failures.join("; ")));
        }
        let wake = addresses.peek().map(|_| next_start);
        let descriptors: Vec<PollFd<'_>> = attempts
            .iter()
            .map(|(socket, _)| PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::OUT))
            .collect();
        let ready = state.poll(&descriptors, None, wake)?.unwrap_or_default();
        // From behind, so that the indices stay right.
        for index in (0..ready.len()).rev().filter(|index| !ready[*index].is_empty()) {
            let (socket, address) = attempts.swap_remove(index);
            match outcome(&socket) {
                Ok(()) => return Ok(Socket::new(socket.into(), address)),
                Err(error) => {
                    failures.push(failure(address, &error));
                    next_start = Instant::now();
                }
            }
        }
    }
}

fn failure(address: SocketAddr, error: &io::Error) -> String {
    let hint = match error.kind() {
        io::ErrorKind::ConnectionRefused => ": nothing listens at this address and port",
        _ => "",
    };
    format!("connecting to {address}: {error}{hint}")
}

/// A socket that is about to be connected.
fn begin(address: SocketAddr, options: &SocketOptions) -> io::Result<socket2::Socket> {
    let socket =
        socket2::Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    // Coalescing is done here, with knowledge of what follows.
    socket.set_tcp_nodelay(true)?;
    // Kernels without it are older than this library, but sandboxes have their own ideas.
    let _ = socket.set_tcp_notsent_lowat(MAX_UNSENT);
    if let Some(timeout) = options.user_timeout {
        socket.set_tcp_user_timeout(Some(timeout))?;
    }
    if let Some(source) = &options.source {
        source.bind(&socket)?;
    }
    match socket.connect(&address.into()) {
        Ok(()) => Ok(socket),
        Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => Ok(socket),
        // The attempt goes on all the same.
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(socket),
        Err(error) => Err(error),
    }
}

fn outcome(socket: &socket2::Socket) -> io::Result<()> {
    match socket.take_error()? {
        Some(error) => Err(error),
        None => socket.peer_addr().map(|_| ()),
    }
}

/// The families by turns, beginning with that which the resolver prefers.
fn interleaved(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_ipv4 = addresses.first().is_some_and(|address| address.is_ipv4());
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv4() == first_is_ipv4);
    let mut second = second.into_iter();
    let mut all: Vec<SocketAddr> =
        first.into_iter().flat_map(|one| [Some(one), second.next()]).flatten().collect();
    all.extend(second);
    all.truncate(MAX_ADDRESSES);
    all
}

fn named(addresses: &[SocketAddr]) -> String {
    match addresses {
        [one] => one.to_string(),
        [one, rest @ ..] => format!("{one} or {} other addresses", rest.len()),
        [] => String::new(),
    }
}

//! What the kernel has of a connection. No safe library asks for it.

use std::os::fd::{AsRawFd as _, BorrowedFd};

/// Bytes that were written to a TCP socket and that the peer has not acknowledged yet.
pub(crate) fn unacknowledged(socket: BorrowedFd<'_>) -> u64 {
    let mut count: libc::c_int = 0;
    // SAFETY: the descriptor is open as long as it is borrowed, and for this request the kernel
    // writes one int. For sockets its name is SIOCOUTQ, which is the same number.
    let outcome = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &raw mut count) };
    // A socket that is none of TCP has no such queue.
    if outcome == 0 { u64::try_from(count).unwrap_or_default() } else { 0 }
}

//! What no safe library asks of the system.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Bytes that were written to a TCP socket and that the peer has not acknowledged yet.
pub(crate) fn unacknowledged(socket: BorrowedFd<'_>) -> u64 {
    let mut count: libc::c_int = 0;
    // SAFETY: the descriptor is open as long as it is borrowed, and for this request the kernel
    // writes one int. For sockets its name is SIOCOUTQ, which is the same number.
    let outcome = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &raw mut count) };
    // A socket that is not a TCP socket has no such queue.
    if outcome == 0 { u64::try_from(count).unwrap_or_default() } else { 0 }
}

/// Writes the content of a file to the disk, and waits for it. Neither the file's size nor where its blocks
/// are is durable then; see sync_file_range(2).
pub(crate) fn write_back(file: &File) -> io::Result<()> {
    let all = libc::SYNC_FILE_RANGE_WAIT_BEFORE
        | libc::SYNC_FILE_RANGE_WRITE
        | libc::SYNC_FILE_RANGE_WAIT_AFTER;
    loop {
        // SAFETY: the descriptor is open as long as the file is borrowed, and no memory is passed.
        if unsafe { libc::sync_file_range(file.as_raw_fd(), 0, 0, all) } == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Seconds since the boot, with those that the device slept. The clock of rustix fails under valgrind.
pub(crate) fn seconds_since_boot() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes one timespec. It has had this clock since 2.6.39.
    unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &raw mut time) };
    u64::try_from(time.tv_sec).unwrap_or_default()
}

/// How many forks lie between the process that asked first and this one. What was made in another
/// generation belongs to the parent: both have its sockets and descriptors, and none of its
/// threads. Unlike the process id, it is known without a system call.
pub(crate) fn generation() -> u32 {
    static FORKS: AtomicU32 = AtomicU32::new(0);
    extern "C" fn count_fork() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
    static IS_COUNTED: LazyLock<bool> = LazyLock::new(|| {
        // SAFETY: the handler only adds to an atomic, which a child may do after fork(). When the
        // library is unloaded, libc forgets the handler.
        unsafe { libc::pthread_atfork(None, None, Some(count_fork)) == 0 }
    });
    // Without memory for the handler, the process id does as well.
    if *IS_COUNTED { FORKS.load(Ordering::Relaxed) } else { std::process::id() }
}

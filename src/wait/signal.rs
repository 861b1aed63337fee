//! Something that happens again and again, and that a thread can wait for together with sockets.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd};

use rustix::event::{EventfdFlags, eventfd};

/// A descriptor that is readable from [`set`](Self::set) until [`clear`](Self::clear).
#[derive(Debug)]
pub(crate) struct Signal(File);

impl Signal {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?.into()))
    }

    pub(crate) fn set(&self) {
        // Fails only when the counter is full, and then it is readable already.
        let _ = (&self.0).write(&1_u64.to_ne_bytes());
    }

    pub(crate) fn clear(&self) {
        // Fails only when it was not set.
        let _ = (&self.0).read(&mut [0; 8]);
    }
}

impl AsFd for Signal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

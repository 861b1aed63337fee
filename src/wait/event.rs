//! Something that happens once, and that threads can wait for together with sockets.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::time::{Duration, Instant};

use once_cell::sync::OnceCell;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd};

use crate::sys::generation;

/// How often an event is looked at that has no descriptor to wait for.
const LOOK: Duration = Duration::from_millis(50);

/// A flag, with a descriptor that is made when somebody waits for the first time.
#[derive(Debug, Default)]
pub(crate) struct Event {
    is_set: AtomicBool,
    wake: OnceCell<Wake>,
}

#[derive(Debug)]
struct Wake {
    descriptor: File,
    /// The descriptor is shared with a child after fork(), the flag is not: a write in one process
    /// would wake the other for nothing, and for ever.
    generation: u32,
}

impl Event {
    /// Wakes all who wait, now and later.
    pub(crate) fn set(&self) {
        self.is_set.store(true, Ordering::SeqCst);
        // Pairs with the fence in poll(): either the flag is seen there, or the descriptor here.
        fence(Ordering::SeqCst);
        if let Some(wake) = self.wake.get()
            && wake.generation == generation()
        {
            // Fails only when the counter is full, and then it is readable already.
            let _ = (&wake.descriptor).write(&1_u64.to_ne_bytes());
        }
    }

    pub(crate) fn is_set(&self) -> bool {
        self.is_set.load(Ordering::SeqCst)
    }

    /// None when the process has no descriptor left, or has inherited this one.
    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        let wake = self.wake.get_or_try_init(|| {
            let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
            eventfd(0, flags).map(|fd| Wake { descriptor: fd.into(), generation: generation() })
        });
        wake.ok().filter(|wake| wake.generation == generation()).map(|wake| wake.descriptor.as_fd())
    }
}

/// Waits until one of the events is set, or the time has come.
pub(crate) fn wait_for_any(events: &[&Event], until: Option<Instant>) {
    // Without memory for the poll itself, it looks now and then.
    while poll(&[], events, until).is_err() && until.is_none_or(|until| Instant::now() < until) {
        std::thread::sleep(LOOK);
    }
}

/// Waits until a descriptor is ready or an event is set, and gives what each descriptor is ready
/// for; None when the time came before.
pub(crate) fn poll(
    descriptors: &[PollFd<'_>],
    events: &[&Event],
    until: Option<Instant>,
) -> io::Result<Option<Vec<PollFlags>>> {
    let mut all = descriptors.to_vec();
    all.extend(
        events
            .iter()
            .filter_map(|event| event.descriptor())
            .map(|descriptor| PollFd::from_borrowed_fd(descriptor, PollFlags::IN)),
    );
    let is_blind = all.len() < descriptors.len() + events.len();
    fence(Ordering::SeqCst);
    loop {
        if events.iter().any(|event| event.is_set()) {
            break;
        }
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let step = if is_blind { Some(left.map_or(LOOK, |left| left.min(LOOK))) } else { left };
        // What does not fit is longer than any process lives.
        let step = step.and_then(|step| Timespec::try_from(step).ok());
        match rustix::event::poll(&mut all, step.as_ref()) {
            Ok(0) if until.is_some_and(|until| until <= Instant::now()) => return Ok(None),
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Some(all.iter().take(descriptors.len()).map(PollFd::revents).collect()))
}

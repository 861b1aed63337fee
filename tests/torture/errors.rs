//! Which errors a system call can have, and how often each is made.

use std::collections::{BTreeSet, HashMap};

/// By name. What is not here cannot fail, or only by a fault of the program. `close` is left out because an
/// injected error leaves the descriptor open.
const ERRORS: &[(&str, &[&str])] = &[
    ("bind", &["EADDRINUSE", "EADDRNOTAVAIL", "EACCES"]),
    ("clock_nanosleep", &["EINTR"]),
    ("clone3", &["EAGAIN", "ENOMEM"]),
    (
        "connect",
        &[
            "ECONNREFUSED",
            "ENETUNREACH",
            "EHOSTUNREACH",
            "ETIMEDOUT",
            "EADDRNOTAVAIL",
            "EACCES",
            "EINTR",
        ],
    ),
    ("dup", &["EMFILE"]),
    ("eventfd2", &["EMFILE", "ENFILE", "ENOMEM"]),
    ("fcntl", &["EMFILE", "EINVAL"]),
    ("fdatasync", &["EIO", "ENOSPC", "EDQUOT"]),
    ("flock", &["EINTR", "EIO", "ENOLCK"]),
    ("fstat", &["EIO", "ENOMEM"]),
    ("fsync", &["EIO", "ENOSPC", "EDQUOT"]),
    ("ftruncate", &["EIO", "ENOSPC"]),
    ("getdents64", &["EIO", "ENOMEM"]),
    ("getpeername", &["ENOTCONN", "ENOBUFS"]),
    ("getrandom", &["EINTR", "EAGAIN", "ENOSYS"]),
    ("getsockname", &["ENOBUFS"]),
    ("getsockopt", &["ENOBUFS", "EINVAL"]),
    ("ioctl", &["EINVAL", "ENOTTY"]),
    ("lseek", &["EINVAL", "ESPIPE"]),
    ("mkdir", &["ENOSPC", "EROFS", "EACCES"]),
    ("mmap", &["ENOMEM"]),
    ("mprotect", &["ENOMEM"]),
    ("newfstatat", &["EIO", "EACCES", "ENOMEM"]),
    (
        "openat",
        &[
            "EIO", "EMFILE", "ENFILE", "ENOSPC", "EACCES", "EROFS", "ENOENT", "EINTR", "ENOMEM",
            "ELOOP",
        ],
    ),
    ("pipe2", &["EMFILE", "ENFILE"]),
    ("poll", &["EINTR", "ENOMEM"]),
    ("ppoll", &["EINTR", "ENOMEM"]),
    ("pread64", &["EIO", "EINTR"]),
    ("read", &["EIO", "EINTR"]),
    ("recvfrom", &["ECONNRESET", "ETIMEDOUT", "EINTR", "ENOMEM", "ENETDOWN", "EAGAIN"]),
    ("recvmsg", &["ECONNRESET", "EINTR", "ENOMEM"]),
    ("rename", &["EIO", "ENOSPC", "EXDEV", "EROFS", "EACCES"]),
    ("sched_getaffinity", &["EINVAL"]),
    (
        "sendmsg",
        &[
            "ECONNRESET",
            "EPIPE",
            "EINTR",
            "ENOBUFS",
            "ENOMEM",
            "ENETDOWN",
            "EHOSTUNREACH",
            "EAGAIN",
        ],
    ),
    ("sendto", &["ECONNRESET", "EPIPE", "EINTR", "ENOBUFS"]),
    ("setsockopt", &["ENOPROTOOPT", "EINVAL", "ENOMEM"]),
    ("socket", &["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EACCES", "EAFNOSUPPORT"]),
    ("statx", &["EIO", "EACCES", "ENOMEM", "ENOSYS"]),
    ("unlink", &["EIO", "EROFS", "EACCES"]),
    ("write", &["EIO", "ENOSPC", "EPIPE", "EINTR"]),
];

/// The errors of a system call.
pub fn of(call: &str) -> &'static [&'static str] {
    ERRORS.iter().find(|(name, _)| *name == call).map_or(&[], |(_, errors)| errors)
}

/// These say "again", so programs may repeat the call at once and for ever; no system says it without an end.
pub fn may_stay(error: &str) -> bool {
    !matches!(error, "EINTR" | "EAGAIN")
}

/// The calls of a program that can fail, by name and by their number for each thread, as strace counts them.
#[derive(Default)]
pub struct Failable {
    pub calls: BTreeSet<(String, usize)>,
    /// These cannot: they wake another thread.
    wakes: BTreeSet<(String, usize)>,
}

impl Failable {
    /// Reads the trace of a run. What the dynamic loader calls before the program begins is left out.
    pub fn of(trace: &str) -> Self {
        let mut counts: HashMap<(&str, &str), usize> = HashMap::new();
        let mut before: HashMap<&str, usize> = HashMap::new();
        let mut found = Self::default();
        let mut is_over = false;
        let (main_thread, _) = trace.split_once(' ').expect("strace writes the thread first");
        for line in trace.lines() {
            let Some((thread, call)) = line.split_once(' ') else { continue };
            let Some((name, arguments)) = call.trim_start().split_once('(') else { continue };
            if arguments.starts_with("\"/torture/begins\"") {
                before = counts.iter().map(|((_, name), count)| (*name, *count)).collect();
                found = Self::default();
            }
            is_over |= arguments.starts_with("\"/torture/ends\"");
            let count = counts.entry((thread, name)).or_default();
            *count += 1;
            let is_of_loader = before.get(name).is_some_and(|before| *count <= *before);
            if of(name).is_empty() || is_of_loader || (is_over && thread == main_thread) {
                continue;
            }
            let wakes = arguments.split(',').next().is_some_and(|fd| fd.contains("[eventfd]"));
            let calls = if wakes { &mut found.wakes } else { &mut found.calls };
            calls.insert((name.to_owned(), *count));
        }
        found.calls = found.calls.difference(&found.wakes).cloned().collect();
        found
    }

    /// Whether this call and all that follow it can fail.
    pub fn may_all_fail(&self, call: &str, nth: usize) -> bool {
        !self.wakes.iter().any(|(name, number)| name == call && *number >= nth)
    }
}

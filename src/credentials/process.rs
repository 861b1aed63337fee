//! Credentials that another program prints (spec: credentials.md 7).

use std::io::{self, ErrorKind, Read as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use zeroize::Zeroizing;

use super::document::{self, KeyDocument, MAX_DOCUMENT};
use super::provider::{Fetched, Limits, Provider, unusable};
use crate::error::Result;
use crate::text::quoted;
use crate::wait::{Event, poll, wait_for_any};

const SHELL_LIMIT: Duration = Duration::from_secs(15);
const PROGRAM_LIMIT: Duration = Duration::from_secs(60);

/// Runs a command that prints a JSON document with keys.
///
/// It gets no input, its standard error is that of the program, and it runs in a process group of
/// its own, which is killed when it takes too long.
pub struct Process {
    words: Vec<String>,
    limit: Duration,
}

impl Process {
    /// `sh -c command`, for at most 15 s.
    pub fn shell(command: &str) -> Result<Self> {
        if command.trim().is_empty() {
            return Err(unusable("the credentials process: its command is empty"));
        }
        let words = ["sh", "-c", command].map(str::to_owned).to_vec();
        Ok(Self { words, limit: SHELL_LIMIT })
    }

    /// A program and its arguments, without a shell, for at most 60 s: `process_command` of the
    /// command line tool's profiles. Words are split as a shell does, and nothing else is special.
    pub fn program(command: &str) -> Result<Self> {
        let fault = |fault| unusable(format!("the credentials process: its command {fault}"));
        let words = shlex::split(command)
            .ok_or_else(|| fault("has a quote without an end, or ends with a backslash"))?;
        match words.is_empty() {
            true => Err(fault("is empty")),
            false => Ok(Self { words, limit: PROGRAM_LIMIT }),
        }
    }

    /// What the process prints before it ends well.
    fn output(&self, limits: &Limits) -> Result<Zeroizing<Vec<u8>>> {
        let limits = limits.within(self.limit);
        let who = self.describe();
        let fault = |fault: String| unusable(format!("{who}: {fault}"));
        let mut running = Running::start(&self.words)
            .map_err(|error| fault(format!("cannot be started: {error}")))?;
        let mut stdout = running.child.stdout.take().expect("it was asked for");
        ioctl_fionbio(&stdout, true).map_err(|error| fault(error.to_string()))?;
        // Made large enough at once: growing would leave copies behind.
        let mut output = Zeroizing::new(Vec::with_capacity(MAX_DOCUMENT + 1));
        loop {
            // Asked before reading, so that nothing it wrote before its end is missed.
            let has_ended = running.ended.is_set();
            let room = MAX_DOCUMENT + 1 - output.len();
            match stdout.by_ref().take(room as u64).read_to_end(&mut output) {
                Err(error) if error.kind() == ErrorKind::WouldBlock && !has_ended => {
                    let readable = PollFd::new(&stdout, PollFlags::IN);
                    let events = [&*running.ended, limits.cancel.event()];
                    poll(&[readable], &events, Some(limits.deadline))
                        .map_err(|error| fault(error.to_string()))?;
                    limits.check(&who)?;
                }
                Err(error) if error.kind() != ErrorKind::WouldBlock => {
                    return Err(fault(error.to_string()));
                }
                Ok(_) if output.len() > MAX_DOCUMENT => {
                    return Err(fault(format!("it printed more than {MAX_DOCUMENT} bytes")));
                }
                // Something that it started may keep the pipe open, and has nothing to say.
                Ok(_) | Err(_) => break,
            }
        }
        wait_for_any(&[&running.ended, limits.cancel.event()], Some(limits.deadline));
        if !running.ended.is_set() {
            limits.check(&who)?;
        }
        match running.child.wait() {
            Ok(status) if !status.success() => Err(fault(format!(
                "it ended with {status}; what it wrote to standard error is where this program \
                 writes to"
            ))),
            // Fails when the program ignores SIGCHLD, or waits for all children itself: then the
            // output decides.
            Ok(_) | Err(_) => Ok(output),
        }
    }
}

impl Provider for Process {
    /// Names the program only: arguments may hold secrets.
    fn describe(&self) -> String {
        match self.words[0].as_str() {
            "sh" => "the credentials process (sh -c)".to_owned(),
            program => format!("the credentials process {}", quoted(program)),
        }
    }

    fn fetch(&self, limits: &Limits) -> Result<Fetched> {
        let who = self.describe();
        let output = self.output(limits)?;
        let keys: KeyDocument = document::parse(&output)
            .map_err(|fault| unusable(format!("{who}: its output has {fault}")))?;
        keys.into_fetched(&who, None)
    }
}

/// A process that is ended with this value.
struct Running {
    child: Child,
    /// Set when it has ended, but is still to be reaped, so that its number is not yet another's.
    ended: Arc<Event>,
}

impl Running {
    fn start(words: &[String]) -> io::Result<Self> {
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).process_group(0).stdin(Stdio::null()).stdout(Stdio::piped());
        let running = Self { child: command.spawn()?, ended: Arc::default() };
        let (process, ended) = (running.process(), Arc::clone(&running.ended));
        // A descriptor for the process, which poll() could wait for, needs Linux 5.3.
        let waiter = thread::Builder::new().name("ossbind-child".to_owned()).spawn(move || {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while matches!(waitid(WaitId::Pid(process), options), Err(Errno::INTR)) {}
            ended.set();
        });
        waiter.map(|_| running)
    }

    fn process(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended.is_set() {
            // It may have ended by now, which is as good.
            let _ = kill_process_group(self.process(), Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

//! Credentials that another program prints (spec: credentials.md 7).

use std::io::Read as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};
use zeroize::Zeroizing;

use super::document::{self, KeyDocument, Kind, MAX_DOCUMENT};
use super::provider::{Fetched, Limits, Provider, unusable};
use crate::error::Result;
use crate::text::quoted;

const SHELL_LIMIT: Duration = Duration::from_secs(15);
const PROGRAM_LIMIT: Duration = Duration::from_secs(60);
/// How often it is looked whether the process ended, or is to be ended.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

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

    fn start(&self) -> Result<Running> {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let child = command.spawn().map_err(|error| {
            unusable(format!("{}: cannot be started: {error}", self.describe()))
        })?;
        Ok(Running { child, ended: false })
    }

    /// What the process prints before it ends well.
    fn output(&self, limits: &Limits) -> Result<Zeroizing<Vec<u8>>> {
        let limits = limits.within(self.limit);
        let who = self.describe();
        let fault = |fault: String| unusable(format!("{who}: {fault}"));
        let mut running = self.start()?;
        let mut stdout = running.child.stdout.take().expect("it was asked for");
        // Made large enough at once: growing would leave copies behind.
        let mut output = Zeroizing::new(Vec::with_capacity(MAX_DOCUMENT + 1));
        let status = loop {
            limits.check(&who)?;
            if wait_readable(&stdout, limits.remaining().min(LOOK_INTERVAL)) {
                let count = read(&mut stdout, &mut output).map_err(|e| fault(e.to_string()))?;
                if output.len() > MAX_DOCUMENT {
                    return Err(fault(format!("it printed more than {MAX_DOCUMENT} bytes")));
                }
                if count == 0 {
                    break running.wait(&limits, &who)?;
                }
            } else if let Some(status) = running.look() {
                // Something that it started keeps the pipe open, and has nothing to say.
                break status;
            }
        };
        match status {
            Ended::Well | Ended::Unknown => Ok(output),
            Ended::Badly(status) => Err(fault(format!(
                "it {}; what it wrote to standard error is where this program writes to",
                description(status)
            ))),
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
        keys.into_fetched(&who, Kind::Any, None)
    }
}

/// A process that is ended with this value.
struct Running {
    child: Child,
    ended: bool,
}

enum Ended {
    Well,
    Badly(ExitStatus),
    /// The program ignores SIGCHLD, or waits for all children itself: then the output decides.
    Unknown,
}

impl Running {
    /// How it ended, if it did.
    fn look(&mut self) -> Option<Ended> {
        let ended = match self.child.try_wait() {
            Ok(None) => return None,
            Ok(Some(status)) if status.success() => Ended::Well,
            Ok(Some(status)) => Ended::Badly(status),
            Err(_) => Ended::Unknown,
        };
        self.ended = true;
        Some(ended)
    }

    /// It closed its output, so that it is about to end.
    fn wait(&mut self, limits: &Limits, who: &str) -> Result<Ended> {
        let mut pause = Duration::from_millis(1);
        loop {
            if let Some(ended) = self.look() {
                return Ok(ended);
            }
            limits.check(who)?;
            thread::sleep(pause);
            pause = (pause * 2).min(LOOK_INTERVAL);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only while it is ours: afterwards its number may be that of another process.
        if self.ended || self.look().is_some() {
            return;
        }
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            // It may have ended by now, which is as good.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// Whether a read would not wait. A failure to look shows when reading.
fn wait_readable(stdout: &ChildStdout, limit: Duration) -> bool {
    let timeout = Timespec::try_from(limit).unwrap_or_default();
    let mut fds = [PollFd::new(stdout, PollFlags::IN)];
    match poll(&mut fds, Some(&timeout)) {
        Ok(count) => count > 0,
        Err(error) => error != rustix::io::Errno::INTR,
    }
}

/// One read; what does not fit is cut off.
fn read(stdout: &mut ChildStdout, output: &mut Vec<u8>) -> std::io::Result<usize> {
    let mut chunk = Zeroizing::new([0; 4096]);
    let count = stdout.read(&mut *chunk)?;
    let room = MAX_DOCUMENT + 1 - output.len();
    output.extend_from_slice(&chunk[..count.min(room)]);
    Ok(count)
}

fn description(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with status {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended badly".to_owned(),
    }
}

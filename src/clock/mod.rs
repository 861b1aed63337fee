//! The time that signatures carry.
//!
//! Boards without a battery begin in 1970, and others are off by hours. The service says what time it is when
//! it refuses a request for that reason; a client then goes on with the service's time.

pub(crate) mod answer;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::time::Timestamp;

const DAY: u64 = 86_400;
/// The service is not older than the library, but for the time zones of those who build it.
const BUILD_DATE_GRACE: u64 = DAY;

/// Where a clock has its time from.
pub(crate) trait TimeSource: Send + Sync {
    /// What the device believes, which people and NTP change at any moment.
    fn wall(&self) -> SystemTime;
    /// What passes evenly.
    fn monotonic(&self) -> Instant;
}

/// The clocks of the operating system.
struct SystemTimeSource;

impl TimeSource for SystemTimeSource {
    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Instant {
        Instant::now()
    }
}

/// The clock of one client. Threads may share it.
pub(crate) struct Clock {
    source: Box<dyn TimeSource>,
    /// When the library was built.
    build_date: Timestamp,
    learned: Mutex<Option<Learned>>,
}

/// What time it was for the service, and when that was. Later jumps of the device's clock do not
/// matter; a device that slept, during which the monotonic clock stands, learns again.
#[derive(Clone, Copy)]
struct Learned {
    server: Timestamp,
    at: Instant,
}

/// A correction that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Correction {
    device: Timestamp,
    server: Timestamp,
}

/// A correction that was refused, since the answer may be forged or the service itself wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Further from the device's clock, or from the build date when that is later, than the limit.
    TooFar { device: Timestamp, reference: Timestamp, server: Timestamp, limit: Duration },
    /// Before the library was built.
    BeforeBuild { device: Timestamp, build_date: Timestamp, server: Timestamp },
}

impl Clock {
    /// How far a correction may go when TLS proves who answers.
    pub(crate) const DEFAULT_LIMIT: Duration = Duration::from_secs(3650 * DAY);
    /// How far when anybody may have answered: no further than the longest life of a signed URL.
    pub(crate) const UNPROVEN_LIMIT: Duration = Duration::from_secs(7 * DAY);

    /// A clock that believes the device.
    pub(crate) fn new(build_date: Timestamp) -> Self {
        Self::with_source(build_date, Box::new(SystemTimeSource))
    }

    pub(crate) fn with_source(build_date: Timestamp, source: Box<dyn TimeSource>) -> Self {
        Self { source, build_date, learned: Mutex::new(None) }
    }

    /// The service's time as far as it is known, else that of the device.
    pub(crate) fn now(&self) -> Timestamp {
        match *self.learned() {
            Some(Learned { server, at }) => {
                let passed = self.source.monotonic().saturating_duration_since(at);
                Timestamp(server.0.saturating_add(passed.as_secs()))
            }
            None => self.device(),
        }
    }

    /// How far a correction may go when the program does not say. A clock that was never set has to be
    /// corrected whoever answers.
    pub(crate) fn default_limit(&self, is_server_proven: bool) -> Duration {
        match is_server_proven || self.device() < self.build_date {
            true => Self::DEFAULT_LIMIT,
            false => Self::UNPROVEN_LIMIT,
        }
    }

    /// Takes over the time of an answer that has just come, within `limit` of the later of the device's
    /// clock and the build date. The limit never counts from an earlier correction, so that many
    /// small ones go no further than one.
    pub(crate) fn learn(&self, server: Timestamp, limit: Duration) -> Result<Correction, Refusal> {
        let (device, build_date) = (self.device(), self.build_date);
        let reference = device.max(build_date);
        if server.0 < build_date.0.saturating_sub(BUILD_DATE_GRACE) {
            return Err(Refusal::BeforeBuild { device, build_date, server });
        }
        if Duration::from_secs(server.0.abs_diff(reference.0)) > limit {
            return Err(Refusal::TooFar { device, reference, server, limit });
        }
        *self.learned() = Some(Learned { server, at: self.source.monotonic() });
        Ok(Correction { device, server })
    }

    /// A clock before 1970 counts as 1970: the service says by how much it is wrong.
    fn device(&self) -> Timestamp {
        self.source.wall().into()
    }

    fn learned(&self) -> MutexGuard<'_, Option<Learned>> {
        // It is replaced as a whole, so a panic elsewhere leaves nothing half done.
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("now", &self.now()).finish_non_exhaustive()
    }
}

/// For the log.
impl fmt::Display for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (device, server) = (self.device, self.server);
        let off = span(device.0.abs_diff(server.0));
        let (device_text, server_text) = (device.iso_milliseconds(), server.iso_milliseconds());
        write!(f, "the clock of this device says {device_text}, the service says {server_text}: ")?;
        match device < server {
            true => write!(f, "{off} behind; ")?,
            false => write!(f, "{off} ahead; ")?,
        }
        f.write_str("signing with the service's time")
    }
}

/// For the message of an error.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::TooFar { device, server, .. } | Self::BeforeBuild { device, server, .. }) = self;
        let (device, server) = (device.iso_milliseconds(), server.iso_milliseconds());
        write!(f, "the clock of this device says {device}, the service says {server}, ")?;
        match self {
            Self::TooFar { device, reference, server, limit } => {
                let off = span(server.0.abs_diff(reference.0));
                let from = match reference == device {
                    true => " away".to_owned(),
                    false => format!(" from {}, when the library was built", day(*reference)),
                };
                write!(f, "which is {off}{from}; ")?;
                match limit.is_zero() {
                    true => f.write_str("this client keeps the clock of the device")?,
                    false => {
                        let limit = span(limit.as_secs());
                        write!(f, "a correction of more than {limit} is refused")?;
                    }
                }
                if *limit == Clock::UNPROVEN_LIMIT {
                    f.write_str(
                        ", since nothing proves who answers; use https with a certificate",
                    )?;
                    return f.write_str(" that is checked, or set the clock of this device");
                }
            }
            Self::BeforeBuild { build_date, .. } => {
                let built = day(*build_date);
                write!(f, "which is refused because the library was built later, on {built}")?;
            }
        }
        f.write_str(": set the clock of this device")
    }
}

/// `2026-01-01`.
fn day(timestamp: Timestamp) -> String {
    let text = timestamp.iso_milliseconds();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// A length of time as people say it: `17 min`.
fn span(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 3600;
    const TWO_DAYS: u64 = 2 * DAY;
    match seconds {
        0..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..TWO_DAYS => format!("{} h", seconds / HOUR),
        _ => format!("{} days", seconds / DAY),
    }
}

#[cfg(test)]
mod tests;

//! What is sent next, and when. The time comes in as a value. None of it is written to the disk.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::index::{Index, Place};
use super::name::{MAX_PRIORITY, Name};
use super::receipt::Facts;
use crate::retry::{RetryPolicy, random01};

/// What to do now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Send(Name),
    /// Nothing, until this moment, or until something changes.
    Wait(Option<Instant>),
    /// Nothing waits any more.
    Empty,
}

#[derive(Debug, Default)]
pub(super) struct Sending {
    /// Items that wait for a reason of their own, by id.
    waits: BTreeMap<u64, Wait>,
    /// What became of items whose receipts the disk did not take, by id.
    unwritten: BTreeMap<u64, Facts>,
    in_flight: Vec<Name>,
    /// Attempts in a row that failed for a reason that others may share; a success halves it.
    failures: u32,
    /// When the last one of these ended.
    last_failure: Option<Instant>,
    /// The end of the pause that all of them make.
    pause: Option<Instant>,
    is_down: bool,
    is_metered: bool,
}

#[derive(Debug, Default)]
struct Wait {
    /// None while the network is metered.
    until: Option<Instant>,
    attempts: u32,
    /// Why the last attempt failed.
    message: Option<String>,
    /// The answer to one is lost.
    is_in_doubt: bool,
}

impl Sending {
    /// The item that is sent next. It counts as being sent until [`Self::ended`].
    pub(super) fn next(&mut self, index: &Index, now: Instant, newest_first: bool) -> Next {
        let waiting = index.of(Place::Waiting);
        if waiting.is_empty() {
            return Next::Empty;
        }
        if self.is_down {
            return Next::Wait(None);
        }
        let pause = self.pause.filter(|pause| *pause > now);
        if pause.is_some() || (self.failures > 0 && !self.in_flight.is_empty()) {
            // One item tries whether it works again.
            return Next::Wait(pause);
        }
        let candidate = (0..=MAX_PRIORITY).rev().find_map(|priority| {
            let begin = waiting.partition_point(|name| name.priority() > priority);
            let end = waiting.partition_point(|name| name.priority() >= priority);
            let mut names = waiting[begin..end].iter().copied();
            let is_free = |name: &Name| self.is_free(index, *name, now);
            if newest_first { names.rev().find(is_free) } else { names.find(is_free) }
        });
        // Those whose turn it is may never work: every second time one tries that has not failed yet.
        let other = (self.failures > 0 && self.failures.is_multiple_of(2)).then(|| {
            let (before, after) = waiting.split_at((random01() * waiting.len() as f64) as usize);
            let mut names = after.iter().chain(before).copied();
            names.find(|name| self.attempts(name.id()).0 == 0 && self.is_free(index, *name, now))
        });
        match other.flatten().or(candidate) {
            Some(name) => {
                self.in_flight.push(name);
                Next::Send(name)
            }
            None => {
                // Those whose time has come wait for something else, which wakes the sender.
                let untils = self.waits.values().filter_map(|wait| wait.until);
                Next::Wait(untils.filter(|until| *until > now).min())
            }
        }
    }

    /// Begins with an item that was just added, if nothing else waits or fails.
    pub(super) fn begin_at_once(&mut self, index: &Index, name: Name, now: Instant) -> bool {
        let is_alone = index.of(Place::Waiting).is_empty()
            && (self.failures == 0 || self.in_flight.is_empty());
        let is_open = !self.is_down && self.pause.is_none_or(|pause| pause <= now);
        let begins = is_alone && is_open && (name.order == 0 || is_first_of_its_order(index, name));
        if begins {
            self.in_flight.push(name);
        }
        begins
    }

    fn is_free(&self, index: &Index, name: Name, now: Instant) -> bool {
        let is_due = match self.waits.get(&name.id()) {
            Some(wait) => wait.until.is_some_and(|until| until <= now),
            None => true,
        };
        is_due
            && !self.in_flight.iter().any(|sent| sent.id() == name.id())
            && (name.order == 0 || is_first_of_its_order(index, name))
    }

    /// Whether others are being sent.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.is_empty()
    }

    pub(super) fn is_metered(&self) -> bool {
        self.is_metered
    }

    /// The item is not being sent any more. What became of it is noted until the disk takes its receipt.
    pub(super) fn ended(&mut self, name: Name, unwritten: Option<Facts>) {
        self.in_flight.retain(|sent| sent.id() != name.id());
        if let Some(facts) = unwritten {
            self.unwritten.insert(name.id(), facts);
        }
    }

    /// It is gone.
    pub(super) fn forget(&mut self, id: u64) {
        self.waits.remove(&id);
        self.unwritten.remove(&id);
    }

    pub(super) fn unwritten(&self, id: u64) -> Option<&Facts> {
        self.unwritten.get(&id)
    }

    /// The way to the service is open. It may be overloaded: a fleet that comes back must not begin with
    /// the shortest pause after each success (docs/retries.md).
    pub(super) fn succeeded(&mut self) {
        self.failures /= 2;
        self.pause = None;
    }

    /// It failed in an attempt from `began` to `now`, and is tried again. `asked` is what the server wants all
    /// to wait, and `own` what this one has to wait.
    pub(super) fn failed(
        &mut self,
        name: Name,
        (began, now): (Instant, Instant),
        policy: &RetryPolicy,
        asked: Option<Duration>,
        own: Duration,
        message: &str,
    ) {
        self.put_off(name, now, policy, (asked, own), message);
        // What was under way at the same time fails for the same reason.
        if self.last_failure.is_none_or(|last| last <= began) {
            self.failures = self.failures.saturating_add(1);
            self.last_failure = Some(now);
            self.pause = now.checked_add(policy.delay(self.failures, random01(), asked));
        }
    }

    /// It fails for a reason that no other item has.
    pub(super) fn postpone(
        &mut self,
        name: Name,
        now: Instant,
        policy: &RetryPolicy,
        asked: Option<Duration>,
        message: &str,
    ) {
        self.put_off(name, now, policy, (asked, Duration::ZERO), message);
    }

    fn put_off(
        &mut self,
        name: Name,
        now: Instant,
        policy: &RetryPolicy,
        (asked, own): (Option<Duration>, Duration),
        message: &str,
    ) {
        let wait = self.wait(name);
        wait.attempts = wait.attempts.saturating_add(1);
        wait.message = Some(message.chars().take(200).collect());
        let delay = policy.delay(wait.attempts, random01(), asked);
        wait.until = now.checked_add(delay.max(own));
    }

    /// The answer to an attempt is lost.
    pub(super) fn doubt(&mut self, name: Name) {
        self.wait(name).is_in_doubt = true;
    }

    pub(super) fn is_in_doubt(&self, id: u64) -> bool {
        self.waits.get(&id).is_some_and(|wait| wait.is_in_doubt)
    }

    /// It is not its time yet; without `until`, the network is metered.
    pub(super) fn not_before(&mut self, name: Name, until: Option<Instant>) {
        self.wait(name).until = until;
    }

    fn wait(&mut self, name: Name) -> &mut Wait {
        self.waits.entry(name.id()).or_default()
    }

    /// Attempts of this process that failed, and why the last one did.
    pub(super) fn attempts(&self, id: u64) -> (u32, Option<&str>) {
        let wait = self.waits.get(&id);
        wait.map_or((0, None), |wait| (wait.attempts, wait.message.as_deref()))
    }

    pub(super) fn retry(&mut self, id: u64) {
        self.waits.remove(&id);
        self.pause = None;
    }

    pub(super) fn retry_all(&mut self) {
        self.waits.clear();
        self.pause = None;
    }

    pub(super) fn set_network(&mut self, is_up: bool, is_metered: bool) {
        if is_up && self.is_down {
            self.pause = None;
        }
        (self.is_down, self.is_metered) = (!is_up, is_metered);
        if !is_metered {
            self.waits.retain(|_, wait| wait.until.is_some());
        }
    }
}

/// No earlier item of the same order is there, be it held or damaged.
fn is_first_of_its_order(index: &Index, name: Name) -> bool {
    let before = |other: &&Name| other.order == name.order && other.id() < name.id();
    [Place::Waiting, Place::Held].iter().all(|place| !index.of(*place).iter().any(|n| before(&n)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest pauses are up to 2, 4, 8, … seconds. They are random, so many are looked at.
    #[test]
    fn a_success_does_not_bring_back_the_shortest_pause() {
        let now = Instant::now();
        let policy = RetryPolicy {
            attempts: u32::MAX,
            base_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(1000),
        };
        let name = Name::new(1, 0, 0, 0, 0);
        let pauses = (0..100).map(|_| {
            let mut sending = Sending::default();
            let fail = |sending: &mut Sending| {
                sending.failed(name, (now, now), &policy, None, Duration::ZERO, "");
                sending.pause.unwrap() - now
            };
            for _ in 0..8 {
                fail(&mut sending);
            }
            sending.succeeded();
            assert_eq!(sending.pause, None);
            fail(&mut sending)
        });
        let longest = pauses.max().unwrap();
        assert!(
            longest > Duration::from_secs(16) && longest < Duration::from_secs(32),
            "{longest:?}"
        );
    }

    /// Several threads send, and the network goes: that is one failure.
    #[test]
    fn attempts_that_fail_together_count_once() {
        let now = Instant::now();
        let policy = RetryPolicy { attempts: u32::MAX, ..RetryPolicy::default() };
        let mut sending = Sending::default();
        let mut fail = |id, began: u64, ended: u64| {
            let [began, ended] = [began, ended].map(|after| now + Duration::from_secs(after));
            let name = Name::new(id, 0, 0, 0, 0);
            sending.failed(name, (began, ended), &policy, None, Duration::ZERO, "");
            sending.failures
        };
        assert_eq!([fail(1, 0, 5), fail(2, 1, 6), fail(3, 4, 7)], [1, 1, 1]);
        assert_eq!([fail(4, 8, 9), fail(5, 8, 10), fail(4, 10, 11)], [2, 2, 3]);
    }

    /// What is due but cannot go, because it is being sent, wakes nobody.
    #[test]
    fn the_sender_sleeps_while_what_is_due_is_being_sent() {
        let now = Instant::now();
        let [first, second] = [1, 2].map(|id| Name::new(id, 0, 0, 0, 0));
        let mut index = Index::default();
        for name in [first, second] {
            index.insert(Place::Waiting, name);
        }
        let (mut sending, hour) = (Sending::default(), Duration::from_secs(3600));
        sending.not_before(first, Some(now));
        sending.not_before(second, Some(now + hour));
        assert_eq!(sending.next(&index, now, false), Next::Send(first));
        assert_eq!(sending.next(&index, now, false), Next::Wait(Some(now + hour)));
    }
}

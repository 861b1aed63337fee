//! When credentials are renewed, and what their users get meanwhile. Pure: the time comes in as a value.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::Credentials;
use super::life::Life;
use super::source::Lease;
use crate::error::{Error, Result};
use crate::wait::Event;

/// When a renewal brought the same credentials that the service had refused, another one within
/// this time would bring them again.
const REFUSAL_PAUSE: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(super) struct Renewal {
    current: Option<Current>,
    /// The one fetch that is under way.
    fetch: Option<Arc<Fetch>>,
    /// Why a renewal failed that nobody waited for.
    failed: Option<Error>,
    generations: u64,
    /// After a failure, or after refused credentials came back.
    renew_not_before: Option<Instant>,
    refuse_not_before: Option<Instant>,
}

struct Current {
    lease: Lease,
    life: Option<Life>,
    /// The service does not take them.
    refused: bool,
}

/// One call of the provider, for all who wait for it.
pub(super) struct Fetch {
    pub(super) began: Instant,
    /// Set when there is an outcome.
    pub(super) done: Event,
    /// Who waited takes what it brought, whatever is left of its life: to fetch again would be a loop.
    pub(super) outcome: OnceLock<Result<Lease>>,
}

impl Renewal {
    /// Credentials that are good for now, and whether to renew them in the background. None when
    /// others have to be waited for.
    pub(super) fn usable(&self, now: Instant) -> Option<(Lease, bool)> {
        let current = self.current.as_ref().filter(|current| current.is_alive(now))?;
        let is_pausing = self.renew_not_before.is_some_and(|moment| now < moment);
        // Close to their end others are better, unless that was tried just now, and in vain.
        if !is_pausing && current.life.is_some_and(|life| now >= life.usable_until) {
            return None;
        }
        let is_aging = current.life.is_some_and(|life| now >= life.renew_at);
        Some((current.lease.clone(), is_aging && !is_pausing && self.fetch.is_none()))
    }

    pub(super) fn running(&self) -> Option<Arc<Fetch>> {
        self.fetch.clone()
    }

    pub(super) fn begin(&mut self, now: Instant) -> Arc<Fetch> {
        let fetch = Fetch { began: now, done: Event::default(), outcome: OnceLock::new() };
        Arc::clone(self.fetch.insert(Arc::new(fetch)))
    }

    pub(super) fn finish(
        &mut self,
        outcome: Result<(Arc<Credentials>, Option<Life>)>,
        now: Instant,
    ) {
        let outcome = match outcome {
            Ok((credentials, life)) => Ok(self.take(credentials, life, now)),
            Err(error) => self.keep(error, now),
        };
        if let Some(fetch) = self.fetch.take() {
            fetch.outcome.get_or_init(|| outcome);
            fetch.done.set();
        }
    }

    /// What is left when a fetch failed.
    fn keep(&mut self, error: Error, now: Instant) -> Result<Lease> {
        let Some(current) = &self.current else { return Err(error) };
        self.renew_not_before = current.life.map(|life| now + life.pause(now));
        self.failed = Some(error.clone());
        match current.is_alive(now) {
            true => Ok(current.lease.clone()),
            false => Err(error),
        }
    }

    fn take(&mut self, credentials: Arc<Credentials>, life: Option<Life>, now: Instant) -> Lease {
        self.renew_not_before = None;
        if let Some(current) = &mut self.current
            && current.lease.has_same_keys(&credentials)
        {
            if current.refused {
                self.refuse_not_before = Some(now + REFUSAL_PAUSE);
            }
            *current = Current { lease: current.lease.clone(), life, refused: false };
            // A provider that repeats itself shall not be asked at every turn.
            self.renew_not_before = life.map(|life| now + life.pause(now));
            return current.lease.clone();
        }
        self.generations += 1;
        let lease = Lease { credentials, generation: self.generations };
        self.current = Some(Current { lease: lease.clone(), life, refused: false });
        lease
    }

    pub(super) fn take_failure(&mut self) -> Option<Error> {
        self.failed.take()
    }

    /// The service refused `used`. False when renewing it would be in vain.
    pub(super) fn refuse(&mut self, used: u64, now: Instant) -> bool {
        let current = self.current.as_mut();
        let Some(current) = current.filter(|c| c.lease.generation == used) else {
            return true;
        };
        if !current.refused && self.refuse_not_before.is_some_and(|moment| now < moment) {
            return false;
        }
        current.refused = true;
        true
    }
}

impl Current {
    /// The service takes them still.
    fn is_alive(&self, now: Instant) -> bool {
        !self.refused && self.life.is_none_or(|life| now < life.expires)
    }
}

#[cfg(test)]
mod unit_tests {
    use super::super::provider::{Expiration, unusable};
    use super::*;
    use crate::time::Timestamp;

    const SECOND: Duration = Duration::from_secs(1);

    /// Keys, of this number, live for an hour from `now` on.
    fn fetch(renewal: &mut Renewal, number: u32, now: Instant) {
        let keys = Credentials::new(&format!("id{number}"), "s", None).unwrap();
        let life = Life::of(Expiration::After(3600 * SECOND), now, Timestamp(0)).unwrap();
        renewal.begin(now);
        renewal.finish(Ok((Arc::new(keys), life)), now);
    }

    fn fail(renewal: &mut Renewal, now: Instant) -> Result<Lease> {
        let fetch = renewal.begin(now);
        renewal.finish(Err(unusable("no luck")), now);
        fetch.outcome.get().unwrap().clone()
    }

    fn word(renewal: &Renewal, now: Instant) -> &'static str {
        match renewal.usable(now) {
            Some((_, false)) => "good",
            Some((_, true)) => "to be renewed",
            None => "useless",
        }
    }

    #[test]
    fn an_hour() {
        let now = Instant::now();
        let mut renewal = Renewal::default();
        assert_eq!(word(&renewal, now), "useless");
        fetch(&mut renewal, 1, now);
        for (seconds, expected) in [
            (0, "good"),
            (2879, "good"),
            (2880, "to be renewed"),
            (3569, "to be renewed"),
            (3570, "useless"),
            (3600, "useless"),
        ] {
            assert_eq!(word(&renewal, now + seconds * SECOND), expected, "{seconds}");
        }
        renewal.begin(now + 2880 * SECOND);
        assert_eq!(word(&renewal, now + 2881 * SECOND), "good");
    }

    #[test]
    fn a_renewal_that_fails_is_tried_again_after_a_pause() {
        let now = Instant::now();
        let mut renewal = Renewal::default();
        fetch(&mut renewal, 1, now);
        let at = |seconds| now + seconds * SECOND;
        assert_eq!(fail(&mut renewal, at(2880)).unwrap().access_key_id(), "id1");
        assert_eq!(word(&renewal, at(2880)), "good");
        assert_eq!(word(&renewal, at(2939)), "good");
        assert_eq!(word(&renewal, at(2940)), "to be renewed");
        // In the last half minute new keys are waited for, and else the old ones serve.
        assert_eq!(word(&renewal, at(3575)), "useless");
        assert_eq!(fail(&mut renewal, at(3575)).unwrap().access_key_id(), "id1");
        assert_eq!(word(&renewal, at(3575)), "good");
        assert_eq!(word(&renewal, at(3577)), "useless");
        assert_eq!(fail(&mut renewal, at(3600)).unwrap_err().message(), "no luck");
        assert_eq!(word(&renewal, at(3600)), "useless");
    }

    #[test]
    fn a_provider_that_repeats_itself_is_asked_now_and_then() {
        let now = Instant::now();
        let mut renewal = Renewal::default();
        fetch(&mut renewal, 1, now);
        let at = |seconds| now + seconds * SECOND;
        let keys = Arc::new(Credentials::new("id1", "s", None).unwrap());
        // As a server does that keeps its keys until shortly before their end.
        let life = renewal.current.as_ref().unwrap().life;
        assert_eq!(life.unwrap().expires, at(3600));
        renewal.begin(at(2880));
        renewal.finish(Ok((Arc::clone(&keys), life)), at(2880));
        assert_eq!(word(&renewal, at(2881)), "good");
        assert_eq!(word(&renewal, at(2940)), "to be renewed");
    }

    #[test]
    fn refused_keys_are_useless_at_once() {
        let now = Instant::now();
        let mut renewal = Renewal::default();
        fetch(&mut renewal, 1, now);
        let (used, _) = renewal.usable(now).unwrap();
        assert!(renewal.refuse(used.generation, now));
        assert_eq!(word(&renewal, now), "useless");
        // The same again: they are used, but not renewed for a while.
        fetch(&mut renewal, 1, now);
        assert_eq!(word(&renewal, now), "good");
        assert!(!renewal.refuse(used.generation, now + 9 * SECOND));
        assert_eq!(word(&renewal, now), "good");
        assert!(renewal.refuse(used.generation, now + 10 * SECOND));
        fetch(&mut renewal, 2, now + 10 * SECOND);
        let (renewed, _) = renewal.usable(now).unwrap();
        assert!(renewed.generation > used.generation);
        // An old refusal says nothing about new keys.
        assert!(renewal.refuse(used.generation, now + 11 * SECOND));
        assert_eq!(word(&renewal, now + 11 * SECOND), "good");
    }
}

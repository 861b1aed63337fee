//! What a source knows. Pure: the time comes in as a value.

use std::sync::Arc;
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
pub(super) struct State {
    current: Option<Current>,
    /// Since when the one fetch runs, and what tells that it is done.
    fetching: Option<(Instant, Arc<Event>)>,
    /// Number of fetches that ended, and how the last of them did.
    finished: u64,
    last: Option<Result<Lease>>,
    /// Why a renewal failed that nobody waited for.
    failed_renewal: Option<Error>,
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

/// What the credentials are good for now.
pub(super) enum Standing {
    Good(Lease),
    /// Good, but to be renewed.
    Aging(Lease),
    /// None, refused, or too close to their end.
    Useless,
}

impl State {
    pub(super) fn standing(&self, now: Instant) -> Standing {
        match &self.current {
            Some(current) if !current.refused => match current.life {
                Some(life) if now >= life.expires => Standing::Useless,
                // Unless that was tried just now, and in vain.
                Some(life) if now >= life.usable_until && !self.is_pausing(now) => {
                    Standing::Useless
                }
                Some(life) if now >= life.renew_at => Standing::Aging(current.lease.clone()),
                _ => Standing::Good(current.lease.clone()),
            },
            _ => Standing::Useless,
        }
    }

    fn is_pausing(&self, now: Instant) -> bool {
        self.renew_not_before.is_some_and(|moment| now < moment)
    }

    /// What tells that the fetch that is under way is done.
    pub(super) fn running(&self) -> Option<Arc<Event>> {
        self.fetching.as_ref().map(|(_, done)| Arc::clone(done))
    }

    /// Whether a renewal in the background may begin.
    pub(super) fn may_renew(&self, now: Instant) -> bool {
        self.fetching.is_none() && !self.is_pausing(now)
    }

    /// The number of the fetch that is under way, or else of the next.
    pub(super) fn next_ticket(&self) -> u64 {
        self.finished + 1
    }

    pub(super) fn begin(&mut self, now: Instant) -> Arc<Event> {
        let done = Arc::new(Event::default());
        self.fetching = Some((now, Arc::clone(&done)));
        done
    }

    pub(super) fn running_for(&self, now: Instant) -> Duration {
        let since = self.fetching.as_ref().map(|(since, _)| *since);
        since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// None while that fetch is under way. Who waited takes what it brought, whatever is left of
    /// its life: to fetch again would be a loop.
    pub(super) fn outcome_of(&self, ticket: u64, now: Instant) -> Option<Result<Lease>> {
        let last = self.last.as_ref().filter(|_| self.finished >= ticket)?;
        let alive = self.current.as_ref().filter(|current| current.is_alive(now));
        Some(match (last, alive) {
            (Err(_), Some(current)) => Ok(current.lease.clone()),
            _ => last.clone(),
        })
    }

    pub(super) fn finish(
        &mut self,
        outcome: Result<(Arc<Credentials>, Option<Life>)>,
        now: Instant,
    ) {
        let fetching = self.fetching.take();
        self.finished += 1;
        self.last = Some(outcome.map(|(credentials, life)| self.take(credentials, life, now)));
        if let Some(Err(error)) = &self.last {
            self.failed_renewal = self.current.is_some().then(|| error.clone());
            let life = self.current.as_ref().and_then(|current| current.life);
            self.renew_not_before = life.map(|life| now + life.pause(now));
        }
        if let Some((_, done)) = fetching {
            done.set();
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

    pub(super) fn take_failed_renewal(&mut self) -> Option<Error> {
        self.failed_renewal.take()
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

    /// A state whose keys, of this number, live for an hour from `now` on.
    fn fetch(state: &mut State, number: u32, now: Instant) {
        let keys = Credentials::new(&format!("id{number}"), "s", None).unwrap();
        let life = Life::of(Expiration::After(3600 * SECOND), now, Timestamp(0)).unwrap();
        state.begin(now);
        state.finish(Ok((Arc::new(keys), life)), now);
    }

    fn fail(state: &mut State, now: Instant) {
        state.begin(now);
        state.finish(Err(unusable("no luck")), now);
    }

    fn word(state: &State, now: Instant) -> &'static str {
        match state.standing(now) {
            Standing::Good(_) => "good",
            Standing::Aging(_) if state.may_renew(now) => "to be renewed",
            Standing::Aging(_) => "aging",
            Standing::Useless => "useless",
        }
    }

    #[test]
    fn an_hour() {
        let now = Instant::now();
        let mut state = State::default();
        assert_eq!(word(&state, now), "useless");
        fetch(&mut state, 1, now);
        for (seconds, expected) in [
            (0, "good"),
            (2879, "good"),
            (2880, "to be renewed"),
            (3569, "to be renewed"),
            (3570, "useless"),
            (3600, "useless"),
        ] {
            assert_eq!(word(&state, now + seconds * SECOND), expected, "{seconds}");
        }
        state.begin(now + 2880 * SECOND);
        assert_eq!(word(&state, now + 2881 * SECOND), "aging");
    }

    #[test]
    fn a_renewal_that_fails_is_tried_again_after_a_pause() {
        let now = Instant::now();
        let mut state = State::default();
        fetch(&mut state, 1, now);
        let at = |seconds| now + seconds * SECOND;
        fail(&mut state, at(2880));
        assert_eq!(word(&state, at(2880)), "aging");
        assert_eq!(word(&state, at(2939)), "aging");
        assert_eq!(word(&state, at(2940)), "to be renewed");
        // In the last half minute new keys are waited for, and else the old ones serve.
        let ticket = state.next_ticket();
        assert_eq!(word(&state, at(3575)), "useless");
        assert!(state.outcome_of(ticket, at(3575)).is_none());
        fail(&mut state, at(3575));
        assert_eq!(state.outcome_of(ticket, at(3575)).unwrap().unwrap().access_key_id(), "id1");
        assert_eq!(word(&state, at(3575)), "aging");
        assert_eq!(word(&state, at(3577)), "useless");
        let expired = state.outcome_of(ticket, at(3600)).unwrap().unwrap_err();
        assert_eq!(expired.message(), "no luck");
        assert_eq!(word(&state, at(3600)), "useless");
    }

    #[test]
    fn a_provider_that_repeats_itself_is_asked_now_and_then() {
        let now = Instant::now();
        let mut state = State::default();
        fetch(&mut state, 1, now);
        let at = |seconds| now + seconds * SECOND;
        let keys = Arc::new(Credentials::new("id1", "s", None).unwrap());
        // As a server does that keeps its keys until shortly before their end.
        let life = state.current.as_ref().unwrap().life;
        assert_eq!(life.unwrap().expires, at(3600));
        state.begin(at(2880));
        state.finish(Ok((Arc::clone(&keys), life)), at(2880));
        assert_eq!(word(&state, at(2881)), "aging");
        assert_eq!(word(&state, at(2940)), "to be renewed");
    }

    #[test]
    fn refused_keys_are_useless_at_once() {
        let now = Instant::now();
        let mut state = State::default();
        fetch(&mut state, 1, now);
        let Standing::Good(used) = state.standing(now) else { panic!() };
        assert!(state.refuse(used.generation, now));
        assert_eq!(word(&state, now), "useless");
        // The same again: they are used, but not renewed for a while.
        fetch(&mut state, 1, now);
        assert_eq!(word(&state, now), "good");
        assert!(!state.refuse(used.generation, now + 9 * SECOND));
        assert_eq!(word(&state, now), "good");
        assert!(state.refuse(used.generation, now + 10 * SECOND));
        fetch(&mut state, 2, now + 10 * SECOND);
        let Standing::Good(renewed) = state.standing(now) else { panic!() };
        assert!(renewed.generation > used.generation);
        // An old refusal says nothing about new keys.
        assert!(state.refuse(used.generation, now + 11 * SECOND));
        assert_eq!(word(&state, now + 11 * SECOND), "good");
    }
}

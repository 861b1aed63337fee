//! When a request is sent again. The rules are those of `docs/retries.md`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::context::Call;
use super::session::Session;
use crate::clock::answer::is_skew;
use crate::credentials::is_token_refusal;
use crate::error::{Error, ObjectState, Result, RetryAdvice, Status};
use crate::retry::random01;

/// Why a body that was begun is not sent again.
pub(super) const NO_REWIND: &str = "not tried again: the body cannot be given again without rewind";

/// What a second attempt could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repetition {
    /// It changes nothing that the first has not: parts, questions, and puts that were looked for.
    Harmless,
    /// It could store, or call back, a second time: only after what surely stored nothing.
    OnlyIfNotStored,
}

/// The attempts at one request.
pub(super) struct Tries<'a> {
    call: &'a Call<'a>,
    /// None when nothing can be signed anew.
    session: Option<Session<'a>>,
    made: u32,
    had_stale_connection: bool,
    had_other_credentials: bool,
    had_other_time: bool,
    /// Set when nobody needs another attempt any more.
    stop: Option<&'a AtomicBool>,
}

impl<'a> Tries<'a> {
    pub(super) fn of_session(session: Session<'a>) -> Self {
        Self { session: Some(session), ..Self::of_call(session.call()) }
    }

    /// For what was signed elsewhere.
    pub(super) fn of_call(call: &'a Call<'a>) -> Self {
        Self {
            call,
            session: None,
            made: 1,
            had_stale_connection: false,
            had_other_credentials: false,
            had_other_time: false,
            stop: None,
        }
    }

    pub(super) fn until(self, stop: &'a AtomicBool) -> Self {
        Self { stop: Some(stop), ..self }
    }

    pub(super) fn note_success(&self) {
        if self.made == 1 {
            self.call.client.retry_budget.first_attempt_succeeded(Instant::now());
        }
    }

    /// Whether it is worth while to look for a cure at all.
    pub(super) fn is_curable(&self, error: &Error, repetition: Repetition) -> bool {
        let is_ended = matches!(error.status(), Status::Cancelled | Status::AbortedByCaller);
        let may_repeat = match error.object_state() {
            ObjectState::NotStored => true,
            ObjectState::Unknown => repetition == Repetition::Harmless,
            ObjectState::Stored => false,
        };
        let may_pass = error.retry_advice() != RetryAdvice::No
            || error.hints().stale
            || is_refused_token(error)
            || is_skewed(error);
        !is_ended && may_repeat && may_pass && !self.call.time_left().is_zero()
    }

    /// Waits until the request may be sent again, or gives the error that is to be the last.
    pub(super) fn again(&mut self, error: Error, repetition: Repetition) -> Result<()> {
        if !self.is_curable(&error, repetition) {
            return Err(self.last(error));
        }
        let error = match self.cured(error)? {
            None => {
                self.count();
                return Ok(());
            }
            Some(error) => error,
        };
        let is_passing = match error.retry_advice() {
            RetryAdvice::Yes => !is_skewed(&error),
            RetryAdvice::CheckFirst => repetition == Repetition::Harmless,
            RetryAdvice::No => false,
        };
        let policy = &self.call.client.retry_policy;
        if !is_passing || !policy.allows_another(self.made) {
            return Err(self.last(error));
        }
        let delay = policy.delay(self.made, random01(), error.hints().retry_after);
        if delay >= self.call.time_left() {
            let remark = "not tried again: the time of the call does not suffice";
            return Err(self.last(error.with_remark(remark)));
        }
        if self.call.client.retry_budget.try_spend(Instant::now()).is_err() {
            let remark = "not tried again: the retry budget of the client is used up";
            return Err(self.last(error.with_remark(remark)));
        }
        self.call.client.log.warn(|| {
            format!(
                "attempt {} failed, the next is in {} ms: {error}",
                self.made,
                delay.as_millis()
            )
        });
        self.pause(delay).map_err(|cancelled| {
            let state = error.object_state();
            cancelled.with_object_state(state).with_remark(&format!("the last attempt: {error}"))
        })?;
        self.count();
        Ok(())
    }

    /// None when the cause is gone, so that there is nothing to wait for. Each cure is tried once.
    fn cured(&mut self, error: Error) -> Result<Option<Error>> {
        if error.hints().stale && !std::mem::replace(&mut self.had_stale_connection, true) {
            return Ok(None);
        }
        let may_try = self.call.client.retry_policy.allows_another(self.made);
        let (Some(session), true) = (self.session, may_try) else {
            return Ok(Some(error));
        };
        if is_refused_token(&error)
            && let Some(generation) = error.hints().generation
            && !std::mem::replace(&mut self.had_other_credentials, true)
        {
            return Ok(if session.renew(generation)? { None } else { Some(error) });
        }
        if is_skewed(&error) && !std::mem::replace(&mut self.had_other_time, true) {
            return Ok(self.learn_time(session, error));
        }
        Ok(Some(error))
    }

    fn learn_time(&self, session: Session<'_>, error: Error) -> Option<Error> {
        let Some(server_time) = error.hints().server_time else {
            return Some(error);
        };
        match session.service().learn_time(server_time) {
            Ok(correction) => {
                self.call.client.log.warn(|| correction);
                None
            }
            Err(reason) => Some(error.with_remark(&reason)),
        }
    }

    /// Waits, as long as the others of the same upload go on.
    fn pause(&self, delay: Duration) -> Result<()> {
        /// How soon a worker notices that another one failed.
        const STEP: Duration = Duration::from_millis(50);
        let Some(stop) = self.stop else {
            return self.call.pause(delay);
        };
        let end = Instant::now() + delay;
        while !stop.load(Ordering::Relaxed) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            self.call.pause(left.min(STEP))?;
        }
        Ok(())
    }

    fn count(&mut self) {
        self.made += 1;
        self.call.note_retry();
    }

    /// The error with the number of attempts.
    pub(super) fn last(&self, error: Error) -> Error {
        match self.made {
            1 => error,
            made => error.with_remark(&format!("tried {made} times")),
        }
    }
}

fn is_refused_token(error: &Error) -> bool {
    let code = error.code().unwrap_or_default();
    error.http_status().is_some_and(|status| is_token_refusal(status, code))
}

fn is_skewed(error: &Error) -> bool {
    error.http_status().is_some_and(|status| is_skew(status, error.code(), error.ec()))
}

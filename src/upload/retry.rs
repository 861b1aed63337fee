//! When a request is sent again. The rules are those of `docs/retries.md`.

use std::mem::replace;
use std::time::{Duration, Instant};

use super::attempt::{Attempt, Cause, Failed};
use super::call::Call;
use super::session::Session;
use crate::error::{ObjectState, Result, Status};
use crate::retry::random01;
use crate::time::Timestamp;
use crate::wait::Event;

/// The attempts at one request.
pub(super) struct Tries<'a> {
    /// Its method.
    method: &'a str,
    call: &'a Call<'a>,
    /// None when nothing can be signed anew.
    session: Option<Session<'a>>,
    made: u32,
    had_stale_connection: bool,
    had_other_credentials: bool,
    had_other_time: bool,
    /// The answer of an attempt is lost: it may have stored the object, or may still do so.
    may_have_stored: bool,
    /// Set when no further attempt is needed, because another part failed.
    stop: Option<&'a Event>,
}

/// When the next attempt is made.
enum Turn {
    /// The cause is gone.
    AtOnce,
    /// The cause may pass meanwhile.
    After(Duration),
}

impl<'a> Tries<'a> {
    pub(super) fn of_session(method: &'a str, session: Session<'a>) -> Self {
        Self { session: Some(session), ..Self::of_call(method, session.call) }
    }

    /// For what was signed elsewhere.
    pub(super) fn of_call(method: &'a str, call: &'a Call<'a>) -> Self {
        Self {
            method,
            call,
            session: None,
            made: 1,
            had_stale_connection: false,
            had_other_credentials: false,
            had_other_time: false,
            may_have_stored: false,
            stop: None,
        }
    }

    pub(super) fn until(self, stop: &'a Event) -> Self {
        Self { stop: Some(stop), ..self }
    }

    /// Makes attempts until one succeeds, or fails for good.
    pub(super) fn run<T>(self, mut attempt: impl FnMut() -> Attempt<T>) -> Attempt<T> {
        self.run_with(&mut (), |()| attempt(), |()| Ok(true))
    }

    /// The same with a body that `restart` makes ready once more. It says whether it could.
    pub(super) fn run_with<B: ?Sized, T>(
        mut self,
        body: &mut B,
        mut attempt: impl FnMut(&mut B) -> Attempt<T>,
        mut restart: impl FnMut(&mut B) -> Result<bool>,
    ) -> Attempt<T> {
        loop {
            match attempt(body) {
                Ok(success) => {
                    self.note_success();
                    return Ok(success);
                }
                Err(failed) => {
                    self.may_have_stored |= failed.is_unknown();
                    self.again(failed, || restart(body))
                        .map_err(|last| self.after_earlier_attempts(last))?;
                }
            }
        }
    }

    fn note_success(&self) {
        if self.made == 1 {
            self.call.client.retry_budget.first_attempt_succeeded(Instant::now());
        }
    }

    /// A later attempt that stored nothing does not tell whether an earlier one did.
    fn after_earlier_attempts(&self, last: Failed) -> Failed {
        match last.error.object_state() {
            ObjectState::NotStored if self.may_have_stored => {
                last.with_object_state(ObjectState::Unknown).unknown_because(
                    "an earlier attempt had been sent completely, so the object may be stored all the \
                     same",
                )
            }
            _ => last,
        }
    }

    /// Waits until the request may be sent again, or gives the failure that is to be the last.
    fn again(&mut self, mut failed: Failed, restart: impl FnOnce() -> Result<bool>) -> Attempt<()> {
        if !failed.may_be_repeated() || self.call.time_left().is_zero() {
            return Err(self.last(failed));
        }
        // Before the body is rewound: new credentials and the corrected time help later calls as well.
        let Some(turn) = self.next_turn(&mut failed)? else {
            return Err(self.last(failed));
        };
        match restart() {
            Ok(true) => {}
            Ok(false) => {
                failed.remark("not tried again: the body cannot be given again without rewind");
                return Err(self.last(failed));
            }
            Err(error) => {
                return Err(Failed::after(&failed, error));
            }
        }
        if let Turn::After(delay) = turn {
            self.wait(failed, delay)?;
        }
        self.made += 1;
        self.call.note_retry();
        Ok(())
    }

    /// What the cause of a failure asks for; None when there is no further attempt. Each cause is
    /// removed once.
    fn next_turn(&mut self, failed: &mut Failed) -> Attempt<Option<Turn>> {
        let is_cured = match failed.cause {
            Cause::Final => false,
            Cause::Passing { retry_after } => return Ok(self.turn_after_pause(failed, retry_after)),
            Cause::StaleConnection => match replace(&mut self.had_stale_connection, true) {
                true => return Ok(self.turn_after_pause(failed, None)),
                false => return Ok(Some(Turn::AtOnce)),
            },
            Cause::RefusedToken { generation } => {
                !replace(&mut self.had_other_credentials, true) && self.renew(generation, failed)?
            }
            Cause::WrongTime { server } => {
                !replace(&mut self.had_other_time, true) && self.learn_time(server, failed)
            }
        };
        if !is_cured {
            return Ok(None);
        }
        failed.note_cure();
        Ok(self.call.client.retry_policy.allows_another(self.made).then_some(Turn::AtOnce))
    }

    fn turn_after_pause(&self, failed: &mut Failed, asked: Option<Duration>) -> Option<Turn> {
        let policy = &self.call.client.retry_policy;
        if !policy.allows_another(self.made) {
            return None;
        }
        let delay = policy.delay(self.made, random01(), asked);
        if delay >= self.call.time_left() {
            failed.remark("not tried again: the time of the call does not suffice");
            return None;
        }
        Some(Turn::After(delay))
    }

    /// Whether there are other credentials than those that were refused. Without them the refusal
    /// stands.
    fn renew(&self, refused: u64, failed: &mut Failed) -> Attempt<bool> {
        let Some(session) = self.session else {
            return Ok(false);
        };
        match session.renew(refused) {
            Ok(has_new) => Ok(has_new),
            Err(error) if error.status() == Status::Cancelled => Err(Failed::after(failed, error)),
            Err(error) => {
                failed.remark(format_args!("there are no others: {error}"));
                Ok(false)
            }
        }
    }

    /// Takes over the time of the service, and says whether that is allowed.
    fn learn_time(&self, server: Timestamp, failed: &mut Failed) -> bool {
        let Some(session) = self.session else {
            return false;
        };
        let outcome = session.service.learn_time(server);
        match &outcome {
            Ok(correction) => self.call.client.log.warn(|| correction.clone()),
            Err(reason) => failed.remark(reason),
        }
        outcome.is_ok()
    }

    /// Pays for another attempt, and waits for its time.
    fn wait(&self, mut failed: Failed, delay: Duration) -> Attempt<()> {
        let client = self.call.client;
        if let Err(used_up) = client.retry_budget.try_spend(Instant::now()) {
            failed.remark(used_up);
            return Err(self.last(failed));
        }
        client.log.warn(|| {
            let (method, made, millis) = (self.method, self.made, delay.as_millis());
            format!("attempt {made} of a {method} failed, the next is in {millis} ms: {failed}")
        });
        self.call.pause(delay, self.stop).map_err(|cancelled| {
            let cancelled = cancelled.with_object_state(failed.error.object_state());
            Failed::after(&failed, cancelled)
        })?;
        match self.is_stopped() {
            true => Err(self.last(failed)),
            false => Ok(()),
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_some_and(Event::is_set)
    }

    /// The failure with the number of attempts.
    fn last(&self, mut failed: Failed) -> Failed {
        if self.made > 1 && failed.result.is_none() {
            failed.remark(format_args!("tried {} times", self.made));
        }
        failed
    }
}

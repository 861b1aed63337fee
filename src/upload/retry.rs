//! When a request is sent again. The rules are those of `docs/retries.md`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::context::Call;
use super::session::Session;
use crate::credentials::is_token_refusal;
use crate::error::{Advice, Error, ObjectState, Result, Status};
use crate::retry::random01;

/// Why a body that was begun is not sent again.
const NO_REWIND: &str = "not tried again: the body cannot be given again without rewind";

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
    /// The answer of an attempt is lost, so that it may have stored the object, or may do so still.
    left_doubt: bool,
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
            left_doubt: false,
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
    fn is_curable(&self, error: &Error, repetition: Repetition) -> bool {
        let is_ended = matches!(error.status(), Status::Cancelled | Status::AbortedByCaller);
        let may_repeat = match error.object_state() {
            ObjectState::NotStored => true,
            ObjectState::Unknown => repetition == Repetition::Harmless,
            ObjectState::Stored => false,
        };
        let may_pass = error.may_pass_soon()
            || error.hints().stale
            || is_refused_token(error)
            || error.hints().skewed;
        !is_ended && may_repeat && may_pass && !self.call.time_left().is_zero()
    }

    /// Waits until the request may be sent again, or gives the error that is to be the last. `restart`
    /// makes the body ready once more, and says whether it could.
    pub(super) fn again(
        &mut self,
        error: Error,
        repetition: Repetition,
        restart: impl FnOnce() -> Result<bool>,
    ) -> Result<()> {
        self.left_doubt |= error.object_state() == ObjectState::Unknown;
        self.decide(error, repetition, restart).map_err(|last| self.doubted(last))
    }

    /// What a later attempt stored, or did not, says nothing of an earlier one.
    fn doubted(&self, last: Error) -> Error {
        match last.object_state() {
            ObjectState::NotStored if self.left_doubt => {
                last.with_object_state(ObjectState::Unknown).with_remark(
                    "an earlier attempt had been sent completely, so the object may be stored all the \
                     same: look before you try again",
                )
            }
            _ => last,
        }
    }

    fn decide(
        &mut self,
        error: Error,
        repetition: Repetition,
        restart: impl FnOnce() -> Result<bool>,
    ) -> Result<()> {
        if !self.is_curable(&error, repetition) {
            return Err(self.last(error));
        }
        // First of all, since what a refusal teaches serves the calls to come as well.
        let (error, is_cured) = self.cure(error)?;
        let delay = match is_cured {
            true => Ok(Duration::ZERO),
            false => self.delay(&error),
        };
        let delay = match delay {
            Ok(delay) => delay,
            Err(None) => return Err(self.last(error)),
            Err(Some(remark)) => return Err(self.last(error.with_remark(remark))),
        };
        let is_ready = restart()
            .map_err(|failed| failed.with_remark(&format!("the attempt before failed: {error}")))?;
        if !is_ready {
            return Err(self.last(error.with_remark(NO_REWIND)));
        }
        if !is_cured {
            self.wait_for_turn(error, delay)?;
        }
        self.made += 1;
        self.call.note_retry();
        Ok(())
    }

    /// The pause before the next attempt, or why there is none.
    fn delay(&self, error: &Error) -> std::result::Result<Duration, Option<&'static str>> {
        let policy = &self.call.client.retry_policy;
        let is_passing = error.may_pass_soon() && !error.hints().skewed;
        if !is_passing || !policy.allows_another(self.made) {
            return Err(None);
        }
        let delay = policy.delay(self.made, random01(), error.hints().retry_after);
        match delay < self.call.time_left() {
            true => Ok(delay),
            false => Err(Some("not tried again: the time of the call does not suffice")),
        }
    }

    /// Pays for another attempt, and waits for its time.
    fn wait_for_turn(&self, error: Error, delay: Duration) -> Result<()> {
        let client = self.call.client;
        if let Err(used_up) = client.retry_budget.try_spend(Instant::now()) {
            return Err(self.last(error.with_remark(&used_up.to_string())));
        }
        client.log.warn(|| {
            let millis = delay.as_millis();
            format!("attempt {} failed, the next is in {millis} ms: {error}", self.made)
        });
        self.pause(delay).map_err(|cancelled| {
            let state = error.object_state();
            cancelled.with_object_state(state).with_remark(&format!("the last attempt: {error}"))
        })
    }

    /// Removes the cause of a failure, so that there is nothing to wait for; true when it is gone and
    /// another attempt is allowed. Each cure is tried once.
    fn cure(&mut self, error: Error) -> Result<(Error, bool)> {
        if error.hints().stale && !std::mem::replace(&mut self.had_stale_connection, true) {
            return Ok((error, true));
        }
        let Some(session) = self.session else {
            return Ok((error, false));
        };
        let (error, is_cured) = if is_refused_token(&error) && !self.had_other_credentials {
            self.had_other_credentials = true;
            renew(session, error)?
        } else if error.hints().skewed && !self.had_other_time {
            self.had_other_time = true;
            self.learn_time(session, error)
        } else {
            (error, false)
        };
        if !is_cured {
            return Ok((error, false));
        }
        // For those that cannot be sent again.
        let error =
            error.with_remark("its cause is gone for the next call").with_advice(Advice::Again);
        Ok((error, self.call.client.retry_policy.allows_another(self.made)))
    }

    fn learn_time(&self, session: Session<'_>, error: Error) -> (Error, bool) {
        let Some(server_time) = error.hints().server_time else {
            return (error, false);
        };
        match session.service().learn_time(server_time) {
            Ok(correction) => {
                self.call.client.log.warn(|| correction);
                (error, true)
            }
            Err(reason) => (error.with_remark(&reason), false),
        }
    }

    /// Waits, as long as the others of the same upload go on.
    fn pause(&self, delay: Duration) -> Result<()> {
        /// How soon a worker notices that another one failed.
        const STEP: Duration = Duration::from_millis(50);
        let Some(stop) = self.stop else {
            return self.call.pause(delay);
        };
        let began = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            let left = delay.saturating_sub(began.elapsed());
            if left.is_zero() {
                break;
            }
            self.call.pause(left.min(STEP))?;
        }
        Ok(())
    }

    /// The error with the number of attempts.
    fn last(&self, error: Error) -> Error {
        match self.made {
            1 => error,
            made => error.with_remark(&format!("tried {made} times")),
        }
    }
}

/// Asks for other credentials than those that were refused. Without them the refusal stands.
fn renew(session: Session<'_>, error: Error) -> Result<(Error, bool)> {
    let Some(generation) = error.hints().generation else {
        return Ok((error, false));
    };
    match session.renew(generation) {
        Ok(has_others) => Ok((error, has_others)),
        Err(failed) if failed.status() == Status::Cancelled => {
            Err(failed.with_remark(&format!("the last attempt: {error}")))
        }
        Err(failed) => Ok((error.with_remark(&format!("there are no others: {failed}")), false)),
    }
}

fn is_refused_token(error: &Error) -> bool {
    let code = error.code().unwrap_or_default();
    error.http_status().is_some_and(|status| is_token_refusal(status, code))
}

//! Requests that ask for no more than a rate.

use tokio::time::Instant;

use super::Exchange;
use crate::pacer::Pacer;
use crate::protocol::reply::{Reply, ReplyBody};

impl Exchange {
    /// Takes the time that so many bytes of the body take; for a client that has left, none.
    pub(crate) async fn hold_body_back(&mut self, bytes: usize) {
        let Some(pacer) = &mut self.pacer else {
            return;
        };
        self.record.traffic_limit = Some(pacer.bits_per_second());
        let now = Instant::now();
        let wait = pacer.after(bytes as u64, now).saturating_duration_since(now);
        if !wait.is_zero() {
            drop(self.link.stall(Some(wait)).await);
        }
    }

    /// Lets the content of an answer go out no faster than was asked for.
    pub(crate) fn hold_answer_back(&mut self, reply: &mut Reply) {
        let Some(pacer) = &self.pacer else {
            return;
        };
        self.record.traffic_limit = Some(pacer.bits_per_second());
        let body = std::mem::replace(&mut reply.body, ReplyBody::empty());
        reply.body = ReplyBody::paced(body, Pacer::new(pacer.bits_per_second()));
    }
}

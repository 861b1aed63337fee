//! Which seals were seen, in bounded memory.

use std::collections::BTreeSet;

use crate::seal::{NONCE_LEN, Seal};

#[derive(Debug)]
pub(super) struct Nonces {
    capacity: usize,
    /// By their expiry, which belongs to a nonce: both are under the same seal.
    seen: BTreeSet<(u64, [u8; NONCE_LEN])>,
    /// Of what expires until then nobody knows any more whether it was seen.
    forgotten_until: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Age {
    New,
    TooOld,
    Replayed,
}

impl Nonces {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, seen: BTreeSet::new(), forgotten_until: 0 }
    }

    /// Notes a genuine seal. When there is no room, the one that expires first is forgotten, and is too old
    /// from then on: a replay is never taken for new.
    pub(super) fn note(&mut self, seal: &Seal, now: u64) -> Age {
        while self.seen.first().is_some_and(|(expires_at, _)| *expires_at <= now) {
            self.forget_first();
        }
        if seal.expires_at <= now.max(self.forgotten_until) {
            return Age::TooOld;
        }
        if !self.seen.insert((seal.expires_at, seal.nonce)) {
            return Age::Replayed;
        }
        if self.seen.len() > self.capacity {
            self.forget_first();
        }
        Age::New
    }

    fn forget_first(&mut self) {
        if let Some((expires_at, _)) = self.seen.pop_first() {
            self.forgotten_until = self.forgotten_until.max(expires_at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(nonce: u8, expires_at: u64) -> Seal {
        Seal { nonce: [nonce; NONCE_LEN], expires_at }
    }

    #[test]
    fn a_seal_is_new_once() {
        let mut nonces = Nonces::new(10);
        assert_eq!(nonces.note(&seal(1, 100), 50), Age::New);
        assert_eq!(nonces.note(&seal(1, 100), 50), Age::Replayed);
        assert_eq!(nonces.note(&seal(2, 100), 50), Age::New);
        assert_eq!(nonces.note(&seal(3, 50), 50), Age::TooOld);
        assert_eq!(nonces.note(&seal(1, 100), 100), Age::TooOld);
        // Also when the clock is put back.
        assert_eq!(nonces.note(&seal(1, 100), 50), Age::TooOld);
    }

    #[test]
    fn what_is_forgotten_is_too_old() {
        let mut nonces = Nonces::new(2);
        for (nonce, expires_at) in [(1, 100), (2, 300), (3, 200)] {
            assert_eq!(nonces.note(&seal(nonce, expires_at), 50), Age::New);
        }
        assert_eq!(nonces.seen.len(), 2);
        assert_eq!(nonces.note(&seal(1, 100), 50), Age::TooOld);
        assert_eq!(nonces.note(&seal(4, 90), 50), Age::TooOld);
        assert_eq!(nonces.note(&seal(3, 200), 50), Age::Replayed);
        assert_eq!(nonces.note(&seal(2, 300), 50), Age::Replayed);
    }
}

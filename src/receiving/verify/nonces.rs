//! Which seals were seen, in bounded memory.

use std::collections::BTreeSet;

use crate::seal::{NONCE_LEN, Seal};

#[derive(Debug)]
pub(super) struct Nonces {
    capacity: usize,
    /// How many are remembered of all keys.
    count: usize,
    of_keys: Vec<OfKey>,
}

/// Whoever has a key can make any number of seals, which last for any time. So that others do not suffer, what
/// is forgotten is that of one key.
#[derive(Debug, Default, Clone)]
struct OfKey {
    /// By their expiry, which belongs to a nonce: both are under the same seal.
    seen: BTreeSet<(u64, [u8; NONCE_LEN])>,
    /// Of what expires until then nobody knows any more whether it was seen.
    forgotten_until: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Age {
    New,
    Expired,
    /// It may have come before.
    Forgotten,
    Replayed,
}

impl Nonces {
    /// For so many keys.
    pub(super) fn new(capacity: usize, keys: usize) -> Self {
        Self { capacity, count: 0, of_keys: vec![OfKey::default(); keys] }
    }

    /// Notes a genuine seal of the key with this number. When there is no room, the key with the most seals
    /// loses the one that expires first, which is too old from then on: a replay is never taken for new.
    pub(super) fn note(&mut self, key: usize, seal: &Seal, now: u64) -> Age {
        let own = &mut self.of_keys[key];
        self.count -= own.forget_expired(now);
        if seal.expires_at <= now {
            return Age::Expired;
        }
        if seal.expires_at <= own.forgotten_until {
            return Age::Forgotten;
        }
        if !own.seen.insert((seal.expires_at, seal.nonce)) {
            return Age::Replayed;
        }
        self.count += 1;
        if self.count > self.capacity {
            self.make_room(now);
        }
        Age::New
    }

    fn make_room(&mut self, now: u64) {
        self.count -= self.of_keys.iter_mut().map(|key| key.forget_expired(now)).sum::<usize>();
        let largest = self.of_keys.iter_mut().max_by_key(|key| key.seen.len());
        if let Some(largest) = largest.filter(|_| self.count > self.capacity) {
            largest.forget_first();
            self.count -= 1;
        }
    }
}

impl OfKey {
    /// How many there were.
    fn forget_expired(&mut self, now: u64) -> usize {
        let before = self.seen.len();
        while self.seen.first().is_some_and(|(expires_at, _)| *expires_at <= now) {
            self.forget_first();
        }
        before - self.seen.len()
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
        let mut nonces = Nonces::new(10, 1);
        assert_eq!(nonces.note(0, &seal(1, 100), 50), Age::New);
        assert_eq!(nonces.note(0, &seal(1, 100), 50), Age::Replayed);
        assert_eq!(nonces.note(0, &seal(2, 100), 50), Age::New);
        assert_eq!(nonces.note(0, &seal(3, 50), 50), Age::Expired);
        assert_eq!(nonces.note(0, &seal(1, 100), 100), Age::Expired);
        // Also when the clock is put back.
        assert_eq!(nonces.note(0, &seal(1, 100), 50), Age::Forgotten);
    }

    #[test]
    fn what_is_forgotten_is_too_old() {
        let mut nonces = Nonces::new(2, 1);
        for (nonce, expires_at) in [(1, 100), (2, 300), (3, 200)] {
            assert_eq!(nonces.note(0, &seal(nonce, expires_at), 50), Age::New);
        }
        assert_eq!(nonces.count, 2);
        assert_eq!(nonces.note(0, &seal(1, 100), 50), Age::Forgotten);
        assert_eq!(nonces.note(0, &seal(4, 90), 50), Age::Forgotten);
        assert_eq!(nonces.note(0, &seal(3, 200), 50), Age::Replayed);
        assert_eq!(nonces.note(0, &seal(2, 300), 50), Age::Replayed);
    }

    #[test]
    fn what_has_expired_makes_room_for_other_keys() {
        let mut nonces = Nonces::new(2, 2);
        for (key, nonce, expires_at, now) in
            [(0, 1, 60, 50), (0, 2, 60, 50), (1, 1, 300, 60), (1, 2, 200, 60)]
        {
            assert_eq!(nonces.note(key, &seal(nonce, expires_at), now), Age::New);
        }
        assert_eq!(nonces.count, 2);
        assert_eq!(nonces.note(1, &seal(2, 200), 60), Age::Replayed);
    }
}

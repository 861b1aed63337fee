//! Which requests a fault is for.

use crate::protocol::Operation;

/// What a request must be like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Selection {
    pub(super) operation: Option<Operation>,
    pub(super) bucket: Option<String>,
    pub(super) key: Option<String>,
    pub(super) prefix: Option<String>,
    pub(super) part: Option<u32>,
    pub(super) attempt: Option<u32>,
}

/// A request that a fault may be for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate<'a> {
    pub(crate) operation: Operation,
    pub(crate) bucket: Option<&'a str>,
    /// `None` also for a form whose fields have not been read.
    pub(crate) key: Option<&'a str>,
    pub(crate) part: Option<u32>,
    /// Of its body, if it is announced.
    pub(crate) body_length: Option<u64>,
    pub(crate) token: Option<&'a str>,
}

/// A decision that looks random and is the same in every run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Chance {
    pub(super) probability: f64,
    pub(super) seed: u64,
}

impl Selection {
    /// Apart from the attempt.
    pub(super) fn fits(&self, candidate: &Candidate<'_>) -> bool {
        let same = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
        };
        self.operation.is_none_or(|operation| operation == candidate.operation)
            && same(&self.bucket, candidate.bucket)
            && same(&self.key, candidate.key)
            && self.part.is_none_or(|part| candidate.part == Some(part))
            && self
                .prefix
                .as_deref()
                .is_none_or(|prefix| candidate.key.is_some_and(|key| key.starts_with(prefix)))
    }
}

impl Candidate<'_> {
    /// A number for what all attempts at the same thing have in common.
    pub(super) fn identity(&self) -> u64 {
        let part = self.part.unwrap_or_default().to_le_bytes();
        let texts = [
            self.operation.name().as_bytes(),
            self.bucket.unwrap_or_default().as_bytes(),
            self.key.unwrap_or_default().as_bytes(),
            part.as_slice(),
        ];
        hash(texts)
    }
}

/// A number for texts (FNV-1a); the byte between two of them is in no UTF-8.
pub(super) fn hash<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    let bytes = texts.into_iter().flat_map(|text| text.iter().copied().chain([0xFF]));
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

impl Chance {
    /// The decision about the `attempt`th request of an identity.
    pub(super) fn hits(&self, identity: u64, attempt: u32) -> bool {
        let mixed = mix(mix(self.seed) ^ mix(identity ^ mix(u64::from(attempt))));
        // 53 bits are what a double can hold.
        let fraction = (mixed >> 11) as f64 / (1_u64 << 53) as f64;
        fraction < self.probability
    }
}

/// The output function of SplitMix64.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(key: &str) -> Candidate<'_> {
        Candidate {
            operation: Operation::UploadPart,
            bucket: Some("examplebucket"),
            key: Some(key),
            part: Some(2),
            body_length: None,
            token: None,
        }
    }

    #[test]
    fn all_that_is_said_must_fit() {
        let good = Selection {
            operation: Some(Operation::UploadPart),
            bucket: Some("examplebucket".to_owned()),
            key: Some("dir/a".to_owned()),
            prefix: Some("dir/".to_owned()),
            part: Some(2),
            attempt: None,
        };
        assert!(Selection::default().fits(&candidate("x")));
        assert!(good.fits(&candidate("dir/a")));
        assert!(!good.fits(&candidate("dir/b")));
        let other = |text: &str| Some(text.to_owned());
        for bad in [
            Selection { operation: Some(Operation::PutObject), ..good.clone() },
            Selection { bucket: other("b"), ..good.clone() },
            Selection { prefix: other("dir/b"), ..good.clone() },
            Selection { part: Some(1), ..good.clone() },
        ] {
            assert!(!bad.fits(&candidate("dir/a")), "{bad:?}");
        }
        let no_key = Candidate { key: None, ..candidate("") };
        assert!(!Selection { prefix: other(""), ..Selection::default() }.fits(&no_key));
    }

    #[test]
    fn chance_keeps_its_probability_and_can_be_repeated() {
        let hits = |seed| {
            let chance = Chance { probability: 0.1, seed };
            let keys = (0..10_000).map(|n| format!("key-{n}"));
            keys.map(|key| chance.hits(candidate(&key).identity(), 1)).collect::<Vec<_>>()
        };
        let count = hits(7).iter().filter(|hit| **hit).count();
        assert!((900..1100).contains(&count), "{count}");
        assert_eq!(hits(7), hits(7));
        assert_ne!(hits(7), hits(8));
        let always = Chance { probability: 1.0, seed: 0 };
        assert!((0..1000).all(|attempt| always.hits(0, attempt)));
        let attempts = |n| Chance { probability: 0.5, seed: 0 }.hits(1, n);
        assert!((0..64).any(attempts) && !(0..64).all(attempts));
    }

    #[test]
    fn identities_differ_where_requests_do() {
        let a = candidate("a");
        let others = [
            Candidate { part: Some(3), ..a },
            Candidate { operation: Operation::PutObject, ..a },
            Candidate { bucket: Some("examplebucketa"), key: Some(""), ..a },
        ];
        assert!(others.iter().all(|other| other.identity() != a.identity()));
        assert_eq!(Candidate { body_length: Some(1), ..a }.identity(), a.identity());
    }
}

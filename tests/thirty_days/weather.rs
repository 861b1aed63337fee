//! What goes wrong, and when.

use crate::random::Random;

/// A kind of bad weather.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nobody answers.
    Outage,
    /// The same, but the program knows of it, and says so.
    KnownOutage,
    /// The network is slow, and breaks off.
    Modem,
    /// The service answers 503.
    Busy,
    /// The application server is down.
    NoCallbacks,
    /// Nobody gives new keys when the old ones have expired.
    NoKeys,
    /// The keys have lost their rights to one folder.
    Shut,
}

/// From when to when, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Episode {
    pub kind: Kind,
    pub from: f64,
    pub to: f64,
}

/// The large ones: beginning and length in days of a month, which the period is taken for.
const LARGE: [(Kind, f64, f64); 14] = [
    (Kind::Busy, 1.3, 0.3),
    (Kind::Outage, 3.2, 1.6),
    (Kind::Modem, 6.2, 0.9),
    (Kind::NoCallbacks, 8.3, 0.7),
    (Kind::KnownOutage, 10.4, 2.2),
    (Kind::NoKeys, 14.0, 0.6),
    (Kind::Busy, 15.6, 0.5),
    (Kind::Modem, 17.2, 1.2),
    (Kind::Shut, 18.6, 1.2),
    (Kind::Outage, 20.0, 0.8),
    (Kind::NoCallbacks, 21.8, 0.5),
    (Kind::Outage, 23.6, 1.4),
    // The network is back, but not as it was.
    (Kind::Modem, 24.8, 1.2),
    (Kind::NoKeys, 27.5, 0.4),
];
/// Those of some minutes.
const SMALL: usize = 60;
const MONTH: f64 = 30.0;

/// All of them, by their beginnings.
pub fn forecast(seed: u64, period: f64) -> Vec<Episode> {
    let mut random = Random::of(seed, 2 << 40);
    let day = period / MONTH;
    let large = LARGE.map(|(kind, from, days)| Episode {
        kind,
        from: from * day,
        to: (from + days * random.between(0.9, 1.1)) * day,
    });
    let small = (0..SMALL).map(|_| {
        let kinds = [Kind::Outage, Kind::Modem, Kind::Busy, Kind::NoCallbacks];
        let from = random.between(0.0, MONTH - 0.2) * day;
        let to = from + random.between(0.002, 0.04) * day;
        Episode { kind: kinds[random.below(4) as usize], from, to }
    });
    let mut all: Vec<_> = large.into_iter().chain(small).collect();
    all.sort_by(|one, other| one.from.total_cmp(&other.from));
    all
}

impl Episode {
    /// Long enough to be seen in the picture.
    pub fn is_large(&self, period: f64) -> bool {
        self.to - self.from > 0.1 * period / MONTH
    }
}

impl Kind {
    /// What the local OSS does meanwhile.
    pub fn faults(self) -> &'static [&'static str] {
        match self {
            // Connections that were open are of no use any more; new ones are refused.
            Self::Outage | Self::KnownOutage => &["reset-request at=0 times=always"],
            Self::Modem => &[
                "reset-request at=0 p=0.08 seed=1",
                "reset-request at=end-1 p=0.08 seed=2",
                "reset-answer at=0 p=0.06 seed=3",
                "close-answer at=20 p=0.04 seed=4",
            ],
            Self::Busy => {
                &["error status=503 retry-after=30 p=0.5 seed=5", "error status=503 p=0.8 seed=6"]
            }
            Self::NoCallbacks => &[
                "callback-bad-json p=0.1 seed=7",
                "callback-status status=500 p=0.3 seed=8",
                "callback-refuse times=always",
            ],
            Self::NoKeys => &[],
            Self::Shut => &["error status=403 code=AccessDenied prefix=shut- times=always"],
        }
    }

    /// Seconds that a turn of one item takes, and bytes in a second.
    pub fn pace(self) -> Option<(f64, f64)> {
        match self {
            // Until a connection is given up.
            Self::Outage => Some((20.0, f64::INFINITY)),
            Self::Modem => Some((9.0, 2_000.0)),
            _ => None,
        }
    }
}

/// What may happen at any time.
pub const ALWAYS: [&str; 10] = [
    "error status=400 code=InvalidObjectName prefix=bad- times=always",
    "close-answer at=0 operation=PutObject p=0.002 seed=11",
    "reset-answer at=0 operation=CompleteMultipartUpload p=0.05 seed=12",
    "reset-request at=0 operation=PutObject p=0.002 seed=13",
    "reset-request at=10k operation=UploadPart p=0.02 seed=14",
    "error status=500 p=0.001 seed=15",
    "error status=500 when=after operation=PutObject p=0.001 seed=16",
    "page status=502 when=after operation=PutObject p=0.001 seed=17",
    "wrong-crc operation=PutObject p=0.0005 seed=18",
    "callback-bad-json p=0.002 seed=19",
];

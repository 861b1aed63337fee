//! What comes into the outbox, and when. The seed decides all of it.

use crate::random::Random;

pub const DAY_S: f64 = 86_400.0;
/// So many of the items come in bursts, which last some minutes each.
const IN_BURSTS: f64 = 0.06;
const BURST_S: f64 = 300.0;
const BURSTS: u64 = 30;
/// Cameras whose items go strictly one after the other.
const ORDERS: u64 = 3;

/// What keys begin with: most of them, those that the service refuses for good, and those of a folder whose
/// rights are lost for some time.
const FOLDERS: [&str; 3] = ["good-", "bad-", "shut-"];

pub struct Plan {
    seed: u64,
    /// Of the whole simulation, in seconds.
    pub period: f64,
    /// When each item comes, in seconds.
    pub arrivals: Vec<f64>,
}

/// An item, before it is in the outbox.
pub struct Planned {
    pub key: String,
    pub content: Vec<u8>,
    pub priority: u8,
    pub order: Option<String>,
    pub has_callback: bool,
    /// The service refuses it for good.
    pub is_bad: bool,
    /// It comes as a file, which the outbox takes over.
    pub is_moved: bool,
}

impl Plan {
    pub fn new(seed: u64, items: usize, period: f64) -> Self {
        let mut random = Random::of(seed, 1 << 40);
        let bursts: Vec<f64> = (0..BURSTS).map(|_| random.unit() * (period - BURST_S)).collect();
        let mut arrivals = Vec::with_capacity(items);
        while arrivals.len() < items {
            if random.happens(IN_BURSTS) {
                let burst = bursts[random.below(BURSTS) as usize];
                arrivals.push(burst + random.unit() * BURST_S);
                continue;
            }
            let at = random.unit() * period;
            if random.happens(share_of_hour(at)) {
                arrivals.push(at);
            }
        }
        arrivals.sort_by(f64::total_cmp);
        Self { seed, period, arrivals }
    }

    /// The same at each call.
    pub fn item(&self, number: usize) -> Planned {
        let mut random = Random::of(self.seed, number as u64);
        let folder = match random.unit() {
            ..0.948 => FOLDERS[0],
            ..0.95 => FOLDERS[1],
            _ => FOLDERS[2],
        };
        let is_bad = folder == FOLDERS[1];
        let order =
            (!is_bad && random.happens(0.02)).then(|| format!("camera-{}", random.below(ORDERS)));
        let size = match random.unit() {
            // In the file of the item.
            ..0.75 => random.between(0.0, 2000.0),
            ..0.997 => random.between(2100.0, 9000.0),
            // In parts.
            _ => random.between(150_000.0, 320_000.0),
        };
        let mut content = vec![0; size as usize];
        content.chunks_mut(8).for_each(|chunk| {
            chunk.copy_from_slice(&random.bits().to_le_bytes()[..chunk.len()]);
        });
        Planned {
            key: format!("{folder}{number:07}"),
            priority: if random.happens(0.8) { 0 } else { random.below(10) as u8 },
            order,
            has_callback: random.happens(0.4),
            is_bad,
            is_moved: random.happens(0.03),
            content,
        }
    }

    pub fn is_for_shut_folder(&self, number: usize) -> bool {
        self.item(number).key.starts_with(FOLDERS[2])
    }
}

/// The number of an item in its key, or in a text that the key stands in.
pub fn number_in(text: &str) -> Option<usize> {
    let after = |folder: &&str| text.find(*folder).map(|at| at + folder.len());
    let at = FOLDERS.iter().find_map(after)?;
    text.get(at..at + 7)?.parse().ok()
}

/// Much by day, little by night.
fn share_of_hour(at: f64) -> f64 {
    let turn = at / DAY_S * std::f64::consts::TAU;
    0.15 + 0.85 * (0.5 - 0.5 * turn.cos())
}

//! Power cuts: when, and what the disk has afterwards.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::random::Random;
use crate::shutter::Moment;

/// What is under way when the power fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
    /// A request, whose answer does not arrive.
    Request(Doubt),
    /// Nothing.
    Nothing,
    /// Items were added for later, and not committed.
    Adding,
    /// They were committed, and the program has not written that down.
    Added,
    /// The program has done its part for a receipt, and not acknowledged it.
    Taking,
    /// Receipts were acknowledged, and nothing was synced since.
    Acknowledging,
}

/// How far the request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    Answered,
    CalledBack,
}

const KINDS: [Cut; 7] = [
    Cut::Request(Doubt::Answered),
    Cut::Request(Doubt::CalledBack),
    Cut::Nothing,
    Cut::Adding,
    Cut::Added,
    Cut::Taking,
    Cut::Acknowledging,
];

/// Times and kinds, the next one last. All kinds come equally often.
pub fn cuts(seed: u64, count: usize, period: f64) -> Vec<(f64, Cut)> {
    let mut random = Random::of(seed, 3 << 40);
    let mut cuts: Vec<_> = (0..count)
        .map(|number| (random.between(0.01, 0.97) * period, KINDS[number % KINDS.len()]))
        .collect();
    cuts.sort_by(|one, other| other.0.total_cmp(&one.0));
    cuts
}

impl Doubt {
    pub fn moment(self) -> Moment {
        match self {
            Self::Answered => Moment::Answer,
            Self::CalledBack => Moment::Callback,
        }
    }
}

/// Takes away from a copied folder what was not synced, as a disk may.
pub fn decay(folder: &Path, random: &mut Random) {
    if random.happens(0.5) {
        for receipt in files(&folder.join("receipts")).into_iter().rev().take(3) {
            // Its move was not synced; what it says was.
            fs::rename(&receipt, folder.join("items").join(receipt.file_name().unwrap())).unwrap();
        }
    }
    let items = files(&folder.join("items"));
    if !items.is_empty() && random.happens(0.5) {
        let item = &items[random.below(items.len() as u64) as usize];
        let mut item = File::options().append(true).open(item).unwrap();
        item.write_all(br#"51be00d5 {"receipt":{"outcome":"ref"#).unwrap();
    }
}

/// Files of items, by their names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut items: Vec<_> =
        all.filter(|path| path.extension().is_some_and(|end| end == "item")).collect();
    items.sort();
    items
}

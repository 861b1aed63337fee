//! The name of an item's file, which says all that is needed to choose, count and find items: opening an
//! outbox reads no file.

use std::cmp::Ordering;
use std::fmt;

/// Ids stay below this, so that everything fits into 16 bytes.
pub(super) const END_OF_IDS: u64 = 1 << 44;
/// What a file takes on a file system is counted in such blocks.
pub(super) const BLOCK: u64 = 4096;
pub(super) const MAX_PRIORITY: u8 = 9;

/// What the name says. Names are ordered as items are sent, by priority and then by id, which differs.
#[derive(Clone, Copy)]
pub(super) struct Name {
    /// From the highest bit: 9 less the priority (4 bits), id (44 bits), blocks (16 bits).
    key: u64,
    /// Hash of the id that the caller gave; 0 for none.
    pub(super) caller: u32,
    /// Hash of the text whose items are sent one after the other; 0 for none.
    pub(super) order: u32,
}

impl Name {
    pub(super) fn new(id: u64, priority: u8, caller: u32, order: u32, bytes: u64) -> Self {
        debug_assert!(id < END_OF_IDS && priority <= MAX_PRIORITY);
        let urgency = u64::from(MAX_PRIORITY - priority) << 60;
        Self { key: urgency | id << 16 | u64::from(blocks(bytes)), caller, order }
    }

    pub(super) fn id(self) -> u64 {
        self.key >> 16 & (END_OF_IDS - 1)
    }

    pub(super) fn priority(self) -> u8 {
        MAX_PRIORITY - (self.key >> 60) as u8
    }

    /// What the item takes of the file system; at most 0.1 % too much.
    pub(super) fn bytes(self) -> u64 {
        let code = self.key & 0xFFFF;
        ((code & 0x7FF) << (code >> 11)) * BLOCK
    }

    /// The same item, which takes another size now, and whose order does not matter any more.
    pub(super) fn of_receipt(self, bytes: u64) -> Self {
        Self::new(self.id(), self.priority(), self.caller, 0, bytes)
    }

    /// Reads the name of a file, without its extension. Only the one way of writing it is taken.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split('-');
        let mut field = |digits: usize| {
            let field = fields.next().filter(|field| field.len() == digits)?;
            u64::from_str_radix(field, 16).ok()
        };
        let id = field(16).filter(|id| *id < END_OF_IDS)?;
        let priority = field(1).filter(|priority| *priority <= MAX_PRIORITY.into())?;
        let (caller, order, blocks) = (field(8)?, field(8)?, field(4)?);
        let urgency = (u64::from(MAX_PRIORITY) - priority) << 60;
        let key = urgency | id << 16 | blocks;
        let name = Self { key, caller: caller as u32, order: order as u32 };
        (name.to_string() == text).then_some(name)
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, priority, blocks) = (self.id(), self.priority(), self.key & 0xFFFF);
        write!(f, "{id:016x}-{priority}-{:08x}-{:08x}-{blocks:04x}", self.caller, self.order)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The name of an item's body.
pub(super) fn body_name(id: u64) -> String {
    format!("{id:016x}.body")
}

/// A short number for a text that is compared often; 0 for none, and for none only.
pub(super) fn hash(text: Option<&str>) -> u32 {
    text.map_or(0, |text| (crc64(text.as_bytes()) as u32).max(1))
}

pub(super) fn crc64(bytes: &[u8]) -> u64 {
    let mut digest = crc64fast::Digest::new();
    digest.write(bytes);
    digest.sum64()
}

/// A number of blocks as a mantissa of 11 bits and an exponent of 5, rounded up.
fn blocks(bytes: u64) -> u16 {
    let (mut mantissa, mut exponent) = (bytes.div_ceil(BLOCK), 0);
    while mantissa > 0x7FF {
        mantissa = mantissa.div_ceil(2);
        exponent += 1;
    }
    match exponent {
        0..=31 => exponent << 11 | mantissa as u16,
        _ => u16::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written() {
        for bytes in [0, 1, 4096, 4097, 1 << 20, (1 << 30) + 1, 48 << 40] {
            let name = Name::new(0xABC, 7, 0x1234_5678, 9, bytes);
            assert_eq!(Name::parse(&name.to_string()), Some(name));
            assert_eq!((name.id(), name.priority()), (0xABC, 7));
            assert!(name.bytes() >= bytes && name.bytes() <= bytes + bytes / 1000 + BLOCK);
        }
        assert_eq!(size_of::<Name>(), 16);
        for foreign in ["", "x", "0-0-0-0-0", "0000000000000abc-7-12345678-00000009-0001-"] {
            assert_eq!(Name::parse(foreign), None, "{foreign}");
        }
        let name = Name::new(0xABC, 7, 0, 0, 0).to_string();
        for foreign in [name.to_uppercase(), name.replace("-7-", "-a-"), format!("+{}", &name[1..])]
        {
            assert_eq!(Name::parse(&foreign), None, "{foreign}");
        }
    }

    #[test]
    fn names_are_ordered_as_items_are_sent() {
        let name = |id, priority| Name::new(id, priority, 0, 0, 1 << 40);
        assert!(name(9, 9) < name(1, 0));
        assert!(name(1, 5) < name(2, 5));
    }
}

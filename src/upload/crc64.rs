//! CRC-64 of two pieces of data from the CRC-64 of each (spec: crc64.md).

/// The reflected polynomial.
const POLYNOMIAL: u64 = 0xC96C_5795_D787_0F42;

/// A linear map of CRC registers: entry n is the image of bit n.
type Operator = [u64; 64];

/// CRC-64 of pieces that follow each other, from those of the pieces.
///
/// To append zero bytes to data is a linear map of its CRC. Maps of 1, 2, 4, 8 … bytes come from
/// each other by squaring, and the bits of a length say which of them make up its map. Pieces mostly
/// have the same length, so the map of the last one is kept.
#[derive(Default)]
pub(super) struct Concatenation {
    crc64: u64,
    append: Option<(u64, Operator)>,
}

impl Concatenation {
    /// Appends a piece.
    pub(super) fn push(&mut self, crc64: u64, length: u64) {
        let append = match self.append {
            Some((known, operator)) if known == length => operator,
            _ => append_zeros(length),
        };
        self.append = Some((length, append));
        self.crc64 = apply(&append, self.crc64) ^ crc64;
    }

    pub(super) fn crc64(&self) -> u64 {
        self.crc64
    }
}

/// Appends `length` zero bytes.
fn append_zeros(length: u64) -> Operator {
    let mut all = std::array::from_fn(|n| 1 << n);
    let mut power = zero_byte();
    let mut left = length;
    while left > 0 {
        if left & 1 == 1 {
            all = all.map(|image| apply(&power, image));
        }
        left >>= 1;
        power = square(&power);
    }
    all
}

/// Appends eight zero bits.
fn zero_byte() -> Operator {
    let mut bit = [0; 64];
    bit[0] = POLYNOMIAL;
    for (n, image) in bit.iter_mut().enumerate().skip(1) {
        *image = 1 << (n - 1);
    }
    square(&square(&square(&bit)))
}

fn apply(operator: &Operator, vector: u64) -> u64 {
    let images = operator.iter().enumerate().filter(|(n, _)| vector >> n & 1 == 1);
    images.fold(0, |sum, (_, image)| sum ^ image)
}

fn square(operator: &Operator) -> Operator {
    operator.map(|image| apply(operator, image))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::upload::checksum::compute_crc64;

    fn crc64(mut bytes: &[u8]) -> u64 {
        compute_crc64(&mut bytes, || Ok(())).unwrap()
    }

    fn combine(pieces: &[(u64, u64)]) -> u64 {
        let mut all = Concatenation::default();
        pieces.iter().for_each(|(crc64, length)| all.push(*crc64, *length));
        all.crc64()
    }

    /// The vector of the reference.
    #[test]
    fn combines_the_vector() {
        let pieces = [(11_051_210_869_376_104_954, 9), (2_871_916_124_362_751_090, 49)];
        assert_eq!(combine(&pieces), 7_672_622_622_872_733_320);
        assert_eq!(combine(&[]), 0);
        assert_eq!(combine(&[(123, 4), (0, 0)]), 123);
    }

    #[test]
    fn combines_as_if_computed_in_one_go() {
        let bytes: Vec<u8> = (0..100_000_u64).map(|i| (i * i % 251) as u8).collect();
        for size in [1, 255, 256, 1000, 65_535, 65_536, 99_999, 100_000] {
            // The last piece is shorter, as the last part of an upload is.
            let pieces: Vec<(u64, u64)> =
                bytes.chunks(size).map(|piece| (crc64(piece), piece.len() as u64)).collect();
            assert_eq!(combine(&pieces), crc64(&bytes), "{size}");
        }
    }

    proptest! {
        #[test]
        fn combines_pieces_of_any_length(pieces in vec(vec(any::<u8>(), 0..200), 0..6)) {
            let parts: Vec<(u64, u64)> =
                pieces.iter().map(|piece| (crc64(piece), piece.len() as u64)).collect();
            prop_assert_eq!(combine(&parts), crc64(&pieces.concat()));
        }

        /// Pieces that no test can hold.
        #[test]
        fn combines_in_any_order(
            crcs in any::<[u64; 3]>(),
            lengths in [0..1_u64 << 45, 0..1_u64 << 45, 0..1_u64 << 45],
        ) {
            let [a, b, c] = [0, 1, 2].map(|at| (crcs[at], lengths[at]));
            let behind = (combine(&[b, c]), b.1 + c.1);
            prop_assert_eq!(combine(&[a, behind]), combine(&[a, b, c]));
        }
    }
}

//! CRC-64 of two pieces of data from the CRC-64 of each (spec: crc64.md).

/// The reflected polynomial.
const POLYNOMIAL: u64 = 0xC96C_5795_D787_0F42;

/// A linear map of CRC registers: entry n is the image of bit n.
type Operator = [u64; 64];

/// CRC-64 of A followed by B, from those of A and of B, and the length of B in bytes.
///
/// To append zero bytes to A is a linear map of its CRC; maps of 1, 2, 4, 8 … bytes come from each
/// other by squaring, and the bits of the length say which of them to apply.
pub(super) fn combine(first: u64, second: u64, second_length: u64) -> u64 {
    let mut crc64 = first;
    let mut append = zero_byte();
    let mut left = second_length;
    while left > 0 {
        if left & 1 == 1 {
            crc64 = apply(&append, crc64);
        }
        left >>= 1;
        append = square(&append);
    }
    crc64 ^ second
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
    use super::*;

    fn crc64(bytes: &[u8]) -> u64 {
        let mut digest = crc64fast::Digest::new();
        digest.write(bytes);
        digest.sum64()
    }

    /// The vector of the reference.
    #[test]
    fn combines_the_vector() {
        let combined = combine(11_051_210_869_376_104_954, 2_871_916_124_362_751_090, 49);
        assert_eq!(combined, 7_672_622_622_872_733_320);
        assert_eq!(combine(123, 0, 0), 123);
    }

    #[test]
    fn combines_as_if_computed_in_one_go() {
        let bytes: Vec<u8> = (0..100_000_u64).map(|i| (i * i % 251) as u8).collect();
        for cut in [0, 1, 2, 255, 256, 65_535, 65_536, 99_999, 100_000] {
            let (a, b) = bytes.split_at(cut);
            assert_eq!(combine(crc64(a), crc64(b), b.len() as u64), crc64(&bytes), "{cut}");
        }
    }
}

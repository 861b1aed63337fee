//! CRC-64 of a concatenation from the CRCs of its pieces (spec: crc64.md, "Combine").
//!
//! A CRC is a polynomial over GF(2) modulo that of the code. Appending n bytes multiplies what came
//! before by x^8n, so the two CRCs combine by one multiplication; the complements at both ends cancel
//! out.

/// Polynomial of ECMA-182 in reflected form: the highest bit stands for x^0.
const POLYNOMIAL: u64 = 0xC96C_5795_D787_0F42;
const ONE: u64 = 1 << 63;
const X: u64 = 1 << 62;

/// The CRC of A followed by B, of which B has `length` bytes.
pub(super) fn combine(crc_a: u64, crc_b: u64, length: u64) -> u64 {
    multiply(crc_a, power_of_x(u128::from(length) * 8)) ^ crc_b
}

fn power_of_x(mut exponent: u128) -> u64 {
    let (mut power, mut square) = (ONE, X);
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = multiply(power, square);
        }
        square = multiply(square, square);
        exponent >>= 1;
    }
    power
}

fn multiply(a: u64, mut b: u64) -> u64 {
    let mut product = 0;
    for bit in (0..64).rev() {
        if a >> bit & 1 == 1 {
            product ^= b;
        }
        // b times x.
        b = if b & 1 == 1 { b >> 1 ^ POLYNOMIAL } else { b >> 1 };
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crc(bytes: &[u8]) -> u64 {
        let mut digest = crc64fast::Digest::new();
        digest.write(bytes);
        digest.sum64()
    }

    #[test]
    fn the_vector_of_the_specification() {
        let combined = combine(11_051_210_869_376_104_954, 2_871_916_124_362_751_090, 49);
        assert_eq!(combined, 7_672_622_622_872_733_320);
    }

    #[test]
    fn any_cut_gives_the_crc_of_the_whole() {
        let bytes: Vec<u8> = (0..1000_u32).map(|n| (n * n) as u8).collect();
        for cut in 0..=bytes.len() {
            let (a, b) = bytes.split_at(cut);
            assert_eq!(combine(crc(a), crc(b), b.len() as u64), crc(&bytes), "{cut}");
        }
    }

    #[test]
    fn lengths_beyond_32_bits() {
        // 2^33 zero bytes, doubled up from one.
        let (mut zeros, mut length) = (crc(&[0]), 1);
        for _ in 0..33 {
            zeros = combine(zeros, zeros, length);
            length *= 2;
        }
        let a = crc(b"a");
        let at_once = combine(combine(a, zeros, length), crc(b"b"), 1);
        let tail = combine(zeros, crc(b"b"), 1);
        assert_eq!(combine(a, tail, length + 1), at_once);
        assert_eq!(combine(a, 0, 0), a);
    }
}

//! Powers modulo an odd number, by Montgomery's multiplication. All numbers are public, so that the time it takes
//! tells nobody anything.

/// A number, its least significant word first. All numbers of one modulus have the same length.
type Number = Vec<u64>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Modulus {
    modulus: Number,
    /// Of the last word of the modulus, negative: what makes the last word of a product vanish.
    inverse: u64,
    /// 2 to the power of twice the number of bits: what takes a number into Montgomery's form.
    square: Number,
}

impl Modulus {
    /// None for an even number, which has no inverse.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let modulus = number(bytes, bytes.len().div_ceil(8));
        let last = *modulus.first()?;
        if last % 2 == 0 {
            return None;
        }
        // Newton's method: each step doubles the number of bits that are right, from 3.
        let mut inverse = last;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(last.wrapping_mul(inverse)));
        }
        let mut square = number(&[1], modulus.len());
        for _ in 0..2 * 64 * modulus.len() {
            double(&mut square, &modulus);
        }
        Some(Self { modulus, inverse: inverse.wrapping_neg(), square })
    }

    /// `base` to the power of `exponent`, as many bytes as the modulus has at most. None if the base is not below
    /// the modulus.
    pub(super) fn power(&self, base: &[u8], exponent: &[u8]) -> Option<Vec<u8>> {
        let len = self.modulus.len();
        let base = number(base, len);
        if !is_below(&base, &self.modulus) {
            return None;
        }
        let one = number(&[1], len);
        let base = self.product(&base, &self.square);
        let mut power = self.product(&one, &self.square);
        for bit in exponent.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)) {
            power = self.product(&power, &power);
            if bit == 1 {
                power = self.product(&power, &base);
            }
        }
        Some(self.product(&power, &one).iter().rev().flat_map(|word| word.to_be_bytes()).collect())
    }

    /// The product of two numbers, divided by 2 to the number of bits.
    fn product(&self, left: &[u64], right: &[u64]) -> Number {
        let len = self.modulus.len();
        let mut sum = vec![0; len + 1];
        for &word in left {
            let overflow = add_multiple(&mut sum, right, word);
            let factor = sum[0].wrapping_mul(self.inverse);
            let overflow = overflow + add_multiple(&mut sum, &self.modulus, factor);
            // Its last word is zero now.
            sum.rotate_left(1);
            sum[len] = overflow;
        }
        if sum[len] != 0 || !is_below(&sum[..len], &self.modulus) {
            subtract(&mut sum, &self.modulus);
        }
        sum.truncate(len);
        sum
    }
}

/// The number that these bytes, most significant first, are, in `len` words.
fn number(bytes: &[u8], len: usize) -> Number {
    let mut words = vec![0; len];
    for (index, byte) in bytes.iter().rev().enumerate() {
        words[index / 8] |= u64::from(*byte) << (index % 8 * 8);
    }
    words
}

fn is_below(left: &[u64], right: &[u64]) -> bool {
    left.iter().rev().lt(right.iter().rev())
}

/// Adds `number` times `factor` to a sum that is one word longer. Returns what has no room.
fn add_multiple(sum: &mut [u64], number: &[u64], factor: u64) -> u64 {
    let mut carry = 0;
    for (word, &digit) in sum.iter_mut().zip(number) {
        let product = u128::from(digit) * u128::from(factor) + u128::from(*word) + carry;
        *word = product as u64;
        carry = product >> 64;
    }
    let (top, overflow) = sum[number.len()].overflowing_add(carry as u64);
    sum[number.len()] = top;
    u64::from(overflow)
}

/// Takes `number` from one that is at least as long.
fn subtract(from: &mut [u64], number: &[u64]) {
    let mut borrow = false;
    for (index, word) in from.iter_mut().enumerate() {
        let digit = number.get(index).copied().unwrap_or(0);
        let (word_left, is_less) = word.overflowing_sub(digit);
        let (word_left, is_less_still) = word_left.overflowing_sub(u64::from(borrow));
        *word = word_left;
        borrow = is_less || is_less_still;
    }
}

/// Twice a number below the modulus, modulo it.
fn double(number: &mut Number, modulus: &[u64]) {
    let top = number.last().copied().unwrap_or(0) >> 63;
    let mut carry = 0;
    for word in number.iter_mut() {
        (*word, carry) = (*word << 1 | carry, *word >> 63);
    }
    if top == 1 || !is_below(number, modulus) {
        subtract(number, modulus);
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// The same by another library.
    fn expected(modulus: &[u8], base: &[u8], exponent: &[u8]) -> Vec<u8> {
        use num_bigint::BigUint;
        let [modulus, base, exponent] = [modulus, base, exponent].map(BigUint::from_bytes_be);
        base.modpow(&exponent, &modulus).to_bytes_be()
    }

    fn without_zeros(bytes: &[u8]) -> &[u8] {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count().min(bytes.len() - 1);
        &bytes[zeros..]
    }

    proptest! {
        #[test]
        fn powers_are_those_of_another_library(
            mut modulus in vec(any::<u8>(), 1..80),
            base in vec(any::<u8>(), 1..80),
            exponent in vec(any::<u8>(), 1..9),
        ) {
            *modulus.last_mut().unwrap() |= 1;
            let base = &base[..base.len().min(modulus.len())];
            let made = Modulus::new(&modulus).unwrap().power(base, &exponent);
            let is_below = without_zeros(base).len() < without_zeros(&modulus).len()
                || (without_zeros(base).len() == without_zeros(&modulus).len()
                    && without_zeros(base) < without_zeros(&modulus));
            prop_assert_eq!(made.is_some(), is_below);
            if let Some(made) = made {
                let expected = expected(&modulus, base, &exponent);
                prop_assert_eq!(without_zeros(&made), &expected[..]);
            }
        }
    }

    #[test]
    fn numbers_at_the_edges() {
        for modulus in
            [vec![0xff; 64], [vec![0x80], vec![0; 62], vec![1]].concat(), vec![3], vec![0xff; 8]]
        {
            let mut largest = modulus.clone();
            *largest.last_mut().unwrap() -= 1;
            for base in [vec![0], vec![1], vec![2], largest] {
                for exponent in [vec![0], vec![1], vec![2], vec![1, 0, 1]] {
                    let made = Modulus::new(&modulus).unwrap().power(&base, &exponent).unwrap();
                    let expected = expected(&modulus, &base, &exponent);
                    assert_eq!(without_zeros(&made), expected, "{base:?} {exponent:?} {modulus:?}");
                }
            }
        }
        assert_eq!(Modulus::new(&[1, 0]), None);
        assert_eq!(Modulus::new(&[3]).unwrap().power(&[3], &[1]), None);
    }
}

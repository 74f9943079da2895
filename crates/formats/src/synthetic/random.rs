/// A source of chance without a state: what it rolls depends on the seed, on what is rolled for
/// and on which one of these, so that any record can be made without those before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dice {
    seed: u64,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed: mix(seed) }
    }

    /// An even number out of 2⁶⁴ for the `index`-th of `topic`.
    pub(super) fn roll(self, topic: Topic, index: u64) -> u64 {
        mix(self.seed ^ mix(topic.0 ^ mix(index)))
    }
}

/// What is rolled for. Two topics never have to do with each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Topic(pub(super) u64);

/// The last steps of splitmix64 (Steele, Lea, Flood 2014): every input bit moves every output bit.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// One text of a list.
pub(super) fn pick<'a>(list: &[&'a str], roll: u64) -> &'a str {
    let count = u64::try_from(list.len()).unwrap_or(u64::MAX).max(1);
    let index = usize::try_from(roll % count).unwrap_or(0);
    list.get(index).copied().unwrap_or("")
}

/// A shuffle of `0..len` that is computed, not stored: a Feistel network of four rounds on the
/// next power of four, walked on until it lands inside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shuffle {
    len: u64,
    half_bits: u32,
    key: u64,
}

impl Shuffle {
    pub(super) fn new(len: u64, key: u64) -> Self {
        let bits = u64::BITS - len.saturating_sub(1).leading_zeros();
        Self { len, half_bits: bits.div_ceil(2).max(1), key }
    }

    /// Where `index` goes. It must be below `len`, else it stays where it is.
    pub(super) fn at(&self, index: u64) -> u64 {
        if index >= self.len {
            return index;
        }
        // The network is a permutation, so the walk comes back to `index` at the latest.
        let mut place = self.network(index);
        while place >= self.len {
            place = self.network(place);
        }
        place
    }

    fn network(&self, value: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let (mut left, mut right) = (value >> self.half_bits, value & mask);
        for round in 0..4 {
            let turned = left ^ (mix(self.key ^ mix(right ^ (round << 40))) & mask);
            left = right;
            right = turned;
        }
        (left << self.half_bits) | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_leaves_out_nothing_and_repeats_nothing() {
        for len in [1, 2, 3, 5, 64, 100, 1_000, 4_097] {
            let shuffle = Shuffle::new(len, 7);
            let mut places: Vec<u64> = (0..len).map(|it| shuffle.at(it)).collect();
            assert!(len < 64 || !places.is_sorted());
            places.sort_unstable();
            assert!(places.into_iter().eq(0..len), "{len}");
        }
    }
}

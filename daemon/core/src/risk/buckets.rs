//! A bucket for everybody who asks, in bounded memory.

use std::collections::BTreeMap;
use std::time::Duration;

use super::bucket::{Bucket, Rate};
use crate::time::Timestamp;

/// Buckets by whom they limit. Two generations: when the young one is full it becomes the old one, and the old one is
/// forgotten. Whoever asks is young again. A bucket that is forgotten begins full: too many strangers make limits looser,
/// and never refuse anybody.
#[derive(Clone, Debug)]
pub struct Buckets<K> {
    room: usize,
    young: BTreeMap<K, Bucket>,
    old: BTreeMap<K, Bucket>,
}

impl<K: Ord> Buckets<K> {
    /// With `room` in each generation.
    pub const fn new(room: usize) -> Self {
        Self { room, young: BTreeMap::new(), old: BTreeMap::new() }
    }

    /// Lets one request of `key` pass.
    ///
    /// # Errors
    /// How long to wait, as [`Bucket::take`] says it.
    pub fn take(&mut self, key: K, rate: Rate, now: Timestamp) -> Result<(), Duration> {
        if let Some(bucket) = self.young.get_mut(&key) {
            return bucket.take(rate, now);
        }
        let bucket = self.old.remove(&key).unwrap_or_else(|| Bucket::full(rate, now));
        if self.young.len() >= self.room {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.entry(key).or_insert(bucket).take(rate, now)
    }

    /// How many are remembered: at most twice the room.
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// Whether nobody has asked yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    #[test]
    fn strangers_without_end_take_no_more_room_and_nobodys_limit_away() {
        let two = NonZeroU32::new(2).unwrap();
        let rate = Rate { per_second: NonZeroU32::MIN, burst: two };
        let mut buckets = Buckets::new(10);
        let mut passed = 0;
        for stranger in 1..10_000 {
            assert_eq!(buckets.take(stranger, rate, Timestamp(0)), Ok(()), "each has its own");
            // One who goes on asking is remembered.
            passed += u32::from(buckets.take(0, rate, Timestamp(0)).is_ok());
            assert!(buckets.len() <= 20, "{}", buckets.len());
        }
        assert_eq!(passed, 2);
        assert_eq!(buckets.take(1, rate, Timestamp(0)), Ok(()), "forgotten, and full again");
    }
}

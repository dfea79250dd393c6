//! How much happened lately: orders created, paid and closed, in slots of two seconds over an hour.

use std::collections::VecDeque;

use sluice_core::time::Timestamp;

/// A slot's length.
pub(super) const SLOT_MILLIS: i64 = 2_000;

/// An hour of slots.
const SLOTS: i64 = 3_600_000 / SLOT_MILLIS;
const SLOTS_OF_A_MINUTE: i64 = 60_000 / SLOT_MILLIS;
/// Two minutes, as the first screen draws them.
const SLOTS_OF_A_SPARK: i64 = 2 * SLOTS_OF_A_MINUTE;

/// Counts of one slot, or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) created: u64,
    pub(super) paid: u64,
    pub(super) closed: u64,
}

impl Counts {
    /// Orders that came to an end, as far as money goes.
    pub(super) fn ended(self) -> u64 {
        self.paid + self.closed
    }
}

/// The last hour.
#[derive(Debug, Default)]
pub(super) struct Rates {
    /// By slot, oldest first, without gaps.
    slots: VecDeque<(i64, Counts)>,
}

impl Rates {
    /// Adds what a slot had. Slots that are over an hour older than the newest are forgotten.
    pub(super) fn add(&mut self, slot: i64, kind: &str, count: u64) {
        let newest = self.slots.back().map_or(slot, |(n, _)| *n);
        if slot + SLOTS <= newest {
            return;
        }
        if slot - newest >= SLOTS {
            self.slots.clear();
        }
        match self.slots.front() {
            None => self.slots.push_back((slot, Counts::default())),
            Some((oldest, _)) => {
                for missing in (slot..*oldest).rev() {
                    self.slots.push_front((missing, Counts::default()));
                }
            }
        }
        while let Some((last, _)) = self.slots.back().copied().filter(|(last, _)| *last < slot) {
            self.slots.push_back((last + 1, Counts::default()));
        }
        while i64::try_from(self.slots.len()).is_ok_and(|n| n > SLOTS) {
            self.slots.pop_front();
        }
        let first = self.slots.front().map_or(slot, |(n, _)| *n);
        let Some((_, counts)) = usize::try_from(slot - first).ok().and_then(|i| self.slots.get_mut(i)) else {
            return;
        };
        match kind {
            "order.created" => counts.created += count,
            "order.paid" => counts.paid += count,
            "order.closed" => counts.closed += count,
            _ => {}
        }
    }

    /// The last minute.
    pub(super) fn minute(&self, now: Timestamp) -> Counts {
        self.sum(now, SLOTS_OF_A_MINUTE)
    }

    /// The last hour.
    pub(super) fn hour(&self, now: Timestamp) -> Counts {
        self.sum(now, SLOTS)
    }

    /// Orders per second over the last two minutes, rounded up, oldest first.
    pub(super) fn spark(&self, now: Timestamp, of: impl Fn(Counts) -> u64) -> Vec<u32> {
        let per_second = |n: u64| n.saturating_mul(1000).div_ceil(SLOT_MILLIS.unsigned_abs());
        let newest = slot_of(now);
        (newest - SLOTS_OF_A_SPARK + 1..=newest)
            .map(|slot| u32::try_from(per_second(of(self.slot(slot)))).unwrap_or(u32::MAX))
            .collect()
    }

    fn slot(&self, slot: i64) -> Counts {
        let first = self.slots.front().map_or(slot, |(n, _)| *n);
        let found = usize::try_from(slot - first).ok().and_then(|i| self.slots.get(i));
        found.map(|(_, counts)| *counts).unwrap_or_default()
    }

    fn sum(&self, now: Timestamp, slots: i64) -> Counts {
        let after = slot_of(now) - slots;
        let mut sum = Counts::default();
        for (_, counts) in self.slots.iter().rev().take_while(|(slot, _)| *slot > after) {
            sum.created += counts.created;
            sum.paid += counts.paid;
            sum.closed += counts.closed;
        }
        sum
    }
}

fn slot_of(at: Timestamp) -> i64 {
    at.millis().div_euclid(SLOT_MILLIS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A time in slot `n`, its middle.
    fn at(n: i64) -> Timestamp {
        Timestamp(n * SLOT_MILLIS + 1)
    }

    #[test]
    fn counts_by_minute_and_hour() {
        let mut rates = Rates::default();
        // In any order, twice, and with a gap.
        rates.add(1_000, "order.paid", 2);
        rates.add(1_000, "order.created", 5);
        rates.add(1_031, "order.paid", 1);
        rates.add(990, "order.closed", 4);
        rates.add(1_031, "order.paid", 1);
        rates.add(1_031, "order.submitted", 9);
        let now = at(1_031);
        assert_eq!(rates.minute(now), Counts { created: 0, paid: 2, closed: 0 });
        assert_eq!(rates.minute(at(1_029)), Counts { created: 5, paid: 4, closed: 0 });
        assert_eq!(rates.hour(now), Counts { created: 5, paid: 4, closed: 4 });
        assert_eq!(rates.hour(now).ended(), 8);
        // Time goes on without events.
        assert_eq!(rates.minute(at(1_500)), Counts::default());
    }

    #[test]
    fn an_hour_is_kept_and_no_more() {
        let mut rates = Rates::default();
        rates.add(10, "order.paid", 1);
        rates.add(10 + SLOTS - 1, "order.paid", 1);
        assert_eq!(rates.hour(at(10 + SLOTS - 1)).paid, 2);
        rates.add(10 + SLOTS, "order.paid", 1);
        assert_eq!(rates.slots.len(), usize::try_from(SLOTS).unwrap());
        assert_eq!(rates.hour(at(10 + SLOTS)).paid, 2);
        // Long after, or long before: neither makes a million slots.
        rates.add(10, "order.paid", 1);
        rates.add(1_000_000_000, "order.paid", 1);
        assert_eq!((rates.slots.len(), rates.hour(at(1_000_000_000)).paid), (1, 1));
    }

    #[test]
    fn a_spark_has_sixty_values_and_shows_a_single_order() {
        let mut rates = Rates::default();
        rates.add(100, "order.paid", 1);
        rates.add(99, "order.paid", 7);
        let spark = rates.spark(at(100), |c| c.paid);
        assert_eq!((spark.len(), &spark[57..]), (60, &[0, 4, 1][..]));
        assert_eq!(rates.spark(at(100), |c| c.created), vec![0; 60]);
    }
}

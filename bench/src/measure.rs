//! The method: each quantity is measured in several rounds after a warm-up, and the median stands for it.

use serde::Serialize;
use std::time::{Duration, Instant};

use crate::machine::thread_cpu;

/// Rounds of each measurement. Odd, so that the median is one of them.
pub(crate) const ROUNDS: usize = 3;

/// How the time is divided.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// One round of a raw limit.
    pub(crate) raw: Duration,
    /// One round of orders.
    pub(crate) create: Duration,
    /// One round of whole orders, from creation to the acknowledged callback.
    pub(crate) flow: Duration,
    /// Callbacks in one round's backlog.
    pub(crate) backlog: usize,
    /// What is run and thrown away before the rounds.
    pub(crate) warm_up: Duration,
}

impl Plan {
    /// A plan that takes about `total`. Shorter rounds than a fifth of a second say nothing, so there is a floor.
    pub(crate) fn within(total: Duration) -> Self {
        let share = |part: f64| total.mul_f64(part / 100.0).max(Duration::from_millis(200));
        let seconds = usize::try_from(total.as_secs()).unwrap_or(120);
        Self {
            raw: share(0.4),
            create: share(0.8),
            flow: share(1.8),
            backlog: (seconds * 15).clamp(500, 20_000),
            warm_up: share(0.5),
        }
    }

    /// How many steps the progress shows.
    pub(crate) fn steps(&self) -> usize {
        crate::raw::STEPS + crate::load::STEPS
    }
}

/// The rounds of one quantity.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Rate {
    /// The median round, per second.
    pub(crate) per_second: f64,
    /// Every round, per second, as they came.
    pub(crate) rounds: Vec<f64>,
}

impl Rate {
    /// The median of `rounds`.
    pub(crate) fn of(rounds: Vec<f64>) -> Self {
        Self { per_second: median(&rounds), rounds }
    }
}

/// The middle one.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// The value below which `percent` of the sorted values lie.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or_default()
}

/// What [`on_threads`] saw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ran {
    /// How often the work was done per second, over all threads.
    pub(crate) per_second: f64,
    /// The processor time that it took once. Unlike the rate, it hardly suffers from others on the machine.
    pub(crate) cpu: Duration,
}

/// Runs `work` on `threads` threads for `duration`.
pub(crate) fn on_threads(threads: usize, duration: Duration, work: impl Fn() + Sync) -> Ran {
    let began = Instant::now();
    let run = || {
        let (mut count, before) = (0_u64, thread_cpu());
        while began.elapsed() < duration {
            work();
            count += 1;
        }
        (count, thread_cpu().saturating_sub(before))
    };
    let (count, cpu) = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        let ran = workers.into_iter().map(|worker| worker.join().unwrap_or_default());
        ran.fold((0, Duration::ZERO), |(counts, cpus), (count, cpu)| (counts + count, cpus + cpu))
    });
    let cpu = cpu.div_f64(count.max(1) as f64);
    Ran { per_second: per_second(count, began.elapsed()), cpu }
}

/// `count` in `time`, per second.
pub(crate) fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_a_round() {
        for (rounds, expected) in
            [(vec![3.0, 1.0, 2.0], 2.0), (vec![5.0], 5.0), (vec![9.0, 1.0, 1.0], 1.0), (vec![], 0.0)]
        {
            assert_eq!(median(&rounds), expected, "{rounds:?}");
        }
    }

    #[test]
    fn percentiles_stay_inside() {
        let values: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&values, 50), Duration::from_millis(51));
        assert_eq!(percentile(&values, 99), Duration::from_millis(100));
        assert_eq!(percentile(&values, 100), Duration::from_millis(100));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }

    #[test]
    fn a_plan_keeps_to_its_time() {
        for seconds in [40, 120, 300] {
            let plan = Plan::within(Duration::from_secs(seconds));
            let rounds = ROUNDS as u32;
            let raw = (plan.raw * rounds + plan.raw) * crate::raw::STEPS as u32;
            let cells = crate::load::CREATE_CELLS as u32;
            let create = (plan.create * rounds + plan.warm_up) * cells;
            let flow = (plan.flow * rounds + plan.warm_up) * crate::load::FLOWS as u32;
            // The rest is for starting, funding and callbacks.
            let sum = raw + create + flow;
            assert!(sum < Duration::from_secs(seconds) * 4 / 5, "{seconds}: {sum:?}");
        }
    }
}

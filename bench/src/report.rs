//! The result as a table, and in words: which limit is the tightest, how near to it Sluice comes, what binds.

use serde::Serialize;
use std::fmt;

use crate::arithmetic::{Cost, Resource, Workload, limits, signature_ms};
use crate::load::{Load, Measured};
use crate::machine::Machine;
use crate::measure::ROUNDS;
use crate::raw::{GROUP, Raw};

/// Above this part of all cores, the processors are what binds; of one core, the database's one writer.
const FULL: f64 = 0.85;

/// Above this part, something else on the machine spoils the measurement.
const DISTURBED: f64 = 0.10;

/// Everything that was measured, and what follows from it.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    machine: Machine,
    raw: Raw,
    load: Load,
    against_limits: Vec<Against>,
}

/// A workload against the machine's limits, at the concurrency where it did best.
#[derive(Debug, Serialize)]
struct Against {
    workload: Workload,
    cost: Cost,
    per_second: f64,
    tightest: Resource,
    limit: f64,
    ratio: f64,
    /// Processor time of its signatures, milliseconds.
    signature_ms: f64,
    /// Processor time of the database's writer, milliseconds.
    writer_ms: f64,
    /// Processor time of all of it, over all parties, milliseconds.
    cpu_ms: f64,
    busy: f64,
    writer_busy: f64,
}

impl Report {
    pub(crate) fn new(machine: Machine, raw: Raw, load: Load) -> Self {
        let of = |workload| against(&raw, &load, workload);
        let against_limits = Workload::ALL.into_iter().filter_map(of).collect();
        Self { machine, raw, load, against_limits }
    }

    /// Whether the books are right after the load.
    pub(crate) fn held(&self) -> bool {
        self.load.ledger_holds && self.load.left_at_paid == 0
    }
}

fn against(raw: &Raw, load: &Load, workload: Workload) -> Option<Against> {
    let of_workload = load.results.iter().filter(|measured| measured.workload == workload);
    let best = of_workload.max_by(|a, b| a.rate.per_second.total_cmp(&b.rate.per_second))?;
    let cost = workload.cost();
    let (tightest, limit) = limits(raw, cost).into_iter().next()?;
    let per_second = best.rate.per_second;
    Some(Against {
        workload,
        cost,
        per_second,
        tightest,
        limit,
        ratio: per_second / limit,
        signature_ms: signature_ms(raw, cost),
        writer_ms: best.cpu.writer_ms,
        cpu_ms: best.cpu.daemon_ms + best.cpu.rest_ms,
        busy: best.cpu.busy,
        writer_busy: best.cpu.writer_busy,
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine { processor, cores, file_system } = &self.machine;
        writeln!(f, "Sluice on SQLite (WAL, synchronous=FULL, {file_system}); {cores} × {processor}")?;
        writeln!(
            f,
            "shared by daemon, gateway, merchant and load; medians of {ROUNDS} rounds after a warm-up\n"
        )?;
        self.raw_limits(f)?;
        self.workloads(f)?;
        self.ratios(f)?;
        self.remarks(f)
    }
}

impl Report {
    fn raw_limits(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let raw = &self.raw;
        writeln!(f, "{:<52}{:>12}{:>12}", "THE MACHINE, per second", "one core", "all cores")?;
        let both = |f: &mut fmt::Formatter<'_>, name: &str, one: f64, all: f64| {
            writeln!(f, "{name:<52}{:>12}{:>12}", grouped(one), grouped(all))
        };
        both(f, "RSA-2048 signatures made", raw.sign.one.per_second, raw.sign.all.per_second)?;
        both(f, "RSA-2048 signatures checked", raw.verify.one.per_second, raw.verify.all.per_second)?;
        let single = |f: &mut fmt::Formatter<'_>, name: &str, rate: f64| {
            writeln!(f, "{name:<52}{:>12}", grouped(rate))
        };
        single(f, "4 KiB append and fdatasync", raw.append.per_second)?;
        single(f, "SQLite order-like transaction, each its own commit", raw.commit_alone.per_second)?;
        single(f, &format!("  the same, {GROUP} to a commit"), raw.commit_grouped.per_second)?;
        let trade_like = format!("  trade-like, all of one payer, {GROUP} to a commit");
        single(f, &trade_like, raw.trade_grouped.per_second)?;
        single(f, "HTTP POST of JSON, 64 kept-alive (client and server)", raw.http.per_second)
    }

    fn workloads(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n{:<22}{:>8}{:>12}{:>9}{:>9}   {:>8}{:>8}{:>8}{:>7}",
            "SLUICE", "at once", "per second", "p50 ms", "p99 ms", "daemon", "writer", "rest", "busy"
        )?;
        for Measured { workload, concurrency, rate, latency, cpu } in &self.load.results {
            let time = |value: Option<f64>| value.map_or(String::from("–"), |ms| format!("{ms:.1}"));
            writeln!(
                f,
                "{:<22}{:>8}{:>12}{:>9}{:>9}   {:>8.2}{:>8.2}{:>8.2}{:>6.0}%",
                workload.name(),
                concurrency.map_or(String::from("–"), |n| n.to_string()),
                grouped(rate.per_second),
                time(latency.map(|l| l.p50_ms)),
                time(latency.map(|l| l.p99_ms)),
                cpu.daemon_ms,
                cpu.writer_ms,
                cpu.rest_ms,
                100.0 * cpu.busy,
            )?;
        }
        writeln!(
            f,
            "(milliseconds of processor time for each; writer: the daemon's on the database; busy: all cores)"
        )
    }

    fn ratios(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n{:<22}{:>7}{:>8}{:>9}{:>10}{:>6}   {:>22}{:>8}",
            "AGAINST THE LIMIT",
            "signed",
            "checked",
            "commits",
            "journals",
            "HTTP",
            "tightest limit",
            "ratio"
        )?;
        for a in &self.against_limits {
            let limit = format!("{} {}", a.tightest.name(), grouped(a.limit));
            writeln!(
                f,
                "{:<22}{:>7}{:>8}{:>9}{:>10}{:>6}   {:>22}{:>7.0}%",
                a.workload.name(),
                a.cost.signs,
                a.cost.verifies,
                a.cost.commits,
                a.cost.journals,
                a.cost.exchanges,
                limit,
                100.0 * a.ratio,
            )?;
        }
        writeln!(
            f,
            "(signatures: everybody's, merchant, Sluice and provider; journals: commits that move money)\n"
        )?;
        for a in &self.against_limits {
            writeln!(f, "{}: {}.", a.workload.name(), binding(a))?;
        }
        Ok(())
    }

    fn remarks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let foreign = self.load.results.iter().map(|m| m.cpu.foreign).fold(0.0, f64::max);
        if foreign > DISTURBED {
            writeln!(f, "NOT QUIET: something else used up to {:.0} % of the cores.", 100.0 * foreign)?;
        }
        let verdict = |holds| if holds { "holds" } else { "DOES NOT HOLD" };
        writeln!(
            f,
            "Afterwards: the ledger {}; {} paid orders without an acknowledged callback.",
            verdict(self.load.ledger_holds),
            self.load.left_at_paid
        )
    }
}

/// What keeps a workload from being faster, from its processor time.
fn binding(a: &Against) -> String {
    let part = |ms: f64| format!("{ms:.2} ({:.0} %)", 100.0 * ms / a.cpu_ms.max(f64::MIN_POSITIVE));
    let time = format!(
        "{:.2} ms of processor time each, signatures {}, the database's writer {}",
        a.cpu_ms,
        part(a.signature_ms),
        part(a.writer_ms)
    );
    if a.busy >= FULL {
        format!("the processors bind ({:.0} % busy): {time}", 100.0 * a.busy)
    } else if a.writer_busy >= FULL {
        format!("the database's one writer binds (its core {:.0} % busy): {time}", 100.0 * a.writer_busy)
    } else {
        format!("waiting binds, for commits and for each other (cores {:.0} % busy): {time}", 100.0 * a.busy)
    }
}

/// A whole number with its thousands apart.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::tests::raw;
    use crate::load::Cpu;
    use crate::measure::Rate;

    fn report(per_second: f64, busy: f64, writer_busy: f64, foreign: f64) -> Report {
        let measured = |workload| Measured {
            workload,
            concurrency: Some(64),
            rate: Rate::of(vec![per_second]),
            latency: None,
            cpu: Cpu { daemon_ms: 1.5, writer_ms: 0.3, writer_busy, rest_ms: 1.5, busy, foreign },
        };
        let results = vec![measured(Workload::Recharge), measured(Workload::Trade)];
        let load = Load { results, left_at_paid: 0, ledger_holds: true };
        let machine = Machine { processor: "P".into(), cores: 2, file_system: "ext4".into() };
        Report::new(machine, raw(6_000.0, 60_000.0, 10_000.0, 60_000.0), load)
    }

    #[test]
    fn the_ratio_is_to_the_tightest_limit() {
        let report = report(454.5, 0.99, 0.5, 0.0);
        let of = |a: &Against| (a.tightest, a.limit.round(), (100.0 * a.ratio).round());
        let against: Vec<_> = report.against_limits.iter().map(of).collect();
        assert_eq!(against, [(Resource::Signatures, 909.0, 50.0), (Resource::Signatures, 1818.0, 25.0)]);
        let text = report.to_string();
        assert!(text.contains("whole recharges, qr: the processors bind (99 % busy): 3.00 ms"), "{text}");
        assert!(text.contains("signatures 2.20 (73 %), the database's writer 0.30 (10 %)"), "{text}");
        assert!(text.contains("direct trades: the processors bind (99 % busy): 3.00 ms"), "{text}");
        assert!(!text.contains("NOT QUIET"), "{text}");
        assert!(report.held());
    }

    #[test]
    fn what_binds_is_said_and_so_is_noise() {
        for (busy, writer_busy, expected) in [
            (0.4, 0.3, "waiting binds, for commits and for each other (cores 40 % busy)"),
            (0.7, 0.9, "the database's one writer binds (its core 90 % busy)"),
            (0.9, 0.9, "the processors bind (90 % busy)"),
        ] {
            let text = report(100.0, busy, writer_busy, 0.3).to_string();
            assert!(text.contains(expected), "{text}");
            assert!(text.contains("NOT QUIET: something else used up to 30 %"), "{text}");
        }
    }

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0.4, "0"), (999.0, "999"), (1_000.0, "1 000"), (1_234_567.0, "1 234 567")] {
            assert_eq!(grouped(number), text);
        }
    }
}

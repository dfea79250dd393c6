//! The machine under the benchmark: what it is, and who used its processors.

use serde::Serialize;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Ticks per second in `/proc`: 100 on every architecture that Linux supports today (`USER_HZ`).
const TICKS: u64 = 100;

/// What a reader needs to know to compare results.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    /// The processor's name.
    pub(crate) processor: String,
    /// Logical cores that this process may use.
    pub(crate) cores: usize,
    /// The file system that holds the database.
    pub(crate) file_system: String,
}

impl Machine {
    /// Looks at this machine; `folder` is where the database will be.
    pub(crate) fn look(folder: &Path) -> Self {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let name = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        Self {
            processor: name.map_or("unknown processor", |(_, name)| name.trim()).to_owned(),
            cores: cores(),
            file_system: file_system(folder).unwrap_or_else(|| "unknown file system".to_owned()),
        }
    }
}

/// Logical cores that this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The type of the file system mounted nearest above `folder`.
fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let above = mounts.filter(|(at, _)| folder.starts_with(at));
    above.max_by_key(|(at, _)| at.len()).map(|(_, kind)| kind.to_owned())
}

/// Threads of the daemon that run SQLite, by the beginning of their names: the writer's, and a few readers'.
const DATABASE_THREADS: &str = "sqlx-sqlite-wor";

/// Processor time used so far.
#[derive(Clone, Debug)]
pub(crate) struct CpuTime {
    /// By the daemon.
    pub(crate) daemon: Duration,
    /// By this process: gateway, sample merchant, load generator.
    pub(crate) own: Duration,
    /// By everything on the machine.
    pub(crate) all: Duration,
    /// By each of the daemon's threads that run SQLite, by its id.
    database: HashMap<String, Duration>,
}

impl CpuTime {
    /// Reads the counters; `daemon` is its process id.
    pub(crate) fn now(daemon: u32) -> Self {
        let of_process = |pid: &str| {
            fs::read_to_string(format!("/proc/{pid}/stat")).map_or(Duration::ZERO, |stat| process_time(&stat))
        };
        let all = fs::read_to_string("/proc/stat").map_or(Duration::ZERO, |stat| machine_time(&stat));
        let database = database_threads(daemon);
        Self { daemon: of_process(&daemon.to_string()), own: of_process("self"), all, database }
    }

    /// What was used since `earlier`.
    pub(crate) fn since(self, earlier: &Self) -> Self {
        let before = |thread: &String| earlier.database.get(thread).copied().unwrap_or_default();
        let database = self.database.into_iter().map(|(thread, time)| {
            let since = time.saturating_sub(before(&thread));
            (thread, since)
        });
        Self {
            daemon: self.daemon.saturating_sub(earlier.daemon),
            own: self.own.saturating_sub(earlier.own),
            all: self.all.saturating_sub(earlier.all),
            database: database.collect(),
        }
    }

    /// By the database's one writer: under these loads no reader is as busy.
    pub(crate) fn writer(&self) -> Duration {
        self.database.values().copied().max().unwrap_or_default()
    }
}

fn database_threads(process: u32) -> HashMap<String, Duration> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let times = threads.filter_map(|thread| {
        let stat = fs::read_to_string(thread.path().join("stat")).ok()?;
        let id = thread.file_name().to_string_lossy().into_owned();
        name(&stat).starts_with(DATABASE_THREADS).then(|| (id, process_time(&stat)))
    });
    times.collect()
}

/// Processor time of this thread so far.
pub(crate) fn thread_cpu() -> Duration {
    let schedstat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = schedstat.split(' ').next().and_then(|field| field.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

/// The name in `/proc/PID/stat`.
fn name(stat: &str) -> &str {
    let name = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')'));
    name.map_or("", |(name, _)| name)
}

/// User and system time in `/proc/PID/stat`; the name before them may hold anything, even parentheses.
fn process_time(stat: &str) -> Duration {
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    ticks(after_name.split_whitespace().skip(11).take(2))
}

/// The time that was neither idle nor waiting in `/proc/stat`: user, nice, system, irq, softirq.
fn machine_time(stat: &str) -> Duration {
    let fields = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
    ticks(fields.enumerate().filter(|(i, _)| matches!(i, 0 | 1 | 2 | 5 | 6)).map(|(_, field)| field))
}

fn ticks<'a>(fields: impl Iterator<Item = &'a str>) -> Duration {
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_from_proc() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 100 0 0";
        assert_eq!(process_time(stat), Duration::from_secs(3));
        assert_eq!(name(stat), "a ) b");
        let stat = "cpu  100 10 50 9999 8888 20 20 0 0 0\ncpu0 1 1 1 1";
        assert_eq!(machine_time(stat), Duration::from_secs(2));
        assert_eq!(process_time("nonsense"), Duration::ZERO);
    }

    #[test]
    fn a_busy_thread_uses_processor_time() {
        let (before, began) = (thread_cpu(), std::time::Instant::now());
        while began.elapsed() < Duration::from_millis(100) {}
        let used = thread_cpu() - before;
        assert!(used > Duration::from_millis(5) && used < Duration::from_millis(200), "{used:?}");
    }
}

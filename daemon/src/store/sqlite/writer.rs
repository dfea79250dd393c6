//! The one writer: takes units from a queue, and commits a whole group of them at once.
//!
//! In each group: guards first, in one statement per unit; a refused unit writes nothing and does not disturb its
//! neighbours. An unexpected error rolls the group back, and every unit of it runs again alone.

use std::sync::Arc;

use sluice_core::change::{Guard, TaskChange, TaskId, TaskKind};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use tokio::sync::{Notify, mpsc, oneshot, watch};

use super::{change, guard, record};
use crate::store::StoreError;
use crate::store::audit_chain;
use crate::store::script::{Script, values};
use crate::store::unit::{AuditDraft, LeaseRequest, LeasedTask, Outcome, Unit};

/// At most so many units share one commit.
const GROUP: usize = 64;

/// Waiting units before callers are made to wait.
const QUEUE: usize = 1024;

enum Job {
    Unit(Box<Unit>, oneshot::Sender<Result<Outcome, StoreError>>),
    Lease(LeaseRequest, oneshot::Sender<Result<Vec<LeasedTask>, StoreError>>),
}

enum Done {
    Unit(Outcome),
    Leased(Vec<LeasedTask>),
}

/// Sends units to the writer.
#[derive(Clone)]
pub(in crate::store) struct Writer {
    jobs: mpsc::Sender<Job>,
}

/// Told after commits.
#[derive(Clone)]
pub(crate) struct Signals {
    /// Counts commits that added events.
    pub(crate) events: watch::Sender<u64>,
    /// Work may be due.
    pub(crate) tasks: Arc<Notify>,
}

impl Writer {
    pub(in crate::store) fn start(conn: SqliteConnection, signals: Signals) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        tokio::spawn(run(conn, queue, signals));
        Self { jobs }
    }

    pub(in crate::store) async fn commit(&self, unit: Unit) -> Result<Outcome, StoreError> {
        let (reply, done) = oneshot::channel();
        self.jobs.send(Job::Unit(Box::new(unit), reply)).await.map_err(|_| StoreError::Stopped)?;
        done.await.map_err(|_| StoreError::Stopped)?
    }

    pub(in crate::store) async fn lease(&self, request: LeaseRequest) -> Result<Vec<LeasedTask>, StoreError> {
        let (reply, done) = oneshot::channel();
        self.jobs.send(Job::Lease(request, reply)).await.map_err(|_| StoreError::Stopped)?;
        done.await.map_err(|_| StoreError::Stopped)?
    }
}

async fn run(mut conn: SqliteConnection, mut queue: mpsc::Receiver<Job>, signals: Signals) {
    let mut group = Vec::with_capacity(GROUP);
    while queue.recv_many(&mut group, GROUP).await > 0 {
        match run_group(&mut conn, &group).await {
            Ok(results) => answer(group.drain(..), results.into_iter().map(Ok), &signals),
            Err(error) if group.len() == 1 => answer(group.drain(..), [Err(error)], &signals),
            Err(error) => {
                tracing::warn!(%error, units = group.len(), "a group failed; its units run one by one");
                for job in group.drain(..) {
                    let alone = [job];
                    let result = run_group(&mut conn, &alone).await.map(|mut r| r.pop());
                    let result = result.and_then(|r| r.ok_or(sqlx::Error::RowNotFound));
                    answer(alone, [result], &signals);
                }
            }
        }
    }
}

fn answer(
    jobs: impl IntoIterator<Item = Job>,
    results: impl IntoIterator<Item = Result<Done, sqlx::Error>>,
    signals: &Signals,
) {
    let (mut events, mut tasks) = (false, false);
    for (job, result) in jobs.into_iter().zip(results) {
        // A caller that has gone away does not need its answer.
        match job {
            Job::Unit(unit, reply) => {
                if let Ok(Done::Unit(Outcome::Done { .. })) = &result {
                    events |= !unit.change.events.is_empty() || unit.audit.is_some();
                    tasks |= unit.change.tasks.iter().any(|t| matches!(t, TaskChange::Schedule { .. }));
                }
                let _ = reply.send(match result {
                    Ok(Done::Unit(outcome)) => Ok(outcome),
                    Ok(Done::Leased(_)) => Err(StoreError::Stopped),
                    Err(error) => Err(error.into()),
                });
            }
            Job::Lease(_, reply) => {
                let _ = reply.send(match result {
                    Ok(Done::Leased(leased)) => Ok(leased),
                    Ok(Done::Unit(_)) => Err(StoreError::Stopped),
                    Err(error) => Err(error.into()),
                });
            }
        }
    }
    if events {
        signals.events.send_modify(|n| *n += 1);
    }
    if tasks {
        signals.tasks.notify_one();
    }
}

async fn run_group(conn: &mut SqliteConnection, group: &[Job]) -> Result<Vec<Done>, sqlx::Error> {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *conn).await?;
    let result = run_jobs(conn, group).await;
    let result = match result {
        Ok(results) => sqlx::query("COMMIT").execute(&mut *conn).await.map(|_| results),
        Err(error) => Err(error),
    };
    if result.is_err() {
        // After some errors SQLite has rolled back by itself; then this fails, which is fine.
        let _ = sqlx::query("ROLLBACK").execute(&mut *conn).await;
    }
    result
}

async fn run_jobs(conn: &mut SqliteConnection, group: &[Job]) -> Result<Vec<Done>, sqlx::Error> {
    let mut results = Vec::with_capacity(group.len());
    for job in group {
        results.push(match job {
            Job::Unit(unit, _) => Done::Unit(run_unit(conn, unit).await?),
            Job::Lease(request, _) => Done::Leased(run_lease(conn, request).await?),
        });
    }
    Ok(results)
}

async fn run_unit(conn: &mut SqliteConnection, unit: &Unit) -> Result<Outcome, sqlx::Error> {
    if let Some(outcome) = refused(conn, unit).await? {
        return Ok(outcome);
    }
    let mut script = Script::default();
    change::render(&mut script, &unit.change);
    for record in &unit.records {
        record::render(&mut script, record);
    }
    let mut audit_seq = None;
    if let Some(draft) = &unit.audit {
        let (seq, hash) = next_in_chain(conn, draft).await?;
        record::audit(&mut script, draft, seq, &hash);
        audit_seq = Some(seq);
    }
    if !script.is_empty() {
        script.query()?.execute(conn).await?;
    }
    Ok(Outcome::Done { audit_seq })
}

async fn refused(conn: &mut SqliteConnection, unit: &Unit) -> Result<Option<Outcome>, sqlx::Error> {
    let Some(check) = guard::check(unit) else { return Ok(None) };
    let number: i64 = check.query()?.fetch_one(conn).await?.try_get(0)?;
    if number < 0 {
        return Ok(Some(Outcome::Repeated));
    }
    let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
    let guard: Option<&Guard> = index.and_then(|i| unit.change.guards.get(i));
    Ok(guard.map(|g| Outcome::Refused(g.clone())))
}

async fn next_in_chain(
    conn: &mut SqliteConnection,
    draft: &AuditDraft,
) -> Result<(i64, String), sqlx::Error> {
    let last =
        sqlx::query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetch_optional(conn).await?;
    let (seq, former) = match last {
        Some(row) => (row.try_get::<i64, _>(0)? + 1, row.try_get::<String, _>(1)?),
        None => (1, String::new()),
    };
    let row = audit_chain::Row {
        seq,
        at: draft.at.millis(),
        operator: &draft.operator,
        role: &draft.role,
        action: draft.action,
        target: &draft.target,
        reason: &draft.reason,
        before: &draft.before.to_string(),
        after: &draft.after.to_string(),
        request_id: &draft.request_id,
    };
    Ok((seq, audit_chain::hash(&former, &row)))
}

async fn run_lease(conn: &mut SqliteConnection, r: &LeaseRequest) -> Result<Vec<LeasedTask>, sqlx::Error> {
    let mut script = Script::default();
    for (lane, room) in &r.lanes {
        let room = i64::try_from(*room).unwrap_or(i64::MAX);
        // `+?`: a bare parameter in LIMIT has SQLite plan the statement anew at every run. First attempts before retries.
        // Each half is read in the order of the index, and no further than needed.
        script.statement(
            "UPDATE task SET lease_owner = ?, lease_until = ?, fence = fence + 1 WHERE (kind, subject) IN ( \
             SELECT kind, subject FROM ( \
             SELECT * FROM (SELECT kind, subject, 0 AS retry, due_at FROM task WHERE lane = ? AND (attempt > 0) = 0 \
               AND due_at <= ? AND (lease_until IS NULL OR lease_until < ?) ORDER BY due_at LIMIT +?) \
             UNION ALL \
             SELECT * FROM (SELECT kind, subject, 1 AS retry, due_at FROM task WHERE lane = ? AND (attempt > 0) = 1 \
               AND due_at <= ? AND (lease_until IS NULL OR lease_until < ?) ORDER BY due_at LIMIT +?) \
             ORDER BY retry, due_at LIMIT +?)) \
             RETURNING kind, subject, lane, attempt, fence",
            values![&r.owner, r.until, lane, r.now, r.now, room, lane, r.now, r.now, room, room],
        );
    }
    if script.is_empty() {
        return Ok(Vec::new());
    }
    let rows = script.query()?.fetch_all(conn).await?;
    Ok(rows.iter().filter_map(leased).collect())
}

fn leased(row: &SqliteRow) -> Option<LeasedTask> {
    let kind: String = row.try_get("kind").ok()?;
    Some(LeasedTask {
        id: TaskId { kind: TaskKind::from_name(&kind)?, subject: row.try_get("subject").ok()? },
        lane: row.try_get("lane").ok()?,
        attempt: row.try_get("attempt").ok()?,
        fence: row.try_get("fence").ok()?,
    })
}

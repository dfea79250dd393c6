//! What stands open now: orders, limbo, callbacks, tasks, suspense. Each figure is a short range of an index.

use std::collections::HashMap;

use sluice_core::time::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::store::script::{Script, values};
use crate::store::{Store, StoreError};

/// How many wait, and since when the oldest does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) count: u64,
    pub(crate) oldest: Option<Timestamp>,
}

/// What stands open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    pub(crate) open_orders: u64,
    pub(crate) limbo: HashMap<String, Waiting>,
    /// Undelivered callbacks, the stuck ones among them.
    pub(crate) undelivered: Waiting,
    pub(crate) stuck: Waiting,
    /// Due now; those under way are among them.
    pub(crate) tasks_due: u64,
    pub(crate) suspense: Waiting,
}

impl Standing {
    /// A channel's orders in limbo.
    pub(crate) fn limbo_of(&self, channel: &str) -> Waiting {
        self.limbo.get(channel).copied().unwrap_or_default()
    }

    /// All orders in limbo.
    pub(crate) fn limbo(&self) -> Waiting {
        Waiting {
            count: self.limbo.values().map(|w| w.count).sum(),
            oldest: self.limbo.values().filter_map(|w| w.oldest).min(),
        }
    }
}

impl Store {
    /// What stands open at `now`. `limbo_bounds`: by channel, the moment before which an unknown is limbo;
    /// a tried callback from before `stuck_before` is stuck.
    pub(crate) async fn standing(
        &self,
        now: Timestamp,
        limbo_bounds: &[(String, Timestamp)],
        stuck_before: Timestamp,
    ) -> Result<Standing, StoreError> {
        let mut limbo = HashMap::new();
        for (channel, before) in limbo_bounds {
            let waiting = self
                .waiting(
                    "SELECT count(*), min(unknown_since) FROM orders WHERE unknown_since IS NOT NULL \
                     AND channel = ? AND unknown_since <= ?",
                    values![channel, *before],
                )
                .await?;
            limbo.insert(channel.clone(), waiting);
        }
        Ok(Standing {
            limbo,
            open_orders: self
                .waiting("SELECT count(*), NULL FROM orders WHERE state IN (0, 1, 2)", vec![])
                .await?
                .count,
            undelivered: self
                .waiting(
                    "SELECT count(*), min(created_at) FROM callback WHERE state IN ('pending', 'stuck')",
                    vec![],
                )
                .await?,
            stuck: self
                .waiting(
                    "SELECT count(*), min(created_at) FROM callback WHERE state IN ('pending', 'stuck') \
                     AND (state = 'stuck' OR (created_at <= ? AND attempts > 0))",
                    values![stuck_before],
                )
                .await?,
            tasks_due: self
                .waiting("SELECT count(*), NULL FROM task WHERE due_at <= ?", values![now])
                .await?
                .count,
            suspense: self
                .waiting("SELECT count(*), min(created_at) FROM suspense WHERE state = 'open'", vec![])
                .await?,
        })
    }

    async fn waiting(
        &self,
        sql: &str,
        bound: Vec<crate::store::script::Value>,
    ) -> Result<Waiting, StoreError> {
        let mut script = Script::default();
        script.add(sql, bound);
        let row: SqliteRow = script.query()?.fetch_one(self.readers()).await?;
        let count: i64 = row.try_get(0)?;
        Ok(Waiting {
            count: u64::try_from(count).unwrap_or_default(),
            oldest: row.try_get::<Option<i64>, _>(1)?.map(Timestamp),
        })
    }
}

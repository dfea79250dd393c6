//! Orders as the live feed needs them: by a set of ids, and those that fell into limbo in between two looks.

use sluice_core::id::OrderId;
use sluice_core::order::AnyOrder;
use sluice_core::time::Timestamp;

use super::order_row::{COLUMNS, order};
use crate::store::script::{Script, values};
use crate::store::{Store, StoreError};

impl Store {
    /// Orders by their ids, in no order; ids of none are left out.
    pub(crate) async fn orders(&self, ids: &[OrderId]) -> Result<Vec<AnyOrder>, StoreError> {
        let mut script = Script::default();
        script.add(
            &format!("SELECT {COLUMNS} FROM json_each(?) j CROSS JOIN orders o ON o.order_id = j.value"),
            values![serde_json::json!(ids).to_string()],
        );
        let rows = script.query()?.fetch_all(self.readers()).await?;
        rows.iter().map(order).collect()
    }

    /// Orders that are unknown since after one moment and up to another, both by channel.
    pub(crate) async fn unknown_between(
        &self,
        after: &[(String, Timestamp)],
        upto: &[(String, Timestamp)],
        limit: u32,
    ) -> Result<Vec<AnyOrder>, StoreError> {
        let mut orders = Vec::new();
        for (channel, upto) in upto {
            let after = after.iter().find(|(c, _)| c == channel).map_or(Timestamp(0), |(_, at)| *at);
            let mut script = Script::default();
            script.add(
                &format!(
                    "SELECT {COLUMNS} FROM orders o WHERE o.unknown_since IS NOT NULL AND o.channel = ? \
                     AND o.unknown_since > ? AND o.unknown_since <= ? LIMIT ?"
                ),
                values![channel, after, *upto, limit],
            );
            let rows = script.query()?.fetch_all(self.readers()).await?;
            for row in &rows {
                orders.push(order(row)?);
            }
        }
        Ok(orders)
    }
}

//! Counting the day's orders anew when the daemon starts: the days may begin at another hour by now.

use sluice_core::risk::{Day, DayOffset, Rules};

use crate::clock;
use crate::store::risk::{Recount, RiskRecord};
use crate::store::unit::{Record, Unit};
use crate::store::{Store, StoreError};

/// Makes the counters of every app that has rules from its orders.
pub(crate) async fn recount(store: &Store, offset: DayOffset) -> Result<(), StoreError> {
    let today = Day::of(clock::now(), offset);
    let mut unit = Unit::default();
    for row in store.all_risk_rules().await? {
        match Rules::from_json(&row.document) {
            Ok(rules) => {
                let recount = Recount { client_id: row.client_id, rules, today, offset };
                unit.records.push(Record::Risk(RiskRecord::Recount(Box::new(recount))));
            }
            // The gate refuses this app's requests; the others are served.
            Err(error) => {
                tracing::error!(app = row.client_id, %error, "the stored risk rules are not readable")
            }
        }
    }
    store.commit(unit).await?;
    Ok(())
}

//! The weather of the demo: mostly a provider with small faults, now and then a spell in which its queries fail
//! and one merchant's endpoint is down. So there is always something in limbo or stuck to look at, and it settles.

use serde_json::{Value, json};
use std::time::Duration;

use crate::sandbox::SandboxFile;

const FAIR: Duration = Duration::from_secs(20);
const FOUL: Duration = Duration::from_secs(10);

/// The small faults that every provider has.
pub(super) fn fair() -> Value {
    json!([
        { "channel": "alipay", "op": "create", "fault": "http_500", "rate": 0.02 },
        { "channel": "alipay", "op": "query", "fault": "timeout", "rate": 0.05 },
        { "channel": "alipay", "op": "notify", "fault": "timeout", "rate": 0.05 },
    ])
}

/// A provider whose queries are never answered.
pub(super) fn foul() -> Value {
    json!([{ "channel": "alipay", "op": "query", "fault": "timeout" }])
}

/// Changes the weather until it is dropped.
pub(super) async fn change(sandbox: SandboxFile) {
    let control = sandbox.control();
    let endpoint = sandbox.apps.get(1).map(|app| app.client_id.clone()).unwrap_or_default();
    loop {
        for (faults, answer, lasts) in [(foul(), "http_500", FOUL), (fair(), "success", FAIR)] {
            let changed = tokio::try_join!(control.faults(faults), control.answer(&endpoint, json!(answer)));
            if let Err(error) = changed {
                tracing::warn!(%error, "the weather stays as it is");
            }
            tokio::time::sleep(lasts).await;
        }
    }
}

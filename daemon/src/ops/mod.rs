//! The operators' gRPC service.

use std::sync::Arc;

use crate::daemon::Daemon;

/// Bound, not served yet. (The lead's serve.rs calls `ops::bind(&d).await?` and later `bound.serve(d).await`.)
pub(crate) struct Bound;

pub(crate) async fn bind(_: &Arc<Daemon>) -> anyhow::Result<Bound> {
    Ok(Bound)
}

impl Bound {
    pub(crate) async fn serve(self, d: Arc<Daemon>) {
        d.stopping.cancelled().await;
    }
}

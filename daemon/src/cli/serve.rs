//! Serving: start every part, wait for SIGTERM or SIGINT, and bring everything to its end.

use std::process::ExitCode;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use crate::api;
use crate::config::Config;
use crate::daemon::Daemon;
use crate::{ops, risk, telemetry, work};

/// The longest that the write-ahead log may take to be folded.
const FOLD: std::time::Duration = std::time::Duration::from_secs(5);

pub(super) async fn serve(config: Config) -> anyhow::Result<ExitCode> {
    telemetry::start(&config.log).map_err(anyhow::Error::msg)?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let grace = config.server.shutdown_timeout;
    let listen = config.server.listen;

    let d = Daemon::start(config).await?;
    // Everything is bound before anything is served: a daemon that can't serve does not begin to work.
    let api = api::bind(listen).await.with_context(|| format!("server.listen {listen}"))?;
    let ops = ops::bind(&d).await.context("ops")?;
    risk::recount(&d.store, d.config.risk.day_offset).await?;
    work::start(&d).await?;
    d.under_way.spawn(api::tell_refusals(d.clone()));
    d.under_way.spawn(api.serve(d.clone()));
    d.under_way.spawn(ops.serve(d.clone()));
    tracing::info!(%listen, name = d.name, version = env!("CARGO_PKG_VERSION"), "serving");

    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: no new work; what is under way comes to its end");
    d.stopping.cancel();
    d.under_way.close();
    if tokio::time::timeout(grace, d.under_way.wait()).await.is_err() {
        tracing::warn!(left = d.under_way.len(), "not everything ended in time; leases will bring it back");
    }
    let folded = tokio::time::timeout(FOLD, d.store.fold()).await;
    if !matches!(folded, Ok(Ok(()))) {
        tracing::warn!("the write-ahead log stays beside the database; the next start reads it");
    }
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

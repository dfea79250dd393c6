//! An order, its current attempt, and the channel that has it.

use std::sync::Arc;

use sluice_core::id::OrderId;
use sluice_core::order::{AnyOrder, Attempt};

use super::OrderError;
use crate::channel::Channel;
use crate::daemon::Daemon;

/// An order with the channel that has it.
pub(crate) struct AtChannel {
    pub(crate) order: AnyOrder,
    pub(crate) attempt: Attempt,
    pub(crate) channel: Arc<Channel>,
}

/// Finds an order at its channel. `None`: no such order, or one that needs no channel.
pub(crate) async fn locate(d: &Daemon, id: OrderId) -> Result<Option<AtChannel>, OrderError> {
    let Some(order) = d.store.order(id).await? else { return Ok(None) };
    let Some(attempt) = order.attempt().cloned() else { return Ok(None) };
    let channel = d.channels.get(&attempt.channel).cloned();
    let channel = channel.ok_or_else(|| OrderError::ChannelGone(attempt.channel.clone()))?;
    Ok(Some(AtChannel { order, attempt, channel }))
}

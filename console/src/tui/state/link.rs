//! The link to the daemon, as far as the operator has to know it.

use std::time::Duration;

use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;

/// Up, or since when and why not.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// Where we stand.
    pub status: LinkStatus,
    /// Who the daemon says that it and we are, from the last connection.
    pub hello: Option<pb::HelloReply>,
    /// The daemon's clock minus ours, milliseconds.
    pub skew_ms: i64,
    /// When the feed last said anything.
    pub heard_at: Option<Timestamp>,
}

/// The state of the link.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum LinkStatus {
    /// Not yet connected for the first time.
    #[default]
    Connecting,
    /// The feed is live.
    Up,
    /// Lost, and tried again for ever.
    Lost {
        /// Since when.
        since: Timestamp,
        /// What happened.
        why: String,
        /// How many tries failed in a row.
        attempt: u32,
        /// When the next comes.
        retry_at: Timestamp,
    },
}

impl Link {
    /// Whether the feed is live.
    pub fn is_up(&self) -> bool {
        self.status == LinkStatus::Up
    }

    /// The daemon's time when ours is `now`. What the daemon says is due is due by its clock.
    pub fn daemon_time(&self, now: Timestamp) -> Timestamp {
        Timestamp(now.millis().saturating_add(self.skew_ms))
    }

    /// Something came: the link lives, and the daemon's clock says `their_now`, if it says anything.
    pub fn heard(&mut self, now: Timestamp, their_now: Option<i64>) {
        self.heard_at = Some(now);
        if let Some(theirs) = their_now.filter(|t| *t != 0) {
            self.skew_ms = theirs.saturating_sub(now.millis());
        }
    }

    /// A try failed. The age of the loss counts from when the feed was last heard.
    pub fn lost(&mut self, now: Timestamp, why: String, attempt: u32, retry_in: Duration) {
        let since = match &self.status {
            LinkStatus::Lost { since, .. } => *since,
            _ => self.heard_at.unwrap_or(now),
        };
        self.status = LinkStatus::Lost { since, why, attempt, retry_at: now + retry_in };
    }
}

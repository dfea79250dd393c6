//! One try of an order at one channel.

use serde::{Deserialize, Serialize};

use crate::observation::{Observation, Presence};
use crate::time::Timestamp;

/// How far the creation at the channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Sent, or about to be: the channel may or may not have it.
    Sending,
    /// The channel took it, or the payer's browser brings it.
    Accepted,
    /// The channel definitely refused it.
    Refused,
}

impl AttemptState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Sending, Self::Accepted, Self::Refused];

    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }

    /// Reads the database's word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// One try of an order at one channel: the number we sent, when, and what the channel last said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// 1 for the first.
    pub no: u16,
    /// The channel's account name.
    pub channel: String,
    /// The number we sent.
    pub channel_ref: String,
    /// The provider's own number.
    pub channel_order_no: Option<String>,
    /// How far the creation is.
    pub state: AttemptState,
    /// How often the creation was sent.
    pub sends: u32,
    /// How often the channel was asked by schedule.
    pub queries: u32,
    /// When the creation was first sent.
    pub sent_at: Timestamp,
    /// When the channel last gave a usable answer.
    pub answered_at: Option<Timestamp>,
    /// What that answer said.
    pub presence: Option<Presence>,
    /// Since when there is no usable answer.
    pub unknown_since: Option<Timestamp>,
    /// The last answer's raw code, usable or not.
    pub code: String,
    /// The last answer's raw message.
    pub message: String,
}

impl Attempt {
    /// An attempt that is about to be sent.
    pub fn new(no: u16, channel: &str, channel_ref: String, at: Timestamp) -> Self {
        Self {
            no,
            channel: channel.to_owned(),
            channel_ref,
            channel_order_no: None,
            state: AttemptState::Sending,
            sends: 1,
            queries: 0,
            sent_at: at,
            answered_at: None,
            presence: None,
            unknown_since: None,
            code: String::new(),
            message: String::new(),
        }
    }

    /// Notes what the channel said, at `now`; `usual` is how long the channel normally takes between two answers.
    ///
    /// A usable answer ends an unknown; an unusable one begins it at the last usable answer, but no further back
    /// than the usual wait: an order that is asked every half hour is not in limbo after one lost answer.
    pub fn note(&mut self, seen: &Observation, now: Timestamp, usual: std::time::Duration) {
        self.code.clone_from(&seen.code);
        self.message.clone_from(&seen.message);
        if seen.presence.is_usable() {
            self.answered_at = Some(now);
            self.presence = Some(seen.presence);
            self.unknown_since = None;
            if let Some(no) = &seen.channel_order_no {
                self.channel_order_no = Some(no.clone());
            }
        } else if self.unknown_since.is_none() {
            let last = self.answered_at.unwrap_or(self.sent_at);
            self.unknown_since = Some(last.max(now - usual - usual));
        }
    }
}

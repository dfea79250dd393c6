//! All that the console knows and shows. Nothing here draws, waits or asks the time.

pub mod browse;
pub mod desk;
pub mod dialog;
pub mod input;
pub mod layer;
pub mod ledger;
pub mod link;
pub mod list;
pub mod questions;
pub mod rows;
pub mod target;

use std::collections::{BTreeMap, VecDeque};

use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;

use crate::config::ProfileColour;
use crate::text::time::Clock;
use desk::DeskRow;
use layer::{Layer, Search};
use ledger::AccountRow;
use link::Link;
use list::List;
use questions::Questions;
use rows::AuditRow;

/// The most orders that are kept; older ones are found by searching.
const MOST_ORDERS: usize = 2_000;
/// The most rows of any other list.
pub const MOST_ROWS: usize = 500;
/// How many events the first screen remembers.
const RECENT: usize = 100;

/// The views, in the order of their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the views")]
pub enum View {
    Overview,
    Orders,
    Limbo,
    Callbacks,
    Channels,
    Apps,
    Audit,
    Ledger,
    Desk,
}

impl View {
    /// Every view, in the order of their keys.
    pub const ALL: [Self; 9] = [
        Self::Overview,
        Self::Orders,
        Self::Limbo,
        Self::Callbacks,
        Self::Channels,
        Self::Apps,
        Self::Audit,
        Self::Ledger,
        Self::Desk,
    ];

    /// Its name on the tab.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Orders => "Orders",
            Self::Limbo => "Limbo",
            Self::Callbacks => "Callbacks",
            Self::Channels => "Channels",
            Self::Apps => "Apps",
            Self::Audit => "Audit",
            Self::Ledger => "Ledger",
            Self::Desk => "Desk",
        }
    }

    /// Its name where there is little room.
    pub const fn short_name(self) -> &'static str {
        match self {
            Self::Overview => "Over",
            Self::Callbacks => "Calls",
            Self::Channels => "Chan",
            other => other.name(),
        }
    }

    /// The view so many tabs further, round.
    pub fn turn(self, by: isize) -> Self {
        let all = Self::ALL;
        let at = all.iter().position(|v| *v == self).unwrap_or(0);
        all[(at + all.len()).saturating_add_signed(by) % all.len()]
    }
}

/// Which daemon this is, as the operator named it.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// The profile's name, or the endpoint where there is none.
    pub name: String,
    /// The profile's colour.
    pub colour: Option<ProfileColour>,
    /// No act that changes something.
    pub read_only: bool,
}

/// A line for the operator, until the next one or until it is old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it says.
    pub text: String,
    /// How much it matters.
    pub tone: Tone,
    /// Since when it stands there.
    pub at: Timestamp,
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Tone {
    Plain,
    Good,
    Warning,
    Bad,
}

/// An audit row that is still to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwaitedAudit {
    /// Its number.
    pub seq: i64,
    /// What came of the act, where the row alone does not say it.
    pub outcome: String,
}

/// The whole state.
#[derive(Clone, Debug)]
pub struct State {
    /// Which daemon.
    pub profile: Profile,
    /// Our time, from the last message.
    pub now: Timestamp,
    /// How times are shown.
    pub clock: Clock,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The link to the daemon.
    pub link: Link,
    /// The view below all layers.
    pub view: View,
    /// What lies over it, the uppermost last.
    pub layers: Vec<Layer>,
    /// The figures of the first screen.
    pub overview: Option<pb::OverviewReply>,
    /// The newest events, newest first.
    pub recent: VecDeque<pb::Event>,
    /// The live orders, newest first.
    pub orders: List<pb::OrderView>,
    /// The orders in limbo, the longest unknown first.
    pub limbo: List<pb::OrderView>,
    /// The stuck callbacks, the oldest first.
    pub callbacks: List<pb::Callback>,
    /// The channels.
    pub channels: List<pb::Channel>,
    /// The apps.
    pub apps: List<pb::App>,
    /// The audit log, newest first.
    pub audit: List<AuditRow>,
    /// Accounts, by name.
    pub accounts: List<AccountRow>,
    /// There are more accounts than were loaded.
    pub more_accounts: bool,
    /// Debits against credits.
    pub trial: Option<pb::TrialBalance>,
    /// What waits for people, and what they decided last.
    pub desk: List<DeskRow>,
    /// The line for the operator.
    pub notice: Option<Notice>,
    /// Orders whose channel is being asked right now, and since when.
    pub requerying: BTreeMap<String, Timestamp>,
    /// What was asked of the daemon and when.
    pub questions: Questions,
    /// The audit row that an act of ours made, until it was shown.
    pub awaited_audit: Option<AwaitedAudit>,
    /// Orders of a whole state that is still arriving; swapped in at once when it is complete.
    pub arriving: Option<Vec<pb::OrderView>>,
    session: String,
    requests: u64,
}

impl State {
    /// A console that knows nothing yet. `session` makes its request ids unique.
    pub fn new(profile: Profile, clock: Clock, session: String, now: Timestamp) -> Self {
        let by_age = |v: &pb::OrderView| v.order.as_ref().map_or(0, |o| -o.created_at_ms);
        Self {
            profile,
            now,
            clock,
            size: (80, 24),
            link: Link::default(),
            view: View::Overview,
            layers: Vec::new(),
            overview: None,
            recent: VecDeque::new(),
            orders: List::live(by_age, MOST_ORDERS),
            limbo: List::new(unknown_since, MOST_ROWS),
            callbacks: List::new(|c| c.created_at_ms, MOST_ROWS),
            channels: List::new(|_| 0, MOST_ROWS),
            apps: List::new(|_| 0, MOST_ROWS),
            audit: List::new(|a: &AuditRow| -a.entry.seq, MOST_ROWS),
            accounts: List::new(|_| 0, MOST_ROWS),
            more_accounts: false,
            trial: None,
            desk: List::new(DeskRow::rank, MOST_ROWS),
            notice: None,
            requerying: BTreeMap::new(),
            questions: Questions::default(),
            awaited_audit: None,
            arriving: None,
            session,
            requests: 0,
        }
    }

    /// A request id that no other act has.
    pub fn request_id(&mut self) -> String {
        self.requests += 1;
        format!("{}-{}", self.session, self.requests)
    }

    /// Says something to the operator.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), tone, at: self.now });
    }

    /// The daemon's time now.
    pub fn daemon_now(&self) -> Timestamp {
        self.link.daemon_time(self.now)
    }

    /// How many rows a page has.
    pub fn page(&self) -> isize {
        isize::from(i16::try_from(self.size.1.saturating_sub(8)).unwrap_or(i16::MAX)).max(1)
    }

    /// What lies uppermost, help aside: help is about what is below it.
    pub fn top(&self) -> Option<&Layer> {
        self.layers.iter().rev().find(|layer| !matches!(layer, Layer::Help { .. }))
    }

    /// The search box, if it is open.
    pub fn search(&self) -> Option<&Search> {
        match self.layers.last() {
            Some(Layer::Search(search)) => Some(search),
            _ => None,
        }
    }

    /// Remembers an event for the first screen.
    pub fn remember(&mut self, event: pb::Event) {
        self.recent.push_front(event);
        self.recent.truncate(RECENT);
    }
}

/// Since when nothing usable is known of an order: what Limbo is sorted by.
pub fn unknown_since(view: &pb::OrderView) -> i64 {
    let attempt = view.attempts.iter().map(|a| a.unknown_since_ms).filter(|t| *t != 0).min();
    attempt.or_else(|| view.diagnosis.as_ref().map(|d| d.since_ms)).unwrap_or(0)
}

//! A wallet in the middle of its day: what pictures and snapshots show.

pub(crate) mod books;
pub(crate) mod callbacks;
pub(crate) mod orders;
mod rest;

use sluice::client::watch::Feed;
use sluice::config::ProfileColour;
use sluice::text::time::Clock;
use sluice::tui::effect::{Ask, Loaded, Msg};
use sluice::tui::state::{Profile, State};
use sluice::tui::update::update;
use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;

pub(crate) use callbacks::callbacks;
pub(crate) use orders::{detail, limbo, orders};
pub(crate) use rest::{apps, audit, channels, events, overview};

/// 2026-11-24 12:03:11 in Shanghai.
pub(crate) const NOW: Timestamp = Timestamp(1_795_492_991_000);

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// So much in yuan.
pub(crate) fn money(minor: i64) -> Option<pb::Money> {
    Some(pb::Money { minor, currency: "CNY".into() })
}

/// A time before [`NOW`].
pub(crate) fn ago(millis: i64) -> i64 {
    NOW.millis() - millis
}

/// A console that is connected and has everything loaded.
pub(crate) fn state(size: (u16, u16)) -> State {
    let profile = Profile { name: "production".into(), colour: Some(ProfileColour::Red), read_only: false };
    let mut state = State::new(profile, Clock::fixed(8), "01KBFZ0P5Q".into(), NOW);
    let mut messages = vec![Msg::Resize(size.0, size.1), Msg::Feed(Feed::Up(hello())), Msg::Feed(Feed::Full)];
    messages.extend(orders().into_iter().map(|o| Msg::Feed(Feed::Order(Box::new(o)))));
    messages.push(Msg::Feed(Feed::Ready { now_ms: NOW.millis() + 240 }));
    messages.extend(events().into_iter().map(|e| Msg::Feed(Feed::Event(Box::new(e)))));
    let accounts = pb::ListAccountsReply { items: books::accounts(), next_cursor: String::new() };
    messages.extend([
        Msg::Loaded(Ask::Overview, Ok(Loaded::Overview(Box::new(overview())))),
        Msg::Loaded(Ask::Limbo, Ok(Loaded::Orders(limbo()))),
        Msg::Loaded(Ask::Callbacks, Ok(Loaded::Callbacks(callbacks()))),
        Msg::Loaded(Ask::Channels, Ok(Loaded::Channels(channels()))),
        Msg::Loaded(Ask::Apps, Ok(Loaded::Apps(apps()))),
        Msg::Loaded(Ask::Audit, Ok(Loaded::Audit(audit()))),
        Msg::Loaded(Ask::Trial { prove: false }, Ok(Loaded::Trial(Box::new(books::trial())))),
        Msg::Loaded(Ask::Accounts(String::new()), Ok(Loaded::Accounts(Box::new(accounts)))),
        Msg::Loaded(Ask::Desk, Ok(Loaded::Desk(books::desk()))),
    ]);
    for message in messages {
        update(&mut state, NOW, message);
    }
    state
}

pub(crate) fn hello() -> pb::HelloReply {
    pb::HelloReply {
        operator: "alice".into(),
        role: "admin".into(),
        daemon: "sluiced".into(),
        version: "0.1.0".into(),
        now_ms: NOW.millis() + 240,
        started_at_ms: ago(3 * DAY),
        token_expires_at_ms: 0,
    }
}

//! Snapshots of every view on the smallest and on a large screen. Under each picture stands a hash of its styles, so a
//! lost colour shows too; a wide character's hidden second half is not drawn.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "common/sample/mod.rs"]
#[expect(dead_code, reason = "the update tables use the rest")]
mod sample;

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use sluice::client::watch::Feed;
use sluice::text::sanitize::Charset;
use sluice::text::width::width;
use sluice::tui::effect::{Act, Acted, Ask, Loaded, Msg, NewPassword, Secret};
use sluice::tui::key::{Code, Key};
use sluice::tui::state::State;
use sluice::tui::update::update;
use sluice::view;
use sluice::view::theme::{Depth, Theme};

use sample::{NOW, books};

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (200, 50);
const COLOURS: Theme = Theme { depth: Depth::True, charset: Charset::Utf8 };

/// Plays keys; `⏎` is Enter, `⇥` Tab, `␛` Esc.
fn press(state: &mut State, keys: &str) {
    for c in keys.chars() {
        let code = match c {
            '⏎' => Code::Enter,
            '⇥' => Code::Tab,
            '␛' => Code::Esc,
            '→' => Code::Right,
            c => Code::Char(c),
        };
        update(state, NOW, Msg::Key(Key::plain(code)));
    }
}

fn load(state: &mut State, ask: Ask, loaded: Loaded) {
    update(state, NOW, Msg::Loaded(ask, Ok(loaded)));
}

fn picture(state: &State, size: (u16, u16), theme: Theme) -> String {
    let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
    view::draw(&mut buffer, state, theme);
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut text = String::new();
    for y in 0..size.1 {
        let (mut line, mut skip) = (String::new(), 0);
        for x in 0..size.0 {
            let cell = &buffer[(x, y)];
            // FNV-1a: the standard library's hash may change with the compiler.
            for byte in format!("{:?}", cell.style()).bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
            if skip > 0 {
                skip -= 1;
                continue;
            }
            skip = width(cell.symbol()).saturating_sub(1);
            line.push_str(cell.symbol());
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    format!("{text}styles {:016x}\n", hash)
}

/// The same scene at both sizes.
fn check(name: &str, scene: impl Fn(&mut State)) {
    for size in [SMALL, LARGE] {
        let mut state = sample::state(size);
        scene(&mut state);
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), picture(&state, size, COLOURS));
    }
}

fn open_order(state: &mut State) {
    press(state, "3⏎");
    let detail = sample::detail();
    let id = detail.view.as_ref().unwrap().order.as_ref().unwrap().order_id.clone();
    load(state, Ask::Order(id), Loaded::Order(Box::new(detail)));
}

#[test]
fn overview() {
    check("overview", |state| press(state, "1"));
}

#[test]
fn orders() {
    check("orders", |state| press(state, "2jjj"));
}

#[test]
fn limbo() {
    check("limbo", |state| press(state, "3"));
}

#[test]
fn callbacks() {
    check("callbacks", |state| press(state, "4j"));
}

#[test]
fn channels() {
    check("channels", |state| press(state, "5"));
}

#[test]
fn apps() {
    check("apps", |state| press(state, "6"));
}

#[test]
fn audit() {
    check("audit", |state| press(state, "7"));
}

#[test]
fn ledger() {
    check("ledger", |state| press(state, "8jj"));
}

#[test]
fn ledger_names_what_breaks_it() {
    let mut state = sample::state(SMALL);
    press(&mut state, "8");
    load(&mut state, Ask::Trial { prove: true }, Loaded::Trial(Box::new(books::broken_trial())));
    insta::assert_snapshot!(picture(&state, SMALL, COLOURS));
}

#[test]
fn statement() {
    check("statement", |state| {
        press(state, "8jjjjj⏎");
        let (account, currency, cursor) = (books::ACCOUNT.into(), "CNY".into(), String::new());
        let ask = Ask::Statement { account, currency, cursor };
        load(state, ask, Loaded::Statement(Box::new(books::statement())));
    });
}

#[test]
fn journals() {
    check("journals", |state| {
        press(state, "9jj⏎l");
        let ask = Ask::Journal("wdr_01KBFZ0P5Q7WJQ0C0X3M9N0003".into());
        let detail = sample::orders::unknown_payout();
        load(state, Ask::Order("wdr_01KBFZ0P5Q7WJQ0C0X3M9N0003".into()), Loaded::Order(Box::new(detail)));
        load(state, ask, Loaded::Journal(Box::new(books::journals())));
    });
}

#[test]
fn desk() {
    check("desk", |state| press(state, "9j"));
}

#[test]
fn suspense_detail() {
    for (name, keys) in [("suspense_open", "9⏎"), ("suspense_proposed", "9j⏎"), ("suspense_decided", "9G⏎")]
    {
        let mut state = sample::state(SMALL);
        press(&mut state, keys);
        insta::assert_snapshot!(name, picture(&state, SMALL, COLOURS));
    }
}

#[test]
fn decide_dialog() {
    check("decide_dialog", |state| press(state, "9jd⇥"));
}

#[test]
fn resolve_dialog() {
    check("resolve_dialog", |state| press(state, "9jjd⇥⇥"));
}

#[test]
fn order_details_of_other_kinds() {
    let scenes =
        [("withdraw_detail", sample::orders::unknown_payout()), ("trade_detail", sample::orders::trade())];
    for (name, detail) in scenes {
        check(name, |state| {
            let id = detail.view.as_ref().unwrap().order.as_ref().unwrap().order_id.clone();
            press(state, "2/x⏎");
            let hit = detail.view.clone().unwrap();
            load(state, Ask::Find("x".into()), Loaded::Orders(vec![hit]));
            load(state, Ask::Order(id), Loaded::Order(Box::new(detail.clone())));
        });
    }
}

#[test]
fn order_detail() {
    check("order_detail", open_order);
}

#[test]
fn order_detail_of_one_origin() {
    let mut state = sample::state(SMALL);
    open_order(&mut state);
    press(&mut state, "ooo");
    insta::assert_snapshot!(picture(&state, SMALL, COLOURS));
}

#[test]
fn evidence_is_pretty_and_cannot_steer_the_terminal() {
    let mut state = sample::state(SMALL);
    open_order(&mut state);
    press(&mut state, "gjj⏎");
    load(&mut state, Ask::Evidence("ev_1".into()), Loaded::Evidence(Box::new(sample::orders::evidence())));
    let shown = picture(&state, SMALL, COLOURS);
    assert!(!shown.contains('\x1b'));
    insta::assert_snapshot!(shown);
}

#[test]
fn callback_detail() {
    check("callback_detail", |state| {
        press(state, "4j⏎");
        let detail = sample::callbacks::callback_detail();
        let id = detail.callback.as_ref().unwrap().callback_id.clone();
        load(state, Ask::Callback(id), Loaded::Callback(Box::new(detail)));
    });
}

#[test]
fn channel_app_and_audit_details() {
    for (name, keys) in [("channel_detail", "5⏎"), ("app_detail", "6j⏎"), ("audit_detail", "7j⏎")] {
        let mut state = sample::state(SMALL);
        press(&mut state, keys);
        insta::assert_snapshot!(name, picture(&state, SMALL, COLOURS));
    }
}

#[test]
fn help() {
    check("help", |state| press(state, "2j?"));
}

#[test]
fn help_scrolls_back_from_its_end_at_the_first_key() {
    let mut state = sample::state(SMALL);
    press(&mut state, "2?");
    // As the console runs: drawn after each key.
    let [top, end, one_up, top_again] = ["", "G", "k", "g"].map(|keys| {
        press(&mut state, keys);
        picture(&state, SMALL, COLOURS)
    });
    assert!(
        end.contains("Draw the whole screen anew") && !top.contains("Draw the whole screen anew"),
        "{end}"
    );
    assert_ne!(one_up, end);
    assert_eq!(top_again, top);
}

#[test]
fn an_empty_list_says_that_the_filter_empties_it_until_esc() {
    let mut state = sample::state(SMALL);
    press(&mut state, "2/no-such⏎");
    load(&mut state, Ask::Find("no-such".into()), Loaded::Orders(Vec::new()));
    let filtered = picture(&state, SMALL, COLOURS);
    assert!(filtered.contains("nothing here matches the filter; Esc clears it"), "{filtered}");
    assert!(filtered.contains("the list is filtered by it"), "{filtered}");
    press(&mut state, "␛");
    let cleared = picture(&state, SMALL, COLOURS);
    assert!(!cleared.contains("filter"), "{cleared}");
}

#[test]
fn replay_dialog() {
    check("replay_dialog", |state| press(state, "4c"));
}

#[test]
fn rotate_dialog() {
    let mut state = sample::state(SMALL);
    press(&mut state, "6R⇥→→⇥leaked⇥⇥⇥app_book⇥⏎");
    insta::assert_snapshot!(picture(&state, SMALL, COLOURS));
}

#[test]
fn new_password() {
    let mut state = sample::state(SMALL);
    press(&mut state, "6");
    let act = Act::Rotate {
        client_id: "app_bookshop".into(),
        kind: "trade".into(),
        reason: "leaked".into(),
        grace: Duration::ZERO,
        revoke_tokens: true,
        request_id: "01KBFZ0P5Q-1".into(),
    };
    let password = Secret::new("u7#Rk2-vPq9!xN4-mW8z".into());
    let passwords = vec![NewPassword { kind: "trade".into(), version: 3, password }];
    update(
        &mut state,
        NOW,
        Msg::Acted(act, Ok(Acted::Rotate { passwords, audit_seq: 419, revoked_tokens: 12 })),
    );
    insta::assert_snapshot!("new_password", picture(&state, SMALL, COLOURS));
    press(&mut state, "␛");
    assert!(!picture(&state, SMALL, COLOURS).contains("Rk2-vPq9"), "wiped from the screen");
}

#[test]
fn search_filters_as_it_is_typed() {
    let mut state = sample::state(SMALL);
    press(&mut state, "2/王芳");
    insta::assert_snapshot!(picture(&state, SMALL, COLOURS));
}

#[test]
fn frozen_and_held() {
    let mut state = sample::state(SMALL);
    press(&mut state, "2jhf");
    let mut fresh = sample::orders().remove(5);
    fresh.order.as_mut().unwrap().order_id = "rch_01KBFZ0P5Q7WJQ0C0X3M9N9999".into();
    update(&mut state, NOW, Msg::Feed(Feed::Order(Box::new(fresh))));
    insta::assert_snapshot!(picture(&state, SMALL, COLOURS));
}

#[test]
fn link_lost_keeps_the_rows_and_greys_the_acts() {
    check("link_lost", |state| {
        press(state, "3");
        let lost = Feed::Lost {
            why: "no answer from the daemon: Connection refused (os error 111)".into(),
            attempt: 4,
            retry_in: std::time::Duration::from_secs(4),
        };
        update(state, NOW, Msg::Feed(lost));
        press(state, "r");
        update(state, NOW + std::time::Duration::from_secs(3), Msg::Tick);
    });
}

#[test]
fn several_hits_are_listed_with_their_apps() {
    let mut state = sample::state(SMALL);
    let mut hits = sample::orders().split_off(58);
    for hit in &mut hits {
        hit.order.as_mut().unwrap().merchant_order_no = "A-1".into();
    }
    press(&mut state, "2/A-1⏎");
    load(&mut state, Ask::Find("A-1".into()), Loaded::Orders(hits));
    insta::assert_snapshot!(picture(&state, SMALL, COLOURS));
}

#[test]
fn ascii_without_colours_loses_nothing() {
    let mut state = sample::state(SMALL);
    press(&mut state, "2j");
    let plain = Theme { depth: Depth::None, charset: Charset::Ascii };
    let shown = picture(&state, SMALL, plain);
    assert!(shown.is_ascii(), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn a_tiny_terminal_says_what_it_needs() {
    let state = sample::state(SMALL);
    assert!(picture(&state, (40, 8), COLOURS).starts_with("sluice needs 60 x 12"));
}

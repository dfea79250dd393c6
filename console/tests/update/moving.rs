//! Moving among views, rows and layers; searching.

use sluice::tui::effect::{Ask, Effect, Loaded, Msg};
use sluice::tui::key::Key;

use super::{check, place, press, sample, send};

#[test]
fn views_and_rows() {
    check(&[
        ("", "Overview -"),
        ("2", "Orders -"),
        ("2j", "Orders 0260"),
        ("2jjj", "Orders 0258"),
        ("2↓↓↓↑", "Orders 0259"),
        ("2jjjk", "Orders 0259"),
        ("2kkk", "Orders 0260"),
        ("2G", "Orders 0007"),
        ("2Gg", "Orders 0260"),
        ("⇥⇥", "Limbo 0007"),
        ("⇤", "Desk 0012"),
        ("⇤⇤", "Ledger app:app_bookshop:fees_due CNY"),
        ("⇤⇤⇤", "Audit 418"),
        ("⇥⇤", "Overview -"),
        ("5j", "Channels alipay-hk"),
        ("6j", "Apps app_xingchen"),
        ("2jjj3j2", "Orders 0258"),
        ("2jjj2", "Orders -"),
    ]);
}

#[test]
fn escape_is_one_level_up() {
    check(&[
        ("3⏎", "Limbo 0007 > order 0007"),
        ("3⏎?", "Limbo 0007 > order 0007 > help"),
        ("3⏎?␛", "Limbo 0007 > order 0007"),
        ("3⏎?␛␛", "Limbo 0007"),
        ("3⏎?␛␛␛", "Limbo 0007"),
        ("4c", "Callbacks 0012 > dialog Replay Cancel"),
        ("4⏎␛", "Callbacks 0012"),
        ("4c␛", "Callbacks 0012"),
        ("2/0259", "Orders 0259 /0259/ > search '0259'"),
        ("2/0259␛", "Orders 0259"),
        ("5⏎", "Channels alipay > channel alipay"),
        ("5⏎␛", "Channels alipay"),
        ("7⏎", "Audit 418 > audit 418"),
        ("9⏎", "Desk 0012 > suspense 0012"),
        ("9⏎␛", "Desk 0012"),
        ("6⏎R", "Apps app_bookshop > app app_bookshop > dialog Rotate Cancel"),
        ("6⏎R␛␛", "Apps app_bookshop"),
        ("3⏎2", "Orders -"),
    ]);
}

#[test]
fn q_quits_where_nothing_is_typed() {
    for (keys, quits) in
        [("q", true), ("3⏎q", true), ("?q", true), ("2/q", false), ("4cq", false), ("4c⇥q", false)]
    {
        let mut state = sample::state((80, 24));
        assert_eq!(press(&mut state, keys).contains(&Effect::Quit), quits, "{keys:?}");
    }
    let mut state = sample::state((80, 24));
    press(&mut state, "4c");
    assert_eq!(send(&mut state, Msg::Key(Key::ctrl('c'))), [Effect::Quit], "Ctrl-C leaves from anywhere");
}

#[test]
fn a_number_is_found_or_the_text_filters() {
    let hits = |n: usize| Ok(Loaded::Orders(sample::orders().into_iter().take(n).collect()));
    for (n, want) in [(1, "Orders - > order 0007"), (3, "Orders - > hits A-1 3"), (0, "Orders - /a-1/")] {
        let mut state = sample::state((80, 24));
        let effects = press(&mut state, "2/ A-1 ⏎");
        assert_eq!(effects, [Effect::Ask(Ask::Find("A-1".into()))], "spaces are trimmed");
        send(&mut state, Msg::Loaded(Ask::Find("A-1".into()), hits(n)));
        assert_eq!(place(&state), want);
    }
    let mut state = sample::state((80, 24));
    press(&mut state, "1/bookshop⏎");
    send(&mut state, Msg::Loaded(Ask::Find("bookshop".into()), hits(0)));
    assert_eq!(place(&state), "Orders 0259 /bookshop/", "from Overview it goes to Orders");
    press(&mut state, "␛");
    assert_eq!(place(&state), "Orders 0259");
}

#[test]
fn a_late_answer_never_covers_a_question_or_a_password() {
    let mut state = sample::state((80, 24));
    press(&mut state, "4/A-20261124⏎");
    press(&mut state, "c");
    let before = place(&state);
    assert!(before.ends_with("dialog Replay Cancel"), "{before}");
    send(
        &mut state,
        Msg::Loaded(Ask::Find("A-20261124".into()), Ok(Loaded::Orders(sample::limbo().split_off(2)))),
    );
    assert_eq!(place(&state), before);
}

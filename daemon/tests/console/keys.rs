//! Every key that help names, in every view and every detail: none does harm, help opens, and Esc leads back by one
//! level.

use std::collections::BTreeSet;

use serde_json::json;
use sluice_sim::client::NewRecharge;
use sluice_sim::provider::Plan;

use crate::desk::Desk;
use crate::tmux::Terminal;

/// A view by its key and name, and what Enter opens in it, one after the other.
type Path = (&'static str, &'static str, &'static [&'static str]);

/// Desk, Callbacks and Limbo last: their rows need a moment.
const PATHS: [Path; 9] = [
    ("1", "Overview", &[]),
    ("2", "Orders", &["Order detail", "Evidence"]),
    ("5", "Channels", &["Channel and audit detail"]),
    ("6", "Apps", &["App detail"]),
    ("7", "Audit", &["Channel and audit detail"]),
    ("8", "Ledger", &["Statement", "Journals"]),
    ("9", "Desk", &["Suspense detail", "Order detail"]),
    ("4", "Callbacks", &["Callback detail", "Evidence"]),
    ("3", "Limbo", &["Order detail"]),
];

/// What lies over the screen after a key, and what is said instead where that cannot be.
const OPENING: [(&str, &str, &str); 6] = [
    ("/", "any number: the merchant's", ""),
    ("c", "[ Replay ]", "▸ replay: "),
    ("R", "[ Rotate ]", "▸ rotate: "),
    ("d", "[ Decide ]", "▸ decide: "),
    ("e", "evidence of money in suspense", "▸ evidence: "),
    ("l", "Journals of", ""),
];

/// Keys that have a test of their own: they leave the console, or open what comes next on a path.
const ELSEWHERE: [&str; 5] = ["q", "Ctrl-C", "Ctrl-Z", "Enter", "?"];

pub(crate) async fn do_what_help_says(desk: &mut Desk) {
    let faults = json!([{ "channel": "alipay", "op": "query", "fault": "http_500" }]);
    desk.control.faults(faults).await.unwrap();
    desk.control.answer(desk.merchant.client_id(), "http_500".into()).await.unwrap();
    for (number, plan) in [("KEYS-1", Plan::Never), ("KEYS-2", Plan::Now)] {
        desk.control.pay(&desk.recharge(number).await, plan).await.unwrap();
    }
    // One fen less is paid than was asked for: that waits at the desk.
    desk.merchant.create_recharge(&NewRecharge::new("KEYS-3", 9_994)).await.unwrap();
    let terminal = &mut desk.terminal;
    for (key, view, details) in PATHS {
        terminal.press(&[key]).await;
        if matches!(view, "Callbacks" | "Limbo" | "Desk") {
            terminal.until("KEYS-").await;
        }
        let switches = every_key(terminal, view).await;
        assert_eq!(switches.len(), 11, "{view}: {switches:?}");
        terminal.press(&switches.iter().map(|key| tmux_name(key)).collect::<Vec<_>>()).await;
        terminal.press(&[key]).await;
        for detail in details {
            terminal.press(&["Enter"]).await;
            every_key(terminal, detail).await;
        }
        for _ in details {
            terminal.press(&["Escape"]).await;
        }
        opens(terminal, view).await;
        terminal.press(&["Escape"]).await;
    }
    desk.control.faults(json!([])).await.unwrap();
    desk.control.answer(desk.merchant.client_id(), "success".into()).await.unwrap();
}

/// Help opens and is about this place.
async fn opens(terminal: &mut Terminal, place: &str) -> String {
    terminal.press(&["?"]).await;
    terminal.until(&format!("Keys in {place}")).await
}

/// Presses the keys that help names here, except for those that switch to another view, which it gives.
async fn every_key(terminal: &mut Terminal, place: &str) -> Vec<String> {
    let mut keys = keys_in(&opens(terminal, place).await);
    terminal.press(&["G"]).await;
    keys.extend(keys_in(&terminal.until("Ctrl-L").await));
    terminal.press(&["Escape"]).await;
    terminal.until_gone("Keys in").await;

    let opening = |key: &str| OPENING.iter().find(|(opening, ..)| *opening == key);
    let (switches, keys): (Vec<_>, Vec<_>) = keys
        .into_iter()
        .filter(|key| !ELSEWHERE.contains(&key.as_str()))
        .partition(|key| key.ends_with("Tab") || key.parse::<u8>().is_ok());
    let (open, plain): (Vec<_>, Vec<_>) = keys.iter().partition(|key| opening(key).is_some());
    assert!(plain.len() >= 2 && open.iter().any(|key| *key == "/"), "{place}: {keys:?}");
    let plain: Vec<_> = plain.iter().filter(|key| **key != "Esc").map(|key| tmux_name(key)).collect();
    // What is switched on is switched off again.
    terminal.press(&plain).await;
    let toggles: Vec<_> = plain.into_iter().filter(|key| ["f", "h"].contains(key)).collect();
    terminal.press(&toggles).await;
    for (key, what, or) in open.iter().filter_map(|key| opening(key)) {
        terminal.press(&[key]).await;
        let opened = |screen: &str| screen.contains(what) || (!or.is_empty() && screen.contains(or));
        let screen = terminal.until_it(&format!("{key} in {place} opens nothing"), opened).await;
        if screen.contains(what) {
            terminal.press(&["Escape"]).await;
            terminal.until_gone(what).await;
        }
    }
    switches
}

/// The first column of the help on the screen.
fn keys_in(screen: &str) -> BTreeSet<String> {
    let lines = screen.lines().skip_while(|line| !line.contains("Keys in")).skip(1);
    let inside = lines.filter_map(|line| line.split('│').nth(1));
    inside
        .flat_map(|line| {
            line.chars()
                .take(13)
                .collect::<String>()
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

fn tmux_name(key: &str) -> &str {
    match key {
        "Esc" => "Escape",
        "Shift-Tab" => "BTab",
        "Ctrl-L" => "C-l",
        other => other,
    }
}

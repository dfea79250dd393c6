//! `docs/channels.md` says what the code does: its generated parts are compared, or rewritten with `UPDATE=1`.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests may panic, read files and their environment"
)]

mod common;

use std::fmt::Write as _;
use std::time::Duration;

use sluice_channels::PROVIDERS;
use sluice_channels::alipay::codes::{CODES, Disbursement, Meaning, SubCode, payment, payout, refund};
use sluice_channels::protocol::Capabilities;
use sluice_core::observation::{Presence, Trouble};
use sluice_core::order::{Method, PayeeKind};

#[test]
fn the_channels_page_is_what_the_code_does() {
    let path = common::folder("../../docs/channels.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let mut fresh = page.clone();
    for (part, text) in [
        ("capabilities", capabilities()),
        ("alipay codes", codes()),
        ("alipay payment sub codes", payment_sub_codes()),
        ("alipay refund sub codes", disbursement_sub_codes(refund::SUB_CODES, "refund")),
        ("alipay payout sub codes", disbursement_sub_codes(payout::SUB_CODES, "transfer")),
    ] {
        fresh = with_part(&fresh, part, &text);
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    } else {
        assert!(
            page == fresh,
            "docs/channels.md is stale; UPDATE=1 cargo test -p sluice-channels --test docs"
        );
    }
}

/// The page with the text between `<!-- generated: PART -->` and the next `<!-- end -->` replaced.
fn with_part(page: &str, part: &str, text: &str) -> String {
    let begin = format!("<!-- generated: {part} -->\n");
    let (head, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("docs/channels.md lacks {begin}"));
    let (_, tail) = rest.split_once("<!-- end -->").unwrap();
    format!("{head}{begin}{text}<!-- end -->{tail}")
}

fn capabilities() -> String {
    let mut text = String::new();
    let mut row = |name: &str, cell: &dyn Fn(&Capabilities) -> String| {
        let cells: Vec<String> = PROVIDERS.iter().map(|provider| cell(provider)).collect();
        writeln!(text, "| {name} | {} |", cells.join(" | ")).unwrap();
        if name == "provider" {
            writeln!(text, "| --- |{}", " --- |".repeat(cells.len())).unwrap();
        }
    };
    let yes = |holds: bool| if holds { "yes" } else { "no" }.to_owned();
    row("provider", &|c| format!("`{}`", c.provider));
    for method in Method::ALL {
        row(&format!("method `{}`", method.name()), &|c| yes(c.methods.contains(&method)));
    }
    row("currencies", &|c| c.currencies.join(" "));
    row("can be asked (query)", &|c| yes(c.query));
    row("can be closed", &|c| yes(c.close));
    row("“not found” while still payable", &|c| yes(c.not_found_while_payable));
    row("states its fee", &|c| yes(c.states_fee));
    row("refunds", &|c| yes(c.refund));
    row("between two refunds of a payment", &|c| if_any(c.refund, c.refund_spacing));
    row("a refund is shown within", &|c| if_any(c.refund, c.refund_shown_within));
    for kind in [PayeeKind::Alipay, PayeeKind::Bank, PayeeKind::Wechat] {
        row(&format!("pays out to `{}`", kind.name()), &|c| yes(c.payees.contains(&kind)));
    }
    text
}

fn if_any(any: bool, time: Duration) -> String {
    if any { format!("{} s", time.as_secs()) } else { "–".to_owned() }
}

fn codes() -> String {
    let mut text = "| code | meaning |\n| --- | --- |\n".to_owned();
    for (code, meaning) in CODES {
        writeln!(text, "| {code} | {} |", words(*meaning)).unwrap();
    }
    text + "| 40004 | by its sub code, below |\n| any other | unknown: not listed |\n"
}

fn payment_sub_codes() -> String {
    let mut text =
        "| sub code under 40004 | create | query | close |\n| --- | --- | --- | --- |\n".to_owned();
    for SubCode { name, meanings } in payment::SUB_CODES {
        let [create, query, close] = [meanings.create, meanings.query, meanings.close].map(words);
        writeln!(text, "| `{name}` | {create} | {query} | {close} |").unwrap();
    }
    text + "| any other | unknown: not listed | unknown: not listed | unknown: not listed |\n"
}

fn disbursement_sub_codes(table: &[SubCode<Disbursement>], sending: &str) -> String {
    let mut text = format!("| sub code under 40004 | {sending} | its query |\n| --- | --- | --- |\n");
    for SubCode { name, meanings } in table {
        let sending = match meanings.sending {
            // Whether it is the first try makes no difference here.
            Meaning::Refused(_) => "**refused**: failed once the query agrees".to_owned(),
            other => words(other),
        };
        writeln!(text, "| `{name}` | {sending} | {} |", words(meanings.query)).unwrap();
    }
    text + "| any other | unknown: not listed | unknown: not listed |\n"
}

fn words(meaning: Meaning) -> String {
    let trouble = |trouble| match trouble {
        Trouble::Misconfigured => "unknown: a person must look",
        Trouble::ProviderError => "unknown: a query tells",
        Trouble::TooFrequent => "unknown: back off",
        Trouble::Unlisted => "unknown: not listed",
        Trouble::InProgress => "unknown: being worked on",
        Trouble::Underfunded => "unknown: not done; top up, then the same again",
        other => panic!("no code means {other:?}"),
    };
    match meaning {
        Meaning::Done => "done: the fields say how".to_owned(),
        Meaning::Fact(Presence::NotFound) => "not found".to_owned(),
        Meaning::Fact(presence) => format!("{presence:?}").to_lowercase(),
        Meaning::Refused(otherwise) => format!("**refused** if the first try, else {}", trouble(otherwise)),
        Meaning::Unknown(why) => trouble(why).to_owned(),
    }
}

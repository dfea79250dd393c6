//! `docs/channels.md` says what the code does: its generated parts are compared, or rewritten with `UPDATE=1`.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests may panic, read files and their environment"
)]

mod common;

use std::fmt::Write as _;

use sluice_channels::PROVIDERS;
use sluice_channels::alipay::codes::{CODES, Meaning, SUB_CODES};
use sluice_core::observation::{Presence, Trouble};
use sluice_core::order::Method;

#[test]
fn the_channels_page_is_what_the_code_does() {
    let path = common::folder("../../docs/channels.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let mut fresh = page.clone();
    for (part, text) in
        [("capabilities", capabilities()), ("alipay codes", codes()), ("alipay sub codes", sub_codes())]
    {
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
    let yes = |holds: bool| if holds { "yes" } else { "no" };
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    rows.push(("provider".to_owned(), PROVIDERS.iter().map(|c| format!("`{}`", c.provider)).collect()));
    for method in Method::ALL {
        let cells = PROVIDERS.iter().map(|c| yes(c.methods.contains(&method)).to_owned()).collect();
        rows.push((format!("method `{}`", method.name()), cells));
    }
    rows.push(("currencies".to_owned(), PROVIDERS.iter().map(|c| c.currencies.join(" ")).collect()));
    rows.push((
        "can be asked (query)".to_owned(),
        PROVIDERS.iter().map(|c| yes(c.query).to_owned()).collect(),
    ));
    rows.push(("can be closed".to_owned(), PROVIDERS.iter().map(|c| yes(c.close).to_owned()).collect()));
    let payable = PROVIDERS.iter().map(|c| yes(c.not_found_while_payable).to_owned()).collect();
    rows.push(("“not found” while still payable".to_owned(), payable));
    rows.push((
        "states its fee".to_owned(),
        PROVIDERS.iter().map(|c| yes(c.states_fee).to_owned()).collect(),
    ));
    let mut text = String::new();
    for (i, (name, cells)) in rows.iter().enumerate() {
        writeln!(text, "| {name} | {} |", cells.join(" | ")).unwrap();
        if i == 0 {
            writeln!(text, "| --- |{}", " --- |".repeat(cells.len())).unwrap();
        }
    }
    text
}

fn codes() -> String {
    let mut text = "| code | meaning |\n| --- | --- |\n".to_owned();
    for (code, meaning) in CODES {
        writeln!(text, "| {code} | {} |", words(*meaning)).unwrap();
    }
    text + "| 40004 | by its sub code, below |\n| any other | unknown: not listed |\n"
}

fn sub_codes() -> String {
    let mut text =
        "| sub code under 40004 | create | query | close |\n| --- | --- | --- | --- |\n".to_owned();
    for row in SUB_CODES {
        let [create, query, close] = [row.create, row.query, row.close].map(words);
        writeln!(text, "| `{}` | {create} | {query} | {close} |", row.name).unwrap();
    }
    text + "| any other | unknown: not listed | unknown: not listed | unknown: not listed |\n"
}

fn words(meaning: Meaning) -> String {
    let trouble = |trouble| match trouble {
        Trouble::Misconfigured => "unknown: a person must look",
        Trouble::ProviderError => "unknown: a query tells",
        Trouble::TooFrequent => "unknown: back off",
        Trouble::Unlisted => "unknown: not listed",
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

//! Recorded messages, one a line: the file under `corpus/alipay/`, and what is read from it.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

#[path = "../common/mod.rs"]
mod common;

mod notification;
mod payment;
mod payout;
mod refund;

use common::{TRADE, TRANSFER, alipay, corpus, message};
use sluice_channels::protocol::{DisbursementAnswer, Protocol as _};
use sluice_core::observation::Observation;

/// An observation in a line: presence or trouble, code, and the facts that it states.
fn line(o: &Observation) -> String {
    let mut parts = vec![match o.trouble {
        Some(trouble) => format!("{:?}: {trouble:?}", o.presence),
        None => format!("{:?}", o.presence),
    }];
    parts.push(if o.code.is_empty() { "-".to_owned() } else { o.code.clone() });
    parts.extend(o.amount.map(|a| a.to_decimal()));
    parts.extend(o.paid_at.map(|t| t.to_string()));
    parts.extend(o.channel_order_no.as_ref().map(|no| match no.as_str() {
        TRADE => "TRADE".to_owned(),
        TRANSFER => "TRANSFER".to_owned(),
        other => other.to_owned(),
    }));
    assert_eq!(o.fee, None, "Alipay states no fee");
    parts.join(" · ")
}

/// The answer to money that goes out, in a line.
fn sent(answer: &DisbursementAnswer) -> String {
    match answer {
        DisbursementAnswer::Observed(observation) => line(observation),
        DisbursementAnswer::Refused { code, message } => format!("refused {code} {message}"),
    }
}

#[test]
fn every_recorded_message_is_in_a_table() {
    let pairs = [
        payment::QUERIES,
        payment::CLOSES,
        refund::REFUNDS,
        refund::QUERIES,
        payout::PAYOUTS,
        payout::QUERIES,
    ];
    let tables: Vec<&str> = (pairs.into_iter().flatten().map(|row| row.0))
        .chain(payment::CREATIONS.iter().map(|row| row.0))
        .chain(notification::NOTIFICATIONS.iter().map(|row| row.0))
        .collect();
    for (file, _) in corpus() {
        assert!(tables.contains(&file.as_str()), "{file} has no expected reading");
    }
}

#[test]
fn messages_for_people_name_no_payer() {
    for (file, body) in corpus() {
        let shown = alipay().masked(&body);
        for secret in ["2088102122458832", "abc***@x.com"] {
            assert!(!shown.contains(secret), "{file}: {shown}");
        }
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{file}: {shown:?}");
    }
    assert!(alipay().masked(&message("query-paid.json")).contains("TRADE_SUCCESS"));
    assert!(alipay().masked(&message("notify-paid.form")).contains("out_trade_no=rch_02p\n"));
}

//! Orders in every state, and one in limbo with all that happened to it.

use sluice_proto::v1 as pb;
use sluice_proto::v1::trade_to::Payee;

use super::{HOUR, MINUTE, NOW, SECOND, ago, money};

/// What an order of the sample is made of.
#[derive(Clone, Copy)]
struct Kind {
    of: &'static str,
    state: (u32, &'static str),
    diagnosis: (&'static str, &'static str, &'static str),
    next: (&'static str, &'static str, i64),
    closed: &'static str,
}

const PAYING: Kind = Kind {
    of: "recharge",
    state: (1, "submitted"),
    diagnosis: ("b", "at the channel, unpaid", "The channel knows the order; the payer has not paid yet."),
    next: ("requery", "ask the channel", 41 * SECOND),
    closed: "",
};
const SCANNED: Kind = Kind { state: (2, "waiting"), ..PAYING };
const CREATED: Kind = Kind {
    of: "recharge",
    state: (0, "created"),
    diagnosis: ("a", "not at the channel", "The channel has not confirmed the order yet."),
    next: ("submit", "send to the channel", 0),
    closed: "",
};
const PAID: Kind = Kind {
    of: "recharge",
    state: (3, "paid"),
    diagnosis: ("c3", "callback not sent yet", "Paid and credited; the merchant is told next."),
    next: ("callback", "send the callback", 0),
    closed: "",
};
const TELLING: Kind = Kind {
    of: "recharge",
    state: (3, "paid"),
    diagnosis: (
        "c5",
        "callback failed",
        "Paid and credited; the merchant's endpoint answered 502 nine times.",
    ),
    next: ("callback", "send the callback", 7 * MINUTE + 20 * SECOND),
    closed: "",
};
const COMPLETED: Kind = Kind {
    of: "recharge",
    state: (4, "completed"),
    diagnosis: ("c2", "paid and credited", "The merchant acknowledged the callback."),
    next: ("none", "nothing is left to do", 0),
    closed: "",
};
const EXPIRED: Kind = Kind {
    of: "recharge",
    state: (5, "closed"),
    diagnosis: ("e1", "expired", "Nobody paid in time; the channel was asked before it was closed."),
    next: ("none", "nothing is left to do", 0),
    closed: "expired",
};
const UNKNOWN: Kind = Kind {
    of: "recharge",
    state: (1, "submitted"),
    diagnosis: (
        "u",
        "the channel gives no usable answer",
        "Three queries in a row timed out. Whether the payer has paid is unknown; nothing is decided until the channel says.",
    ),
    next: ("requery", "ask the channel", 18 * SECOND),
    closed: "",
};

const PAYING_OUT: Kind = Kind {
    of: "withdraw",
    state: (2, "working"),
    diagnosis: ("b", "at the channel, not paid yet", "The channel works on the payout; the money is held."),
    next: ("requery", "ask the channel", 12 * SECOND),
    closed: "",
};
const TRADED: Kind = Kind {
    of: "trade",
    diagnosis: ("c2", "settled", "The merchant acknowledged the callback."),
    ..COMPLETED
};
const AUTHORISED: Kind = Kind {
    of: "trade",
    state: (0, "created"),
    diagnosis: (
        "a",
        "authorised, held",
        "The payer's money is held until it is captured, voided or expired.",
    ),
    next: ("close", "release the hold", 11 * HOUR),
    closed: "",
};
const REFUNDING: Kind = Kind {
    of: "refund",
    state: (2, "working"),
    diagnosis: ("d2", "refund pending", "The channel works on the refund; the money is held."),
    next: ("requery", "ask the channel", 33 * SECOND),
    closed: "",
};
const PAYOUT_UNKNOWN: Kind = Kind {
    of: "withdraw",
    state: (1, "submitted"),
    diagnosis: (
        "payout_unknown",
        "payout unknown",
        "The submission timed out. Whether the payee has the money is unknown; it stays held until the channel says, \
         or two operators do on its bill.",
    ),
    next: ("requery", "ask the channel", 50 * SECOND),
    closed: "",
};

/// The live orders, newest first.
pub(crate) fn orders() -> Vec<pb::OrderView> {
    const DAY_OF_ORDERS: [Kind; 12] = [
        CREATED, PAYING, SCANNED, PAYING_OUT, PAID, TRADED, COMPLETED, TELLING, REFUNDING, EXPIRED,
        AUTHORISED, COMPLETED,
    ];
    const USERS: [&str; 6] = ["u_2071", "李小龙", "u_88", "chen.wei", "王芳", "u_13370"];
    let mut orders = limbo();
    orders.extend((0..60_u32).map(|n| {
        let kind = DAY_OF_ORDERS[n as usize % DAY_OF_ORDERS.len()];
        let minor = [8_888, 12_000, 1_990, 350_000, 66_600, 4_500, 1_299_900, 990][n as usize % 8];
        let channel = if n % 3 == 1 { "alipay-hk" } else { "alipay" };
        order(200 + 60 - n, i64::from(n) * 3_700 + 400, minor, channel, USERS[n as usize % 6], kind)
    }));
    orders
}

/// The orders whose money fact is unknown.
pub(crate) fn limbo() -> Vec<pb::OrderView> {
    [
        (7_u32, 11 * MINUTE, 8_888, "李小龙"),
        (19, 6 * MINUTE, 350_000, "u_2071"),
        (23, 4 * MINUTE, 12_000, "王芳"),
    ]
    .into_iter()
    .map(|(no, age, minor, user)| {
        let mut view = order(no, age + MINUTE, minor, "alipay", user, UNKNOWN);
        view.limbo = true;
        if let Some(attempt) = view.attempts.first_mut() {
            attempt.unknown_since_ms = ago(age);
            attempt.presence = "unknown".into();
            attempt.code.clear();
            attempt.message = "timeout".into();
        }
        if let Some(diagnosis) = &mut view.diagnosis {
            diagnosis.since_ms = ago(age);
        }
        view
    })
    .collect()
}

fn order(no: u32, age: i64, minor: i64, channel: &str, user: &str, kind: Kind) -> pb::OrderView {
    let id = format!("01KBFZ0P5Q7WJQ0C0X3M9N{no:04}");
    let told = kind.state.0 >= 3 && kind.state.0 != 5 && kind.diagnosis.0 != "c3";
    let of = |this: &str| kind.of == this;
    let prefix = match kind.of {
        "withdraw" => "wdr",
        "trade" => "trd",
        "refund" => "rfd",
        _ => "rch",
    };
    pb::OrderView {
        order: Some(pb::Order {
            order_id: format!("{prefix}_{id}"),
            client_id: if no.is_multiple_of(4) { "app_xingchen" } else { "app_bookshop" }.into(),
            r#type: kind.of.into(),
            merchant_order_no: format!("A-20261124-{no:04}"),
            user_ref: user.into(),
            state: kind.state.0,
            state_name: kind.state.1.into(),
            state_version: i64::from(kind.state.0) + 1,
            amount: money(minor),
            fee: money(0),
            refunded: money(0),
            channel: if of("trade") { "" } else { channel }.into(),
            method: if of("recharge") { "qr" } else { "" }.into(),
            channel_ref: if kind.state.0 == 0 || of("trade") { String::new() } else { format!("{id}01") },
            channel_order_no: if kind.state.0 >= 2 && kind.state.0 != 5 && !of("trade") {
                format!("2026112422001{no:08}")
            } else {
                String::new()
            },
            created_at_ms: ago(age),
            paid_at_ms: if told { ago(age / 2) } else { 0 },
            expires_at_ms: ago(age) + 2 * HOUR,
            closed_reason: kind.closed.into(),
            callbacks: if told {
                vec![pb::CallbackBrief {
                    callback_id: format!("cbk_{id}"),
                    r#type: if of("trade") { "trade.settled" } else { "recharge.paid" }.into(),
                    state: if kind.state.0 == 4 { "delivered" } else { "pending" }.into(),
                    attempts: if kind.state.0 == 4 { 1 } else { 9 },
                }]
            } else {
                vec![]
            },
            original_order_id: if of("refund") {
                format!("rch_01KBFZ0P5Q7WJQ0C0X3M9N{:04}", no - 9)
            } else {
                String::new()
            },
            to: of("trade").then(|| pb::TradeTo { payee: Some(Payee::UserRef("王芳".into())) }),
            mode: match kind.of {
                "trade" if kind.state.0 == 0 => "authorise".into(),
                "trade" => "direct".into(),
                _ => String::new(),
            },
            payee: if of("withdraw") { "alipay 208…123".into() } else { String::new() },
            fee_borne_by: "user".into(),
            ..Default::default()
        }),
        diagnosis: Some(pb::Diagnosis {
            code: kind.diagnosis.0.into(),
            title: kind.diagnosis.1.into(),
            text: kind.diagnosis.2.into(),
            since_ms: ago(age / 2),
        }),
        next_step: Some(pb::NextStep {
            kind: kind.next.0.into(),
            text: kind.next.1.into(),
            at_ms: if kind.next.2 == 0 { 0 } else { NOW.millis() + kind.next.2 },
        }),
        limbo: false,
        attempts: vec![pb::Attempt {
            no: 1,
            channel: channel.into(),
            channel_ref: format!("{id}01"),
            state: "sent".into(),
            sent_at_ms: ago(age - 40),
            presence: "unpaid".into(),
            code: "10000".into(),
            message: "WAIT_BUYER_PAY".into(),
            ..Default::default()
        }],
    }
}

/// The order in limbo with all that happened to it.
pub(crate) fn detail() -> pb::OrderDetail {
    let view = limbo().remove(0);
    let entry = |seq, at, origin: &str, kind: &str, summary: &str, evidence: &str| pb::TimelineEntry {
        seq,
        at_ms: ago(at),
        origin: origin.into(),
        kind: kind.into(),
        summary: summary.into(),
        evidence_id: evidence.into(),
        detail_json: r#"{"request_id":"01KBFZ0P5Q7WJQ0C0X3M9N4T2A"}"#.into(),
    };
    let born = 12 * MINUTE;
    pb::OrderDetail {
        timeline: vec![
            entry(1, born, "api", "order.created", "POST /v1/recharges by app_bookshop, 88.88 CNY for 李小龙", ""),
            entry(2, born - 2, "gate", "gate.passed", "key key_1, recharge password v3", ""),
            entry(3, born - 310, "channel", "channel.create", "precreate answered 10000 Success in 281 ms", "ev_1"),
            entry(4, born - 312, "observation", "order.submitted", "unpaid: payment content handed to the payer", "ev_1"),
            entry(5, 11 * MINUTE, "channel", "channel.query", "query timed out after 10 000 ms", "ev_2"),
            entry(6, 9 * MINUTE, "order", "order.limbo", "no usable answer for two minutes", ""),
            entry(7, 7 * MINUTE, "channel", "channel.query", "query timed out after 10 000 ms", "ev_3"),
            entry(8, 4 * MINUTE, "operator", "order.requery", "bob asked the channel", ""),
            entry(9, 4 * MINUTE - 10_000, "channel", "channel.query", "query timed out after 10 000 ms", "ev_4"),
        ],
        callbacks: vec![],
        actions: vec![
            pb::Action {
                name: "requery".into(),
                enabled: true,
                why_not: String::new(),
                effect: "asks alipay now; if it says paid, 88.88 CNY is credited to 李小龙 and the merchant is told".into(),
            },
            pb::Action {
                name: "replay_callback".into(),
                enabled: false,
                why_not: "the order has no callback yet".into(),
                effect: String::new(),
            },
        ],
        journals: vec![],
        view: Some(view),
    }
}

/// A withdrawal whose payout is unknown, as it is opened.
pub(crate) fn unknown_payout() -> pb::OrderDetail {
    let mut view = order(3, 46 * MINUTE, 35_000, "alipay", "u_2071", PAYOUT_UNKNOWN);
    view.limbo = true;
    for attempt in &mut view.attempts {
        attempt.unknown_since_ms = ago(46 * MINUTE);
        attempt.presence = "unknown".into();
        attempt.code.clear();
        attempt.message = "timeout".into();
    }
    for order in view.order.iter_mut() {
        order.expires_at_ms = 0;
    }
    pb::OrderDetail {
        timeline: vec![pb::TimelineEntry {
            seq: 1,
            at_ms: ago(46 * MINUTE),
            origin: "api".into(),
            kind: "order.created".into(),
            summary: "POST /v1/withdrawals by app_bookshop, 350.00 CNY for u_2071".into(),
            ..Default::default()
        }],
        actions: vec![pb::Action {
            name: "resolve_payout".into(),
            enabled: true,
            why_not: String::new(),
            effect: "ends the payout by the provider's bill, once two operators have said the same".into(),
        }],
        view: Some(view),
        ..Default::default()
    }
}

/// Orders with money in suspense, of longer ago.
pub(crate) fn with_suspense() -> Vec<pb::OrderView> {
    [(12, 13_332, "李小龙"), (31, 1_200_000, "u_88")]
        .into_iter()
        .map(|(no, minor, user)| order(no, 6 * HOUR, minor, "alipay", user, COMPLETED))
        .collect()
}

/// A trade that was authorised, as it is opened.
pub(crate) fn trade() -> pb::OrderDetail {
    let mut view = order(250, 6 * HOUR, 19_900, "", "chen.wei", AUTHORISED);
    view.attempts.clear();
    pb::OrderDetail { view: Some(view), ..Default::default() }
}

pub(crate) fn evidence() -> pb::Evidence {
    pb::Evidence {
        evidence_id: "ev_1".into(),
        order_id: "rch_01KBFZ0P5Q7WJQ0C0X3M9N0007".into(),
        channel: "alipay".into(),
        op: "create".into(),
        at_ms: ago(12 * MINUTE),
        latency_ms: 281,
        http_status: 200,
        request: "POST /gateway.do\nmethod=alipay.trade.precreate\nsign=***".into(),
        response: r#"{"alipay_trade_precreate_response":{"code":"10000","msg":"Success","qr_code":"https://qr.alipay.com/***","subject":"充值\u001b[2J"},"sign":"***"}"#.into(),
        error: String::new(),
    }
}

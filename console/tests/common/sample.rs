//! A wallet in the middle of its day: what pictures and snapshots show.

use sluice::client::watch::Feed;
use sluice::config::ProfileColour;
use sluice::text::time::Clock;
use sluice::tui::effect::{Ask, Loaded, Msg};
use sluice::tui::state::{Profile, State};
use sluice::tui::update::update;
use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;

/// 2026-11-24 12:03:11 in Shanghai.
pub(crate) const NOW: Timestamp = Timestamp(1_795_492_991_000);

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

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
    messages.extend([
        Msg::Loaded(Ask::Overview, Ok(Loaded::Overview(Box::new(overview())))),
        Msg::Loaded(Ask::Limbo, Ok(Loaded::Orders(limbo()))),
        Msg::Loaded(Ask::Callbacks, Ok(Loaded::Callbacks(callbacks()))),
        Msg::Loaded(Ask::Channels, Ok(Loaded::Channels(channels()))),
        Msg::Loaded(Ask::Apps, Ok(Loaded::Apps(apps()))),
        Msg::Loaded(Ask::Audit, Ok(Loaded::Audit(audit()))),
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

/// What an order of the sample is made of.
#[derive(Clone, Copy)]
struct Kind {
    state: (u32, &'static str),
    diagnosis: (&'static str, &'static str, &'static str),
    next: (&'static str, &'static str, i64),
    closed: &'static str,
}

const PAYING: Kind = Kind {
    state: (1, "submitted"),
    diagnosis: ("b", "at channel, unpaid", "The channel knows the order; the payer has not paid yet."),
    next: ("requery", "ask the channel", 41 * SECOND),
    closed: "",
};
const SCANNED: Kind = Kind { state: (2, "waiting"), ..PAYING };
const CREATED: Kind = Kind {
    state: (0, "created"),
    diagnosis: ("a", "not at channel", "The channel has not confirmed the order yet."),
    next: ("submit", "send to the channel", 0),
    closed: "",
};
const PAID: Kind = Kind {
    state: (3, "paid"),
    diagnosis: ("c3", "callback not sent yet", "Paid and credited; the merchant is told next."),
    next: ("callback", "send the callback", 0),
    closed: "",
};
const TELLING: Kind = Kind {
    state: (3, "paid"),
    diagnosis: ("c5", "callback failed", "Paid and credited; the merchant's endpoint answered 502 nine times."),
    next: ("callback", "send the callback", 7 * MINUTE + 20 * SECOND),
    closed: "",
};
const COMPLETED: Kind = Kind {
    state: (4, "completed"),
    diagnosis: ("c2", "paid and credited", "The merchant acknowledged the callback."),
    next: ("none", "nothing", 0),
    closed: "",
};
const EXPIRED: Kind = Kind {
    state: (5, "closed"),
    diagnosis: ("e1", "expired", "Nobody paid in time; the channel was asked before it was closed."),
    next: ("none", "nothing", 0),
    closed: "expired",
};
const UNKNOWN: Kind = Kind {
    state: (1, "submitted"),
    diagnosis: (
        "u",
        "no usable answer from the channel",
        "Three queries in a row timed out. Whether the payer has paid is unknown; nothing is decided until the channel says.",
    ),
    next: ("requery", "ask the channel", 18 * SECOND),
    closed: "",
};

/// The live orders, newest first.
pub(crate) fn orders() -> Vec<pb::OrderView> {
    const DAY_OF_ORDERS: [Kind; 12] = [
        CREATED, PAYING, SCANNED, PAYING, PAID, COMPLETED, COMPLETED, TELLING, COMPLETED, EXPIRED, COMPLETED, COMPLETED,
    ];
    const USERS: [&str; 6] = ["u_2071", "李小龙", "u_88", "chen.wei", "王芳", "u_13370"];
    let mut orders = limbo();
    orders.extend((0..60_u32).map(|n| {
        let kind = DAY_OF_ORDERS[n as usize % DAY_OF_ORDERS.len()];
        let minor = [8_888, 120_00, 1_990, 350_000, 66_600, 4_500, 1_299_900, 990][n as usize % 8];
        let channel = if n % 3 == 1 { "wechatpay" } else { "alipay" };
        order(200 + 60 - n, i64::from(n) * 3_700 + 400, minor, channel, USERS[n as usize % 6], kind)
    }));
    orders
}

/// The orders whose money fact is unknown.
pub(crate) fn limbo() -> Vec<pb::OrderView> {
    [(7_u32, 11 * MINUTE, 8_888, "李小龙"), (19, 6 * MINUTE, 350_000, "u_2071"), (23, 4 * MINUTE, 120_00, "王芳")]
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
    let money = |minor| Some(pb::Money { minor, currency: "CNY".into() });
    pb::OrderView {
        order: Some(pb::Order {
            order_id: format!("rch_{id}"),
            client_id: if no.is_multiple_of(4) { "app_xingchen" } else { "app_bookshop" }.into(),
            r#type: "recharge".into(),
            merchant_order_no: format!("A-20261124-{no:04}"),
            user_ref: user.into(),
            state: kind.state.0,
            state_name: kind.state.1.into(),
            state_version: i64::from(kind.state.0) + 1,
            amount: money(minor),
            fee: money(0),
            refunded: money(0),
            channel: channel.into(),
            method: "qr".into(),
            channel_ref: if kind.state.0 == 0 { String::new() } else { format!("{id}01") },
            channel_order_no: if kind.state.0 >= 2 && kind.state.0 != 5 { format!("2026112422001{no:08}") } else { String::new() },
            created_at_ms: ago(age),
            paid_at_ms: if told { ago(age / 2) } else { 0 },
            expires_at_ms: ago(age) + 2 * HOUR,
            closed_reason: kind.closed.into(),
            callbacks: if told {
                vec![pb::CallbackBrief {
                    callback_id: format!("cbk_{id}"),
                    r#type: "recharge.paid".into(),
                    state: if kind.state.0 == 4 { "delivered" } else { "pending" }.into(),
                    attempts: if kind.state.0 == 4 { 1 } else { 9 },
                }]
            } else {
                vec![]
            },
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
            entry(6, 9 * MINUTE, "task", "task.requery", "next query in 2m00s", ""),
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

pub(crate) fn callbacks() -> Vec<pb::Callback> {
    [
        (31_u32, 68 * MINUTE, 9, 502, "status", "https://pay.bookshop.example", "pending", 7 * MINUTE + 20 * SECOND),
        (44, 26 * MINUTE, 7, 200, "body", "https://hooks.xingchen.example", "pending", 90 * SECOND),
        (12, 9 * HOUR, 14, 0, "timeout", "https://hooks.xingchen.example", "stuck", 0),
    ]
    .into_iter()
    .map(|(no, age, attempts, status, error, endpoint, state, next)| pb::Callback {
        callback_id: format!("cbk_01KBFZ0P5Q7WJQ0C0X3M9N{no:04}"),
        order_id: format!("rch_01KBFZ0P5Q7WJQ0C0X3M9N{no:04}"),
        client_id: if endpoint.contains("xingchen") { "app_xingchen" } else { "app_bookshop" }.into(),
        merchant_order_no: format!("A-20261124-{no:04}"),
        r#type: "recharge.paid".into(),
        state: state.into(),
        attempts,
        url: format!("{endpoint}/sluice/callback"),
        endpoint: endpoint.into(),
        created_at_ms: ago(age),
        next_attempt_at_ms: if next == 0 { 0 } else { NOW.millis() + next },
        last_status: status,
        last_error: error.into(),
        last_attempt_at_ms: ago(3 * MINUTE),
        stuck: true,
        amount: Some(pb::Money { minor: i64::from(no) * 1_111, currency: "CNY".into() }),
        ..Default::default()
    })
    .collect()
}

pub(crate) fn callback_detail() -> pb::CallbackDetail {
    let callback = callbacks().remove(0);
    let attempt = |no: u32, age: i64, status, error: &str, by: &str| pb::CallbackAttempt {
        no,
        at_ms: ago(age),
        latency_ms: 120 + no * 37,
        status,
        error: error.into(),
        detail: if error == "connect" { "connection refused".into() } else { String::new() },
        body: if status == 502 { "<html>502 Bad Gateway 网关错误</html>".into() } else { String::new() },
        key_id: "wk_2".into(),
        password_version: 3,
        by: by.into(),
    };
    pb::CallbackDetail {
        attempts: vec![
            attempt(1, 68 * MINUTE, 0, "connect", ""),
            attempt(2, 67 * MINUTE, 0, "connect", ""),
            attempt(3, 60 * MINUTE, 502, "status", ""),
            attempt(4, 30 * MINUTE, 502, "status", "bob"),
            attempt(5, 3 * MINUTE, 502, "status", ""),
        ],
        body: format!("{{\n  \"callback_id\": \"{}\",\n  \"type\": \"recharge.paid\",\n  \"state_version\": 4\n}}", callback.callback_id),
        callback: Some(callback),
    }
}

pub(crate) fn channels() -> Vec<pb::Channel> {
    let wave = |base: u32, swing: u32| (0..30_u32).map(|i| base + (i * i * 7 + i * 13) % swing.max(1)).collect::<Vec<_>>();
    let mut gappy = wave(310, 140);
    gappy[17..21].fill(0);
    let common = pb::Channel {
        methods: vec!["qr".into(), "page".into()],
        can_close: true,
        can_query: true,
        limbo_after_ms: 120_000,
        last_notification_at_ms: ago(2 * SECOND),
        breaker: "closed".into(),
        ..Default::default()
    };
    vec![
        pb::Channel {
            channel: "alipay".into(),
            provider: "alipay".into(),
            health: "degraded".into(),
            calls: 8_412,
            success_ppm: 982_300,
            p50_ms: 118,
            p99_ms: 2_840,
            latency_spark: wave(90, 260),
            limbo: 3,
            limbo_oldest_ms: ago(11 * MINUTE),
            last_error: "query timed out after 10 s".into(),
            last_error_at_ms: ago(9 * SECOND),
            ..common.clone()
        },
        pb::Channel {
            channel: "wechatpay".into(),
            provider: "wechatpay".into(),
            health: "ok".into(),
            calls: 5_120,
            success_ppm: 999_800,
            p50_ms: 84,
            p99_ms: 420,
            latency_spark: wave(70, 60),
            ..common.clone()
        },
        pb::Channel {
            channel: "unionpay-b2c".into(),
            provider: "unionpay".into(),
            health: "down".into(),
            breaker: "open".into(),
            breaker_until_ms: NOW.millis() + 22 * SECOND,
            calls: 61,
            success_ppm: 131_000,
            p50_ms: 9_800,
            p99_ms: 10_000,
            latency_spark: gappy,
            last_error: "connection reset".into(),
            last_error_at_ms: ago(31 * SECOND),
            ..common
        },
    ]
}

pub(crate) fn apps() -> Vec<pb::App> {
    let app = |id: &str, name: &str, merchant: &str, versions: [i64; 3], days: [i64; 3]| pb::App {
        client_id: id.into(),
        name: name.into(),
        merchant: merchant.into(),
        status: "active".into(),
        callback_url: format!("https://hooks.{}.example/sluice", id.trim_start_matches("app_")),
        created_at_ms: ago(200 * DAY),
        passwords: ["recharge", "withdraw", "trade"]
            .into_iter()
            .zip(versions)
            .zip(days)
            .map(|((kind, version), days)| pb::PasswordInfo {
                r#type: kind.into(),
                version,
                created_at_ms: ago(days * DAY),
                grace_until_ms: if days == 0 { NOW.millis() + 4 * MINUTE } else { 0 },
                last_used_at_ms: ago(2 * SECOND),
            })
            .collect(),
        keys: vec![pb::MerchantKey {
            key_id: "key_1".into(),
            fingerprint: "3f9a61c2d07be4158a1c".into(),
            bits: 2_048,
            state: "active".into(),
            created_at_ms: ago(200 * DAY),
            ..Default::default()
        }],
        live_tokens: 12,
    };
    vec![
        app("app_bookshop", "Bookshop web", "书城有限公司", [3, 1, 2], [12, 200, 48]),
        app("app_xingchen", "星辰会员", "星辰影业", [7, 4, 4], [91, 0, 30]),
    ]
}

pub(crate) fn audit() -> Vec<pb::AuditEntry> {
    let entry = |seq, age, operator: &str, action: &str, target: &str, reason: &str| pb::AuditEntry {
        seq,
        at_ms: ago(age),
        operator: operator.into(),
        role: if action.starts_with("password") { "admin" } else { "operator" }.into(),
        action: action.into(),
        target: target.into(),
        reason: reason.into(),
        before_json: r#"{"version":3}"#.into(),
        after_json: r#"{"version":4}"#.into(),
        request_id: format!("01KBFZ0P5Q-{seq}"),
        hash: format!("{:016x}", 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(u64::try_from(seq).unwrap_or(1))),
    };
    vec![
        entry(418, 4 * MINUTE, "bob", "order.requery", "rch_01KBFZ0P5Q7WJQ0C0X3M9N0007", ""),
        entry(417, 30 * MINUTE, "bob", "callback.replay", "cbk_01KBFZ0P5Q7WJQ0C0X3M9N0031", "网关已修复"),
        entry(416, 2 * HOUR, "alice", "password.rotate", "app_xingchen", "leaked in a log, INC-17"),
    ]
}

pub(crate) fn overview() -> pb::OverviewReply {
    let wave = |base: u32, swing: u32| (0..60_u32).map(|i| base + (i * i * 5 + i * 11) % swing).collect::<Vec<_>>();
    pb::OverviewReply {
        now_ms: NOW.millis() + 240,
        created_1m: 1_284,
        paid_1m: 1_197,
        closed_1m: 31,
        success_ppm_1h: 974_100,
        ended_1h: 71_300,
        api_p50_ms: 9,
        api_p99_ms: 47,
        open_orders: 2_310,
        limbo: 3,
        limbo_oldest_ms: ago(11 * MINUTE),
        callbacks_stuck: 3,
        callbacks_stuck_oldest_ms: ago(9 * HOUR),
        callbacks_pending: 18,
        tasks_due: 4,
        suspense_open: 1,
        refused_1m: 2,
        trial_balance_zero: true,
        paid_spark: wave(14, 30),
        created_spark: wave(18, 32),
        alerts: vec![
            pb::Alert {
                severity: "critical".into(),
                kind: "channel_down".into(),
                text: "unionpay-b2c: the breaker is open, 13.10 % of its calls succeed".into(),
                since_ms: ago(2 * MINUTE),
            },
            pb::Alert {
                severity: "warning".into(),
                kind: "limbo".into(),
                text: "3 orders in limbo at alipay, 3,708.88 CNY at risk".into(),
                since_ms: ago(11 * MINUTE),
            },
        ],
    }
}

/// What happened last.
pub(crate) fn events() -> Vec<pb::Event> {
    const KINDS: [(&str, &str, &str); 7] = [
        ("api", "order.created", "created"),
        ("channel", "channel.create", "precreate answered in 96 ms"),
        ("notification", "channel.notified", "TRADE_SUCCESS"),
        ("observation", "order.paid", "paid: credited to the user"),
        ("ledger", "ledger.posted", "Dr clearing, Cr user available"),
        ("callback", "callback.delivered", "acknowledged in 43 ms"),
        ("gate", "gate.refused", "signature_invalid"),
    ];
    let orders = orders();
    (0..40_usize)
        .map(|n| {
            let (origin, kind, summary) = KINDS[(n * 3) % KINDS.len()];
            let view = orders[3 + (n * 5) % 50].clone();
            pb::Event {
                cursor: format!("c{n}"),
                order_id: view.order.as_ref().map(|o| o.order_id.clone()).unwrap_or_default(),
                client_id: "app_bookshop".into(),
                entry: Some(pb::TimelineEntry {
                    seq: 9_000 + i64::try_from(n).unwrap_or(0),
                    at_ms: ago(i64::try_from(40 - n).unwrap_or(0) * 137),
                    origin: origin.into(),
                    kind: kind.into(),
                    summary: summary.into(),
                    ..Default::default()
                }),
                order: Some(view),
            }
        })
        .collect()
}

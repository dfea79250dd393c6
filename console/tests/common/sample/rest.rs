//! Channels, apps, the audit log, the figures, and what happens.

use sluice_proto::v1 as pb;

use super::{DAY, HOUR, MINUTE, NOW, SECOND, ago, orders};

pub(crate) fn channels() -> Vec<pb::Channel> {
    let wave = |base: u32, swing: u32| {
        (0..30_u32).map(|i| base + (i * i * 7 + i * 13) % swing.max(1)).collect::<Vec<_>>()
    };
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
            channel: "alipay-hk".into(),
            provider: "alipay".into(),
            health: "ok".into(),
            calls: 5_120,
            success_ppm: 999_800,
            p50_ms: 84,
            p99_ms: 420,
            latency_spark: wave(70, 60),
            ..common.clone()
        },
        pb::Channel {
            channel: "alipay-store".into(),
            provider: "alipay".into(),
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
    let wave =
        |base: u32, swing: u32| (0..60_u32).map(|i| base + (i * i * 5 + i * 11) % swing).collect::<Vec<_>>();
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
                text: "alipay-store: the breaker is open, 13.10 % of its calls succeed".into(),
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

//! Callbacks that are stuck, and one with its attempts.

use sluice_proto::v1 as pb;

use super::{HOUR, MINUTE, NOW, SECOND, ago};

pub(crate) fn callbacks() -> Vec<pb::Callback> {
    [
        (
            31_u32,
            68 * MINUTE,
            9,
            502,
            "status",
            "https://pay.bookshop.example",
            "pending",
            7 * MINUTE + 20 * SECOND,
        ),
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
        body: format!(
            "{{\n  \"callback_id\": \"{}\",\n  \"type\": \"recharge.paid\",\n  \"state_version\": 4\n}}",
            callback.callback_id
        ),
        callback: Some(callback),
    }
}

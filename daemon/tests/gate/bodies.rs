//! Bodies: JSON that two readers could read in two ways, sizes, encodings, and every field of a recharge.

use serde_json::{Value, json};

use crate::case::{Case, case};

const JSON: (u16, &str) = (400, "json_invalid");
const FIELD: (u16, &str) = (422, "field_invalid");
const LARGE: (u16, &str) = (413, "body_too_large");

/// The most that a body may hold.
const LIMIT: usize = 256 * 1024;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = syntax();
    cases.extend(sizes());
    cases.extend(fields());
    cases
}

/// A right body as text, with one member changed or added.
fn with(member: &str) -> Vec<u8> {
    let name = member.split(':').next().unwrap_or_default();
    let mut members: Vec<String> = [
        r#""merchant_order_no":"HOSTILE""#,
        r#""user_ref":"u1""#,
        r#""amount":{"minor":100,"currency":"CNY"}"#,
        r#""subject":"会员充值""#,
        r#""method":"qr""#,
    ]
    .into_iter()
    .filter(|known| known.split(':').next() != Some(name))
    .map(str::to_owned)
    .collect();
    members.push(member.to_owned());
    format!("{{{}}}", members.join(",")).into_bytes()
}

fn syntax() -> Vec<Case> {
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend("{\"a\":1}".encode_utf16().flat_map(u16::to_le_bytes));
    let mut bom = "\u{feff}".as_bytes().to_vec();
    bom.extend(with(r#""method":"qr""#));
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("no body", vec![]),
        ("a blank", b" ".to_vec()),
        ("no JSON", b"hello".to_vec()),
        ("an array", b"[]".to_vec()),
        ("a text", b"\"{}\"".to_vec()),
        ("null", b"null".to_vec()),
        ("an unfinished object", b"{\"merchant_order_no\": \"H".to_vec()),
        ("two objects", b"{} {}".to_vec()),
        ("something after the object", [with(r#""method":"qr""#), b"x".to_vec()].concat()),
        ("a trailing comma", b"{\"a\": 1,}".to_vec()),
        ("single quotes", b"{'a': 1}".to_vec()),
        ("a comment", b"{/* */}".to_vec()),
        ("a byte order mark", bom),
        ("UTF-16", utf16),
        ("gzip without saying so", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
        (
            "bytes that are no UTF-8",
            [b"{\"subject\": \"".to_vec(), vec![0xff, 0xfe], b"\"}".to_vec()].concat(),
        ),
        ("an overlong encoding", [b"{\"subject\": \"".to_vec(), vec![0xc0, 0xaf], b"\"}".to_vec()].concat()),
        ("half a surrogate pair", with(r#""subject":"\ud800""#)),
        ("a control character", with("\"subject\":\"a\u{1}b\"")),
        ("a line break in a text", with("\"subject\":\"a\nb\"")),
        ("a key twice", with(r#""x":1,"x":2"#)),
        (
            "an amount twice",
            with(r#""amount":{"minor":1,"currency":"CNY"},"amount":{"minor":100,"currency":"CNY"}"#),
        ),
        ("a key twice, once escaped", with(r#""subject":"a","subjec\u0074":"b""#)),
        ("a key twice inside", with(r#""amount":{"minor":1,"minor":100,"currency":"CNY"}"#)),
        ("an unknown field", with(r#""priority":"high""#)),
        ("an unknown field inside", with(r#""amount":{"minor":100,"currency":"CNY","exponent":2}"#)),
        ("__proto__", with(r#""__proto__":{"admin":true}"#)),
        ("a float", with(r#""amount":{"minor":100.0,"currency":"CNY"}"#)),
        ("an exponent", with(r#""amount":{"minor":1e2,"currency":"CNY"}"#)),
        ("minus zero", with(r#""amount":{"minor":-0,"currency":"CNY"}"#)),
        ("NaN", with(r#""amount":{"minor":NaN,"currency":"CNY"}"#)),
        ("Infinity", with(r#""amount":{"minor":Infinity,"currency":"CNY"}"#)),
        ("a leading zero", with(r#""amount":{"minor":0100,"currency":"CNY"}"#)),
        (
            "a number of 30 digits",
            with(r#""amount":{"minor":100000000000000000000000000000,"currency":"CNY"}"#),
        ),
        ("17 levels", with(&format!("\"metadata\":{}1{}", "[".repeat(17), "]".repeat(17)))),
        ("100 000 levels", vec![b'['; 100_000]),
        ("100 000 levels of objects", b"{\"a\":".repeat(20_000)),
    ];
    bodies.into_iter().map(|(name, body)| case(name, JSON, move |w| w.post_body(body.clone()))).collect()
}

fn sizes() -> Vec<Case> {
    let filled = |size: usize| move |w: &crate::case::World| w.post_body(vec![b' '; size]);
    vec![
        case("exactly 256 KiB of blanks", JSON, filled(LIMIT)).once(),
        case("256 KiB and a byte", LARGE, filled(LIMIT + 1)).once(),
        case("4 MiB", LARGE, filled(4 * 1024 * 1024)).once(),
        case("a text of 200 KiB", FIELD, |w| {
            w.post_body(with(&format!("\"subject\":\"{}\"", "a".repeat(200 * 1024))))
        }),
        case("a key of 200 KiB", JSON, |w| w.post_body(with(&format!("\"{}\":1", "a".repeat(200 * 1024))))),
        case("20 000 fields", JSON, |w| {
            let many: Vec<_> = (0..20_000).map(|n| format!("\"f{n}\":1")).collect();
            w.post_body(with(&many.join(",")))
        }),
    ]
}

fn fields() -> Vec<Case> {
    let mut cases = Vec::new();
    for name in ["merchant_order_no", "user_ref", "amount", "subject", "method"] {
        for (what, value) in [
            ("missing", json!(null)),
            ("a number", json!(7)),
            ("a list", json!([])),
            ("true", json!(true)),
            ("empty", json!("")),
        ] {
            cases.push(field(format!("{name}: {what}"), FIELD, name, value));
        }
    }
    let amount = |minor: Value, currency: Value| json!({"minor": minor, "currency": currency});
    let long = |length: usize| json!("a".repeat(length));
    for (name, value) in [
        ("merchant_order_no", long(65)),
        ("merchant_order_no", json!("a b")),
        ("merchant_order_no", json!("a/b")),
        ("merchant_order_no", json!("充值")),
        ("merchant_order_no", json!("a\n")),
        ("user_ref", long(65)),
        ("user_ref", json!("a b")),
        ("user_ref", json!("a\u{200b}b")),
        ("user_ref", json!("a\u{0}b")),
        ("amount", json!({})),
        ("amount", json!("100")),
        ("amount", amount(json!(0), json!("CNY"))),
        ("amount", amount(json!(-100), json!("CNY"))),
        ("amount", amount(json!("100"), json!("CNY"))),
        ("amount", amount(json!(i64::MAX), json!("CNY"))),
        ("amount", amount(json!(u64::MAX), json!("CNY"))),
        ("amount", amount(json!(null), json!("CNY"))),
        ("amount", amount(json!(100), json!("cny"))),
        ("amount", amount(json!(100), json!("RMB"))),
        ("amount", amount(json!(100), json!("¥"))),
        ("amount", amount(json!(100), json!(156))),
        ("subject", long(129)),
        ("subject", json!("a\u{202e}b")),
        ("subject", json!("a\tb")),
        ("subject", json!("a\u{7f}b")),
        ("method", json!("paypal")),
        ("method", json!("QR")),
        ("notify_url", json!("/callback")),
        ("notify_url", json!("ftp://shop.example/")),
        ("notify_url", json!("javascript:alert(1)")),
        ("notify_url", json!("https://user:pw@shop.example/")),
        ("notify_url", json!("https://shop.example/#x")),
        ("notify_url", json!("https://")),
        ("notify_url", json!("http://[::1/")),
        ("notify_url", json!("https://shop.example/\r\nX: y")),
        ("notify_url", json!(format!("https://shop.example/{}", "a".repeat(500)))),
        ("return_url", json!("data:text/html,x")),
        ("expires_in", json!("0s")),
        ("expires_in", json!("8d")),
        ("expires_in", json!("-1m")),
        ("expires_in", json!("soon")),
        ("expires_in", json!(30)),
        ("expires_in", json!("99999999999999999999y")),
        ("metadata", json!([])),
        ("metadata", json!({"a": 1})),
        ("metadata", json!({"a": {"b": "c"}})),
        ("metadata", json!({"a": "x".repeat(2_049)})),
        ("metadata", json!({"a": "\u{1b}[2J"})),
    ] {
        let shown: String = value.to_string().chars().take(40).collect();
        cases.push(field(format!("{name}: {shown}"), FIELD, name, value));
    }
    cases.push(field("a channel that there is not", (422, "channel_unknown"), "channel", json!("paypal")));
    cases.push(field(
        "a method that the channel has not",
        (422, "channel_cannot"),
        "method",
        json!("transfer"),
    ));
    cases.push(field(
        "a currency that the channel has not",
        (422, "channel_cannot"),
        "amount",
        amount(json!(100), json!("USD")),
    ));
    cases
}

fn field(name: impl Into<String>, want: (u16, &'static str), member: &'static str, value: Value) -> Case {
    let body = with(&format!("\"{member}\":{value}"));
    case(name, want, move |w| w.post_body(body.clone()))
}

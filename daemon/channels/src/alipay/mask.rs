//! Messages for people: everything that tells what happened stays, everything that tells who paid, or was paid, is
//! masked.

use serde_json::Value;

use super::text::printable;

/// Fields that name the payer, the payee or their accounts, or carry a credential.
const PERSONAL: [&str; 14] = [
    "app_auth_token",
    "auth_token",
    "buyer_id",
    "cert_no",
    "identity",
    "mobile",
    "name",
    "open_id",
    "passback_params",
    "payee_account",
    "payee_name",
    "phone",
    "receiver_name",
    "user_id",
];

/// Their kin: `buyer_logon_id`, `alipay_user_id`, `payee_real_name`.
const PERSONAL_ENDINGS: [&str; 6] =
    ["_logon_id", "_open_id", "_real_name", "_show_name", "_user_id", "_user_name"];

fn is_personal(field: &str) -> bool {
    PERSONAL.contains(&field) || PERSONAL_ENDINGS.iter().any(|ending| field.ends_with(ending))
}

/// Longest text of a message whose form is not known.
const MAX_UNKNOWN: usize = 1024;

/// A copy of any message of this protocol: JSON as JSON, a form as one `name=value` a line.
pub(super) fn masked(message: &[u8]) -> String {
    if let Ok(mut json @ Value::Object(_)) = serde_json::from_slice(message) {
        mask_json(&mut json);
        return line(&json.to_string());
    }
    match std::str::from_utf8(message) {
        Ok(text) if is_form(text) => mask_form(text),
        _ => mask_unknown(&String::from_utf8_lossy(message)),
    }
}

fn mask_json(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) => *text = mask_field(name, text),
                    // A personal field of any other type has no form that could be shown in part.
                    _ if is_personal(name) => *member = Value::from("***"),
                    _ => mask_json(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask_json),
        _ => {}
    }
}

/// One field's text; `biz_content` and its like hold JSON in their turn.
fn mask_field(name: &str, text: &str) -> String {
    if is_personal(name) {
        // A part of a number tells people which it is; a part of a name tells who.
        return if name.ends_with("name") && !text.is_empty() { "***".to_owned() } else { mask_value(text) };
    }
    if name == "sign" {
        // Public, but 344 characters of noise.
        return format!("{}…", text.chars().take(8).collect::<String>());
    }
    match serde_json::from_str::<Value>(text) {
        Ok(mut json @ (Value::Object(_) | Value::Array(_))) => {
            mask_json(&mut json);
            json.to_string()
        }
        _ => text.to_owned(),
    }
}

fn mask_form(text: &str) -> String {
    let lines = form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| line(&format!("{name}={}", mask_field(&name, &value))));
    lines.collect::<Vec<_>>().join("\n")
}

/// What can't be parsed can't be masked by name: whatever could be a number or an address of somebody is.
fn mask_unknown(text: &str) -> String {
    let text: String = text.chars().take(MAX_UNKNOWN).collect();
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '@' | '.' | '_' | '-' | '*' | '+');
    let mut shown = String::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_word(c) != is_word(first)).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        if digits >= 6 || run.contains('@') {
            shown.push_str("***")
        } else {
            shown.push_str(run)
        }
        rest = tail;
    }
    line(&shown)
}

/// `2088102122458832` as `208***832`, a short value as `***`.
fn mask_value(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    match chars.as_slice() {
        [a, b, c, .., x, y, z] if chars.len() >= 11 => format!("{a}{b}{c}***{x}{y}{z}"),
        [] => String::new(),
        _ => "***".to_owned(),
    }
}

fn line(text: &str) -> String {
    text.chars().map(printable).collect()
}

/// `name=value&name=value`, all escaped.
fn is_form(text: &str) -> bool {
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    text.split('&').all(|pair| pair.split_once('=').is_some_and(|(name, _)| is_name(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payer_is_masked_and_the_facts_stay() {
        for (message, want) in [
            (
                r#"{"alipay_trade_query_response":{"code":"10000","buyer_logon_id":"abc***@x.com","buyer_user_id":"2088102122458832","trade_no":"2026112422001444100011"},"sign":"k9Bb7rvRUbCDi2+f"}"#,
                r#"{"alipay_trade_query_response":{"code":"10000","buyer_logon_id":"abc***com","buyer_user_id":"208***832","trade_no":"2026112422001444100011"},"sign":"k9Bb7rvR…"}"#,
            ),
            (
                "buyer_id=2088102122458832&subject=%E5%85%85+x&empty=",
                "buyer_id=208***832\nsubject=充 x\nempty=",
            ),
            (
                "biz_content=%7B%22out_trade_no%22%3A%22R1%22%2C%22payee_info%22%3A%7B%22identity%22%3A%22a%40b.cn%22%7D%7D",
                "biz_content={\"out_trade_no\":\"R1\",\"payee_info\":{\"identity\":\"***\"}}",
            ),
            (
                r#"{"payee_info":{"identity":"2088102122458832","identity_type":"ALIPAY_USER_ID","name":"阿卜杜拉·买买提·艾力江"}}"#,
                r#"{"payee_info":{"identity":"208***832","identity_type":"ALIPAY_USER_ID","name":"***"}}"#,
            ),
            (
                r#"{"payee_real_name":"A Long Company Name","receiver_user_id":"2088102122458832","order_title":"x"}"#,
                r#"{"payee_real_name":"***","receiver_user_id":"208***832","order_title":"x"}"#,
            ),
            (
                r#"{"a":[{"buyer_id":12345678901234},{"name":["x"]}]}"#,
                r#"{"a":[{"buyer_id":"***"},{"name":"***"}]}"#,
            ),
            // A truncated answer has no structure to go by.
            (
                r#"{"x":{"buyer_logon_id":"joe@x.com","id":"2088102122458832","#,
                r#"{"x":{"buyer_logon_id":"***","id":"***","#,
            ),
            ("<html>502 Bad\r\nGateway \u{1b}[2J</html>", "<html>502 Bad  Gateway  [2J</html>"),
            ("subject=%1B%5B2J", "subject= [2J"),
            ("", ""),
        ] {
            assert_eq!(masked(message.as_bytes()), want);
        }
    }

    #[test]
    fn other_encodings_are_shown_as_far_as_they_can_be_read() {
        assert_eq!(masked(b"<p>\xcf\xb5\xcd\xb3</p>"), "<p>ϵͳ</p>");
        assert_eq!(masked(b"<p>\xff\xfe</p>"), "<p>\u{fffd}\u{fffd}</p>");
    }
}

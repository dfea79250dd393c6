//! The worked example of `docs/signing.md`, in both languages, against the code: texts and bindings. The signatures
//! are checked by the test of the same name in `sluice-channels`.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may panic and read files")]

use serde_json::Value;
use sluice_core::signing::{CallbackText, OrderType, RequestText, ResponseText, sha256_hex, wallet_key_text};

const PAGES: [&str; 2] = ["signing.md", "signing.zh.md"];

fn doc(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The code block that follows `<!-- example: NAME -->`.
fn block(page: &str, name: &str) -> String {
    let text = doc(page);
    let mark = format!("<!-- example: {name} -->\n```");
    let (_, rest) = text.split_once(&mark).unwrap_or_else(|| panic!("{page} lacks the example {name}"));
    let (_, rest) = rest.split_once('\n').unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("vectors.json: {name}"))
}

#[test]
fn the_worked_example_is_what_the_code_signs() {
    let vectors: Value = serde_json::from_str(&doc("signing-demo/vectors.json")).unwrap();
    let (client_id, password) = (text(&vectors, "client_id"), text(&vectors, "password"));
    let order_type = OrderType::from_name(text(&vectors, "order_type")).unwrap();
    let merchant_key = text(&vectors["merchant_key"], "key_id");
    let wallet_key = text(&vectors["wallet_key"], "key_id");
    let [request, response, callback] = ["request", "response", "callback"].map(|part| &vectors[part]);

    let asked = RequestText {
        client_id,
        key_id: merchant_key,
        order_type,
        method: text(request, "method"),
        target: text(request, "target"),
        timestamp: text(request, "timestamp"),
        nonce: text(request, "nonce"),
        body: text(request, "body").as_bytes(),
    }
    .signed_bytes(password);
    let answered = ResponseText {
        client_id,
        key_id: wallet_key,
        order_type,
        status: u16::try_from(response["status"].as_u64().unwrap()).unwrap(),
        nonce: text(request, "nonce"),
        timestamp: text(response, "timestamp"),
        request_digest: &sha256_hex(&asked),
        body: text(response, "body").as_bytes(),
    }
    .signed_bytes(password);
    let told = CallbackText {
        client_id,
        key_id: wallet_key,
        order_type,
        callback_id: text(callback, "callback_id"),
        timestamp: text(callback, "timestamp"),
        nonce: text(callback, "nonce"),
        body: text(callback, "body").as_bytes(),
    }
    .signed_bytes(password);

    assert_eq!(OrderType::of_path(text(request, "target")), Some(order_type));
    for (name, part, signed) in
        [("request", request, asked), ("response", response, answered), ("callback", callback, told)]
    {
        assert_eq!(text(part, "signed_bytes_sha256"), sha256_hex(&signed), "{name}");
        let signed = String::from_utf8(signed).unwrap();
        assert_eq!(signed, format!("{}{}\n", text(part, "text"), text(part, "binding")), "{name}");
        for page in PAGES {
            assert_eq!(block(page, name), signed, "{page}: {name}");
            assert!(doc(page).contains(&format!("Sluice-Signature: v1={}\n", text(part, "signature"))));
        }
    }
    for page in PAGES {
        assert_eq!(block(page, "request body"), format!("{}\n", text(request, "body")), "{page}");
        assert!(doc(page).contains(&format!("`{password}`")), "{page}: the password");
    }
    assert_eq!(block(PAGES[0], "script"), block(PAGES[1], "script"));
    assert_eq!(block(PAGES[0], "put"), block(PAGES[1], "put"));
}

#[test]
fn an_announced_wallet_key_is_signed_over_the_text_of_the_page() {
    let vectors: Value = serde_json::from_str(&doc("signing-demo/vectors.json")).unwrap();
    let key = &vectors["announced_wallet_key"];
    let base64 = text(key, "public_key").lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let der = data_encoding::BASE64.decode(base64.as_bytes()).unwrap();
    let (id, not_before) = (text(key, "key_id"), text(key, "not_before"));
    assert_eq!(wallet_key_text(id, not_before, &der), text(key, "text"));
    assert_eq!(id, format!("wk_{}", &sha256_hex(&der)[..16]));
}

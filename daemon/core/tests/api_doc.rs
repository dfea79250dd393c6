//! `docs/api.md`, in both languages, against the code: the order object's table has exactly its fields, and every order
//! in an example is one.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may panic and read files")]

use serde_json::{Value, json};
use sluice_core::order::OrderObject;

const PAGES: [&str; 2] = ["api.md", "api.zh.md"];

fn page(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The JSON examples of a page, in order.
fn examples(text: &str) -> Vec<Value> {
    let blocks = text.split("```json\n").skip(1).map(|rest| rest.split_once("```").unwrap().0);
    blocks.map(|block| serde_json::from_str(block).unwrap_or_else(|e| panic!("{e}: {block}"))).collect()
}

/// The order in an example: the example itself, or a callback's.
fn order(example: &Value) -> Option<&Value> {
    let order = example.get("order").unwrap_or(example);
    order.get("order_id").map(|_| order)
}

#[test]
fn every_order_in_an_example_is_an_order_object() {
    for name in PAGES {
        let examples = examples(&page(name));
        let orders: Vec<_> = examples.iter().filter_map(order).collect();
        assert_eq!(orders.len(), 6, "{name}: an order of each kind, a capture and a callback");
        for shown in orders {
            let read: OrderObject = serde_json::from_value(shown.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), *shown, "{name}");
        }
    }
}

#[test]
fn the_table_has_the_fields_of_the_order_object_in_their_order() {
    // What no order has all at once: the members of every example, and what no example has.
    let mut example = json!({"fee_borne_by": "app", "replayed": true});
    for shown in examples(&page(PAGES[0])).iter().filter_map(order) {
        example.as_object_mut().unwrap().extend(shown.as_object().unwrap().clone());
    }
    let object: OrderObject = serde_json::from_value(example).unwrap();
    let members = serde_json::to_value(&object).unwrap().as_object().unwrap().len();
    let of_struct =
        |line: &&str| line.starts_with("    ") && !line.starts_with("     ") && line.contains(": ");
    let all = format!("{object:#?}").lines().filter(of_struct).count();
    assert_eq!(members, all, "a member that no example shows");
    // As it is written, so that the order counts too.
    let written = serde_json::to_string(&object).unwrap();
    for name in PAGES {
        let text = page(name);
        let (_, table) = text.split_once("<!-- order object -->\n").unwrap();
        let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
        let fields: Vec<_> = rows.map(|row| row.split('`').nth(1).unwrap()).collect();
        let at: Vec<_> = fields.iter().map(|f| written.find(&format!("\"{f}\":"))).collect();
        assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{name}: {fields:?}");
        assert_eq!(fields.len(), members, "{name}: {fields:?}");
    }
}

#[test]
fn both_languages_show_the_same_examples() {
    let [english, chinese] = PAGES.map(page);
    assert_eq!(examples(&english), examples(&chinese));
    let paths = |text: &str| -> Vec<String> {
        let spans = text.split('`').skip(1).step_by(2);
        spans
            .filter(|s| ["GET /", "POST /", "PUT /"].iter().any(|m| s.starts_with(m)))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(paths(&english.replace("```", "")), paths(&chinese.replace("```", "")));
}

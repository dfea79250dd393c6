//! Paths and queries in other spellings than their one.

use crate::case::{Case, case, wire};

const BAD: (u16, &str) = (400, "bad_target");

pub(crate) fn cases() -> Vec<Case> {
    let targets = [
        "/v1/recharges/",
        "/v1//recharges",
        "/v1/./recharges",
        "/v1/recharges/../recharges",
        "/v1/%72echarges",
        "/v1/recharges%2F",
        "/v1/recharges;a=1",
        "/v1/recharges/rch_1'--",
        "/v1/recharges?limit",
        "/v1/recharges?",
        "/v1/recharges?&",
        "/v1/recharges?limit=1&",
        "/v1/recharges?=1",
        "/v1/recharges?limit=1&limit=2",
        "/v1/recharges?limit=1=2",
        "/v1/recharges?user_ref=a+b",
        "/v1/recharges?user_ref=%e5%bc%a0",
        "/v1/recharges?user_ref=%61",
        "/v1/recharges?user_ref=%",
        "/v1/recharges?user_ref=%zz",
        "/v1/recharges?user_ref=a%2",
        "/v1/recharges?user_ref=%FF",
        "/v1/recharges?user_ref=%C0%AF",
        "/v1/recharges?user_ref=%ED%A0%80",
    ];
    let mut cases: Vec<_> =
        targets.into_iter().map(|target| case(target, BAD, move |w| w.a.request("GET", target))).collect();
    // What no client library would send; the first two are no HTTP.
    for (target, want) in [
        ("/v1/recharges?user_ref=\"", (400, "")),
        ("/v1/recharges?user_ref=<x>", (400, "")),
        ("/v1/recharges?user_ref=张", BAD),
        ("/v1/recharges/张", BAD),
    ] {
        cases.push(wire(target, want, move |w| w.a.request("GET", target).sign().unwrap().to_wire()));
    }
    // Escaped by the rules, and not of the form of an id, a number, a name: the parameter is named.
    for target in [
        "/v1/recharges?user_ref=%0A",
        "/v1/recharges?user_ref=a%20b",
        "/v1/recharges?merchant_order_no=%27%20OR%201",
        "/v1/recharges?cursor=%27",
        "/v1/recharges?cursor=",
        "/v1/recharges?limit=1000000",
        "/v1/recharges?from=2026-11-24",
        "/v1/recharges?state=64",
        "/v1/recharges?order_by=amount",
        "/v1/balances?user_ref=%20",
        "/v1/balances?account=held",
        "/v1/statements?account=suspense",
        "/v1/statements?format=xml",
        "/v1/statements?limit=0",
        "/v1/statements?cursor=1",
        "/v1/statements?cursor=e-1",
        "/v1/statements?cursor=e99999999999999999999",
        "/v1/statements?from=now",
    ] {
        cases.push(case(target, (422, "field_invalid"), move |w| w.a.request("GET", target)));
    }
    cases.push(case("a very long query", (422, "field_invalid"), |w| {
        w.a.request("GET", &format!("/v1/recharges?user_ref={}", "a".repeat(8_000)))
    }));
    cases
}

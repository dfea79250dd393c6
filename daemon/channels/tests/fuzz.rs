//! Mutated messages: no panic, and no fact that the provider did not sign.
//!
//! `SLUICE_FUZZ_ROUNDS` (default 20000) and `SLUICE_FUZZ_SEED` choose how much and from where; the same seed gives the
//! same mutations. A finding belongs into `corpus/`, where it stays found.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests may panic and read their environment"
)]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{NUMBER, alipay, corpus, lookup, order, payout, refund, response};
use sluice_channels::alipay::Alipay;
use sluice_channels::protocol::{
    CreateAnswer, DisbursementAnswer, IncomingNotification, Notification, Protocol,
};
use sluice_channels::rsa::SigningKey;
use sluice_core::observation::{Observation, Presence};
use sluice_core::order::Method;

/// What can be done with a message's facts: everything but `unknown`.
#[derive(Debug, PartialEq)]
enum Fact {
    /// What a query or a close showed, by the operation.
    Observed(&'static str, Observation),
    /// What a refund or a payout was answered, by the operation.
    Sent(&'static str, DisbursementAnswer),
    Create(CreateAnswer),
    Notified(Notification),
}

/// Reads a message in every way there is.
fn facts(alipay: &Alipay, body: &[u8]) -> Vec<Fact> {
    let answer = response(body);
    let observed = [
        ("query", alipay.query_answer(&lookup(NUMBER), &answer)),
        ("close", alipay.close_answer(&lookup(NUMBER), &answer)),
        ("refund query", alipay.refund_query_answer(&refund(), &answer)),
        ("payout query", alipay.payout_query_answer(&payout(), &answer)),
    ];
    let sent = [
        ("refund", alipay.refund_answer(&refund(), &answer)),
        ("payout", alipay.payout_answer(&payout(), &answer)),
    ];
    let create = alipay.create_answer(&order(Method::Qr), true, &answer);
    let notified = alipay.notification(&IncomingNotification { headers: Vec::new(), body: body.to_vec() });
    for (op, seen) in &observed {
        assert_eq!(seen.presence.is_usable(), seen.trouble.is_none(), "{op}: {seen:?}");
    }
    let shown = alipay.masked(body);
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");

    let mut facts = Vec::new();
    for (op, seen) in observed {
        facts.extend(seen.presence.is_usable().then_some(Fact::Observed(op, seen)));
    }
    for (op, answer) in sent {
        match answer {
            DisbursementAnswer::Observed(seen) if !seen.presence.is_usable() => {}
            fact => facts.push(Fact::Sent(op, fact)),
        }
    }
    match create {
        CreateAnswer::Observed(seen) if !seen.presence.is_usable() => {}
        fact => facts.push(Fact::Create(fact)),
    }
    facts.extend(notified.ok().map(Fact::Notified));
    facts
}

#[test]
fn a_mutated_message_says_nothing_that_was_not_signed() {
    let (rounds, seed) = (number("SLUICE_FUZZ_ROUNDS", 20_000), number("SLUICE_FUZZ_SEED", 1));
    let alipay = alipay();
    let corpus: Vec<Vec<u8>> = corpus().into_iter().map(|(_, body)| body).collect();
    let genuine: Vec<Fact> = corpus.iter().flat_map(|body| facts(&alipay, body)).collect();
    assert!(genuine.len() >= 50, "the corpus holds too few facts to tell anything");

    let (mut changed, mut believed) = (0, 0);
    for round in 0..rounds {
        let mut random = Random(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ round);
        let original = random.pick(&corpus);
        let mutated = mutate(&mut random, original, &corpus);
        changed += u64::from(mutated != *original);
        for fact in facts(&alipay, &mutated) {
            // A mutation may leave the signed bytes as they were, or put another genuine message in place; then what
            // it says is word for word what the provider signed.
            assert!(
                genuine.contains(&fact),
                "seed {seed}, round {round}: {fact:?}\nfrom: {}",
                String::from_utf8_lossy(&mutated)
            );
            believed += 1;
        }
    }
    println!("{rounds} rounds, {changed} changed, {believed} facts left as signed");
    assert!(
        changed > rounds / 2 && believed > 0,
        "the mutations are too weak or too strong: {changed}, {believed}"
    );
}

/// A signed query: how it is read, and the fields that a fact from it rests on.
struct Query {
    method: &'static str,
    read: fn(&Alipay, &[u8]) -> Observation,
    /// The name of its messages in the corpus.
    prefix: &'static str,
    /// The field and value that bind it to what was asked.
    number: (&'static str, &'static str),
    /// The presence that moves money.
    moved: Presence,
    /// The field and values that say so.
    status: (&'static str, &'static [&'static str]),
    /// The field with the amount.
    amount: &'static str,
    /// The code under which nothing is found.
    not_found: &'static [&'static str],
}

const QUERIES: [Query; 3] = [
    Query {
        method: "alipay.trade.query",
        read: |alipay, body| alipay.query_answer(&lookup(NUMBER), &response(body)),
        prefix: "query-",
        number: ("out_trade_no", NUMBER),
        moved: Presence::Paid,
        status: ("trade_status", &["TRADE_SUCCESS", "TRADE_FINISHED"]),
        amount: "total_amount",
        not_found: &["40004"],
    },
    Query {
        method: "alipay.trade.fastpay.refund.query",
        read: |alipay, body| alipay.refund_query_answer(&refund(), &response(body)),
        prefix: "refund-query-",
        number: ("out_request_no", "rfd_01p"),
        moved: Presence::Refunded,
        status: ("refund_status", &["REFUND_SUCCESS"]),
        amount: "refund_amount",
        not_found: &["10000", "40004"],
    },
    Query {
        method: "alipay.fund.trans.common.query",
        read: |alipay, body| alipay.payout_query_answer(&payout(), &response(body)),
        prefix: "payout-query-",
        number: ("out_biz_no", "wdr_01p"),
        moved: Presence::Paid,
        status: ("status", &["SUCCESS"]),
        amount: "trans_amount",
        not_found: &["40004"],
    },
];

/// The same behind the signature: whatever Alipay signs, the reading of it never panics and never fills a gap.
#[test]
fn a_signed_but_damaged_node_gives_no_fact_that_it_does_not_hold() {
    let (rounds, seed) = (number("SLUICE_FUZZ_ROUNDS", 20_000) / 20, number("SLUICE_FUZZ_SEED", 1));
    let vectors = common::json(&common::folder("vectors/alipay.json"));
    let key = SigningKey::from_pkcs8_pem(vectors["alipay_private_key_pkcs8"].as_str().unwrap()).unwrap();
    let alipay = alipay();
    for query in QUERIES {
        let nodes: Vec<Vec<u8>> = (corpus().iter())
            .filter(|(name, _)| name.starts_with(query.prefix))
            .filter_map(|(_, body)| alipay.open(query.method, body).ok().map(<[u8]>::to_vec))
            .collect();
        let member = format!("{}_response", query.method.replace('.', "_"));
        let (mut facts, mut moves) = (0, 0);
        for round in 0..rounds {
            let mut random = Random(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ round);
            let node = mutate(&mut random, random_node(round, &nodes), &nodes);
            let sign = STANDARD.encode(key.sign_sha256(&node));
            let head = format!("{{\"{member}\":");
            let body = [head.as_bytes(), &node, b",\"sign\":\"", sign.as_bytes(), b"\"}"].concat();
            let seen = (query.read)(&alipay, &body);
            if seen.presence.is_usable() {
                facts += 1;
                moves += u64::from(seen.presence == query.moved);
                rests_on(&query, &node, &seen);
            }
        }
        assert!(facts > 0 && moves > 0, "{}: {facts} facts, {moves} of moved money", query.method);
    }
}

/// What was read stands in the node.
fn rests_on(query: &Query, node: &[u8], seen: &Observation) {
    // Messages may hold raw control characters, which a strict parser does not take.
    let shown = String::from_utf8_lossy(node).replace(|c: char| c.is_control(), " ");
    let fields: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let holds = |field: &str, values: &[&str]| values.iter().any(|value| fields[field] == *value);
    if seen.presence == Presence::NotFound {
        assert!(holds("code", query.not_found), "{shown}");
    } else {
        assert!(holds(query.number.0, &[query.number.1]), "{shown}");
    }
    if seen.presence == query.moved {
        assert!(holds(query.status.0, query.status.1) && seen.amount.is_some(), "{shown}");
    }
    if let Some(read) = seen.amount {
        let stated = read.to_decimal();
        let short = stated.trim_end_matches('0').trim_end_matches('.');
        assert!(holds(query.amount, &[&stated, short, &format!("{short}0")]), "{shown}");
    }
}

fn random_node(round: u64, nodes: &[Vec<u8>]) -> &[u8] {
    &nodes[usize::try_from(round).unwrap() % nodes.len()]
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Pieces that matter to the parsers.
const TOKENS: [&[u8]; 31] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b",",
    b":",
    b"&",
    b"=",
    b"%",
    b"+",
    b"%26",
    b"\0",
    b"\xff",
    b"\xc4\x5c",
    b"null",
    b"\"sign\":\"x\",",
    b",\"sign\":\"\"",
    b"\"total_amount\":\"0.01\",",
    b"\"trade_status\":\"TRADE_SUCCESS\",",
    b"\"code\":\"10000\",",
    b"\"alipay_trade_query_response\":{\"code\":\"10000\"},",
    b"&total_amount=0.01",
    b"&trade_status=TRADE_SUCCESS",
    b"&sign_type=RSA",
    b"&passback_params=",
    b"&out_biz_no=rfd_99",
    b"\"fund_change\":\"Y\",",
    b"\"refund_status\":\"REFUND_SUCCESS\",",
    b"\"status\":\"SUCCESS\",",
    b"\"status\":\"FAIL\",",
];

fn mutate(random: &mut Random, original: &[u8], corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut body = original.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(body.len() + 1);
        let end = (at + 1 + random.below(40)).min(body.len());
        match random.below(10) {
            0 if at < body.len() => body[at] ^= 1 << random.below(8),
            1 if at < body.len() => body[at] = b"0123456789"[random.below(10)],
            2 => drop(body.drain(at..end)),
            3 => body.splice(at..at, body[at..end].to_vec()).for_each(drop),
            4 => body.splice(at..at, random.pick(&TOKENS).iter().copied()).for_each(drop),
            5 => body.splice(at..end, random.pick(&TOKENS).iter().copied()).for_each(drop),
            6 => body.truncate(at),
            // Half of one message and half of another.
            7 => {
                let other = random.pick(corpus);
                body.splice(at.., other[random.below(other.len() + 1)..].iter().copied()).for_each(drop);
            }
            // White space is not signed between members, but is within.
            8 => body.insert(at, b' '),
            // Another digit for one of the message's own: amounts, numbers, codes.
            _ => {
                let digits: Vec<usize> = (0..body.len()).filter(|i| body[*i].is_ascii_digit()).collect();
                if !digits.is_empty() {
                    body[*random.pick(&digits)] = b"0123456789"[random.below(10)];
                }
            }
        }
    }
    body
}

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n.max(1)).unwrap()).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

//! The operations that a merchant's server calls.

mod refund;
mod trade;
mod transfer;

use serde_json::Value;
use std::sync::Arc;

use super::Alipay;
use super::wire::{Node, Params, fen, yuan};
use crate::provider::Op;
use crate::provider::order::{Method, Order};
pub(super) use trade::{enter, order, status};

/// What an operation comes to.
#[derive(Debug)]
pub(super) struct Reply {
    /// The answer.
    pub(super) node: Node,
    /// It is never sent: the amount's recipe says so.
    pub(super) withheld: bool,
}

impl From<Node> for Reply {
    fn from(node: Node) -> Self {
        Self { node, withheld: false }
    }
}

/// The operation behind a method name, if the gateway offers it to servers.
pub(super) fn op(method: &str) -> Option<Op> {
    Some(match method {
        "alipay.trade.precreate" => Op::Create,
        "alipay.trade.query" => Op::Query,
        "alipay.trade.close" => Op::Close,
        "alipay.trade.refund" => Op::Refund,
        "alipay.trade.fastpay.refund.query" => Op::RefundQuery,
        "alipay.fund.trans.uni.transfer" => Op::Payout,
        "alipay.fund.trans.common.query" => Op::PayoutQuery,
        _ => return None,
    })
}

/// Does what the request asks.
pub(super) async fn run(alipay: &Arc<Alipay>, op: Op, params: &Params) -> Reply {
    let content = params.get("biz_content").and_then(|text| serde_json::from_str::<Value>(text).ok());
    let Some(content @ Value::Object(_)) = content else {
        return invalid("biz_content").into();
    };
    match op {
        Op::Create => match order(params, &content, Method::Qr) {
            Ok(order) => trade::precreate(alipay, order).await.into(),
            Err(node) => node.into(),
        },
        Op::Query => trade::query(alipay, &content).into(),
        Op::Close => trade::close(alipay, &content).into(),
        Op::Refund => refund::refund(alipay, &content).await,
        Op::RefundQuery => refund::query(alipay, &content).into(),
        Op::Payout => transfer::transfer(alipay, &content),
        Op::PayoutQuery => transfer::query(alipay, &content).into(),
        Op::Notify | Op::Bill => Node::coded("40002", "Invalid Arguments").into(),
    }
}

/// The fault `not_found`.
pub(super) fn not_found(op: Op) -> Node {
    match op {
        Op::Payout | Op::PayoutQuery => transfer::not_exist(),
        _ => not_exist(""),
    }
}

/// The fault `wrong_amount`.
pub(super) fn one_fen_more(mut node: Node) -> Node {
    for name in ["total_amount", "refund_fee", "refund_amount", "trans_amount"] {
        if let Some(amount) = node.0.get_mut(name) {
            let more = amount.as_str().and_then(fen).map(|fen| yuan(fen + 1));
            *amount = more.map_or(Value::Null, Value::from);
        }
    }
    node
}

/// The order that the content names; `trade_no` wins.
fn find(alipay: &Alipay, content: &Value) -> Result<Order, Node> {
    let channel_ref = match (text(content, "trade_no"), text(content, "out_trade_no")) {
        (Some(number), _) => alipay.books.by_channel_order_no(number).ok_or_else(|| not_exist("")),
        (None, Some(channel_ref)) => Ok(channel_ref.to_owned()),
        (None, None) => Err(invalid("out_trade_no")),
    }?;
    alipay.books.get(&channel_ref).ok_or_else(|| not_exist(&channel_ref))
}

fn not_exist(channel_ref: &str) -> Node {
    let node = Node::refused("ACQ.TRADE_NOT_EXIST", "交易不存在");
    if channel_ref.is_empty() { node } else { node.with("out_trade_no", channel_ref) }
}

pub(super) fn invalid(name: &str) -> Node {
    Node::refused("ACQ.INVALID_PARAMETER", &format!("参数无效：{name}"))
}

fn text<'a>(content: &'a Value, name: &str) -> Option<&'a str> {
    content.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A number of the merchant's own: at most 64 letters, digits and underscores.
fn number<'a>(content: &'a Value, name: &str) -> Option<&'a str> {
    text(content, name)
        .filter(|no| no.len() <= 64 && no.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

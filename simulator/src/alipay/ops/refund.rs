//! Refunds: asked for, and asked about.

use serde_json::Value;
use std::sync::Arc;

use super::{Reply, find, invalid, not_exist, number, text};
use crate::alipay::Alipay;
use crate::alipay::wire::{Node, fen, yuan};
use crate::clock;
use crate::provider::course::Standing;
use crate::provider::order::{Order, Refusal};
use crate::provider::recipe::{PAYER_DELAY, RefundRecipe};
use crate::provider::teller;

/// `alipay.trade.refund`. `refund_fee` in its answer is what went back so far, not what this refund is of.
pub(super) async fn refund(alipay: &Arc<Alipay>, content: &Value) -> Reply {
    let order = match find(alipay, content) {
        Ok(order) => order,
        Err(node) => return node.into(),
    };
    let Some(amount) = text(content, "refund_amount").and_then(fen) else {
        return invalid("refund_amount").into();
    };
    let request_no = match content.get("out_request_no") {
        None => order.channel_ref.clone(),
        Some(_) => match number(content, "out_request_no") {
            Some(request_no) => request_no.to_owned(),
            None => return invalid("out_request_no").into(),
        },
    };
    // Without a trade there is nothing to give back.
    if order.channel_order_no.is_none() {
        return not_exist(&order.channel_ref).into();
    }
    let presets = &alipay.rules.presets;
    let gateway = alipay.as_gateway();
    let Some((requested, order)) = teller::refund(&gateway, presets, &order.channel_ref, &request_no, amount)
    else {
        return not_exist(&order.channel_ref).into();
    };
    let requested = match requested {
        Ok(requested) => requested,
        Err(refusal) => return refused(refusal).into(),
    };
    let refund = &order.refunds[requested.index];
    let moved = requested.new && refund.course.state == Standing::Success;
    let mut node = trade(&order, content)
        .with("fund_change", if moved { "Y" } else { "N" })
        .with("refund_fee", yuan(order.refunded_minor()));
    if let Some(at) = refund.course.succeeded_at {
        node = node.with("gmt_refund_pay", clock::beijing(at));
    }
    let recipe = refund.recipe.filter(|_| requested.new);
    if recipe == Some(RefundRecipe::NotifiedBeforeAnswer) {
        tokio::time::sleep(PAYER_DELAY).await;
    }
    Reply { node, withheld: recipe == Some(RefundRecipe::Unanswered) }
}

/// `alipay.trade.fastpay.refund.query`. A refund that is unknown, under way or failed is told by leaving
/// `refund_status` out.
pub(super) fn query(alipay: &Arc<Alipay>, content: &Value) -> Node {
    let order = match find(alipay, content) {
        Ok(order) => order,
        Err(node) => return node,
    };
    let Some(request_no) = text(content, "out_request_no") else { return invalid("out_request_no") };
    let node = trade(&order, content).with("out_request_no", request_no);
    match order
        .find_refund(request_no)
        .map(|refund| (refund, refund.course.state, refund.course.succeeded_at))
    {
        Some((refund, Standing::Success, Some(at))) => node
            .with("refund_status", "REFUND_SUCCESS")
            .with("refund_amount", yuan(refund.amount_minor))
            .with("total_amount", yuan(order.paid_minor()))
            .with("gmt_refund_pay", clock::beijing(at)),
        _ => node,
    }
}

/// The members that name the trade; a trade that was paid twice has two numbers, and is called as it was asked for.
fn trade(order: &Order, content: &Value) -> Node {
    let own = order.channel_order_no.as_deref().unwrap_or_default();
    Node::done()
        .with("out_trade_no", order.channel_ref.as_str())
        .with("trade_no", text(content, "trade_no").unwrap_or(own))
}

fn refused(refusal: Refusal) -> Node {
    match refusal {
        Refusal::RefundDiffers => Node::refused("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致"),
        Refusal::TooMuch => Node::refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"),
        Refusal::Declined => Node::refused("ACQ.TRADE_NOT_ALLOW_REFUND", "当前交易不允许退款"),
        Refusal::Funds => Node::refused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"),
        _ => Node::refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法"),
    }
}

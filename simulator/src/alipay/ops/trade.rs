//! Payments: created, asked for, closed.

use serde_json::Value;
use std::sync::Arc;

use super::{find, invalid, not_exist, number, text};
use crate::alipay::wire::{Node, Params, express, fen, yuan};
use crate::alipay::{Alipay, page};
use crate::clock;
use crate::keys;
use crate::provider::order::{ClosedBy, Method, Notifications, Order, State};
use crate::provider::recipe::Recipe;
use crate::provider::{Channel, payer};

/// How long a code of precreate can be opened at most, whatever is asked.
const CODE_LIFETIME_MS: i64 = 2 * 3_600_000;

/// The order that a creation asks for, checked.
pub(in crate::alipay) fn order(params: &Params, content: &Value, method: Method) -> Result<Order, Node> {
    let channel_ref = number(content, "out_trade_no").ok_or_else(|| invalid("out_trade_no"))?;
    let amount_minor = text(content, "total_amount").and_then(fen).ok_or_else(|| invalid("total_amount"))?;
    let subject = text(content, "subject")
        .filter(|subject| subject.chars().count() <= 256 && !subject.contains(['/', '=', '&']))
        .ok_or_else(|| invalid("subject"))?;
    let product_code = text(content, "product_code");
    if method == Method::Page && product_code != Some("FAST_INSTANT_TRADE_PAY") {
        return Err(invalid("product_code"));
    }
    let notify_url = params.get("notify_url").map(str::to_owned);
    if notify_url.as_ref().is_some_and(|url| url.len() > 256) {
        return Err(invalid("notify_url"));
    }
    let created_at = clock::now_ms();
    let recipe = Recipe::of(amount_minor);
    if recipe == Some(Recipe::RefusedAtCreation) {
        return Err(Node::refused("ACQ.TOTAL_FEE_EXCEED", "订单总金额超过限额"));
    }
    Ok(Order {
        channel: Channel::Alipay,
        channel_ref: channel_ref.to_owned(),
        channel_order_no: None,
        state: State::Issued,
        closed_by: None,
        method,
        amount_minor,
        currency: "CNY".to_owned(),
        subject: subject.to_owned(),
        code: keys::random_hex(12),
        notify_url,
        created_at,
        scanned_at: None,
        closed_at: None,
        expires_at: expiry(content, method, created_at)?,
        payments: vec![],
        refunds: vec![],
        notifications: Notifications::default(),
        recipe,
        recipe_done: false,
    })
}

/// Writes the order down, or finds the one that stands under its number: the same content again is the same
/// order.
pub(in crate::alipay) fn enter(alipay: &Alipay, order: Order) -> Result<(Order, bool), Node> {
    let (amount, subject) = (order.amount_minor, order.subject.clone());
    match alipay.books.insert(order) {
        Ok(order) => Ok((order, true)),
        Err(known) if known.amount_minor != amount || known.subject != subject => {
            Err(Node::refused("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"))
        }
        Err(known) => match known.state {
            State::Paid => Err(Node::refused("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")),
            State::Closed => Err(Node::refused("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")),
            State::Issued | State::Waiting => Ok((*known, false)),
        },
    }
}

pub(super) async fn precreate(alipay: &Arc<Alipay>, order: Order) -> Node {
    match enter(alipay, order) {
        Ok((order, new)) => {
            if new {
                let hold = payer::follow_recipe(&alipay.as_gateway(), &order);
                tokio::time::sleep(hold).await;
            }
            let code = page::code_url(&alipay.settings.base_url, &order.code);
            Node::done().with("out_trade_no", order.channel_ref).with("qr_code", code)
        }
        Err(node) => node,
    }
}

pub(super) fn query(alipay: &Arc<Alipay>, content: &Value) -> Node {
    let order = match find(alipay, content) {
        Ok(order) => order,
        Err(node) => return node,
    };
    // A code that nobody scanned is no trade.
    let Some(trade_no) = &order.channel_order_no else { return not_exist(&order.channel_ref) };
    payer::after_close_if_closed(&alipay.as_gateway(), &order);
    let paid = order.payments.first();
    let amount = paid.map_or(order.amount_minor, |payment| payment.amount_minor);
    let node = Node::done()
        .with("buyer_logon_id", "138****8888")
        .with("out_trade_no", order.channel_ref.as_str())
        .with("total_amount", yuan(amount))
        .with("trade_no", trade_no.as_str())
        .with("trade_status", status(&order));
    match paid {
        Some(payment) => node
            .with("buyer_pay_amount", yuan(amount))
            .with("receipt_amount", yuan(amount))
            .with("send_pay_date", clock::beijing(payment.paid_at)),
        None => node,
    }
}

pub(super) fn close(alipay: &Arc<Alipay>, content: &Value) -> Node {
    let order = match find(alipay, content) {
        Ok(order) => order,
        Err(node) => return node,
    };
    let closed = alipay.books.change(&order.channel_ref, |order| {
        if order.state == State::Issued {
            return Err(None); // still payable: there is nothing to close
        }
        order.close(ClosedBy::Merchant, clock::now_ms()).map_err(Some)
    });
    match closed {
        Some((Ok(()), order)) => {
            payer::after_close_if_closed(&alipay.as_gateway(), &order);
            Node::done()
                .with("out_trade_no", order.channel_ref)
                .with("trade_no", order.channel_order_no.unwrap_or_default())
        }
        Some((Err(Some(_)), _)) => Node::refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法"),
        Some((Err(None), _)) | None => not_exist(&order.channel_ref),
    }
}

/// `trade_status` of an order that has a trade.
pub(in crate::alipay) fn status(order: &Order) -> &'static str {
    match order.state {
        State::Issued | State::Waiting => "WAIT_BUYER_PAY",
        State::Closed => "TRADE_CLOSED",
        State::Paid if order.refunded_minor() >= order.paid_minor() => "TRADE_CLOSED",
        State::Paid => "TRADE_SUCCESS",
    }
}

/// The earliest of the ends that the content sets.
fn expiry(content: &Value, method: Method, created_at: i64) -> Result<i64, Node> {
    let (default, most, names): (_, _, &[&str]) = match method {
        Method::Qr => (CODE_LIFETIME_MS, CODE_LIFETIME_MS, &["timeout_express", "qr_code_timeout_express"]),
        Method::Page => (15 * 86_400_000, 15 * 86_400_000, &["timeout_express"]),
    };
    let mut end = created_at + default;
    for name in names {
        if let Some(value) = text(content, name) {
            end = end.min(created_at + express(value).ok_or_else(|| invalid(name))?);
        }
    }
    if let Some(value) = text(content, "time_expire") {
        end = end.min(clock::parse_beijing(value).ok_or_else(|| invalid("time_expire"))?);
    }
    Ok(end.min(created_at + most))
}

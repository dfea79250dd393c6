//! Payouts: transfers to an account at Alipay.

use serde_json::Value;
use std::sync::Arc;

use super::{Reply, number, text};
use crate::alipay::Alipay;
use crate::alipay::wire::{Node, fen, yuan};
use crate::clock;
use crate::provider::course::{Course, Fate, Outcome, Standing};
use crate::provider::payout::{Payee, Payout};
use crate::provider::recipe::PayoutRecipe;
use crate::provider::{Channel, Gateway as _, Kind, teller};

/// The one kind of transfer that there is here.
const PRODUCT: (&str, &str) = ("TRANS_ACCOUNT_NO_PWD", "DIRECT_TRANSFER");

/// Less than 0.10 yuan is not transferred.
const LEAST_FEN: i64 = 10;

/// What a failed transfer failed of.
const FAILED_OF: (&str, &str) = ("PAYEE_NOT_EXIST", "收款账号不存在");

/// `alipay.fund.trans.uni.transfer`.
pub(super) fn transfer(alipay: &Arc<Alipay>, content: &Value) -> Reply {
    let asked = match Asked::read(content) {
        Ok(asked) => asked,
        Err(node) => return node.into(),
    };
    let presets = &alipay.rules.presets;
    if PayoutRecipe::of(asked.amount_minor) == Some(PayoutRecipe::RefusedUnknown)
        && !presets.has(Kind::Payout, asked.out_biz_no)
        && alipay.books.payout(asked.out_biz_no).is_none()
    {
        return Node::refused(FAILED_OF.0, FAILED_OF.1).into();
    }
    let make = |said: Option<Fate>, now| asked.payout(alipay, said, now);
    let booked = teller::pay_out(&**alipay, presets, asked.out_biz_no, make);
    let Ok(booked) = booked else {
        return Node::refused("PAYER_BALANCE_NOT_ENOUGH", "付款方余额不足").into();
    };
    let payout = &booked.payout;
    if (payout.amount_minor, &payout.payee) != (asked.amount_minor, &asked.payee) {
        return Node::refused("PAYMENT_INFO_INCONSISTENCY", "两次请求商户单号一样，但是参数不一致").into();
    }
    if payout.course.state == Standing::Failed {
        return Node::refused(FAILED_OF.0, FAILED_OF.1).into();
    }
    let node = numbers(payout)
        .with("status", status(payout))
        .with("trans_date", clock::beijing(payout.course.succeeded_at.unwrap_or(payout.created_at)));
    Reply { node, withheld: booked.new && payout.recipe == Some(PayoutRecipe::Unanswered) }
}

/// `alipay.fund.trans.common.query`: by our number with product and scene, or by one of Alipay's own.
pub(super) fn query(alipay: &Arc<Alipay>, content: &Value) -> Node {
    let own = text(content, "order_id").or_else(|| text(content, "pay_fund_order_id"));
    let payout = match (own, number(content, "out_biz_no")) {
        (Some(number), _) => alipay.books.payout_by_number(number),
        (None, Some(out_biz_no)) => {
            if let Err(node) = is_offered(content) {
                return node;
            }
            alipay.books.payout(out_biz_no)
        }
        (None, None) => return invalid("out_biz_no"),
    };
    let Some(payout) = payout else { return not_exist() };
    let mut node = numbers(&payout).with("status", status(&payout));
    if let Some(at) = payout.course.succeeded_at {
        node = node.with("pay_date", clock::beijing(at));
    }
    match payout.course.state {
        Standing::Success => node.with("trans_amount", yuan(payout.amount_minor)),
        Standing::Failed => node.with("error_code", FAILED_OF.0).with("fail_reason", FAILED_OF.1),
        Standing::Dealing | Standing::Returned => node,
    }
}

/// No such transfer.
pub(super) fn not_exist() -> Node {
    Node::refused("ORDER_NOT_EXIST", "转账订单不存在")
}

/// What a request asks for, checked.
struct Asked<'a> {
    out_biz_no: &'a str,
    amount_minor: i64,
    title: &'a str,
    payee: Payee,
}

impl<'a> Asked<'a> {
    fn read(content: &'a Value) -> Result<Self, Node> {
        let out_biz_no = number(content, "out_biz_no").ok_or_else(|| invalid("out_biz_no"))?;
        let amount_minor =
            text(content, "trans_amount").and_then(fen).ok_or_else(|| invalid("trans_amount"))?;
        is_offered(content)?;
        let title = text(content, "order_title").ok_or_else(|| invalid("order_title"))?;
        let payee = payee(content).ok_or_else(|| invalid("payee_info"))?;
        if amount_minor < LEAST_FEN {
            return Err(Node::refused("EXCEED_LIMIT_SM_MIN_AMOUNT", "转账金额不能低于0.1元"));
        }
        Ok(Self { out_biz_no, amount_minor, title, payee })
    }

    /// A new payout that ends as was said before, or else as its amount's recipe says, or else well and at once.
    fn payout(&self, alipay: &Alipay, said: Option<Fate>, now: i64) -> Payout {
        let recipe = if said.is_some() { None } else { PayoutRecipe::of(self.amount_minor) };
        let fate = said.or_else(|| recipe.map_or(Some(Fate::now(Outcome::Success)), PayoutRecipe::fate));
        // 32 digits: the day, the kind of number, a running number.
        let own =
            |kind: &str| format!("{}{kind}{:013}", clock::beijing_date(now), alipay.books().next_number());
        Payout {
            channel: Channel::Alipay,
            channel_ref: self.out_biz_no.to_owned(),
            channel_order_no: own("11007000150"),
            fund_order_no: own("11007000151"),
            amount_minor: self.amount_minor,
            currency: "CNY".to_owned(),
            title: self.title.to_owned(),
            payee: self.payee.clone(),
            created_at: now,
            course: Course::begin(fate, now),
            recipe,
        }
    }
}

/// A user id alone, or a login with the person's name.
fn payee(content: &Value) -> Option<Payee> {
    let info = content.get("payee_info")?;
    let (identity, identity_type) = (text(info, "identity")?, text(info, "identity_type")?);
    let name = text(info, "name").map(str::to_owned);
    match identity_type {
        "ALIPAY_USER_ID" if identity.len() == 16 && identity.starts_with("2088") => {}
        "ALIPAY_LOGON_ID" if name.is_some() => {}
        _ => return None,
    }
    Some(Payee { identity: identity.to_owned(), identity_type: identity_type.to_owned(), name })
}

fn is_offered(content: &Value) -> Result<(), Node> {
    for (name, value) in [("product_code", PRODUCT.0), ("biz_scene", PRODUCT.1)] {
        if text(content, name) != Some(value) {
            return Err(invalid(name));
        }
    }
    Ok(())
}

fn numbers(payout: &Payout) -> Node {
    Node::done()
        .with("out_biz_no", payout.channel_ref.as_str())
        .with("order_id", payout.channel_order_no.as_str())
        .with("pay_fund_order_id", payout.fund_order_no.as_str())
}

fn status(payout: &Payout) -> &'static str {
    match payout.course.state {
        Standing::Dealing => "DEALING",
        Standing::Success => "SUCCESS",
        Standing::Failed => "FAIL",
        Standing::Returned => "REFUND",
    }
}

/// The funds side of Alipay names its codes without `ACQ.`.
fn invalid(name: &str) -> Node {
    Node::refused("INVALID_PARAMETER", &format!("参数有误：{name}"))
}

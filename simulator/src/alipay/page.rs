//! What the payer sees: `page.pay` in the browser, and the page behind a scanned code. A developer can open both
//! by hand and press the button.

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;
use std::sync::Arc;

use super::wire::{Node, Params, yuan};
use super::{Alipay, identify, ops};
use crate::provider::order::{self, Method, Order};
use crate::provider::{Channel, Op, payer};

/// The method that a browser calls by submitting the merchant's form.
pub(super) const METHOD: &str = "alipay.trade.page.pay";

/// The content of a code.
pub(super) fn code_url(base_url: &str, code: &str) -> String {
    format!("{base_url}/alipay/qr/{code}")
}

/// The browser submits the merchant's form: the trade exists from here on.
pub(super) async fn open(alipay: &Arc<Alipay>, params: &Params) -> Response {
    let opened = match enter(alipay, params) {
        Ok((order, new)) => {
            let gateway = alipay.as_gateway();
            let order = payer::scan(&*gateway, &order.channel_ref).unwrap_or(order);
            if new {
                tokio::time::sleep(payer::follow_recipe(&gateway, &order)).await;
            }
            Ok(order)
        }
        Err(node) => Err(node),
    };
    let outcome = opened.as_ref().map_or_else(Node::outcome, |_| "ok");
    alipay.rules.counts.add(Channel::Alipay, Op::Create, outcome);
    match opened {
        Ok(order) => cashier(&order),
        Err(node) => {
            let reason = ["sub_msg", "msg"].iter().find_map(|name| node.0.get(*name)).and_then(Value::as_str);
            let code = node.0.get("sub_code").and_then(Value::as_str).unwrap_or_default();
            (
                axum::http::StatusCode::BAD_REQUEST,
                page("无法支付", &format!("{} {}", escape(reason.unwrap_or_default()), escape(code))),
            )
                .into_response()
        }
    }
}

/// The payer opens a code.
pub(super) async fn scan(State(alipay): State<Arc<Alipay>>, Path(code): Path<String>) -> Response {
    let order = alipay.books.by_code(&code).and_then(|channel_ref| payer::scan(&*alipay, &channel_ref));
    match order {
        Some(order) => cashier(&order),
        None => (axum::http::StatusCode::NOT_FOUND, page("二维码无效", "没有这个二维码。")).into_response(),
    }
}

fn enter(alipay: &Arc<Alipay>, params: &Params) -> Result<(Order, bool), Node> {
    identify(&alipay.settings, params)?;
    let content = params.get("biz_content").and_then(|text| serde_json::from_str::<Value>(text).ok());
    let content = content.ok_or_else(|| ops::invalid("biz_content"))?;
    ops::enter(alipay, ops::order(params, &content, Method::Page)?)
}

/// The cashier's page; its button is the control API's `pay`.
fn cashier(order: &Order) -> Response {
    let state = match order.state {
        order::State::Issued | order::State::Waiting => "等待付款",
        order::State::Paid => "已付款",
        order::State::Closed => "已关闭",
    };
    let body = format!(
        "<p>{subject}</p><p><b>¥ {amount}</b> · {state}</p><button onclick=\"fetch('/control/orders/{number}',{{method:'POST',\
         body:'{{&quot;action&quot;:&quot;pay&quot;}}'}}).then(()=>location.reload())\">付款</button>",
        subject = escape(&order.subject),
        amount = yuan(order.amount_minor),
        number = order.channel_ref, // letters, digits and underscores only
    );
    page("支付宝（沙箱）", &body).into_response()
}

fn page(title: &str, body: &str) -> Html<String> {
    Html(format!("<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{body}"))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

//! What the tests share: the account of the vectors, and the committed messages.
#![allow(dead_code, reason = "each test crate uses its part")]
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may panic, and read their files")]

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde_json::Value;
use sluice_channels::alipay::{Alipay, AlipayAccount};
use sluice_channels::protocol::{CreateOrder, HttpResponse, Lookup, PayoutOrder, RefundOrder};
use sluice_core::money::{Amount, Currency};
use sluice_core::order::{Method, Payee};
use sluice_core::time::Timestamp;

pub(crate) const GATEWAY: &str = "https://gateway.example/gateway.do";
pub(crate) const APP_ID: &str = "2021000199990001";
pub(crate) const SELLER_ID: &str = "2088102146225135";
pub(crate) const NUMBER: &str = "rch_02p";
/// Alipay's own number of the payment.
pub(crate) const TRADE: &str = "2026112422001444100011";
/// Alipay's own number of the payout.
pub(crate) const TRANSFER: &str = "20261124110070001506660034123456";
/// 2026-11-24 10:20:30 in Beijing.
pub(crate) const NOW: Timestamp = Timestamp(1_795_486_830_000);

pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

pub(crate) fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The account whose keys a vector file holds.
pub(crate) fn account(vectors: &Value) -> AlipayAccount {
    AlipayAccount {
        gateway_url: GATEWAY.to_owned(),
        app_id: APP_ID.to_owned(),
        seller_id: SELLER_ID.to_owned(),
        private_key_pem: SecretString::from(vectors["app_private_key_pkcs8"].as_str().unwrap()),
        provider_public_key_pem: vectors["alipay_public_key"].as_str().unwrap().to_owned(),
    }
}

pub(crate) fn alipay() -> Alipay {
    Alipay::new(account(&json(&folder("vectors/alipay.json")))).unwrap()
}

/// The committed messages by file name, sorted.
pub(crate) fn corpus() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = std::fs::read_dir(folder("corpus/alipay"))
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
        })
        .collect();
    all.sort();
    all
}

pub(crate) fn message(name: &str) -> Vec<u8> {
    std::fs::read(folder("corpus/alipay").join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

pub(crate) fn response(body: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse { status: 200, headers: Vec::new(), body: body.into() }
}

pub(crate) fn yuan(minor: i64) -> Amount {
    Amount::new(minor, Currency::CNY)
}

pub(crate) fn order(method: Method) -> CreateOrder {
    CreateOrder {
        channel_ref: NUMBER.to_owned(),
        amount: yuan(8888),
        subject: "充值 + 测试&=%".to_owned(),
        method,
        expires_at: Timestamp(NOW.0 + 7_200_999),
        notify_url: "https://wallet.example/notify/alipay".to_owned(),
        return_url: Some("https://shop.example/back?a=1&b=2".to_owned()),
    }
}

pub(crate) fn lookup(number: &str) -> Lookup {
    Lookup {
        channel_ref: number.to_owned(),
        channel_order_no: Some(TRADE.to_owned()),
        amount: yuan(8888),
        sent_at: NOW,
    }
}

/// A part of [`order`]'s payment.
pub(crate) fn refund() -> RefundOrder {
    RefundOrder {
        channel_ref: NUMBER.to_owned(),
        channel_order_no: Some(TRADE.to_owned()),
        refund_ref: "rfd_01p".to_owned(),
        amount: yuan(880),
        paid: yuan(8888),
        reason: String::new(),
        sent_at: NOW,
    }
}

pub(crate) fn payee(account: &str, name: &str) -> Payee {
    Payee::Alipay { account: account.to_owned(), name: name.to_owned() }
}

pub(crate) fn payout() -> PayoutOrder {
    PayoutOrder {
        channel_ref: "wdr_01p".to_owned(),
        channel_order_no: None,
        amount: yuan(8800),
        payee: payee("zhang.san@example.cn", "张三"),
        title: "提现".to_owned(),
        sent_at: NOW,
    }
}

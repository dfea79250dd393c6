//! Orders of every kind, in every end that the books know. The merchant's numbers say what became of them.

use serde_json::{Value, json};
use sluice_sim::client::{Merchant, Money, NewRecharge, NewRefund, NewTrade, NewWithdrawal, Order, Party};
use sluice_sim::control::{Act, Action, Control};
use sluice_sim::provider::Plan;
use sluice_sim::provider::course::Outcome;
use sluice_sim::stand::Stand;

use crate::support::{SOON, programs, until};

/// The provider is asked often, so that nothing has to be waited for.
pub(crate) const SETTINGS: [&str; 2] = [
    r#"channels.alipay.requery_schedule=["300ms","300ms","1s","2s"]"#,
    r#"channels.alipay.payout_watch=["1s","3s","3s","3s"]"#,
];

struct Scene<'a> {
    stand: &'a Stand,
    merchant: Merchant,
    control: Control,
}

pub(crate) async fn write(stand: &Stand) {
    let scene = Scene { merchant: stand.merchant(0).await.unwrap(), control: stand.control(), stand };
    scene.fees().await;
    scene.recharges().await;
    scene.withdrawals().await;
    scene.trades().await;
    scene.refunds().await;
    scene.a_refund_of_suspense_under_way().await;
}

impl Scene<'_> {
    async fn fees(&self) {
        let client_id = self.merchant.client_id();
        for fee in [
            &["--type", "recharge", "--ppm", "6000", "--returned"][..],
            &["--type", "withdraw", "--fixed", "20"],
            &["--type", "trade", "--ppm", "10000", "--borne-by", "app", "--returned"],
        ] {
            let args = [&["app", "fee", client_id], fee].concat();
            assert!(self.stand.sluiced(&args).await.unwrap().status.success(), "{args:?}");
        }
    }

    async fn recharges(&self) {
        for number in ["R-1", "R-2"] {
            self.credited(number, 50_000).await;
        }
        for (number, decision) in [("S-applied", "apply"), ("S-kept", "keep"), ("S-refunded", "refund")] {
            let order = self.paid_twice(number).await;
            self.decide(&order, decision).await;
        }
        self.suspense_is("S-refunded", "refunded").await;
        self.paid_twice("S-open").await;
        // Late money that becomes the order's own payment.
        let order = self.recharge("S-late", 7_000).await;
        self.act(&order, Act { action: Action::Scan, ..Act::pay(None, Plan::Never) }).await;
        self.merchant.close_recharge(&order.order_id).await.unwrap();
        self.act(&order, Act::pay(None, Plan::Now)).await;
        self.suspense_is("S-late", "open").await;
        self.decide(&order, "apply").await;
        self.reaches(&order, &[4]).await;
        // Another amount than asked.
        let order = self.recharge("S-wrong", 6_000).await;
        self.act(&order, Act { amount_minor: Some(5_000), ..Act::pay(None, Plan::Now) }).await;
        self.suspense_is("S-wrong", "open").await;
    }

    /// The last digits are the provider's recipes.
    async fn withdrawals(&self) {
        for (number, minor, states) in [
            ("W-paid", 1_000, &[4][..]),
            ("W-returned", 1_092, &[6]),
            ("W-refused", 1_099, &[5]),
            ("W-open", 1_095, &[1, 2]),
        ] {
            let order = self.withdrawal(number, minor).await;
            self.reaches(&order, states).await;
        }
        // Paid out after two operators had said that it failed.
        for number in ["W-uncovered", "W-charged", "W-missing", "W-back", "W-charged-back"] {
            let order = self.withdrawal(number, 1_095).await;
            self.reaches(&order, &[1, 2]).await;
            self.resolved_as_failed(&order).await;
            self.reaches(&order, &[5]).await;
            self.control.payout_result(reference(&order), Outcome::Success, 0).await.unwrap();
            self.stand.sluice_json(&["order", "requery", &order.order_id]).await.unwrap();
            self.suspense_is(number, "open").await;
            match number {
                "W-charged" | "W-charged-back" => self.decide(&order, "apply").await,
                "W-missing" => self.decide(&order, "keep").await,
                _ => {}
            }
            if matches!(number, "W-back" | "W-charged-back") {
                self.control.payout_result(reference(&order), Outcome::Returned, 0).await.unwrap();
                self.stand.sluice_json(&["order", "requery", &order.order_id]).await.unwrap();
            }
        }
        self.suspense_is("W-back", "refunded").await;
    }

    async fn trades(&self) {
        let (app, u2) = (Party::app, || Party::user("u2"));
        for trade in [
            NewTrade::direct("T-app", "u1", app(), 3_000),
            NewTrade::direct("T-user", "u1", u2(), 2_000),
            NewTrade::authorise("T-held", "u1", app(), 1_500),
            NewTrade::authorise("T-captured", "u1", u2(), 1_600),
            NewTrade::authorise("T-void", "u1", app(), 1_700),
        ] {
            let order = self.merchant.create_trade(&trade).await.unwrap();
            match trade.merchant_order_no.as_str() {
                "T-captured" => {
                    self.merchant.capture(&order.order_id, Some(Money::cny(600))).await.unwrap();
                }
                "T-void" => {
                    self.merchant.void(&order.order_id).await.unwrap();
                }
                _ => {}
            }
        }
    }

    async fn refunds(&self) {
        let paid = self.merchant.recharges("merchant_order_no=R-1").await.unwrap().items.remove(0).order_id;
        for (number, minor, states) in
            [("F-done", 10_000, &[4][..]), ("F-failed", 1_099, &[5]), ("F-open", 2_095, &[0, 1, 2])]
        {
            let refund = self.merchant.refund(&paid, &NewRefund::new(number, minor)).await.unwrap();
            self.reaches(&refund, states).await;
        }
        let trade = self.merchant.trades("merchant_order_no=T-user").await.unwrap().items.remove(0).order_id;
        self.merchant.refund(&trade, &NewRefund::new("F-trade", 500)).await.unwrap();
    }

    /// The provider answers no refund from here on.
    async fn a_refund_of_suspense_under_way(&self) {
        let order = self.paid_twice("S-refunding").await;
        let fault = json!([{ "channel": "alipay", "op": "refund", "fault": "http_500" }]);
        self.control.faults(fault).await.unwrap();
        self.decide(&order, "refund").await;
        self.suspense_is("S-refunding", "refunding").await;
    }

    async fn recharge(&self, number: &str, minor: i64) -> Order {
        self.merchant.create_recharge(&NewRecharge::new(number, minor)).await.unwrap()
    }

    async fn withdrawal(&self, number: &str, minor: i64) -> Order {
        self.merchant.create_withdrawal(&NewWithdrawal::new(number, minor)).await.unwrap()
    }

    async fn credited(&self, number: &str, minor: i64) -> Order {
        let order = self.recharge(number, minor).await;
        self.act(&order, Act::pay(None, Plan::Now)).await;
        self.reaches(&order, &[4]).await
    }

    /// Credited, and paid once more.
    async fn paid_twice(&self, number: &str) -> Order {
        let order = self.credited(number, 4_000).await;
        self.act(&order, Act { again: true, ..Act::pay(None, Plan::Now) }).await;
        self.suspense_is(number, "open").await;
        order
    }

    async fn act(&self, order: &Order, act: Act) {
        let act = Act { payment: order.payment.clone(), ..act };
        self.control.act(reference(order), &act).await.unwrap();
    }

    async fn reaches(&self, order: &Order, states: &[i64]) -> Order {
        until("the order's state", SOON, async || {
            let now = self.merchant.again(order).await.map_err(|error| error.to_string())?;
            if states.contains(&now.state) { Ok(now) } else { Err(format!("{now:?}")) }
        })
        .await
    }

    async fn suspense_is(&self, number: &str, state: &str) -> Value {
        until("the money in suspense", SOON, async || {
            let all = self.stand.sluice_json(&["desk", "list", "--all"]).await.map_err(|e| e.to_string())?;
            let rows = all.as_array().unwrap();
            let row = rows.iter().find(|row| row["merchant_order_no"] == number && row["state"] == state);
            row.cloned().ok_or_else(|| format!("{number} is not {state}: {all}"))
        })
        .await
    }

    /// One operator decides: the sums are small.
    async fn decide(&self, order: &Order, decision: &str) {
        let row = self.suspense_is(&order.merchant_order_no, "open").await;
        let key = row["key"].as_str().unwrap();
        let args =
            ["desk", "decide", &order.order_id, key, "--decision", decision, "--reason", "a test", "--yes"];
        let done = self.stand.sluice_json(&args).await.unwrap();
        assert_eq!(done["decided"], true, "{done}");
    }

    /// Two operators say the same.
    async fn resolved_as_failed(&self, order: &Order) {
        let args =
            ["payout", "resolve", &order.order_id, "--outcome", "failed", "--bill-line", "not on the bill"];
        let args = [&args[..], &["--reason", "a test", "--yes"]].concat();
        assert_eq!(self.stand.sluice_json(&args).await.unwrap()["resolved"], false);
        let added = self.stand.sluiced(&["operator", "add", "second", "--role", "operator", "--json"]).await;
        let added: Value = serde_json::from_slice(&added.unwrap().stdout).unwrap();
        let token = self.stand.dir().join("second.token");
        std::fs::write(&token, added["token"].as_str().unwrap()).unwrap();
        let mut second = tokio::process::Command::new(programs().join("sluice"));
        second.args(args).arg("--json").envs(&self.stand.file().env).env("SLUICE_TOKEN_FILE", &token);
        let output = second.output().await.unwrap();
        let done: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        assert_eq!(done["resolved"], true, "{done}");
    }
}

fn reference(order: &Order) -> &str {
    order.channel_ref.as_deref().unwrap_or_default()
}

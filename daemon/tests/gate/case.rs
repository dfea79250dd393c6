//! A hostile request, what is to be answered, and the sending.

use sluice_core::code::{Signed as SignedBy, TABLE};
use sluice_sim::client::{
    Exchange, Merchant, NewRecharge, NewRefund, NewTrade, NewWithdrawal, Party, Request, Signed,
};
use sluice_sim::stand::Stand;
use sqlx::{Connection as _, SqliteConnection};

use crate::support::raw;

/// Everybody who takes part.
pub(crate) struct World {
    pub(crate) stand: Stand,
    /// The app that is attacked, and one of its orders.
    pub(crate) a: Merchant,
    pub(crate) order_a: String,
    /// A recharge that is paid, a withdrawal that is paid out, a hold, a settled trade and a refund of it.
    pub(crate) paid_a: String,
    pub(crate) withdrawal_a: String,
    pub(crate) held_a: String,
    pub(crate) trade_a: String,
    pub(crate) refund_a: String,
    /// Another app, and one of its orders.
    pub(crate) b: Merchant,
    pub(crate) order_b: String,
    pub(crate) callback_b: String,
    /// An app that may do nothing but withdraw.
    pub(crate) denied: Merchant,
    /// An app whose key was revoked.
    pub(crate) revoked: Merchant,
    /// A token that was revoked.
    pub(crate) revoked_token: String,
    /// A creation that was carried out; somebody has recorded it.
    pub(crate) recorded: Signed,
    /// A read that was answered; somebody has recorded it.
    pub(crate) recorded_read: Signed,
}

impl World {
    pub(crate) async fn new(stand: Stand) -> Self {
        let (a, b) = (stand.merchant(0).await.unwrap(), stand.merchant(1).await.unwrap());
        let recorded = a.request("POST", "/v1/recharges").json(&NewRecharge::new("W-1", 100)).sign().unwrap();
        let order: serde_json::Value = recorded.send().await.unwrap().into_verified().unwrap();
        let order_a = order["order_id"].as_str().unwrap().to_owned();
        let recorded_read = a.request("GET", &format!("/v1/recharges/{order_a}")).sign().unwrap();
        let paid = b.create_recharge(&NewRecharge::new("W-2", 200)).await.unwrap();
        stand.control().pay(&paid, sluice_sim::provider::Plan::Now).await.unwrap();
        let paid = stand.wait_for_state(&b, &paid.order_id, &[4], crate::SOON).await.unwrap();
        let callback_b = paid.more["callbacks"][0]["callback_id"].as_str().unwrap().to_owned();

        let revoked = stand.merchant(2).await.unwrap();
        let args =
            ["merchant-key", "revoke", revoked.client_id(), revoked.key_id(), "--reason", "a test", "--yes"];
        stand.sluice_json(&args).await.unwrap();
        let thief = stand.merchant(3).await.unwrap();
        let revoked_token = thief.token().unwrap().expose().to_owned();
        stand
            .sluice_json(&["tokens", "revoke", thief.client_id(), "--reason", "a test", "--yes"])
            .await
            .unwrap();
        let denied = stand.merchant(4).await.unwrap();
        // No command takes an order type from an app yet.
        let mut hand = SqliteConnection::connect(&stand.file().store).await.unwrap();
        let deny = sqlx::query("UPDATE app SET order_types = 'withdraw' WHERE client_id = $1");
        deny.bind(denied.client_id()).execute(&mut hand).await.unwrap();
        let money = Money::of(&stand, &a).await;
        // Every password is used once before rows are counted: its first use is noted.
        for word in ["/v1/balances", "/v1/withdrawals"] {
            a.request("GET", word).send().await.unwrap();
        }
        Self {
            stand,
            a,
            order_a,
            paid_a: money.recharge,
            withdrawal_a: money.withdrawal,
            held_a: money.held,
            trade_a: money.trade,
            refund_a: money.refund,
            b,
            order_b: paid.order_id,
            callback_b,
            denied,
            revoked,
            revoked_token,
            recorded,
            recorded_read,
        }
    }

    /// A read by the attacked app, to be made wrong.
    pub(crate) fn get(&self) -> Request {
        self.a.request("GET", &format!("/v1/recharges/{}", self.order_a))
    }

    /// A creation by the attacked app, to be made wrong: carried out, it would be seen in the books.
    pub(crate) fn post(&self) -> Request {
        self.a.request("POST", "/v1/recharges").json(&NewRecharge::new("HOSTILE", 100))
    }

    /// A creation with this body.
    pub(crate) fn post_body(&self, body: impl Into<Vec<u8>>) -> Request {
        self.a.request("POST", "/v1/recharges").body(body)
    }
}

/// Orders of an app that has some money, at rest.
struct Money {
    recharge: String,
    withdrawal: String,
    held: String,
    trade: String,
    refund: String,
}

impl Money {
    async fn of(stand: &Stand, a: &Merchant) -> Self {
        let recharge = a.create_recharge(&NewRecharge::new("W-money", 10_000)).await.unwrap();
        stand.control().pay(&recharge, sluice_sim::provider::Plan::Now).await.unwrap();
        stand.wait_for_state(a, &recharge.order_id, &[4], crate::SOON).await.unwrap();
        let withdrawal = a.create_withdrawal(&NewWithdrawal::new("W-out", 1_000)).await.unwrap();
        let held = a.create_trade(&NewTrade::authorise("W-held", "u1", Party::app(), 1_000)).await.unwrap();
        let trade = a.create_trade(&NewTrade::direct("W-trade", "u1", Party::app(), 1_000)).await.unwrap();
        let refund = a.refund(&trade.order_id, &NewRefund::new("W-refund", 100)).await.unwrap();
        for order in [&withdrawal, &trade, &refund] {
            crate::until("its callback is acknowledged", crate::SOON, async || {
                let now = a.again(order).await.map_err(|error| error.to_string())?;
                let delivered = now.more["callbacks"][0]["state"] == "delivered";
                if delivered { Ok(()) } else { Err(format!("{now:?}")) }
            })
            .await;
        }
        Self {
            recharge: recharge.order_id,
            withdrawal: withdrawal.order_id,
            held: held.order_id,
            trade: trade.order_id,
            refund: refund.order_id,
        }
    }
}

type Make<T> = Box<dyn Fn(&World) -> T + Send + Sync>;

enum Attack {
    Signed(Make<Signed>),
    Wire(Make<Vec<u8>>),
}

/// One row of the table.
pub(crate) struct Case {
    pub(crate) name: String,
    attack: Attack,
    status: u16,
    /// Empty: no error; the body is what it is.
    code: &'static str,
    quick: bool,
    /// How many answers come back on the connection.
    answers: usize,
}

/// A request of a merchant's client with something wrong in it.
pub(crate) fn case(
    name: impl Into<String>,
    (status, code): (u16, &'static str),
    make: impl Fn(&World) -> Request + Send + Sync + 'static,
) -> Case {
    altered(name, (status, code), make, |_| {})
}

/// The same, with something changed after signing.
pub(crate) fn altered(
    name: impl Into<String>,
    (status, code): (u16, &'static str),
    make: impl Fn(&World) -> Request + Send + Sync + 'static,
    change: impl Fn(&mut Signed) + Send + Sync + 'static,
) -> Case {
    let sign = move |world: &World| {
        let mut signed = make(world).sign().unwrap();
        change(&mut signed);
        signed
    };
    Case { name: name.into(), attack: Attack::Signed(Box::new(sign)), status, code, quick: true, answers: 1 }
}

/// A request that somebody has recorded.
pub(crate) fn recorded(
    name: &str,
    (status, code): (u16, &'static str),
    which: impl Fn(&World) -> &Signed + Send + Sync + 'static,
) -> Case {
    let attack = Attack::Signed(Box::new(move |world| which(world).clone()));
    Case { name: name.to_owned(), attack, status, code, quick: true, answers: 1 }
}

/// Bytes on a connection. Status 0: the connection is closed without an answer.
pub(crate) fn wire(
    name: impl Into<String>,
    (status, code): (u16, &'static str),
    make: impl Fn(&World) -> Vec<u8> + Send + Sync + 'static,
) -> Case {
    Case { name: name.into(), attack: Attack::Wire(Box::new(make)), status, code, quick: true, answers: 1 }
}

impl Case {
    /// Takes long or moves much: sent once, not over and over.
    pub(crate) fn once(mut self) -> Self {
        self.quick = false;
        self
    }

    /// So many answers come back, not one.
    pub(crate) fn answers(mut self, answers: usize) -> Self {
        self.answers = answers;
        self
    }

    pub(crate) fn is_quick(&self) -> bool {
        self.quick
    }

    /// Sends it, and says what is wrong with the answer.
    pub(crate) async fn send(&self, world: &World) -> Result<(), String> {
        match &self.attack {
            Attack::Signed(make) => {
                let answer = make(world).send().await.map_err(|error| error.to_string())?;
                self.judge(answer.status, answer.error_code().unwrap_or_default(), &answer)
            }
            Attack::Wire(make) => {
                let answer = raw::exchange(&world.stand.file().api, &make(world)).await;
                let status = raw::status(&answer).unwrap_or(0);
                if status != self.status || (!self.code.is_empty() && !answer.contains(self.code)) {
                    let start: String = answer.chars().take(600).collect();
                    return Err(format!("wanted {} {}, got {start:?}", self.status, self.code));
                }
                let answers = answer.matches("HTTP/1.").count();
                if status != 0 && answers != self.answers {
                    return Err(format!("{answers} answers instead of {}: {answer}", self.answers));
                }
                if !self.code.is_empty() && answer.contains("sluice-signature") {
                    return Err("signed, though nothing was verified".to_owned());
                }
                Ok(())
            }
        }
    }

    fn judge(&self, status: u16, code: String, answer: &Exchange) -> Result<(), String> {
        if (status, code.as_str()) != (self.status, self.code) {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(format!("wanted {} {}, got {status} {body}", self.status, self.code));
        }
        let must = TABLE.iter().find(|row| row.name == code).map_or(SignedBy::Yes, |row| row.signed);
        let verified = answer.verify();
        match must {
            SignedBy::No if answer.is_signed() => Err("signed, though nothing was verified".to_owned()),
            SignedBy::Yes => verified.map_err(|why| format!("after the signature, and {why}")),
            SignedBy::Either if answer.is_signed() => verified.map_err(|why| why.to_string()),
            _ => Ok(()),
        }
    }
}

//! What waits for people: money in suspense, and payouts that one operator has resolved.

use sluice_proto::v1 as pb;

use super::layer::Layer;
use super::list::Row;
use super::{State, View};

/// A row of the desk.
#[derive(Clone, Debug, PartialEq)]
pub struct DeskRow {
    id: String,
    /// What it is.
    pub item: DeskItem,
}

/// What waits for people, or waited.
#[derive(Clone, Debug, PartialEq)]
pub enum DeskItem {
    /// Money in suspense.
    Suspense(Box<pb::Suspense>),
    /// A payout that one operator has resolved and another has to.
    Payout(Box<pb::Proposal>),
}

impl DeskRow {
    /// The order whose money it is.
    pub fn order_id(&self) -> &str {
        match &self.item {
            DeskItem::Suspense(s) => &s.order_id,
            DeskItem::Payout(p) => &p.order_id,
        }
    }

    /// Whether somebody has to decide.
    pub fn is_waiting(&self) -> bool {
        match &self.item {
            DeskItem::Suspense(s) => waits(s),
            DeskItem::Payout(_) => true,
        }
    }

    /// What waits comes first, the oldest first; then what is decided, the newest first.
    pub fn rank(&self) -> i64 {
        /// Behind every time in milliseconds for some ten thousand years.
        const BEHIND: i64 = 1 << 50;
        match &self.item {
            DeskItem::Suspense(s) if waits(s) => s.at_ms,
            DeskItem::Suspense(s) => BEHIND - s.decided_at_ms.max(s.at_ms),
            DeskItem::Payout(p) => p.at_ms,
        }
    }
}

impl From<pb::Suspense> for DeskRow {
    fn from(s: pb::Suspense) -> Self {
        Self { id: format!("{} {}", s.order_id, s.key), item: DeskItem::Suspense(Box::new(s)) }
    }
}

impl From<pb::Proposal> for DeskRow {
    fn from(p: pb::Proposal) -> Self {
        Self { id: p.order_id.clone(), item: DeskItem::Payout(Box::new(p)) }
    }
}

impl Row for DeskRow {
    fn id(&self) -> &str {
        &self.id
    }

    fn haystack(&self) -> String {
        let parts: [&str; 8] = match &self.item {
            DeskItem::Suspense(s) => [
                &s.order_id,
                &s.key,
                &s.merchant_order_no,
                &s.client_id,
                &s.user_ref,
                &s.channel,
                &s.reason,
                &s.state,
            ],
            DeskItem::Payout(p) => [
                &p.order_id,
                &p.merchant_order_no,
                &p.client_id,
                &p.channel,
                &p.decision,
                &p.by,
                "payout",
                "proposed",
            ],
        };
        parts.join("\u{1f}").to_lowercase()
    }
}

/// Whether money in suspense can still be decided on.
pub fn waits(s: &pb::Suspense) -> bool {
    matches!(s.state.as_str(), "open" | "proposed")
}

/// What a decision would be about.
#[derive(Clone, Debug, PartialEq)]
pub enum Undecided {
    /// Money in suspense.
    Suspense(Box<pb::Suspense>),
    /// A payout whose outcome is unknown.
    Payout(Box<UnknownPayout>),
}

/// A payout whose outcome the channel does not tell.
#[derive(Clone, Debug, PartialEq)]
pub struct UnknownPayout {
    /// The withdrawal.
    pub order_id: String,
    /// Its number at the merchant.
    pub merchant_order_no: String,
    /// Where it was submitted.
    pub channel: String,
    /// The number that it has there, as far as it is known here.
    pub channel_ref: String,
    /// Who was to be paid, masked, as far as it is known here.
    pub payee: String,
    /// How much.
    pub amount: Option<pb::Money>,
    /// What one operator has said of it.
    pub waiting: Option<pb::Proposal>,
}

impl State {
    /// The desk's row that is looked at.
    pub fn target_desk_row(&self) -> Option<&DeskRow> {
        match self.top() {
            Some(Layer::Suspense(id)) => self.desk.get(id),
            Some(_) => None,
            None if self.view == View::Desk => self.desk.chosen(),
            None => None,
        }
    }

    /// What a decision would be about.
    ///
    /// # Errors
    /// Why there is nothing to decide here.
    pub fn undecided(&self) -> Result<Undecided, String> {
        if let Some(Layer::Order(pane)) = self.top() {
            let detail = pane.detail.as_ref().ok_or("the order is not loaded yet")?;
            return self.undecided_of(detail);
        }
        let row = self.target_desk_row().ok_or("nothing is chosen: Down or j chooses")?;
        match &row.item {
            DeskItem::Suspense(s) if waits(s) => Ok(Undecided::Suspense(s.clone())),
            DeskItem::Suspense(s) => Err(format!("it is decided: {}", s.state)),
            DeskItem::Payout(p) => Ok(Undecided::Payout(Box::new(UnknownPayout {
                order_id: p.order_id.clone(),
                merchant_order_no: p.merchant_order_no.clone(),
                channel: p.channel.clone(),
                channel_ref: String::new(),
                payee: String::new(),
                amount: p.amount.clone(),
                waiting: Some((**p).clone()),
            }))),
        }
    }

    /// What of an opened order waits for a decision.
    fn undecided_of(&self, detail: &pb::OrderDetail) -> Result<Undecided, String> {
        let order =
            detail.view.as_ref().and_then(|v| v.order.as_ref()).ok_or("the order is not loaded yet")?;
        let resolve = detail.actions.iter().find(|a| a.name == "resolve_payout");
        if resolve.is_some_and(|a| a.enabled) {
            return Ok(Undecided::Payout(Box::new(self.unknown_payout(order))));
        }
        let of_order = |row: &&DeskRow| row.order_id() == order.order_id;
        let open: Vec<&pb::Suspense> = self
            .desk
            .all()
            .filter(of_order)
            .filter_map(|row| match &row.item {
                DeskItem::Suspense(s) if waits(s) => Some(s.as_ref()),
                _ => None,
            })
            .collect();
        match (open.as_slice(), resolve) {
            ([one], _) => Ok(Undecided::Suspense(Box::new((*one).clone()))),
            ([], Some(action)) => Err(action.why_not.clone()),
            ([], None) => Err("nothing of this order waits for a decision".to_owned()),
            (several, _) => Err(format!("{} payments of this order wait: choose one in Desk", several.len())),
        }
    }

    fn unknown_payout(&self, order: &pb::Order) -> UnknownPayout {
        let waiting = self.desk.get(&order.order_id).and_then(|row| match &row.item {
            DeskItem::Payout(p) => Some((**p).clone()),
            DeskItem::Suspense(_) => None,
        });
        UnknownPayout {
            order_id: order.order_id.clone(),
            merchant_order_no: order.merchant_order_no.clone(),
            channel: order.channel.clone(),
            channel_ref: order.channel_ref.clone(),
            payee: order.payee.clone(),
            amount: order.amount.clone(),
            waiting,
        }
    }
}

//! What a key would act on, and whether it may. Both are asked by the keymap, so help and footer cannot lie.

use sluice_proto::v1 as pb;

use super::layer::Layer;
use super::link::LinkStatus;
use super::list::Row as _;
use super::{State, View};

/// A callback that a replay would send again.
#[derive(Clone, Debug, PartialEq)]
pub struct CallbackTarget {
    /// Which.
    pub callback_id: String,
    /// Its type.
    pub r#type: String,
    /// How far its delivery is.
    pub state: String,
    /// How often it was sent.
    pub attempts: u32,
    /// Where it goes, if that is known here.
    pub url: String,
    /// Its order.
    pub order_id: String,
    /// Its order's number at the merchant.
    pub merchant_order_no: String,
    /// The app.
    pub client_id: String,
    /// Its order's amount.
    pub amount: Option<pb::Money>,
}

/// The roles, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Sees.
    Viewer,
    /// Acts on orders, callbacks and money that waits.
    Operator,
    /// Acts on credentials.
    Admin,
}

impl Role {
    fn from_name(name: &str) -> Self {
        match name {
            "admin" => Self::Admin,
            "operator" => Self::Operator,
            _ => Self::Viewer,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

impl State {
    /// Whether an act that needs `role` may be asked for now. The daemon decides in the end; this says it sooner.
    ///
    /// # Errors
    /// Why not.
    pub fn may_act(&self, role: Role) -> Result<(), String> {
        if self.profile.read_only {
            return Err("this profile is read-only".to_owned());
        }
        match self.link.status {
            LinkStatus::Up => {}
            LinkStatus::Connecting => return Err("not connected yet".to_owned()),
            LinkStatus::Lost { .. } => return Err("no connection to the daemon".to_owned()),
        }
        let ours = self.link.hello.as_ref().map_or(Role::Viewer, |h| Role::from_name(&h.role));
        if ours < role {
            return Err(format!("needs the role {}; yours is {}", role.name(), ours.name()));
        }
        Ok(())
    }

    /// The order that a key acts on.
    pub fn target_order(&self) -> Option<String> {
        let id = match self.top() {
            Some(Layer::Order(pane)) => pane.order_id.clone(),
            Some(Layer::Callback(pane)) => pane.detail.as_ref()?.callback.as_ref()?.order_id.clone(),
            Some(Layer::Hits { list, .. }) => list.chosen_id()?.to_owned(),
            Some(_) => return None,
            None => match self.view {
                View::Orders => self.orders.chosen_id()?.to_owned(),
                View::Limbo => self.limbo.chosen_id()?.to_owned(),
                View::Callbacks => self.callbacks.chosen()?.order_id.clone(),
                _ => return None,
            },
        };
        Some(id)
    }

    /// The callback that a key acts on: the chosen one, or the newest of the chosen order that still counts.
    pub fn target_callback(&self) -> Option<CallbackTarget> {
        match self.top() {
            Some(Layer::Callback(pane)) => Some(of_callback(pane.detail.as_ref()?.callback.as_ref()?)),
            Some(Layer::Order(pane)) => {
                let detail = pane.detail.as_ref()?;
                let newest = detail.callbacks.iter().rev().find(|c| c.state != "superseded")?;
                Some(of_callback(newest))
            }
            Some(_) => None,
            None => match self.view {
                View::Callbacks => self.callbacks.chosen().map(of_callback),
                View::Orders => self.orders.chosen().and_then(of_order),
                View::Limbo => self.limbo.chosen().and_then(of_order),
                _ => None,
            },
        }
    }

    /// The app that a key acts on.
    pub fn target_app(&self) -> Option<&pb::App> {
        match self.top() {
            Some(Layer::App(id)) => self.apps.get(id),
            Some(_) => None,
            None if self.view == View::Apps => self.apps.chosen(),
            None => None,
        }
    }
}

fn of_callback(c: &pb::Callback) -> CallbackTarget {
    CallbackTarget {
        callback_id: c.callback_id.clone(),
        r#type: c.r#type.clone(),
        state: if c.stuck { "stuck".to_owned() } else { c.state.clone() },
        attempts: c.attempts,
        url: c.url.clone(),
        order_id: c.order_id.clone(),
        merchant_order_no: c.merchant_order_no.clone(),
        client_id: c.client_id.clone(),
        amount: c.amount.clone(),
    }
}

fn of_order(view: &pb::OrderView) -> Option<CallbackTarget> {
    let order = view.order.as_ref()?;
    let newest = order.callbacks.iter().rev().find(|c| c.state != "superseded")?;
    Some(CallbackTarget {
        callback_id: newest.callback_id.clone(),
        r#type: newest.r#type.clone(),
        state: newest.state.clone(),
        attempts: newest.attempts,
        url: String::new(),
        order_id: view.id().to_owned(),
        merchant_order_no: order.merchant_order_no.clone(),
        client_id: order.client_id.clone(),
        amount: order.amount.clone(),
    })
}

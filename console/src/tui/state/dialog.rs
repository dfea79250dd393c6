//! A question before an act: what it is about, what it will do, what has to be typed. Cancel has the focus first, and
//! Enter never leads from a field to the button that acts, so no held or doubled key can.

use std::time::Duration;

use sluice_proto::v1 as pb;

use super::input::Input;
use crate::cli::credentials::PasswordType;
use crate::cli::desk::Decision;
use crate::cli::payouts::Outcome;

/// A dialog on the screen.
#[derive(Clone, Debug)]
pub struct Dialog {
    /// What it will do.
    pub purpose: Purpose,
    /// What it is about: names and values.
    pub target: Vec<(&'static str, String)>,
    /// What will change whatever is filled in, a sentence each.
    pub effects: Vec<String>,
    /// What can be filled in.
    pub fields: Vec<Field>,
    /// What the daemon says of each decision that can be chosen: whether it may be, and what it would change.
    pub decisions: Vec<pb::Action>,
    /// Where the keys go.
    pub focus: Focus,
    /// Why the last press of the button did nothing.
    pub problem: Option<String>,
    /// The mutation's idempotency key; one dialog acts once.
    pub request_id: String,
}

/// The act behind a dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the ids of what is acted on")]
pub enum Purpose {
    /// Send a callback again.
    Replay { callback_id: String, order_id: String },
    /// Make new access passwords.
    Rotate { client_id: String },
    /// Decide on money in suspense.
    Decide { order_id: String, key: String },
    /// Say how a payout ended.
    Resolve { order_id: String },
}

/// Where the keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// The button that does nothing.
    Cancel,
    /// A field, by its place.
    Field(usize),
    /// The button that acts.
    Confirm,
}

/// Something to fill in.
#[derive(Clone, Debug)]
pub struct Field {
    /// Which.
    pub name: FieldName,
    /// What is in it.
    pub value: Value,
}

/// The fields that dialogs have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldName {
    /// Which password.
    Kind,
    /// What to do with money in suspense.
    Decision,
    /// How a payout ended.
    Outcome,
    /// What the provider's bill says of it.
    BillLine,
    /// Why, for the audit log.
    Reason,
    /// How long the former password is still accepted.
    Grace,
    /// Also refuse tokens.
    RevokeTokens,
    /// The typed confirmation.
    Confirmation,
}

/// A field's content.
#[derive(Clone, Debug)]
pub enum Value {
    /// One of the order types.
    Kind(PasswordType),
    /// What to do with money in suspense.
    Decision(Decision),
    /// How a payout or a refund ended.
    Outcome {
        /// As it stands.
        chosen: Outcome,
        /// What can be said of this order.
        of: [Outcome; 2],
    },
    /// Free text; `required` or not.
    Text {
        /// So far.
        input: Input,
        /// May not stay empty.
        required: bool,
    },
    /// For how long, if at all.
    Grace(Grace),
    /// Yes or no.
    Switch(bool),
    /// Text that must be one of these to go on.
    Typed {
        /// So far.
        input: Input,
        /// What counts; the first is shown.
        accepted: Vec<String>,
    },
}

/// How long requests with the former password are still accepted. An incident wants none; a planned change wants time
/// for the merchant to switch. The command takes any duration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the durations")]
pub enum Grace {
    #[default]
    None,
    TenMinutes,
    OneHour,
    OneDay,
}

impl Grace {
    const ALL: [Self; 4] = [Self::None, Self::TenMinutes, Self::OneHour, Self::OneDay];

    /// How long that is.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(match self {
            Self::None => 0,
            Self::TenMinutes => 10 * 60,
            Self::OneHour => 60 * 60,
            Self::OneDay => 24 * 60 * 60,
        })
    }

    /// As the choice reads.
    pub const fn words(self) -> &'static str {
        match self {
            Self::None => "refused at once",
            Self::TenMinutes => "accepted for 10 minutes",
            Self::OneHour => "accepted for an hour",
            Self::OneDay => "accepted for a day",
        }
    }
}

impl Dialog {
    /// What will change as the fields stand, a sentence each.
    pub fn consequences(&self) -> Vec<String> {
        let chosen = self.fields.iter().find_map(|field| match &field.value {
            Value::Decision(decision) => Some(
                self.decision(*decision).map_or_else(|why| format!("Not possible: {why}"), str::to_owned),
            ),
            Value::Outcome { chosen, .. } => Some(chosen.effect().to_owned()),
            _ => None,
        });
        let grace = match self.value(FieldName::Grace) {
            Some(Value::Grace(Grace::None)) => Some(
                "Requests signed with the old password are refused from that instant, without grace."
                    .to_owned(),
            ),
            Some(Value::Grace(grace)) => {
                Some(format!("Requests signed with the old password are still {}.", grace.words()))
            }
            _ => None,
        };
        chosen.into_iter().chain(grace).chain(self.effects.iter().cloned()).collect()
    }

    /// What a decision would change.
    ///
    /// # Errors
    /// Why it can't be taken.
    pub fn decision(&self, decision: Decision) -> Result<&str, &str> {
        match self.decisions.iter().find(|a| a.name == decision.name()) {
            Some(action) if action.enabled => Ok(&action.effect),
            Some(action) => Err(&action.why_not),
            None => Err("the daemon does not offer it"),
        }
    }

    /// The button's word.
    pub const fn verb(&self) -> &'static str {
        match self.purpose {
            Purpose::Replay { .. } => "Replay",
            Purpose::Rotate { .. } => "Rotate",
            Purpose::Decide { .. } => "Decide",
            Purpose::Resolve { .. } => "Resolve",
        }
    }

    /// The title.
    pub const fn title(&self) -> &'static str {
        match self.purpose {
            Purpose::Replay { .. } => "Replay a callback",
            Purpose::Rotate { .. } => "Rotate an access password",
            Purpose::Decide { .. } => "Decide on money in suspense",
            Purpose::Resolve { .. } => "Resolve a payout of unknown outcome",
        }
    }

    /// Moves the focus along Cancel, the fields, Confirm, and round.
    pub fn move_focus(&mut self, by: isize) {
        let stops = self.fields.len() + 2;
        let at = match self.focus {
            Focus::Cancel => 0,
            Focus::Field(i) => i + 1,
            Focus::Confirm => stops - 1,
        };
        let to = (at + stops).saturating_add_signed(by) % stops;
        self.focus = match to {
            0 => Focus::Cancel,
            to if to == stops - 1 => Focus::Confirm,
            to => Focus::Field(to - 1),
        };
    }

    /// Enter in a field goes on to the next field, and stays in the last: only Tab reaches the button.
    pub fn next_field(&mut self) {
        if let Focus::Field(i) = self.focus {
            self.focus = Focus::Field((i + 1).min(self.fields.len().saturating_sub(1)));
        }
    }

    /// The focused field.
    pub fn focused(&mut self) -> Option<&mut Field> {
        match self.focus {
            Focus::Field(i) => self.fields.get_mut(i),
            _ => None,
        }
    }

    /// A field's content by name.
    pub fn value(&self, name: FieldName) -> Option<&Value> {
        self.fields.iter().find(|f| f.name == name).map(|f| &f.value)
    }

    /// A text field's content, trimmed.
    pub fn text(&self, name: FieldName) -> String {
        match self.value(name) {
            Some(Value::Text { input, .. } | Value::Typed { input, .. }) => input.text().trim().to_owned(),
            _ => String::new(),
        }
    }

    /// What still keeps the button from acting.
    pub fn missing(&self) -> Option<String> {
        self.fields.iter().find_map(|field| match &field.value {
            Value::Text { input, required: true } if input.text().trim().is_empty() => Some(
                match field.name {
                    FieldName::BillLine => "the provider's bill line is needed: it is the evidence",
                    _ => "a reason is needed: it goes into the audit log",
                }
                .to_owned(),
            ),
            Value::Decision(decision) => {
                self.decision(*decision).err().map(|why| format!("{}: {why}", decision.name()))
            }
            Value::Typed { input, accepted } => {
                let typed = input.text().trim();
                let fits = accepted.iter().any(|a| a.eq_ignore_ascii_case(typed));
                (!fits).then(|| format!("type {} to confirm", accepted.first().map_or("", String::as_str)))
            }
            _ => None,
        })
    }
}

impl Value {
    /// Takes the next or former choice.
    pub fn turn(&mut self, by: isize) {
        match self {
            Self::Switch(on) => *on = !*on,
            Self::Kind(kind) => *kind = turned(&PasswordType::ALL, *kind, by),
            Self::Grace(grace) => *grace = turned(&Grace::ALL, *grace, by),
            Self::Decision(decision) => *decision = turned(&Decision::ALL, *decision, by),
            Self::Outcome { chosen, of } => *chosen = turned(of, *chosen, by),
            Self::Text { .. } | Self::Typed { .. } => {}
        }
    }

    /// The line that is typed into, if it is one.
    pub fn input(&mut self) -> Option<&mut Input> {
        match self {
            Self::Text { input, .. } | Self::Typed { input, .. } => Some(input),
            Self::Kind(_) | Self::Grace(_) | Self::Switch(_) | Self::Decision(_) | Self::Outcome { .. } => {
                None
            }
        }
    }
}

/// The choice so many places further, round.
fn turned<T: Copy + PartialEq>(all: &[T], from: T, by: isize) -> T {
    let at = all.iter().position(|one| *one == from).unwrap_or(0);
    all[(at + all.len()).saturating_add_signed(by) % all.len()]
}

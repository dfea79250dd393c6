//! What a verified request of a merchant brings into the transaction that acts on it.

use serde_json::{Value, json};

use super::draft::Draft;
use super::kind::Kind;
use crate::change::{CredentialCheck, Guard, Origin, Write};
use crate::time::Timestamp;

/// What a verified request of a merchant brings into the transaction that acts on it.
#[derive(Clone, Debug)]
pub struct Admission {
    /// What verified it; checked again in the transaction.
    pub check: CredentialCheck,
    /// Its nonce, spent with its effect.
    pub nonce: String,
    /// Until when the nonce is kept, by the request's own timestamp.
    pub nonce_until: Timestamp,
    /// The request's id, as in logs and errors.
    pub request_id: String,
    /// Further conditions, such as those of the risk rules.
    pub conditions: Vec<Guard>,
    /// What is written besides.
    pub writes: Vec<Write>,
}

impl Admission {
    /// The guards that go before all others: they say whether there was a request at all.
    pub fn guards(&self) -> Vec<Guard> {
        let client_id = self.check.client_id.clone();
        vec![
            Guard::Credentials(self.check.clone()),
            Guard::NonceUnused { client_id, nonce: self.nonce.clone() },
        ]
    }

    /// The nonce, spent.
    pub fn nonce_write(&self) -> Write {
        Write::Nonce {
            client_id: self.check.client_id.clone(),
            nonce: self.nonce.clone(),
            until: self.nonce_until,
        }
    }

    /// Puts the request into a decision: guards first, nonce, and the two lines of the timeline.
    pub(super) fn enter<K: Kind>(
        &self,
        draft: &mut Draft<'_, K>,
        kind: &'static str,
        summary: String,
        more: Value,
    ) {
        // The number's guard goes before conditions on money and limits: a repetition is answered, not judged anew.
        let mut guards = self.guards();
        guards.append(&mut draft.change.guards);
        guards.extend(self.conditions.iter().cloned());
        draft.change.guards = guards;
        draft.change.writes.push(self.nonce_write());
        draft.change.writes.extend(self.writes.iter().cloned());
        let mut detail = json!({"request_id": self.request_id});
        if let (Value::Object(detail), Value::Object(more)) = (&mut detail, more) {
            detail.extend(more);
        }
        draft.event(Origin::Api, kind, summary, None, detail);
        let check = &self.check;
        draft.event(
            Origin::Gate,
            "gate.accepted",
            format!("signed with key {}, password version {}", check.key_id, check.password_version),
            None,
            json!({"key_id": check.key_id, "password_version": check.password_version,
                   "order_type": check.order_type.name()}),
        );
    }
}

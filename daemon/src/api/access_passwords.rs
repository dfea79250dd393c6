//! `PUT /v1/access-passwords/{type}`: the merchant's own rotation.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sluice_core::code::ApiCode;
use sluice_core::json::parse_strict;

use super::answer::{Answer, Fault};
use super::fields::Fields;
use super::gate::Verified;
use super::orders::refused;
use crate::daemon::Daemon;
use crate::wallet::off_thread;
use crate::wallet::rotate::{self, MerchantRotation};

pub(super) async fn put(d: &Arc<Daemon>, v: &Verified, body: &[u8]) -> Result<Answer, Fault> {
    let value = parse_strict(body).map_err(|why| Fault::because(ApiCode::JsonInvalid, why))?;
    let mut fields = Fields::of(value)?;
    let wallet_key = fields.text("wallet_key", 1..=64)?;
    let ciphertext = fields.text("ciphertext", 1..=1024)?;
    fields.finish()?;

    let key = d.wallet_keys.get(&wallet_key).cloned();
    let key = key.ok_or_else(|| Fault::field("wallet_key", "no such wallet key"))?;
    let ciphertext =
        STANDARD.decode(ciphertext).map_err(|_| Fault::field("ciphertext", "not standard base64"))?;
    let label = format!("{}:{}", v.check.client_id, v.check.order_type);
    let opened = off_thread(move || key.open(&ciphertext, &label)).await.flatten();
    let chosen = opened.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()).ok_or_else(|| {
        Fault::field("ciphertext", "not encrypted to this key with this app's and type's label")
    })?;

    let admission = v.admission();
    let nonce = (admission.nonce, admission.nonce_until);
    match rotate::by_merchant(&d.store, &d.credentials, &v.check, nonce, chosen).await? {
        MerchantRotation::Done { version, password } => {
            let body = json!({"type": v.check.order_type.name(), "version": version});
            Ok(Answer::plain(200, body).signed_with(password))
        }
        MerchantRotation::Weak(weak) => Err(Fault::field("ciphertext", weak)),
        MerchantRotation::Refused(guard) => Err(refused(&guard)),
    }
}

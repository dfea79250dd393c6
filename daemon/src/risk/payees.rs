//! Payees on allow-lists: known by a keyed hash, so that the list holds no account in the clear.

use sluice_core::order::Payee;

use crate::wallet::vault::Vault;

/// What an app's list knows a payee by: its kind and account, not its name.
pub(crate) fn payee_key(vault: &Vault, client_id: &str, payee: &Payee) -> String {
    // No client id and no kind holds a colon, so that no two payees have one text.
    vault.digest(&format!("risk-payee:{client_id}:{}:{}", payee.kind().name(), payee.account()))
}

//! What a leak needs: rotation, revocation of a key and of tokens. Each holds from the moment that its call returns.

use sluice_proto::v1 as pb;
use sluice_sim::client::{Error, Merchant, NewRecharge, OrderType};
use sluice_sim::stand::Stand;
use tonic::Code;

use crate::client::{Ops, admin, refused};
use crate::support::stand;

fn rotation(client_id: &str, request_id: &str) -> pb::RotatePasswordRequest {
    pb::RotatePasswordRequest {
        request_id: request_id.to_owned(),
        client_id: client_id.to_owned(),
        r#type: "recharge".to_owned(),
        reason: "it was in a log".to_owned(),
        grace_ms: 0,
        revoke_tokens: false,
    }
}

/// Whether a request of the merchant is accepted; the code if not.
async fn tried(merchant: &Merchant, number: &str) -> Result<(), String> {
    match merchant.create_recharge(&NewRecharge::new(number, 100)).await {
        Ok(_) => Ok(()),
        Err(error) => Err(error.code().map(str::to_owned).unwrap_or_else(|| error.to_string())),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotated_password_is_refused_from_that_instant() {
    let stand = stand(&[]).await;
    let (merchant, mut ops) = (stand.merchant(0).await.unwrap(), admin(&stand).await);
    let client_id = merchant.client_id().to_owned();
    let old = merchant.password(OrderType::Recharge);
    tried(&merchant, "R-1").await.unwrap();

    for (ask, code, says) in [
        (
            pb::RotatePasswordRequest { reason: "  ".to_owned(), ..rotation(&client_id, "x") },
            Code::InvalidArgument,
            "reason",
        ),
        (
            pb::RotatePasswordRequest { reason: "a\nb".to_owned(), ..rotation(&client_id, "x") },
            Code::InvalidArgument,
            "reason",
        ),
        (
            pb::RotatePasswordRequest { request_id: String::new(), ..rotation(&client_id, "x") },
            Code::InvalidArgument,
            "request_id",
        ),
        (
            pb::RotatePasswordRequest { r#type: "refund".to_owned(), ..rotation(&client_id, "x") },
            Code::InvalidArgument,
            "type",
        ),
        (
            pb::RotatePasswordRequest { grace_ms: 86_400_001, ..rotation(&client_id, "x") },
            Code::InvalidArgument,
            "24 hours",
        ),
        (rotation("app_nobody", "x"), Code::NotFound, "no app"),
    ] {
        refused(ops.rotate_password(ask).await, code, says);
    }
    tried(&merchant, "R-2").await.unwrap();

    let done = ops.rotate_password(rotation(&client_id, "rot-1")).await.unwrap().into_inner();
    let [new] = &done.passwords[..] else { panic!("{} passwords", done.passwords.len()) };
    assert_eq!((new.r#type.as_str(), new.version), ("recharge", 2));
    assert!(new.password.starts_with("spw_"));
    assert_eq!(tried(&merchant, "R-3").await, Err("signature_invalid".to_owned()));
    merchant.set_password(OrderType::Recharge, new.password.clone());
    tried(&merchant, "R-4").await.unwrap();

    // The answer was lost: the version again, the password never.
    let again = ops.rotate_password(rotation(&client_id, "rot-1")).await.unwrap().into_inner();
    assert_eq!((again.audit_seq, again.passwords[0].version), (done.audit_seq, 2));
    assert_eq!(again.passwords[0].password, "");
    tried(&merchant, "R-5").await.unwrap();

    // With a grace the former one is accepted beside the new one; the one before it is not.
    let grace = pb::RotatePasswordRequest { grace_ms: 60_000, ..rotation(&client_id, "rot-2") };
    let third = ops.rotate_password(grace).await.unwrap().into_inner().passwords.remove(0);
    tried(&merchant, "R-6").await.unwrap();
    merchant.set_password(OrderType::Recharge, third.password.clone());
    tried(&merchant, "R-7").await.unwrap();
    merchant.set_password(OrderType::Recharge, old);
    assert_eq!(tried(&merchant, "R-8").await, Err("signature_invalid".to_owned()));

    let all = pb::RotatePasswordRequest { r#type: "all".to_owned(), ..rotation(&client_id, "rot-3") };
    let all = ops.rotate_password(all).await.unwrap().into_inner().passwords;
    let versions: Vec<_> = all.iter().map(|p| (p.r#type.as_str(), p.version)).collect();
    assert_eq!(versions, [("recharge", 4), ("withdraw", 2), ("trade", 2)]);
    merchant.set_password(OrderType::Recharge, third.password.clone());
    assert_eq!(
        tried(&merchant, "R-9").await,
        Err("signature_invalid".to_owned()),
        "no grace was given this time"
    );

    // What is listed afterwards: versions and reasons, no password.
    let rows = ops.list_audit(pb::ListAuditRequest::default()).await.unwrap().into_inner().items;
    let row = rows.iter().find(|r| r.request_id == "rot-1").unwrap();
    assert_eq!(
        (row.action.as_str(), row.target.as_str(), row.role.as_str()),
        ("password.rotate", client_id.as_str(), "admin")
    );
    assert_eq!((row.reason.as_str(), row.seq), ("it was in a log", done.audit_seq));
    assert!(row.before_json.contains("1") && row.after_json.contains("\"version\":2"), "{row:?}");
    let apps = ops.list_apps(pb::ListAppsRequest::default()).await.unwrap().into_inner();
    let everything = format!("{rows:?}{apps:?}");
    for secret in all.iter().map(|p| &p.password).chain([&third.password, &new.password]) {
        assert!(!everything.contains(secret.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_key_and_revoked_tokens_are_refused_from_that_instant() {
    let stand = stand(&[]).await;
    let mut ops = admin(&stand).await;
    revoke_tokens(&stand, &mut ops).await;
    revoke_key(&stand, &mut ops).await;
}

async fn revoke_tokens(stand: &Stand, ops: &mut Ops) {
    let merchant = stand.merchant(0).await.unwrap();
    tried(&merchant, "T-1").await.unwrap();
    let ask = |request_id: &str, client_id: &str| pb::RevokeTokensRequest {
        request_id: request_id.to_owned(),
        client_id: client_id.to_owned(),
        reason: "a laptop is gone".to_owned(),
    };
    let done = ops.revoke_tokens(ask("t-1", merchant.client_id())).await.unwrap().into_inner();
    assert!(done.revoked >= 1);
    assert_eq!(tried(&merchant, "T-2").await, Err("token_invalid".to_owned()));
    merchant.login().await.unwrap();
    tried(&merchant, "T-3").await.unwrap();
    // The same request again revokes nothing that was given out since.
    let again = ops.revoke_tokens(ask("t-1", merchant.client_id())).await.unwrap().into_inner();
    assert_eq!(again, done);
    tried(&merchant, "T-4").await.unwrap();
    refused(ops.revoke_tokens(ask("t-2", "app_nobody")).await, Code::NotFound, "no app");
    let silent = pb::RevokeTokensRequest { reason: String::new(), ..ask("t-3", merchant.client_id()) };
    refused(ops.revoke_tokens(silent).await, Code::InvalidArgument, "reason");
}

async fn revoke_key(stand: &Stand, ops: &mut Ops) {
    let merchant = stand.merchant(1).await.unwrap();
    tried(&merchant, "K-1").await.unwrap();
    let ask = |request_id: &str, key_id: &str| pb::RevokeMerchantKeyRequest {
        request_id: request_id.to_owned(),
        client_id: merchant.client_id().to_owned(),
        key_id: key_id.to_owned(),
        reason: "found in a repository".to_owned(),
    };
    refused(ops.revoke_merchant_key(ask("k-0", "key_x")).await, Code::NotFound, "no such key");
    let done = ops.revoke_merchant_key(ask("k-1", merchant.key_id())).await.unwrap().into_inner();
    let key = done.key.clone().unwrap();
    assert_eq!((key.state.as_str(), key.revoked_at_ms > 0), ("revoked", true));
    let error = merchant.create_recharge(&NewRecharge::new("K-2", 100)).await.unwrap_err();
    assert!(
        matches!(&error, Error::Unverified { code: Some(code), .. } if code == "signature_invalid"),
        "{error}"
    );
    let again = ops.revoke_merchant_key(ask("k-1", merchant.key_id())).await.unwrap().into_inner();
    assert_eq!(again, done);
    refused(
        ops.revoke_merchant_key(ask("k-2", merchant.key_id())).await,
        Code::FailedPrecondition,
        "was revoked",
    );
}

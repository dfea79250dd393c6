//! The audit log: its chain holds, and breaks when somebody changes a row by hand.

use std::str::FromStr as _;

use sluice_proto::v1 as pb;
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use crate::client::{admin, complete};
use crate::support::stand;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_is_changed_by_hand_breaks_the_chain() {
    let stand = stand(&[]).await;
    let (merchant, mut ops) = (stand.merchant(0).await.unwrap(), admin(&stand).await);
    let order = complete(&stand, &merchant, "A-1").await;
    for n in 0..3 {
        let request_id = format!("a-{n}");
        let ask = pb::RequeryRequest { request_id, order_id: order.order_id.clone(), wait_ms: 0 };
        ops.requery(ask).await.unwrap();
    }
    let whole = ops.verify_audit(pb::VerifyAuditRequest {}).await.unwrap().into_inner();
    assert!(whole.ok && whole.entries >= 4 && whole.broken_at == 0, "{whole:?}");

    // Two pages, newest first, together the whole log.
    let first =
        ops.list_audit(pb::ListAuditRequest { limit: 2, ..Default::default() }).await.unwrap().into_inner();
    let ask = pb::ListAuditRequest { cursor: first.next_cursor.clone(), limit: 500 };
    let rest = ops.list_audit(ask).await.unwrap().into_inner();
    let seqs: Vec<_> = first.items.iter().chain(&rest.items).map(|r| r.seq).collect();
    let last = i64::try_from(whole.entries).unwrap();
    assert_eq!(seqs, (1..=last).rev().collect::<Vec<_>>());
    assert_eq!(
        (first.items[0].action.as_str(), first.items[0].request_id.as_str()),
        ("order.requery", "a-2")
    );

    let options = SqliteConnectOptions::from_str(&stand.file().store).unwrap();
    let mut db = SqliteConnection::connect_with(&options).await.unwrap();
    let broken = async |db: &mut SqliteConnection, sql: &'static str| {
        sqlx::query(sql).execute(db).await.unwrap();
        let mut ops = admin(&stand).await;
        ops.verify_audit(pb::VerifyAuditRequest {}).await.unwrap().into_inner()
    };
    let changed = broken(&mut db, "UPDATE audit SET target = 'another' WHERE seq = 3").await;
    assert_eq!((changed.ok, changed.broken_at, changed.entries), (false, 3, 2));
    let removed = broken(&mut db, "DELETE FROM audit WHERE seq = 3").await;
    assert_eq!((removed.ok, removed.broken_at), (false, 4));
    let first_gone = broken(&mut db, "DELETE FROM audit WHERE seq = 1").await;
    assert_eq!((first_gone.ok, first_gone.broken_at), (false, 2));
}

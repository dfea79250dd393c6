//! What must stay as it is when a request is refused.

use crate::support::database::Database;
use crate::support::scene::Scene;

/// Everything that there is of the users whose names begin so, row by row.
const ROWS: &str = "\
    WITH mine AS (SELECT * FROM orders WHERE client_id = $1 AND user_ref LIKE $2 || '%') \
    SELECT order_id || ' row ' || row_version || ' state ' || state || ' version ' || state_version FROM mine \
    UNION ALL SELECT account || ' ' || currency || ' ' || balance FROM account \
        WHERE account LIKE 'user:' || $1 || ':' || $2 || '%' \
    UNION ALL SELECT 'journal ' || journal_id FROM journal JOIN mine USING (order_id) \
    UNION ALL SELECT 'callback ' || callback_id FROM callback JOIN mine USING (order_id) \
    UNION ALL SELECT 'task ' || t.kind || ' ' || t.subject FROM task t JOIN mine ON mine.order_id = t.subject \
        WHERE t.kind <> 'watch' ORDER BY 1";

/// The rows of some users of an app, as they were.
pub(crate) struct Unchanged {
    users: &'static str,
    rows: Vec<String>,
}

impl Unchanged {
    /// The rows of the users whose names begin with `users`.
    pub(crate) async fn of(scene: &Scene, users: &'static str) -> Self {
        Self { users, rows: rows(scene, users).await }
    }

    /// They are as they were.
    pub(crate) async fn still(self, scene: &Scene) {
        let now = rows(scene, self.users).await;
        let gone: Vec<_> = self.rows.iter().filter(|row| !now.contains(row)).collect();
        let new: Vec<_> = now.iter().filter(|row| !self.rows.contains(row)).collect();
        assert!(gone.is_empty() && new.is_empty(), "not any more: {gone:#?}, instead: {new:#?}");
    }
}

async fn rows(scene: &Scene, users: &str) -> Vec<String> {
    let db = Database::open(&scene.stand).await;
    db.texts_of(ROWS, &[scene.merchant.client_id(), users]).await
}

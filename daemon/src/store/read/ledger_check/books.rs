//! The ledger by itself: journals sum to zero, balances are their lines, the chart is kept.

/// In the order in which they are asked.
pub(super) const CHECKS: [&str; 6] = [JOURNALS, LINES, BALANCES, OF_NO_ACCOUNT, CHART, TOTALS];

/// A journal sums to zero, in its one currency.
const JOURNALS: &str = "\
    SELECT 'journal ' || journal_id || coalesce(' of ' || j.order_id || ' (' || j.kind || ')', '') || \
      CASE WHEN p.total IS NULL THEN ' is not balanced: it has no lines' \
           WHEN j.order_id IS NULL THEN ' is not there, and has lines' \
           WHEN p.total <> 0 THEN ' is not balanced: it sums to ' || p.total || ', not to zero' \
           ELSE ' has lines in another currency than its own' END \
    FROM (SELECT journal_id, sum(minor) AS total, min(currency) AS lowest, max(currency) AS highest \
          FROM posting GROUP BY journal_id) p FULL JOIN journal j USING (journal_id) \
    WHERE p.total IS NOT 0 OR p.lowest IS NOT j.currency OR p.highest IS NOT j.currency ORDER BY journal_id";

/// A line leaves the balance that the one before it left, and its own sum.
const LINES: &str = "\
    SELECT 'line ' || posting_id || ' of ' || account || ' (' || currency || ') leaves ' || balance_after || \
      ' after ' || before || ' and ' || gain FROM ( \
      SELECT p.posting_id, p.account, p.currency, p.balance_after, \
        CASE a.side WHEN 'debit' THEN p.minor ELSE -p.minor END AS gain, \
        coalesce((SELECT b.balance_after FROM posting b WHERE b.account = p.account AND b.currency = p.currency \
          AND b.posting_id < p.posting_id ORDER BY b.posting_id DESC LIMIT 1), 0) AS before \
      FROM account a CROSS JOIN posting p ON p.account = a.account AND p.currency = a.currency) \
    WHERE balance_after <> before + gain";

/// An account holds what its last line left.
const BALANCES: &str = "\
    SELECT account || ' (' || currency || ') holds ' || balance || ', its lines come to ' || last FROM ( \
      SELECT a.account, a.currency, a.balance, \
        coalesce((SELECT p.balance_after FROM posting p WHERE p.account = a.account AND p.currency = a.currency \
          ORDER BY p.posting_id DESC LIMIT 1), 0) AS last FROM account a) \
    WHERE balance <> last";

/// A line is of an account.
const OF_NO_ACCOUNT: &str = "\
    SELECT 'there are lines of ' || account || ', which is no account' \
    FROM (SELECT account FROM posting GROUP BY account) p \
    WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.account = p.account)";

/// An account is one of the chart, stands on its side, and is guarded as the chart says.
const CHART: &str = "\
    SELECT account || ' (' || currency || ') is a ' || CASE guarded WHEN 0 THEN 'free ' ELSE 'guarded ' END || side || \
      ' account, the chart has it otherwise' FROM account \
    WHERE side || ' ' || guarded IS NOT \
      CASE WHEN account GLOB 'user:?*:?*:available' OR account GLOB 'user:?*:?*:held' \
             OR account GLOB 'app:?*:settlement' OR account GLOB 'app:?*:held' THEN 'credit 1' \
           WHEN account IN ('fee:service', 'suspense') THEN 'credit 0' \
           WHEN account GLOB 'channel:?*:clearing' OR account GLOB 'channel:?*:fee' \
             OR account GLOB 'app:?*:fees_due' THEN 'debit 0' END";

/// Debits equal credits in each currency.
const TOTALS: &str = "\
    SELECT 'the trial balance of ' || currency || ' is ' || total || ', not zero' FROM ( \
      SELECT currency, sum(CASE side WHEN 'debit' THEN balance ELSE -balance END) AS total \
      FROM account GROUP BY currency) \
    WHERE total <> 0";

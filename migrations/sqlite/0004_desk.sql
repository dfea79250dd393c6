-- What operators decide about money, and what waits for a second of them.

ALTER TABLE suspense ADD COLUMN decided_by TEXT NOT NULL DEFAULT '[]';        -- the operators that decided, a JSON array
ALTER TABLE suspense ADD COLUMN decided_reason TEXT;                          -- why, in the last one's words

-- Decisions of one operator that wait for the same from another. What has ended meanwhile counts no more.
CREATE TABLE proposal (
    kind         TEXT NOT NULL,           -- suspense or payout
    order_id     TEXT NOT NULL REFERENCES orders,
    key          TEXT NOT NULL,           -- which money in suspense; '' for a payout
    decision     TEXT NOT NULL,           -- apply, refund or keep; of a payout paid, refunded or failed
    bill_line    TEXT NOT NULL,           -- what the provider's bill says of a payout
    reason       TEXT NOT NULL,
    proposed_by  TEXT NOT NULL,           -- the operator
    proposed_at  INTEGER NOT NULL,
    PRIMARY KEY (kind, order_id, key)
) STRICT, WITHOUT ROWID;

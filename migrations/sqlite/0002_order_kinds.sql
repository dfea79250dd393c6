-- Orders of all kinds share their columns; what only one kind has stands in `details`.

-- note orders.kind: recharge, withdraw, trade or refund
-- note orders.user_ref: whose money it is
-- note orders.paid_at: when its money moved, by the channel's clock where there is one
-- note journal.kind: why, such as recharge_credit; docs/ledger.md lists them
-- note suspense.proposal: apply, refund or keep
-- note suspense.state: open, applied, refunding, refunded or kept
-- note task.kind: submit, requery, close, watch or callback
-- note task.lane: the channel or the endpoint that it loads, or the wallet itself
-- note evidence.op: create, query, close, payout, payout_query, refund, refund_query or notify
DROP INDEX orders_by_state;
DROP INDEX orders_by_app;
DROP INDEX orders_by_user;
DROP INDEX orders_unknown;

ALTER TABLE orders ADD COLUMN original_order_id TEXT REFERENCES orders;       -- refunds: what is refunded
ALTER TABLE orders ADD COLUMN details TEXT NOT NULL DEFAULT '{}';             -- what only its kind has, a JSON object
ALTER TABLE orders ADD COLUMN fee_bearer TEXT NOT NULL DEFAULT 'user';        -- user or app
ALTER TABLE orders ADD COLUMN fee_returnable INTEGER NOT NULL DEFAULT 0;      -- whether a refund gives its part of the fee back
ALTER TABLE orders ADD COLUMN refunds_open INTEGER NOT NULL DEFAULT 0;        -- refunds of it under way
ALTER TABLE orders ADD COLUMN refunds_failed INTEGER NOT NULL DEFAULT 0;      -- refunds of it that failed
ALTER TABLE orders ADD COLUMN refunding_minor INTEGER NOT NULL DEFAULT 0;     -- what those under way will give back
ALTER TABLE orders ADD COLUMN refunded_minor INTEGER NOT NULL DEFAULT 0 CHECK (refunded_minor >= 0 AND refunding_minor >= 0 AND refunded_minor + refunding_minor <= amount_minor);  -- what was given back
ALTER TABLE orders ADD COLUMN refund_fee_minor INTEGER NOT NULL DEFAULT 0;    -- the part of the fee that was returned or is promised
ALTER TABLE orders ADD COLUMN refund_next_at INTEGER;                         -- before this the channel is sent no further refund

UPDATE orders SET details = json_object(
    'subject', subject, 'method', method, 'return_url', return_url, 'payment', json(payment),
    'close_requested_at', CASE WHEN close_requested_at IS NULL THEN NULL
        ELSE strftime('%Y-%m-%dT%H:%M:%S', close_requested_at / 1000, 'unixepoch')
            || printf('.%03dZ', close_requested_at % 1000) END,
    'paid_ref', paid_ref, 'notified', json(CASE notified WHEN 0 THEN 'false' ELSE 'true' END));

-- No channel is needed by a trade, and not everything expires.
ALTER TABLE orders RENAME COLUMN channel TO channel_1;
ALTER TABLE orders RENAME COLUMN expires_at TO expires_at_1;
ALTER TABLE orders ADD COLUMN channel TEXT;                                   -- none: no channel is needed
ALTER TABLE orders ADD COLUMN expires_at INTEGER;                             -- until when it can be paid or captured
UPDATE orders SET channel = channel_1, expires_at = expires_at_1;
ALTER TABLE orders DROP COLUMN channel_1;
ALTER TABLE orders DROP COLUMN expires_at_1;
ALTER TABLE orders DROP COLUMN subject;
ALTER TABLE orders DROP COLUMN method;
ALTER TABLE orders DROP COLUMN return_url;
ALTER TABLE orders DROP COLUMN payment;
ALTER TABLE orders DROP COLUMN close_requested_at;
ALTER TABLE orders DROP COLUMN paid_ref;
ALTER TABLE orders DROP COLUMN notified;

-- The state that merchants see: refunds lend theirs to the order's own machine.
ALTER TABLE orders RENAME COLUMN state TO machine_state;
-- note orders.machine_state: the number of its own machine's state
ALTER TABLE orders ADD COLUMN state INTEGER GENERATED ALWAYS AS (
    CASE WHEN refunds_open > 0 THEN 61 WHEN refunded_minor > 0 THEN 62 WHEN refunds_failed > 0 THEN 63
         ELSE machine_state END) VIRTUAL;                                     -- the number that merchants see

-- Ids of one kind sort by time; without their prefix, those of all kinds do.
ALTER TABLE orders ADD COLUMN ulid TEXT GENERATED ALWAYS AS (substr(order_id, 5)) VIRTUAL;  -- the id without its kind

CREATE INDEX orders_newest ON orders (ulid);
CREATE INDEX orders_by_state ON orders (state, ulid);
CREATE INDEX orders_by_app ON orders (client_id, ulid);
CREATE INDEX orders_by_app_kind ON orders (client_id, kind, ulid);
CREATE INDEX orders_by_user ON orders (client_id, user_ref, ulid);
CREATE INDEX orders_unknown ON orders (channel, unknown_since) WHERE unknown_since IS NOT NULL;
CREATE INDEX orders_by_original ON orders (original_order_id, order_id) WHERE original_order_id IS NOT NULL;

ALTER TABLE suspense ADD COLUMN decided_at INTEGER;                           -- when a person decided, or the decision was carried out
CREATE INDEX suspense_by_state ON suspense (state, created_at);

-- Whose money a refund takes where the user's does not suffice: nobody's (user), or the app's (user_then_app).
ALTER TABLE app ADD COLUMN refund_from TEXT NOT NULL DEFAULT 'user';          -- user or user_then_app

-- Our fees per app, order type and channel ('' for every channel), each from its start on.
CREATE TABLE tariff (
    client_id    TEXT NOT NULL REFERENCES app,
    order_type   TEXT NOT NULL,
    channel      TEXT NOT NULL,
    starts_at    INTEGER NOT NULL,
    ppm          INTEGER NOT NULL,  -- parts per million
    fixed_minor  INTEGER NOT NULL,
    min_minor    INTEGER NOT NULL,
    max_minor    INTEGER,
    bearer       TEXT NOT NULL,     -- user or app
    returned     INTEGER NOT NULL,  -- whether a refund gives its part back
    PRIMARY KEY (client_id, order_type, channel, starts_at)
) STRICT, WITHOUT ROWID;
INSERT INTO tariff (client_id, order_type, channel, starts_at, ppm, fixed_minor, min_minor, max_minor, bearer, returned)
    SELECT client_id, order_type, channel, 0, ppm, fixed_minor, min_minor, max_minor, 'user', 0 FROM fee_rule;
DROP TABLE fee_rule;

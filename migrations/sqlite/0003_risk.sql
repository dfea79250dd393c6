-- What apps and their users may begin.

-- Users of apps, each opened by the first order that named it.
CREATE TABLE app_user (
    client_id  TEXT NOT NULL REFERENCES app,
    user_ref   TEXT NOT NULL,
    state      TEXT NOT NULL,     -- normal, no_pay, no_withdraw or frozen
    opened_at  INTEGER NOT NULL,
    PRIMARY KEY (client_id, user_ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX app_user_not_normal ON app_user (client_id, user_ref) WHERE state <> 'normal';

INSERT INTO app_user (client_id, user_ref, state, opened_at)
    SELECT client_id, user_ref, 'normal', min(created_at) FROM (
        SELECT client_id, user_ref, created_at FROM orders
        UNION ALL
        SELECT client_id, details ->> '$.to_user_ref', created_at FROM orders
        WHERE kind = 'trade' AND details ->> '$.to_user_ref' IS NOT NULL)
    GROUP BY client_id, user_ref;

-- Apps, or single order types of them, that operators have stopped. Money under way settles all the same.
CREATE TABLE app_suspension (
    client_id     TEXT NOT NULL REFERENCES app,
    order_type    TEXT NOT NULL,  -- recharge, withdraw or trade; '' for the whole app
    suspended_at  INTEGER NOT NULL,
    suspended_by  TEXT NOT NULL,
    reason        TEXT NOT NULL,
    PRIMARY KEY (client_id, order_type)
) STRICT, WITHOUT ROWID;

-- Risk rules: one document per app that ever had any. Former ones stand in the audit log.
CREATE TABLE risk_rules (
    client_id   TEXT NOT NULL PRIMARY KEY REFERENCES app,
    version     INTEGER NOT NULL, -- grows with every change
    document    TEXT NOT NULL,    -- JSON; {} for no rules
    changed_at  INTEGER NOT NULL,
    changed_by  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Orders created per day, counted where a daily rule exists, in the transactions that create them.
CREATE TABLE risk_usage (
    day           INTEGER NOT NULL, -- days since 1970-01-01 at the configured offset
    client_id     TEXT NOT NULL,
    order_type    TEXT NOT NULL,
    user_ref      TEXT NOT NULL,  -- '' for the whole app
    currency      TEXT NOT NULL,
    amount_minor  INTEGER NOT NULL,
    orders        INTEGER NOT NULL,
    PRIMARY KEY (day, client_id, order_type, user_ref, currency)
) STRICT, WITHOUT ROWID;

-- Payees that an app's withdrawals may go to, where its rules ask for a list.
CREATE TABLE risk_payee (
    client_id  TEXT NOT NULL REFERENCES app,
    payee_key  TEXT NOT NULL,     -- keyed hash of the payee's kind and account
    masked     TEXT NOT NULL,     -- for people
    added_at   INTEGER NOT NULL,  -- the rule's waiting time begins here
    added_by   TEXT NOT NULL,
    PRIMARY KEY (client_id, payee_key)
) STRICT, WITHOUT ROWID;

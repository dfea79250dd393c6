-- Times are milliseconds since the Unix epoch, amounts integers of minor units, ids texts.
-- A comment above a table or beside a column is its documentation: docs/database.md is made from this file.

-- A company that integrates (接入方).
CREATE TABLE merchant (
    merchant_id  TEXT NOT NULL PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    status       TEXT NOT NULL,     -- active or suspended
    created_at   INTEGER NOT NULL
) STRICT;

-- One integration of a merchant (应用). Users and money of two apps never mix.
CREATE TABLE app (
    client_id      TEXT NOT NULL PRIMARY KEY,
    merchant_id    TEXT NOT NULL REFERENCES merchant,
    name           TEXT NOT NULL,
    secret_digest  TEXT NOT NULL,   -- SHA-256 of the client_secret (256 random bits), hex
    callback_url   TEXT,            -- where callbacks go if an order names no URL
    status         TEXT NOT NULL,   -- active or suspended
    order_types    TEXT NOT NULL,   -- the order types it may use, separated by spaces
    created_at     INTEGER NOT NULL
) STRICT;

-- Tokens that apps were given; only their digests.
CREATE TABLE access_token (
    token_digest  TEXT NOT NULL PRIMARY KEY,  -- SHA-256 of the token, hex
    client_id     TEXT NOT NULL REFERENCES app,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    revoked_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX access_token_by_app ON access_token (client_id, expires_at);
CREATE INDEX access_token_by_age ON access_token (expires_at);

-- Merchants' public keys. Several of one app may be active at once.
CREATE TABLE merchant_key (
    client_id    TEXT NOT NULL REFERENCES app,
    key_id       TEXT NOT NULL,
    spki_der     BLOB NOT NULL,
    fingerprint  TEXT NOT NULL,     -- SHA-256 of the SPKI DER, hex
    bits         INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    not_after    INTEGER,
    revoked_at   INTEGER,
    PRIMARY KEY (client_id, key_id)
) STRICT, WITHOUT ROWID;

-- Access passwords (接入密码) by app, order type and version; the highest version is the current one.
CREATE TABLE access_password (
    client_id    TEXT NOT NULL REFERENCES app,
    order_type   TEXT NOT NULL,     -- recharge, withdraw or trade
    version      INTEGER NOT NULL,
    sealed       BLOB NOT NULL,     -- AEAD under the master key, bound to app, type and version
    digest       TEXT NOT NULL,     -- keyed hash, to refuse reuse
    created_at   INTEGER NOT NULL,
    current      INTEGER NOT NULL,  -- 1 for the current version, else 0
    grace_until  INTEGER,           -- a former version is accepted in requests until then
    last_used_at INTEGER,           -- when a request last verified with it, to the minute
    PRIMARY KEY (client_id, order_type, version)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX access_password_current ON access_password (client_id, order_type) WHERE current = 1;

-- The wallet's own key pairs (钱包公钥/私钥).
CREATE TABLE wallet_key (
    key_id               TEXT NOT NULL PRIMARY KEY,
    sealed               BLOB NOT NULL,     -- PKCS#8, AEAD under the master key, bound to the key id
    spki_pem             TEXT NOT NULL,
    not_before           INTEGER NOT NULL,
    not_after            INTEGER,
    former_key_id        TEXT,              -- the key that announced this one
    former_signature     TEXT,              -- its signature over the announcement, base64
    created_at           INTEGER NOT NULL
) STRICT;

-- Our fees per app, order type and channel ('' for every channel).
CREATE TABLE fee_rule (
    client_id    TEXT NOT NULL REFERENCES app,
    order_type   TEXT NOT NULL,
    channel      TEXT NOT NULL,
    ppm          INTEGER NOT NULL,  -- parts per million
    fixed_minor  INTEGER NOT NULL,
    min_minor    INTEGER NOT NULL,
    max_minor    INTEGER,
    PRIMARY KEY (client_id, order_type, channel)
) STRICT, WITHOUT ROWID;

-- Orders of every kind.
CREATE TABLE orders (
    order_id            TEXT NOT NULL PRIMARY KEY,
    kind                TEXT NOT NULL,      -- recharge
    client_id           TEXT NOT NULL REFERENCES app,
    merchant_order_no   TEXT NOT NULL,
    user_ref            TEXT NOT NULL,
    amount_minor        INTEGER NOT NULL CHECK (amount_minor > 0),
    currency            TEXT NOT NULL,
    fee_minor           INTEGER NOT NULL CHECK (fee_minor >= 0),
    subject             TEXT NOT NULL,
    method              TEXT NOT NULL,
    channel             TEXT NOT NULL,
    notify_url          TEXT,
    return_url          TEXT,
    metadata            TEXT NOT NULL,      -- a JSON object of texts
    content_digest      TEXT NOT NULL,      -- of what was asked for: the same number with another is a conflict
    state               INTEGER NOT NULL,   -- the number that merchants see
    closed_reason       TEXT,
    state_version       INTEGER NOT NULL,   -- grows with what merchants can see
    row_version         INTEGER NOT NULL,   -- grows with every write
    flags               TEXT NOT NULL,      -- a JSON array of texts
    payment             TEXT,               -- what the payer is shown, JSON
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    paid_at             INTEGER,            -- by the channel's clock
    expires_at          INTEGER NOT NULL,
    close_requested_at  INTEGER,
    paid_ref            TEXT,               -- the channel's payment number that was credited
    notified            INTEGER NOT NULL,   -- whether the channel's notification ever came
    unknown_since       INTEGER,            -- open, and without a usable answer since then
    UNIQUE (client_id, kind, merchant_order_no)
) STRICT;
CREATE INDEX orders_by_state ON orders (state, order_id);
CREATE INDEX orders_by_app ON orders (client_id, order_id);
CREATE INDEX orders_by_user ON orders (client_id, user_ref, order_id);
CREATE INDEX orders_by_merchant_no ON orders (merchant_order_no);
CREATE INDEX orders_unknown ON orders (channel, unknown_since) WHERE unknown_since IS NOT NULL;

-- Tries of orders at channels.
CREATE TABLE attempt (
    order_id          TEXT NOT NULL REFERENCES orders,
    no                INTEGER NOT NULL,   -- 1 for the first
    channel           TEXT NOT NULL,
    channel_ref       TEXT NOT NULL,      -- the number that we sent
    channel_order_no  TEXT,               -- the provider's own
    state             TEXT NOT NULL,      -- sending, accepted or refused
    sends             INTEGER NOT NULL,   -- how often the creation was sent
    queries           INTEGER NOT NULL,   -- how often it was asked for by schedule
    sent_at           INTEGER NOT NULL,
    answered_at       INTEGER,            -- the last usable answer
    presence          TEXT,               -- what it said
    unknown_since     INTEGER,
    code              TEXT NOT NULL,      -- the last answer's raw code
    message           TEXT NOT NULL,      -- and message
    PRIMARY KEY (order_id, no)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX attempt_by_ref ON attempt (channel_ref, channel);
CREATE INDEX attempt_by_channel_no ON attempt (channel_order_no) WHERE channel_order_no IS NOT NULL;

-- Ledger accounts and their balances, each on its own normal side.
CREATE TABLE account (
    account   TEXT NOT NULL,              -- such as user:app_…:u1:available
    currency  TEXT NOT NULL,
    side      TEXT NOT NULL,              -- debit or credit
    guarded   INTEGER NOT NULL,           -- 1: never below zero
    balance   INTEGER NOT NULL,
    PRIMARY KEY (account, currency),
    CHECK (guarded = 0 OR balance >= 0)
) STRICT, WITHOUT ROWID;

-- Journals: balanced sets of postings. Unique per order and reason, so that a replay posts nothing.
CREATE TABLE journal (
    journal_id  INTEGER PRIMARY KEY,
    order_id    TEXT NOT NULL REFERENCES orders,
    kind        TEXT NOT NULL,            -- recharge_credit, recharge_suspense
    key         TEXT NOT NULL,            -- '' where an order has one of the kind; else what tells them apart
    currency    TEXT NOT NULL,
    at          INTEGER NOT NULL,
    UNIQUE (order_id, kind, key)
) STRICT;

-- Lines of journals (流水), with the account's balance after them.
CREATE TABLE posting (
    posting_id     INTEGER PRIMARY KEY,
    journal_id     INTEGER NOT NULL REFERENCES journal,
    account        TEXT NOT NULL,
    currency       TEXT NOT NULL,
    minor          INTEGER NOT NULL,      -- debit positive, credit negative
    balance_after  INTEGER NOT NULL       -- on the account's normal side
) STRICT;
CREATE INDEX posting_by_journal ON posting (journal_id);
CREATE INDEX posting_by_account ON posting (account, posting_id);

-- Money that belongs to nobody yet, with a proposal.
CREATE TABLE suspense (
    order_id      TEXT NOT NULL REFERENCES orders,
    key           TEXT NOT NULL,          -- the channel's payment number
    channel       TEXT NOT NULL,
    amount_minor  INTEGER NOT NULL,
    currency      TEXT NOT NULL,
    reason        TEXT NOT NULL,
    proposal      TEXT NOT NULL,          -- apply or refund
    state         TEXT NOT NULL,          -- open
    created_at    INTEGER NOT NULL,
    evidence_id   TEXT,                   -- the exchange that proves it
    PRIMARY KEY (order_id, key)
) STRICT, WITHOUT ROWID;

-- What merchants are told, fixed when the fact happened.
CREATE TABLE callback (
    callback_id      TEXT NOT NULL PRIMARY KEY,
    order_id         TEXT NOT NULL REFERENCES orders,
    client_id        TEXT NOT NULL,
    kind             TEXT NOT NULL,       -- such as recharge.paid
    url              TEXT NOT NULL,
    endpoint         TEXT NOT NULL,       -- scheme://host:port of the URL
    body             TEXT NOT NULL,       -- the exact bytes
    state            TEXT NOT NULL,       -- pending, delivered, stuck or superseded
    attempts         INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    ended_at         INTEGER,             -- delivered or superseded
    schedule_from    INTEGER NOT NULL,    -- attempts made before the schedule last began anew
    last_attempt_at  INTEGER,
    last_status      INTEGER,
    last_error       TEXT NOT NULL,       -- class of the last failure, '' for none
    last_detail      TEXT NOT NULL,
    replay_by        TEXT NOT NULL        -- who asked for the next attempt, '' for the schedule
) STRICT;
CREATE INDEX callback_by_order ON callback (order_id, created_at);
CREATE INDEX callback_undelivered ON callback (callback_id, state, created_at, attempts)
    WHERE state IN ('pending', 'stuck');

-- Each sending of a callback.
CREATE TABLE callback_attempt (
    callback_id       TEXT NOT NULL REFERENCES callback,
    no                INTEGER NOT NULL,
    at                INTEGER NOT NULL,
    latency_ms        INTEGER NOT NULL,
    status            INTEGER,
    error             TEXT NOT NULL,      -- '' when acknowledged
    detail            TEXT NOT NULL,
    body              BLOB NOT NULL,      -- at most the first 1 KiB of the answer
    key_id            TEXT NOT NULL,
    password_version  INTEGER NOT NULL,
    by                TEXT NOT NULL,      -- '' for the schedule
    PRIMARY KEY (callback_id, no)
) STRICT, WITHOUT ROWID;

-- Durable pieces of future work, written in the transaction that causes them.
CREATE TABLE task (
    kind         TEXT NOT NULL,           -- submit, requery, close or callback
    subject      TEXT NOT NULL,           -- the order's or the callback's id
    lane         TEXT NOT NULL,           -- the channel or the endpoint that it loads
    due_at       INTEGER NOT NULL,
    attempt      INTEGER NOT NULL,
    fence        INTEGER NOT NULL,        -- moves on with every lease and every change: a late worker writes nothing
    lease_owner  TEXT,
    lease_until  INTEGER,
    last_error   TEXT,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
-- By lane, first attempts before retries: however much of one lane is due, finding its next tasks takes no longer.
CREATE INDEX task_due ON task (lane, attempt > 0, due_at);

-- Facts in the order they became true: every order's timeline, and the live feed.
CREATE TABLE event (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL,
    origin       TEXT NOT NULL,           -- api, gate, channel, notification, observation, ledger, callback, operator, order
    kind         TEXT NOT NULL,
    summary      TEXT NOT NULL,
    order_id     TEXT,
    client_id    TEXT,
    evidence_id  TEXT,
    detail       TEXT NOT NULL            -- a JSON object
) STRICT;
CREATE INDEX event_by_order ON event (order_id, seq) WHERE order_id IS NOT NULL;
CREATE INDEX event_loose_by_age ON event (at) WHERE order_id IS NULL;

-- Exchanges with channels as raw bytes, AEAD under the master key, bound to the evidence id.
CREATE TABLE evidence (
    evidence_id  TEXT NOT NULL PRIMARY KEY,
    order_id     TEXT,
    channel      TEXT NOT NULL,
    op           TEXT NOT NULL,           -- create, query, close or notify
    at           INTEGER NOT NULL,
    latency_ms   INTEGER NOT NULL,
    http_status  INTEGER,
    request      BLOB NOT NULL,
    response     BLOB NOT NULL,
    error        TEXT NOT NULL
) STRICT;
CREATE INDEX evidence_by_age ON evidence (at);

-- Nonces of mutating requests, until the request's own timestamp is out of the window.
CREATE TABLE nonce (
    client_id  TEXT NOT NULL,
    nonce      TEXT NOT NULL,
    until      INTEGER NOT NULL,
    PRIMARY KEY (client_id, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX nonce_by_age ON nonce (until);

-- People at the console (值班工程师).
CREATE TABLE operator (
    name          TEXT NOT NULL PRIMARY KEY,
    role          TEXT NOT NULL,          -- viewer, operator or admin
    token_digest  TEXT NOT NULL UNIQUE,   -- SHA-256 of the token, hex
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER,
    disabled_at   INTEGER
) STRICT;

-- What operators did. Each row's hash covers the row and the hash before it.
CREATE TABLE audit (
    seq          INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,
    operator     TEXT NOT NULL,
    role         TEXT NOT NULL,
    action       TEXT NOT NULL,
    target       TEXT NOT NULL,
    reason       TEXT NOT NULL,
    before       TEXT NOT NULL,           -- a JSON object
    after        TEXT NOT NULL,           -- a JSON object
    request_id   TEXT NOT NULL,
    hash         TEXT NOT NULL,
    UNIQUE (operator, request_id)
) STRICT;

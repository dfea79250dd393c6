//! The stable error codes of the merchant API. `docs/errors.md` is made from this table.

/// A stable code, as in `{"error": {"code": …}}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described in TABLE")]
pub enum ApiCode {
    HeaderMalformed,
    TimestampOutOfWindow,
    BadTarget,
    JsonInvalid,
    TokenMissing,
    TokenInvalid,
    SignatureInvalid,
    AccessDenied,
    OrderNotFound,
    NotFound,
    RequestTimeout,
    OrderConflict,
    NonceReused,
    StateConflict,
    OrderPaid,
    BodyTooLarge,
    MediaType,
    FieldInvalid,
    ChannelUnknown,
    ChannelCannot,
    AmountBelowFee,
    Internal,
    ChannelUnavailable,
    ShuttingDown,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The code.
    pub code: ApiCode,
    /// As sent.
    pub name: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What it means.
    pub meaning: &'static str,
    /// What the caller does next.
    pub next: &'static str,
}

const fn row(
    code: ApiCode,
    name: &'static str,
    status: u16,
    meaning: &'static str,
    next: &'static str,
) -> Row {
    Row { code, name, status, meaning, next }
}

/// Every code.
pub const TABLE: &[Row] = {
    use ApiCode::*;
    &[
        row(
            HeaderMalformed,
            "header_malformed",
            400,
            "a signing header is missing, doubled or of the wrong form",
            "send each header once, in the form of the signing page",
        ),
        row(
            TimestampOutOfWindow,
            "timestamp_out_of_window",
            400,
            "`Sluice-Timestamp` is more than 300 s from our clock",
            "set your clock, sign anew",
        ),
        row(
            BadTarget,
            "bad_target",
            400,
            "path or query is not in its one canonical spelling",
            "send it as the signing page says",
        ),
        row(
            JsonInvalid,
            "json_invalid",
            400,
            "the body is not strict JSON: syntax, a doubled key, an unknown field, a float, or too deep",
            "mend the body",
        ),
        row(TokenMissing, "token_missing", 401, "no `Authorization: Bearer`", "fetch a token and send it"),
        row(
            TokenInvalid,
            "token_invalid",
            401,
            "the token, or the client's id and secret, are not valid (any more)",
            "fetch a new token",
        ),
        row(
            SignatureInvalid,
            "signature_invalid",
            401,
            "key id, key, password or text differ from what we have",
            "check which password version you use; compare your text with the signing page",
        ),
        row(
            AccessDenied,
            "access_denied",
            403,
            "the app, its merchant or this order type is not allowed",
            "ask the operator",
        ),
        row(OrderNotFound, "order_not_found", 404, "this app has no such order", "check the number"),
        row(NotFound, "not_found", 404, "no such path or thing", "check path and method"),
        row(
            RequestTimeout,
            "request_timeout",
            408,
            "the request did not arrive whole in time",
            "send it again, signed anew",
        ),
        row(
            OrderConflict,
            "order_conflict",
            409,
            "`merchant_order_no` stands for another order already",
            "use a new number for a new order",
        ),
        row(
            NonceReused,
            "nonce_reused",
            409,
            "this nonce was used by an earlier request",
            "sign anew with a fresh nonce; the earlier request may have had its effect",
        ),
        row(StateConflict, "state_conflict", 409, "the order's state does not allow it", "look at the order"),
        row(OrderPaid, "order_paid", 409, "the order is paid, and can't be closed", "look at the order"),
        row(BodyTooLarge, "body_too_large", 413, "the body is over 256 KiB", "send less"),
        row(
            MediaType,
            "media_type",
            415,
            "a `Content-Encoding`, or a body that is not `application/json`",
            "send plain JSON",
        ),
        row(
            FieldInvalid,
            "field_invalid",
            422,
            "a field's value is missing or not allowed; the message names the field",
            "mend the field",
        ),
        row(
            ChannelUnknown,
            "channel_unknown",
            422,
            "no such channel",
            "use a channel that the operator told you, or none",
        ),
        row(
            ChannelCannot,
            "channel_cannot",
            422,
            "the channel does not have this method, currency or act",
            "choose another method or channel",
        ),
        row(AmountBelowFee, "amount_below_fee", 422, "the amount does not cover the fee", "raise the amount"),
        row(
            Internal,
            "internal",
            500,
            "a fault of ours, never the effect of an input",
            "ask again with the same `merchant_order_no`",
        ),
        row(
            ChannelUnavailable,
            "channel_unavailable",
            503,
            "the channel can't be reached now",
            "ask again later with the same `merchant_order_no`",
        ),
        row(
            ShuttingDown,
            "shutting_down",
            503,
            "this daemon is stopping",
            "ask again with the same `merchant_order_no`",
        ),
    ]
};

impl ApiCode {
    /// The code's row.
    pub fn row(self) -> &'static Row {
        // Every variant has a row: held by the test below.
        TABLE.iter().find(|r| r.code == self).unwrap_or(&TABLE[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_exactly_one_row() {
        for row in TABLE {
            assert_eq!(
                TABLE.iter().filter(|r| r.name == row.name || r.code == row.code).count(),
                1,
                "{}",
                row.name
            );
            assert_eq!(row.code.row().name, row.name);
        }
        // The last variant is the last discriminant: a variant without a row would make the counts differ.
        assert_eq!(TABLE.len(), ApiCode::ShuttingDown as usize + 1);
    }
}

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
    BalanceInsufficient,
    RefundExceeds,
    UserForbidden,
    RiskRefused,
    RateLimited,
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
    /// Whether the answer is signed.
    pub signed: Signed,
    /// The meaning in Chinese.
    pub meaning_zh: &'static str,
}

/// Whether an answer with a code is signed: an unsigned one proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// Never: answered before the request's signature is verified.
    No,
    /// On every signed path. (`POST /v1/token` and notifications have no signatures at all.)
    Yes,
    /// By where it happens.
    Either,
}

impl Signed {
    const fn word(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Yes => "yes",
            Self::Either => "either",
        }
    }
}

const fn row(
    code: ApiCode,
    name: &'static str,
    status: u16,
    signed: Signed,
    [meaning, next, meaning_zh]: [&'static str; 3],
) -> Row {
    Row { code, name, status, meaning, next, signed, meaning_zh }
}

/// Every code.
pub const TABLE: &[Row] = {
    use ApiCode::*;
    &[
        row(
            HeaderMalformed,
            "header_malformed",
            400,
            Signed::No,
            [
                "a signing header is missing, doubled or of the wrong form",
                "send each header once, in the form of the signing page",
                "签名相关的请求头缺失、重复或格式不对",
            ],
        ),
        row(
            TimestampOutOfWindow,
            "timestamp_out_of_window",
            400,
            Signed::No,
            [
                "`Sluice-Timestamp` is more than 300 s from our clock",
                "set your clock, sign anew",
                "`Sluice-Timestamp` 与服务器时间相差超过 300 秒",
            ],
        ),
        row(
            BadTarget,
            "bad_target",
            400,
            Signed::No,
            [
                "path or query is not in its one canonical spelling",
                "send it as the signing page says",
                "路径或查询串不是唯一的规范写法",
            ],
        ),
        row(
            JsonInvalid,
            "json_invalid",
            400,
            Signed::Yes,
            [
                "the body is not strict JSON: syntax, a doubled key, an unknown field, a float, or too deep",
                "mend the body",
                "请求体不是严格的 JSON：语法错误、重复的键、未知字段、小数，或嵌套过深",
            ],
        ),
        row(
            TokenMissing,
            "token_missing",
            401,
            Signed::No,
            ["no `Authorization: Bearer`", "fetch a token and send it", "没有 `Authorization: Bearer`"],
        ),
        row(
            TokenInvalid,
            "token_invalid",
            401,
            Signed::No,
            [
                "the token, or the client's id and secret, are not valid (any more)",
                "fetch a new token",
                "令牌无效或已失效，或者 client_id 与 client_secret 不对",
            ],
        ),
        row(
            SignatureInvalid,
            "signature_invalid",
            401,
            Signed::No,
            [
                "key id, key, password or text differ from what we have",
                "check which password version you use; compare your text with the signing page",
                "密钥编号、密钥、接入密码或签名原文与我方不一致",
            ],
        ),
        row(
            AccessDenied,
            "access_denied",
            403,
            Signed::No,
            [
                "the app, its merchant or this order type is not allowed",
                "ask the operator",
                "应用、其商户或该订单类型未被允许",
            ],
        ),
        row(
            OrderNotFound,
            "order_not_found",
            404,
            Signed::Yes,
            ["this app has no such order", "check the number", "该应用没有这笔订单"],
        ),
        row(
            NotFound,
            "not_found",
            404,
            Signed::Either,
            ["no such path or thing", "check path and method", "没有这个路径或对象"],
        ),
        row(
            RequestTimeout,
            "request_timeout",
            408,
            Signed::No,
            [
                "the request did not arrive whole in time",
                "send it again, signed anew",
                "请求没有在规定时间内完整到达",
            ],
        ),
        row(
            OrderConflict,
            "order_conflict",
            409,
            Signed::Yes,
            [
                "`merchant_order_no` stands for another order already",
                "use a new number for a new order",
                "`merchant_order_no` 已用于另一笔订单",
            ],
        ),
        row(
            NonceReused,
            "nonce_reused",
            409,
            Signed::Yes,
            [
                "this nonce was used by an earlier request",
                "sign anew with a fresh nonce; the earlier request may have had its effect",
                "这个 nonce 已被先前的请求用过",
            ],
        ),
        row(
            StateConflict,
            "state_conflict",
            409,
            Signed::Yes,
            ["the order's state does not allow it", "look at the order", "订单当前状态不允许此操作"],
        ),
        row(
            OrderPaid,
            "order_paid",
            409,
            Signed::Yes,
            ["the order is paid, and can't be closed", "look at the order", "订单已支付，不能关闭"],
        ),
        row(
            BalanceInsufficient,
            "balance_insufficient",
            409,
            Signed::Yes,
            [
                "the account that pays does not have as much, our fee considered",
                "look at the balance; nothing was written, the number is free still",
                "付款账户余额不足（含手续费）",
            ],
        ),
        row(
            RefundExceeds,
            "refund_exceeds",
            409,
            Signed::Yes,
            [
                "with what is refunded and under way, more would go back than was paid",
                "refund less",
                "累计退款（含处理中）将超过已付金额",
            ],
        ),
        row(
            UserForbidden,
            "user_forbidden",
            403,
            Signed::Yes,
            [
                "the user's state does not allow this type of order",
                "ask us; nothing was written",
                "该用户的状态不允许此类订单",
            ],
        ),
        row(
            RiskRefused,
            "risk_refused",
            403,
            Signed::Yes,
            [
                "a rule agreed for the app refuses it; the message names the rule",
                "keep to the rule, or ask us to change it",
                "违反该应用的风控规则，消息中写明规则名",
            ],
        ),
        row(
            RateLimited,
            "rate_limited",
            429,
            Signed::Either,
            ["too many requests", "wait as long as `Retry-After` says, sign anew", "请求过于频繁"],
        ),
        row(
            BodyTooLarge,
            "body_too_large",
            413,
            Signed::No,
            ["the body is over 256 KiB", "send less", "请求体超过 256 KiB"],
        ),
        row(
            MediaType,
            "media_type",
            415,
            Signed::No,
            [
                "a `Content-Encoding`, or a body that is not `application/json`",
                "send plain JSON",
                "带有 `Content-Encoding`，或请求体不是 `application/json`",
            ],
        ),
        row(
            FieldInvalid,
            "field_invalid",
            422,
            Signed::Yes,
            [
                "a field's value is missing or not allowed; the message names the field",
                "mend the field",
                "某个字段缺失或取值不允许，消息中写明字段名",
            ],
        ),
        row(
            ChannelUnknown,
            "channel_unknown",
            422,
            Signed::Yes,
            ["no such channel", "use a channel that the operator told you, or none", "没有这个支付通道"],
        ),
        row(
            ChannelCannot,
            "channel_cannot",
            422,
            Signed::Yes,
            [
                "the channel does not have this method, currency or act",
                "choose another method or channel",
                "该通道不支持此支付方式、币种或操作",
            ],
        ),
        row(
            AmountBelowFee,
            "amount_below_fee",
            422,
            Signed::Yes,
            ["the amount does not cover the fee", "raise the amount", "金额不足以支付手续费"],
        ),
        row(
            Internal,
            "internal",
            500,
            Signed::Either,
            [
                "a fault of ours, never the effect of an input",
                "ask again with the same `merchant_order_no`",
                "我方故障，与请求内容无关",
            ],
        ),
        row(
            ChannelUnavailable,
            "channel_unavailable",
            503,
            Signed::Yes,
            [
                "the channel can't be reached now",
                "ask again later with the same `merchant_order_no`",
                "支付通道暂时无法连接",
            ],
        ),
        row(
            ShuttingDown,
            "shutting_down",
            503,
            Signed::No,
            ["this daemon is stopping", "ask again with the same `merchant_order_no`", "该服务实例正在停止"],
        ),
    ]
};

/// `docs/errors.md`: the table for people who write against the API.
pub fn markdown() -> String {
    let mut page = "# Error codes\n\n\
        <!-- Generated from daemon/core/src/code.rs: UPDATE=1 cargo test -p sluice-core --test docs -->\n\n\
        `{\"error\": {\"code\", \"message\", \"request_id\"}}`. The code is stable, the message is for people; \
        `request_id` finds the request in our logs.\n\n\
        An answer that is not signed proves nothing, whatever its status: treat it as unknown, and ask again, signed \
        anew, with the same `merchant_order_no`. `POST /v1/token` and `GET /v1/wallet-keys` are never signed.\n\n\
        **错误码**：`code` 固定不变，`message` 供人阅读。没有签名的应答不能作为任何依据：视为结果未知，\
        用同一个 `merchant_order_no` 重新签名再问。\n\n\
        | status | code | signed | meaning | what to do | 含义 |\n| --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for row in TABLE {
        let (status, name, signed) = (row.status, row.name, row.signed.word());
        let (meaning, next, zh) = (row.meaning, row.next, row.meaning_zh);
        page.push_str(&format!("| {status} | `{name}` | {signed} | {meaning} | {next} | {zh} |\n"));
    }
    page
}

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

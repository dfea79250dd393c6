#!/usr/bin/env python3
"""Writes corpus/alipay/: messages of Alipay's gateway, signed with the keys of vectors/alipay.json.

An implementation of its own (plain `cryptography`), so that the Rust code is not tested against itself.
PKCS#1 v1.5 is deterministic: running this again changes nothing unless the messages below change.

    python3 daemon/channels/corpus/make.py
"""
import base64, json, pathlib, urllib.parse
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

HERE = pathlib.Path(__file__).parent
OUT = HERE / "alipay"
KEYS = json.loads((HERE.parent / "vectors" / "alipay.json").read_text())
KEY = serialization.load_pem_private_key(KEYS["alipay_private_key_pkcs8"].encode(), None)
APP, SELLER = "2021000199990001", "2088102146225135"
NUMBER, TRADE = "rch_02p", "2026112422001444100011"


def sign(text: bytes) -> str:
    return base64.b64encode(KEY.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()


def write(name: str, data: bytes):
    (OUT / name).write_bytes(data)


def answer(name, node, fields, *, signed=True, between=b"", sent=None):
    """`fields` is a dict or raw bytes; `sent` goes out instead of what was signed."""
    raw = fields if isinstance(fields, bytes) else json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    tail = b',"sign":"%s"' % sign(raw).encode() if signed else b""
    write(name, b'{"%s":%s%s%s}' % (node.encode(), sent or raw, between, tail))


def notify(name, drop=(), empty=(), sign_empty=True, sent=None, **fields):
    all_fields = {
        "notify_time": "2026-11-24 10:21:00", "notify_type": "trade_status_sync",
        "notify_id": "2026112400222102100000001", "app_id": APP, "charset": "utf-8", "version": "1.0",
        "sign_type": "RSA2", "trade_no": TRADE, "out_trade_no": NUMBER, "trade_status": "TRADE_SUCCESS",
        "total_amount": "88.88", "buyer_id": "2088102122458832", "seller_id": SELLER,
        "gmt_create": "2026-11-24 10:20:40", "gmt_payment": "2026-11-24 10:20:59", "subject": "充值 + 测试％",
        "fund_bill_list": '[{"amount":"88.88","fundChannel":"ALIPAYACCOUNT"}]', **fields}
    for field in drop:
        del all_fields[field]
    text = "&".join(f"{k}={v}" for k, v in sorted(all_fields.items()) if k != "sign_type")
    if empty:
        all_fields.update({field: "" for field in empty})
        if sign_empty:
            text = "&".join(f"{k}={v}" for k, v in sorted(all_fields.items()) if k != "sign_type")
    all_fields["sign"] = sign(text.encode())
    all_fields.update(sent or {})
    write(name, urllib.parse.urlencode(all_fields).encode())


QUERY, CREATE, CLOSE = (f"alipay_trade_{op}_response" for op in ("query", "precreate", "close"))
REFUND, REFUND_QUERY = (f"alipay_trade_{op}_response" for op in ("refund", "fastpay_refund_query"))
PAYOUT, PAYOUT_QUERY = (f"alipay_fund_trans_{op}_response" for op in ("uni_transfer", "common_query"))
OK = {"code": "10000", "msg": "Success"}
TRADE_OK = {**OK, "buyer_logon_id": "abc***@x.com", "out_trade_no": NUMBER}
PAID = {**TRADE_OK, "send_pay_date": "2026-11-24 10:20:59", "total_amount": "88.88", "trade_no": TRADE,
        "trade_status": "TRADE_SUCCESS"}
WAITING = {**TRADE_OK, "buyer_pay_amount": "0.00", "receipt_amount": "0.00", "total_amount": "88.88",
           "trade_no": TRADE, "trade_status": "WAIT_BUYER_PAY"}


def refused(sub_code, sub_msg="交易失败", **more):
    return {"code": "40004", "msg": "Business Failed", "sub_code": sub_code, "sub_msg": sub_msg, **more}


OUT.mkdir(exist_ok=True)
for old in OUT.iterdir():
    old.unlink()

answer("query-paid.json", QUERY, PAID)
answer("query-waiting.json", QUERY, WAITING)
answer("query-finished.json", QUERY, {**PAID, "trade_status": "TRADE_FINISHED"})
answer("query-closed.json", QUERY, {**WAITING, "trade_status": "TRADE_CLOSED"})
answer("query-closed-after-payment.json", QUERY, {**PAID, "trade_status": "TRADE_CLOSED"})
answer("query-other-status.json", QUERY, {**WAITING, "trade_status": "TRADE_PENDING"})
answer("query-not-exist.json", QUERY, refused("ACQ.TRADE_NOT_EXIST", "交易不存在"))
answer("query-not-exist-with-zeros.json", QUERY,
       refused("ACQ.TRADE_NOT_EXIST", "交易不存在", buyer_pay_amount="0.00", out_trade_no=NUMBER, total_amount="0.00"))
answer("query-not-exist-gbk.json", QUERY,
       b'{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST","sub_msg":"%s"}' % "交易不存在".encode("gbk"))
answer("query-system-error.json", QUERY, refused("ACQ.SYSTEM_ERROR", "系统异常"))
answer("query-new-code.json", QUERY, refused("ACQ.SOMETHING_NEW"))
answer("query-unavailable.json", QUERY, {"code": "20000", "msg": "Service Currently Unavailable", "sub_code": "isp.unknow-error"})
answer("query-lone-brace.json", QUERY, {**PAID, "body": 'a} "sign":"x" {'})
answer("query-escapes.json", QUERY, json.dumps({**PAID, "body": 'a/b {"sign":"x"}'}).replace("/", "\\/").encode())
answer("query-certificate-number.json", QUERY, PAID, between=b',"alipay_cert_sn":"4538e7d2b1c1c2f0a5d1b6b8c2f0a5d1"')
answer("query-spaced.json", QUERY, json.dumps(PAID, indent=1).encode())
answer("query-other-number.json", QUERY, {**PAID, "out_trade_no": "rch_99"})
answer("query-without-number.json", QUERY, {k: v for k, v in PAID.items() if k != "out_trade_no"})
answer("query-without-amount.json", QUERY, {k: v for k, v in PAID.items() if k != "total_amount"})
answer("query-amount-is-a-number.json", QUERY, {**PAID, "total_amount": 88.88})
answer("query-field-twice.json", QUERY, json.dumps(PAID).replace("{", '{"total_amount":"0.01",', 1).encode())
answer("query-unsigned.json", QUERY, PAID, signed=False)
answer("query-tampered.json", QUERY, WAITING, sent=json.dumps(PAID, separators=(",", ":")).encode())
answer("query-too-frequent.json", QUERY,
       {"code": "40005", "msg": "Call Limited", "sub_code": "isv.app-call-limited", "sub_msg": "应用调用次数超限"})
answer("query-too-frequent-unsigned.json", QUERY,
       {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.method-call-limited"}, signed=False)
answer("query-invalid-signature-unsigned.json", QUERY,
       {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature", "sub_msg": "无效签名"}, signed=False)
answer("error-response.json", "error_response",
       {"code": "40003", "msg": "Insufficient Conditions", "sub_code": "isv.invalid-app-id", "sub_msg": "无效的AppID参数"}, signed=False)
answer("error-response-signed.json", "error_response", {"code": "20000", "msg": "Service Currently Unavailable"})
answer("error-response-of-a-fact.json", "error_response", PAID)
write("page-gbk.html", "<!DOCTYPE html><html><body>系统繁忙，请稍后再试</body></html>".encode("gbk"))
write("truncated.json", (OUT / "query-paid.json").read_bytes()[:150])
write("empty.json", b"")

QR = {**OK, "out_trade_no": NUMBER, "qr_code": "https://qr.alipay.com/bavh4wjlxf12tper3a"}
answer("create-accepted.json", CREATE, QR)
answer("create-without-code.json", CREATE, {k: v for k, v in QR.items() if k != "qr_code"})
answer("create-other-number.json", CREATE, {**QR, "out_trade_no": "rch_99"})
answer("create-over-limit.json", CREATE, refused("ACQ.TOTAL_FEE_EXCEED", "订单总金额不在允许范围内"))
answer("create-invalid.json", CREATE, refused("ACQ.INVALID_PARAMETER", "参数无效"))
answer("create-already-paid.json", CREATE, refused("ACQ.TRADE_HAS_SUCCESS", "交易已被支付"))
answer("create-already-closed.json", CREATE, refused("ACQ.TRADE_HAS_CLOSE", "交易已经关闭"))
answer("create-inconsistent.json", CREATE, refused("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"))
answer("create-not-permitted.json", CREATE,
       {"code": "40006", "msg": "Insufficient Permissions", "sub_code": "isv.insufficient-isv-permissions"})
answer("create-over-limit-unsigned.json", CREATE, refused("ACQ.TOTAL_FEE_EXCEED"), signed=False)

answer("close-done.json", CLOSE, {**OK, "out_trade_no": NUMBER, "trade_no": TRADE})
answer("close-not-exist.json", CLOSE, refused("ACQ.TRADE_NOT_EXIST", "交易不存在"))
answer("close-not-closable.json", CLOSE, refused("ACQ.TRADE_STATUS_ERROR", "交易状态不合法"))
answer("close-other-number.json", CLOSE, {**OK, "out_trade_no": "rch_99", "trade_no": TRADE})

REFUND_NUMBER, PAYOUT_NUMBER, TRANSFER = "rfd_01p", "wdr_01p", "20261124110070001506660034123456"
REFUND_OK = {**OK, "buyer_logon_id": "abc***@x.com", "buyer_user_id": "2088102122458832", "out_trade_no": NUMBER, "trade_no": TRADE}
REFUNDED = {**REFUND_OK, "fund_change": "Y", "gmt_refund_pay": "2026-11-24 11:00:00", "refund_fee": "8.80"}
answer("refund-done.json", REFUND, REFUNDED)
answer("refund-done-second-part.json", REFUND, {**REFUNDED, "refund_fee": "88.88"})
answer("refund-done-without-fee.json", REFUND, {k: v for k, v in REFUNDED.items() if k != "refund_fee"})
answer("refund-done-fee-below.json", REFUND, {**REFUNDED, "refund_fee": "8.79"})
answer("refund-done-fee-above-paid.json", REFUND, {**REFUNDED, "refund_fee": "88.89"})
answer("refund-fee-is-no-amount.json", REFUND, {**REFUNDED, "refund_fee": "8.800"})
answer("refund-no-change.json", REFUND, {**REFUNDED, "fund_change": "N"})
answer("refund-without-change.json", REFUND, {**REFUND_OK, "refund_fee": "0.00"})
answer("refund-other-trade.json", REFUND, {**REFUNDED, "out_trade_no": "rch_99"})
answer("refund-other-refund.json", REFUND, {**REFUNDED, "out_request_no": "rfd_99"})
answer("refund-without-number.json", REFUND, {k: v for k, v in REFUNDED.items() if k != "out_trade_no"})
answer("refund-unsigned.json", REFUND, REFUNDED, signed=False)
answer("refund-tampered.json", REFUND, {**REFUNDED, "fund_change": "N"}, sent=json.dumps(REFUNDED, separators=(",", ":")).encode())
answer("refund-waits-for-the-buyer.json", REFUND, {**REFUND_OK, "code": "10003"})
answer("refund-unavailable.json", REFUND, {"code": "20000", "msg": "Service Currently Unavailable", "sub_code": "aop.ACQ.SYSTEM_ERROR"})
answer("refund-too-frequent.json", REFUND, {"code": "40005", "msg": "Call Limited", "sub_code": "isv.method-call-limited"})
answer("refund-refused-unsigned.json", REFUND, refused("ACQ.TRADE_HAS_FINISHED"), signed=False)
for sub_code in ("ACQ.SYSTEM_ERROR", "ACQ.INVALID_PARAMETER", "ACQ.TRADE_NOT_EXIST", "ACQ.TRADE_HAS_CLOSE",
                 "ACQ.DISCORDANT_REPEAT_REQUEST", "ACQ.SELLER_BALANCE_NOT_ENOUGH", "ACQ.TRADE_HAS_FINISHED",
                 "ACQ.TRADE_NOT_ALLOW_REFUND", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "ACQ.REASON_TRADE_REFUND_FEE_ERR",
                 "ACQ.SOMETHING_NEW"):
    answer(f"refund-refused-{sub_code.lower().replace('acq.', '').replace('_', '-')}.json", REFUND, refused(sub_code, "退款失败"))

SHOWN = {**OK, "gmt_refund_pay": "2026-11-24 11:00:00", "out_request_no": REFUND_NUMBER, "out_trade_no": NUMBER,
         "refund_amount": "8.80", "refund_status": "REFUND_SUCCESS", "total_amount": "88.88", "trade_no": TRADE}
answer("refund-query-done.json", REFUND_QUERY, SHOWN)
answer("refund-query-without-time.json", REFUND_QUERY, {k: v for k, v in SHOWN.items() if k != "gmt_refund_pay"})
answer("refund-query-not-shown.json", REFUND_QUERY, OK)
answer("refund-query-not-shown-numbers.json", REFUND_QUERY, {**OK, "out_request_no": REFUND_NUMBER, "out_trade_no": NUMBER, "trade_no": TRADE})
answer("refund-query-without-status.json", REFUND_QUERY, {k: v for k, v in SHOWN.items() if k != "refund_status"})
answer("refund-query-other-status.json", REFUND_QUERY, {**SHOWN, "refund_status": "REFUND_PROCESSING"})
answer("refund-query-other-refund.json", REFUND_QUERY, {**SHOWN, "out_request_no": "rfd_99"})
answer("refund-query-other-refund-not-shown.json", REFUND_QUERY, {**OK, "out_request_no": "rfd_99", "out_trade_no": NUMBER})
answer("refund-query-other-trade.json", REFUND_QUERY, {**SHOWN, "out_trade_no": "rch_99"})
answer("refund-query-without-number.json", REFUND_QUERY, {k: v for k, v in SHOWN.items() if k != "out_request_no"})
answer("refund-query-other-amount.json", REFUND_QUERY, {**SHOWN, "refund_amount": "88.80"})
answer("refund-query-without-amount.json", REFUND_QUERY, {k: v for k, v in SHOWN.items() if k != "refund_amount"})
answer("refund-query-amount-is-no-amount.json", REFUND_QUERY, {**SHOWN, "refund_amount": "8.8.0"})
answer("refund-query-not-exist.json", REFUND_QUERY, refused("ACQ.TRADE_NOT_EXIST", "交易不存在"))
answer("refund-query-system-error.json", REFUND_QUERY, refused("ACQ.SYSTEM_ERROR", "系统异常"))
answer("refund-query-new-code.json", REFUND_QUERY, refused("ACQ.SOMETHING_NEW"))
answer("refund-query-too-frequent.json", REFUND_QUERY, {"code": "40005", "msg": "Call Limited", "sub_code": "isv.app-call-limited"})
answer("refund-query-unsigned.json", REFUND_QUERY, SHOWN, signed=False)
answer("refund-query-not-shown-unsigned.json", REFUND_QUERY, OK, signed=False)

TRANSFER_OK = {**OK, "order_id": TRANSFER, "out_biz_no": PAYOUT_NUMBER, "pay_fund_order_id": "20261124110070001501110034123456"}
PAID_OUT = {**TRANSFER_OK, "status": "SUCCESS", "trans_date": "2026-11-24 11:00:00"}
answer("payout-paid.json", PAYOUT, PAID_OUT)
for status in ("DEALING", "WAIT_PAY", "FAIL", "REFUND", "CLOSED", "INIT"):
    answer(f"payout-{status.lower().replace('_', '-')}.json", PAYOUT, {**PAID_OUT, "status": status})
answer("payout-without-status.json", PAYOUT, {k: v for k, v in PAID_OUT.items() if k != "status"})
answer("payout-other-number.json", PAYOUT, {**PAID_OUT, "out_biz_no": "wdr_99"})
answer("payout-without-number.json", PAYOUT, {k: v for k, v in PAID_OUT.items() if k != "out_biz_no"})
answer("payout-other-transfer.json", PAYOUT, {**PAID_OUT, "order_id": "20261124110070001506660034999999"})
answer("payout-other-amount.json", PAYOUT, {**PAID_OUT, "trans_amount": "880.00"})
answer("payout-unsigned.json", PAYOUT, PAID_OUT, signed=False)
answer("payout-tampered.json", PAYOUT, {**PAID_OUT, "status": "DEALING"}, sent=json.dumps(PAID_OUT, separators=(",", ":")).encode())
answer("payout-waits-for-the-buyer.json", PAYOUT, {**TRANSFER_OK, "code": "10003"})
answer("payout-unavailable.json", PAYOUT, {"code": "20000", "msg": "Service Currently Unavailable", "sub_code": "isp.unknow-error"})
answer("payout-not-permitted.json", PAYOUT, {"code": "40006", "msg": "Insufficient Permissions", "sub_code": "isv.insufficient-isv-permissions"})
answer("payout-too-frequent.json", PAYOUT, {"code": "40005", "msg": "Call Limited", "sub_code": "isv.app-call-limited"})
answer("payout-refused-unsigned.json", PAYOUT, refused("PAYEE_NOT_EXIST"), signed=False)
answer("payout-refused-other-number.json", PAYOUT, refused("PAYEE_NOT_EXIST", out_biz_no="wdr_99"))
for sub_code in ("SYSTEM_ERROR", "INVALID_PARAMETER", "ORDER_NOT_EXIST", "REQUEST_PROCESSING", "PROCESS_FAIL",
                 "TRANS_ORDER_DEALING", "BANK_RESPONSE_ERROR", "BIZ_UNIQUE_EXCEPTION", "PAYMENT_INFO_INCONSISTENCY",
                 "RESOURCE_LIMIT_EXCEED", "PAYER_BALANCE_NOT_ENOUGH", "PAYEE_NOT_EXIST", "PAYEE_ACCOUNT_STATUS_ERROR",
                 "EXCEED_LIMIT_DM_AMOUNT", "SOMETHING_NEW"):
    answer(f"payout-refused-{sub_code.lower().replace('_', '-')}.json", PAYOUT, refused(sub_code, "转账失败"))

STATED = {**TRANSFER_OK, "pay_date": "2026-11-24 11:00:00", "status": "SUCCESS", "trans_amount": "88.00"}
NOT_PAID = {**TRANSFER_OK, "error_code": "PAYEE_USER_INFO_ERROR", "fail_reason": "支付宝账号和姓名不匹配"}
answer("payout-query-paid.json", PAYOUT_QUERY, STATED)
answer("payout-query-fail.json", PAYOUT_QUERY, {**NOT_PAID, "status": "FAIL"})
answer("payout-query-fail-with-amount.json", PAYOUT_QUERY, {**NOT_PAID, "status": "FAIL", "trans_amount": "0.00"})
answer("payout-query-refund.json", PAYOUT_QUERY, {**NOT_PAID, "status": "REFUND", "pay_date": "2026-11-24 11:00:00"})
for status in ("CLOSED", "DEALING", "WAIT_PAY", "INIT"):
    answer(f"payout-query-{status.lower().replace('_', '-')}.json", PAYOUT_QUERY, {**TRANSFER_OK, "status": status})
answer("payout-query-without-status.json", PAYOUT_QUERY, TRANSFER_OK)
answer("payout-query-other-number.json", PAYOUT_QUERY, {**STATED, "out_biz_no": "wdr_99"})
answer("payout-query-without-number.json", PAYOUT_QUERY, {k: v for k, v in STATED.items() if k != "out_biz_no"})
answer("payout-query-other-transfer.json", PAYOUT_QUERY, {**STATED, "order_id": "20261124110070001506660034999999"})
answer("payout-query-other-amount.json", PAYOUT_QUERY, {**STATED, "trans_amount": "88.01"})
answer("payout-query-without-amount.json", PAYOUT_QUERY, {k: v for k, v in STATED.items() if k != "trans_amount"})
answer("payout-query-amount-is-no-amount.json", PAYOUT_QUERY, {**STATED, "trans_amount": "88元"})
answer("payout-query-not-exist.json", PAYOUT_QUERY, refused("ORDER_NOT_EXIST", "转账订单不存在"))
answer("payout-query-system-error.json", PAYOUT_QUERY, refused("SYSTEM_ERROR", "系统繁忙"))
answer("payout-query-invalid.json", PAYOUT_QUERY, refused("INVALID_PARAMETER", "参数有误"))
answer("payout-query-new-code.json", PAYOUT_QUERY, refused("SOMETHING_NEW"))
answer("payout-query-not-exist-unsigned.json", PAYOUT_QUERY, refused("ORDER_NOT_EXIST"), signed=False)
answer("payout-query-unsigned.json", PAYOUT_QUERY, STATED, signed=False)

NOTIFIED = {"gmt_refund": "2026-11-24 11:00:00.123", "out_biz_no": REFUND_NUMBER}
notify("notify-paid.form")
notify("notify-finished.form", trade_status="TRADE_FINISHED")
notify("notify-waiting.form", trade_status="WAIT_BUYER_PAY", drop=["gmt_payment"])
notify("notify-closed.form", trade_status="TRADE_CLOSED", drop=["gmt_payment"], gmt_close="2026-11-24 12:20:40")
notify("notify-partly-refunded.form", **NOTIFIED, refund_fee="8.80")
notify("notify-refunded.form", trade_status="TRADE_CLOSED", **NOTIFIED, refund_fee="88.88", gmt_close="2026-11-24 11:00:00")
notify("notify-partly-refunded-finished.form", trade_status="TRADE_FINISHED", **NOTIFIED, refund_fee="8.80")
notify("notify-other-status.form", trade_status="TRADE_PENDING")
notify("notify-empty-field-signed.form", empty=["passback_params"])
notify("notify-empty-field-unsigned.form", empty=["passback_params"], sign_empty=False)
notify("notify-other-app.form", app_id="2021000199990002")
notify("notify-other-seller.form", seller_id="2088102146225136")
notify("notify-without-seller.form", drop=["seller_id"])
notify("notify-without-amount.form", drop=["total_amount"])
notify("notify-without-number.form", drop=["out_trade_no"])
notify("notify-amount-is-no-amount.form", total_amount="88.888")
notify("notify-other-type.form", notify_type="dut_user_sign")
notify("notify-tampered.form", sent={"total_amount": "8888.00"})
notify("notify-unsigned.form", sent={"sign": ""})
# One signed text, two readings: subject "x", total_amount "9999.00", version "1.0&total_amount=0.01&…".
notify("notify-ambiguous.form", subject="x&total_amount=9999.00&trade_no=1&trade_status=TRADE_SUCCESS&version=1.0")
write("notify-cut-otherwise.form", (lambda f: urllib.parse.urlencode({
    **{k: v for k, v in f.items() if k not in ("trade_no", "trade_status")}, "subject": "x", "total_amount": "9999.00",
    "trade_no": "1", "trade_status": "TRADE_SUCCESS",
    "version": f"1.0&total_amount={f['total_amount']}&trade_no={f['trade_no']}&trade_status={f['trade_status']}&version=1.0",
}).encode())(dict(urllib.parse.parse_qsl((OUT / "notify-ambiguous.form").read_text()))))
# The same for the refund that is to be asked about.
notify("notify-ambiguous-refund.form", **NOTIFIED, refund_fee="8.80", subject="x&out_biz_no=rfd_99")
paid = (OUT / "notify-paid.form").read_bytes()
write("notify-field-twice.form", paid + b"&total_amount=88.88")
print(len(list(OUT.iterdir())), "messages")

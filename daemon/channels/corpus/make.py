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

REFUND = {"gmt_refund": "2026-11-24 11:00:00.123", "out_biz_no": "rfd_01p"}
notify("notify-paid.form")
notify("notify-finished.form", trade_status="TRADE_FINISHED")
notify("notify-waiting.form", trade_status="WAIT_BUYER_PAY", drop=["gmt_payment"])
notify("notify-closed.form", trade_status="TRADE_CLOSED", drop=["gmt_payment"], gmt_close="2026-11-24 12:20:40")
notify("notify-partly-refunded.form", **REFUND, refund_fee="8.80")
notify("notify-refunded.form", trade_status="TRADE_CLOSED", **REFUND, refund_fee="88.88", gmt_close="2026-11-24 11:00:00")
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
paid = (OUT / "notify-paid.form").read_bytes()
write("notify-field-twice.form", paid + b"&total_amount=88.88")
print(len(list(OUT.iterdir())), "messages")

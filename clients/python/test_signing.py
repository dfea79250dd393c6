#!/usr/bin/env python3
"""Holds Sluice's signing scheme against `sluice.py`, which shares no code with it: requests, answers and callbacks
verify, whatever is tampered with does not, and a rotation takes effect at once. Orders of all kinds are made with it.

    python3 test_signing.py --sandbox DIR/sandbox.json         against a running sandbox
    python3 test_signing.py --sluice-sim PATH/sluice-sim       starts one, and stops it
"""
import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

import sluice
from sluice import Refused, Sluice, Unknown, Unverified

SANDBOX = None  # what sandbox.json says


def client(app=0, **more):
    """A client of one of the sandbox's apps, which does not repeat itself."""
    a = SANDBOX["apps"][app]
    return Sluice(**{**dict(url=SANDBOX["api"], client_id=a["client_id"], client_secret=a["client_secret"],
                            key_id=a["key_id"], private_key=Path(a["private_key_file"]).read_text(),
                            passwords=a["passwords"], wallet_keys=a["wallet_keys"], patience=0), **more})


def control(method, url, body=None):
    """A control call of the sandbox."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data=data, method=method), timeout=10) as answer:
        return json.load(answer)


def number():
    """A merchant's order number that was not used before."""
    number.last = getattr(number, "last", time.time_ns()) + 1
    return f"P{number.last}"


def flipped(text):
    """The base64 text of other bytes."""
    raw = bytearray(base64.b64decode(text))
    raw[7] ^= 1
    return base64.b64encode(raw).decode()


class Requests(unittest.TestCase):
    """What a merchant signs."""

    def test_the_signed_bytes_are_those_of_the_document(self):
        lines = ["sluice-v1", "request", "app_1", "key_1", "recharge", "POST", "/v1/recharges?a=%E5%85%85",
                 "1795484459", "0123456789abcdef", hashlib.sha256(b'{"a":1}').hexdigest()]
        self.assertEqual(sluice.signed_bytes(lines, "spw_test").decode(), (
            "sluice-v1\nrequest\napp_1\nkey_1\nrecharge\nPOST\n/v1/recharges?a=%E5%85%85\n1795484459\n"
            "0123456789abcdef\n015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862\n"
            "b71d07c31d0001623f4ba87b5b6122e84ef0a2d5cdb60a784c1d95657f96a70f\n"))

    def test_the_path_alone_picks_the_order_type(self):
        for target, order_type in [("/v1/recharges/rch_1/close", "recharge"), ("/v1/withdrawals?a=1", "withdraw"),
                                   ("/v1/trades", "trade"), ("/v1/balances?user_ref=u", "trade"),
                                   ("/v1/statements", "trade"), ("/v1/access-passwords/withdraw", "withdraw")]:
            self.assertEqual(sluice.order_type_of(target), order_type, target)

    def test_a_recharge_is_created_once(self):
        m, no = client(), number()
        order = m.create_recharge(no, "u1", 8888, "会员充值 ¥")
        self.assertEqual((order["merchant_order_no"], order["state"]), (no, 1))
        again = m.create_recharge(no, "u1", 8888, "会员充值 ¥")
        self.assertEqual((again["order_id"], again["replayed"]), (order["order_id"], True))
        with self.assertRaises(Refused) as refused:
            m.create_recharge(no, "u1", 8889, "会员充值 ¥")
        self.assertEqual((refused.exception.status, refused.exception.code), (409, "order_conflict"))

    def test_tampered_requests_are_refused_unsigned(self):
        m, other = client(), client(1)
        target, body = "/v1/recharges", {"merchant_order_no": number(), "user_ref": "u", "subject": "s",
                                         "method": "qr", "amount": {"minor": 100, "currency": "CNY"}}

        def sent(method="POST", target=target, sign_with=m, **changes):
            request = sign_with.sign("POST", "/v1/recharges", body)
            for name, change in changes.get("headers", {}).items():
                request["headers"][name] = change(request["headers"][name])
            raw = changes.get("body", lambda raw: raw)(request["body"])
            return request, m.exchange(method, target, request["headers"], raw)

        forger = client()
        forger.token()  # its own; from here on it signs in another app's name
        forger.client_id = other.client_id
        wrong = client(passwords={t: sluice.new_password() for t in m.passwords})
        swapped = client(passwords={"recharge": m.passwords["trade"]})
        for name, tampered, code in [
            ("method", dict(method="PUT"), "signature_invalid"),
            ("path", dict(target="/v1/recharges/close"), "signature_invalid"),
            ("query", dict(target="/v1/recharges?limit=1"), "signature_invalid"),
            ("timestamp", dict(headers={"Sluice-Timestamp": lambda t: str(int(t) - 1)}), "signature_invalid"),
            ("old timestamp", dict(headers={"Sluice-Timestamp": lambda t: str(int(t) - 400)}),
             "timestamp_out_of_window"),
            ("nonce", dict(headers={"Sluice-Nonce": lambda n: n[::-1]}), "signature_invalid"),
            ("key id", dict(headers={"Sluice-Key": lambda k: other.key_id}), "signature_invalid"),
            ("signature", dict(headers={"Sluice-Signature": lambda s: "v1=" + flipped(s[3:])}), "signature_invalid"),
            ("version", dict(headers={"Sluice-Signature": lambda s: "v2=" + s[3:]}), "header_malformed"),
            ("token", dict(headers={"Authorization": lambda a: a[:-4] + "AAAA"}), "token_invalid"),
            ("other app's token", dict(headers={"Authorization": lambda a: "Bearer " + other.token()}),
             "signature_invalid"),
            ("one byte more", dict(body=lambda raw: raw + b" "), "signature_invalid"),
            ("amount", dict(body=lambda raw: raw.replace(b"100", b"999")), "signature_invalid"),
            ("client id in the text", dict(sign_with=forger), "signature_invalid"),
            ("unknown password", dict(sign_with=wrong), "signature_invalid"),
            ("another type's password", dict(sign_with=swapped), "signature_invalid"),
        ]:
            with self.subTest(name):
                request, (status, headers, raw) = sent(**tampered)
                self.assertIn(status, (400, 401))
                self.assertEqual(sluice.error_code(raw), code)
                self.assertRaises(Unverified, m.verify_answer, request, status, headers, raw)
        self.assertEqual(list(m.orders("recharges", merchant_order_no=body["merchant_order_no"])), [])

    def test_a_captured_request_is_not_carried_out_twice(self):
        m = client()
        order = m.create_recharge(number(), "u1", 100, "s")
        target = f"/v1/recharges/{order['order_id']}/close"
        request = m.sign("POST", target)
        first = m.exchange("POST", target, request["headers"], b"")
        m.verify_answer(request, *first)
        second = m.exchange("POST", target, request["headers"], b"")
        self.assertEqual(m.verify_answer(request, *second)["error"]["code"], "nonce_reused")

    def test_lists_are_read_to_their_end(self):
        m, user = client(), number()
        made = {m.create_recharge(number(), user, 100 + i, "s")["order_id"] for i in range(3)}
        self.assertEqual({order["order_id"] for order in m.orders("recharges", user_ref=user, limit=1)}, made)


class Answers(unittest.TestCase):
    """What Sluice signs for a merchant who asked."""

    def test_tampered_answers_prove_nothing(self):
        m, other = client(), client(1)
        order = m.create_recharge(number(), "u1", 100, "s")
        target = f"/v1/recharges/{order['order_id']}"
        request = m.sign("GET", target)
        status, headers, raw = m.exchange("GET", target, request["headers"], b"")
        self.assertEqual(m.verify_answer(request, status, headers, raw)["order_id"], order["order_id"])
        h = sluice.lower(headers)
        changed = lambda name, value: {**h, name: value}
        without = lambda name: {k: v for k, v in h.items() if k != name}
        for name, args in [
            ("status", (request, 201, h, raw)),
            ("body", (request, status, h, raw.replace(b"100", b"900"))),
            ("type", (request, status, changed("sluice-type", "trade"), raw)),
            ("timestamp", (request, status, changed("sluice-timestamp", "1795484459"), raw)),
            ("key", (request, status, changed("sluice-key", "wk_none"), raw)),
            ("signature", (request, status,
                           changed("sluice-signature", "v1=" + flipped(h["sluice-signature"][3:])), raw)),
            ("no signature", (request, status, without("sluice-signature"), raw)),
            ("nothing signed", (request, status, {}, raw)),
            ("another request's nonce", ({**request, "nonce": "0" * 32}, status, h, raw)),
            ("another request", (m.sign("GET", target), status, h, raw)),
            ("another password", (request, status, h, raw, other.passwords["recharge"])),
        ]:
            with self.subTest(name):
                self.assertRaises(Unverified, m.verify_answer, *args)
        self.assertRaises(Unverified, other.verify_answer, request, status, h, raw)

    def test_refusals_are_signed(self):
        with self.assertRaises(Refused) as refused:
            client().order("rch_" + "0" * 26)
        self.assertEqual((refused.exception.status, refused.exception.code), (404, "order_not_found"))

    def test_another_apps_order_does_not_exist(self):
        order = client(0).create_recharge(number(), "u1", 100, "s")
        with self.assertRaises(Refused) as refused:
            client(1).order(order["order_id"])
        self.assertEqual(refused.exception.code, "order_not_found")

    def test_unsigned_answers_are_unknown(self):
        m = client(passwords={t: sluice.new_password() for t in ("recharge", "withdraw", "trade")})
        with self.assertRaisesRegex(Unknown, "HTTP 401, code signature_invalid"):
            m.create_recharge(number(), "u1", 100, "s")

    def test_a_lost_answer_makes_no_second_order(self):
        m, no = client(patience=5), number()
        losing_first_answers(m, "/v1/recharges")
        order = m.create_recharge(no, "u1", 100, "s")
        self.assertTrue(order["replayed"])
        self.assertEqual([o["order_id"] for o in m.orders("recharges", merchant_order_no=no)], [order["order_id"]])

    def test_an_ended_token_is_renewed(self):
        m = client(patience=5)
        m.token()
        m._token = "A" * 43
        self.assertEqual(m.create_recharge(number(), "u1", 100, "s")["state"], 1)


class Callbacks(unittest.TestCase):
    """What Sluice tells a merchant by itself."""

    def test_callbacks_verify_and_tampered_ones_do_not(self):
        m, other = client(), client(1)
        order, headers, body = paid(m)
        event = m.verify_callback(headers, body)
        self.assertEqual((event["type"], event["order"]["order_id"]), ("recharge.paid", order["order_id"]))
        self.assertEqual(event["callback_id"], headers["sluice-callback"])
        changed = lambda name, value: {**headers, name: value}
        cases = [(name, changed(name, value), body) for name, value in [
            ("sluice-callback", "cb_0"), ("sluice-timestamp", str(int(headers["sluice-timestamp"]) - 1)),
            ("sluice-nonce", "0" * 32), ("sluice-key", "wk_none"), ("sluice-type", "trade"), ("sluice-type", "none"),
            ("sluice-signature", "v1=" + flipped(headers["sluice-signature"][3:])), ("sluice-signature", "v1=x")]]
        cases += [("without " + name, {k: v for k, v in headers.items() if k != name}, body) for name in headers
                  if name.startswith("sluice-")]
        cases += [("body", headers, body.replace(b"8888", b"9999")), ("space", headers, body + b"\n")]
        for name, h, b in cases:
            with self.subTest(name):
                self.assertRaises(Unverified, m.verify_callback, h, b)
        self.assertRaises(Unverified, other.verify_callback, headers, body)
        self.assertRaises(Unverified, m.verify_callback, headers, body, max_age=-1)
        self.assertEqual(wait_for(lambda: m.order(order["order_id"]), lambda o: o["state"] == 4)["state_name"],
                         "completed")


class Kinds(unittest.TestCase):
    """Orders of the other kinds, each under its own password."""

    PAYEE = {"kind": "alipay", "account": "zhang3@example.com", "name": "张三"}

    def test_a_withdrawal_is_paid_once(self):
        (m, user, funds), no = funded(), number()
        order = m.create_withdrawal(no, user, 2000, self.PAYEE)
        again = m.create_withdrawal(no, user, 2000, self.PAYEE)
        self.assertEqual((again["order_id"], again["replayed"]), (order["order_id"], True))
        with self.assertRaises(Refused) as refused:
            m.create_withdrawal(no, user, 2000, {**self.PAYEE, "account": "li4@example.com"})
        self.assertEqual(refused.exception.code, "order_conflict")
        headers, event = told(m, order["order_id"])
        self.assertEqual((headers["sluice-type"], event["type"]), ("withdraw", "withdraw.paid"))
        self.assertEqual(m.balance(user)["available"]["minor"], funds - 2000 - charged(order))
        with self.assertRaises(Refused) as refused:
            m.cancel_withdrawal(order["order_id"])
        self.assertEqual(refused.exception.code, "state_conflict")

    def test_nobody_pays_more_than_there_is(self):
        m, user, funds = funded()
        for call in (lambda: m.create_withdrawal(number(), user, funds + 1, self.PAYEE),
                     lambda: m.create_trade(number(), user, {"app": True}, funds + 1)):
            with self.assertRaises(Refused) as refused:
                call()
            self.assertEqual((refused.exception.status, refused.exception.code), (409, "balance_insufficient"))
        self.assertEqual(m.balance(user)["available"]["minor"], funds)

    def test_what_is_held_is_captured_once_or_voided(self):
        m, user, funds = funded()
        trade = m.create_trade(number(), user, {"app": True}, 3000, "authorise", expires_in="1h")["order_id"]
        void = m.create_trade(number(), user, {"user_ref": "u2"}, 1000, "authorise")["order_id"]
        self.assertEqual(m.void_trade(void)["closed_reason"], "closed_by_merchant")
        captured = m.capture_trade(trade, 2000)
        self.assertEqual(captured["captured"]["minor"], 2000)
        self.assertEqual(m.capture_trade(trade, 2000)["captured"]["minor"], 2000)
        for call in (lambda: m.capture_trade(trade, 1999), lambda: m.void_trade(trade), lambda: m.capture_trade(void)):
            with self.assertRaises(Refused) as refused:
                call()
            self.assertEqual(refused.exception.code, "state_conflict")
        balance = m.balance(user)
        self.assertEqual((balance["available"]["minor"], balance["held"]["minor"]),
                         (funds - 2000 - charged(captured), 0))
        headers, event = told(m, trade)
        self.assertEqual((headers["sluice-type"], event["type"]), ("trade", "trade.settled"))

    def test_refunds_carry_the_type_of_what_they_refund(self):
        m, user, _ = funded()
        recharge = next(m.orders("recharges", user_ref=user))["order_id"]
        trade = m.create_trade(number(), user, {"app": True}, 3000)["order_id"]
        for original, order_type in [(recharge, "recharge"), (trade, "trade")]:
            with self.subTest(order_type):
                no = number()
                refund = m.refund(original, no, 1000, "少发一件")["order_id"]
                self.assertTrue(m.refund(original, no, 1000, "少发一件")["replayed"])
                headers, event = told(m, refund)
                self.assertEqual((headers["sluice-type"], event["type"]), (order_type, "refund.refunded"))
                self.assertEqual(event["order"]["original_order_id"], original)
                after = m.order(original)
                self.assertEqual((after["state"], after["refunded"]["minor"]), (62, 1000))
                listed = [o["order_id"] for o in m.orders(f"{order_type}s/{original}/refunds")]
                self.assertEqual(listed, [refund])
                m.replay_callback(event["callback_id"], original, refund)
                with self.assertRaises(Refused) as refused:
                    m.refund(original, number(), 10_000, "s")
                self.assertEqual(refused.exception.code, "refund_exceeds")


class Rotation(unittest.TestCase):
    """A new password, set by the merchant."""

    def test_the_old_password_ends_when_the_call_returns(self):
        m, stale = client(), client()
        order = m.create_recharge(number(), "u1", 8888, "s")
        m.rotate_password("recharge", remembered(m, "recharge"))
        for call in (lambda: stale.order(order["order_id"]), lambda: stale.create_recharge(number(), "u", 1, "s")):
            with self.assertRaisesRegex(Unknown, "HTTP 401, code signature_invalid"):
                call()
        self.assertEqual(m.order(order["order_id"])["order_id"], order["order_id"])
        _, headers, body = paid(m, order)
        self.assertEqual(m.verify_callback(headers, body)["order"]["order_id"], order["order_id"])
        self.assertRaises(Unverified, stale.verify_callback, headers, body)

    def test_other_types_keep_theirs(self):
        m, before = client(), client()
        m.rotate_password("trade", remembered(m, "trade"))
        self.assertEqual(before.create_recharge(number(), "u1", 100, "s")["state"], 1)

    def test_a_lost_answer_is_found_out(self):
        m = client(patience=5)
        lost = losing_first_answers(m, "/v1/access-passwords/withdraw")
        m.rotate_password("withdraw", remembered(m, "withdraw"))
        self.assertEqual(lost, ["/v1/access-passwords/withdraw"])
        # Signed, so the new password is in force; there is just nothing to be read there.
        self.assertEqual(m.once("GET", "/v1/access-passwords/withdraw")[0], 404)

    def test_weak_and_wrongly_sealed_ones_are_refused(self):
        m = client()
        for name, new in [("short", "short"), ("guessable", "a" * 32), ("another type's", m.passwords["trade"]),
                          ("its own", m.passwords["recharge"])]:
            with self.subTest(name), self.assertRaises(Refused) as refused:
                m.rotate_password("recharge", new)
            self.assertEqual((refused.exception.status, refused.exception.code), (422, "field_invalid"))
        key_id, key = next(iter(m.wallet_keys.items()))
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), b"another label")
        sealed = base64.b64encode(key.encrypt(sluice.new_password().encode(), oaep)).decode()
        status, answer = m.once("PUT", "/v1/access-passwords/recharge", {"wallet_key": key_id, "ciphertext": sealed})
        self.assertEqual((status, answer["error"]["code"]), (422, "field_invalid"))
        self.assertEqual(m.create_recharge(number(), "u1", 100, "s")["state"], 1)


class WalletKeys(unittest.TestCase):
    """Trust in the first key carries on to its followers, and to nobody else."""

    def test_only_announced_keys_are_trusted(self):
        keys = [rsa.generate_private_key(65537, 2048) for _ in range(4)]
        spki = lambda key, encoding: key.public_key().public_bytes(
            encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
        pem = lambda i: spki(keys[i], serialization.Encoding.PEM).decode()

        def entry(i, by, text_id=None):
            digest = hashlib.sha256(spki(keys[i], serialization.Encoding.DER)).hexdigest()
            text = f"sluice-v1\nwallet-key\n{text_id or f'wk_{i}'}\n2026-11-24T00:00:00.000Z\n{digest}\n"
            signature = keys[by].sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
            return {"key_id": f"wk_{i}", "public_key": pem(i), "not_before": "2026-11-24T00:00:00.000Z",
                    "not_after": None, "former_key_id": f"wk_{by}",
                    "former_signature": base64.b64encode(signature).decode()}

        items = [entry(2, by=1), entry(1, by=0), entry(3, by=0, text_id="wk_9"),
                 {**entry(3, by=3), "key_id": "wk_4"}]
        m = client(wallet_keys={"wk_0": pem(0)})
        m.exchange = lambda *_: (200, [], json.dumps({"items": items, "next_cursor": None}).encode())
        m.trust_announced_keys()
        self.assertEqual(sorted(m.wallet_keys), ["wk_0", "wk_1", "wk_2"])

    def test_the_sandbox_lists_the_keys_it_signs_with(self):
        m = client()
        known = set(m.wallet_keys)
        m.trust_announced_keys()
        self.assertLessEqual(known, set(m.wallet_keys))


def losing_first_answers(m, target):
    """The first request for `target` is carried out, and its answer lost. Returns what was lost."""
    exchange, lost = m.exchange, []

    def lossy(method, wanted, headers, body):
        answer = exchange(method, wanted, headers, body)
        if wanted == target and not lost:
            lost.append(wanted)
            raise TimeoutError("lost on the way")
        return answer

    m.exchange = lossy
    return lost


def remembered(m, order_type):
    """A new password that the later tests and the sample merchant know, too."""
    app = next(a for a in SANDBOX["apps"] if a["client_id"] == m.client_id)
    app["passwords"][order_type] = new = sluice.new_password()
    control("PUT", SANDBOX["merchant"] + "/control/passwords",
            {"client_id": m.client_id, "type": order_type, "password": new})
    return new


def paid(m, order=None):
    """A paid recharge, and the headers and body of its callback."""
    order = order or m.create_recharge(number(), "u1", 8888, "s")
    control("POST", f"{SANDBOX['sim']}/control/orders/{order['channel_ref']}", {"action": "pay"})
    return (order, *received(order["order_id"]))


def received(order_id):
    """Headers and body of an order's first callback."""
    url = f"{SANDBOX['merchant']}/control/received?order_id={order_id}"
    first = wait_for(lambda: control("GET", url), lambda answer: answer["received"])["received"][0]
    return first["headers"], base64.b64decode(first["body_base64"])


def told(m, order_id):
    """Headers and event of an order's first callback, verified."""
    headers, body = received(order_id)
    return headers, m.verify_callback(headers, body)


def funded():
    """A client, a user of its app, and what the user has."""
    m, user = client(), number()
    paid(m, m.create_recharge(number(), user, 10_000, "s"))
    return m, user, m.balance(user)["available"]["minor"]


def charged(order):
    """What the user pays of an order's fee."""
    return 0 if order.get("fee_borne_by") == "app" else order["fee"]["minor"]


def wait_for(look, good, within=15):
    """What is seen, once it is good."""
    until = time.monotonic() + within
    while True:
        seen = look()
        if good(seen):
            return seen
        if time.monotonic() > until:
            raise AssertionError(f"not within {within} s: {seen}")
        time.sleep(0.05)


class Started:
    """A sandbox of our own."""

    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory(prefix="sluice-python-")
        self.log = open(Path(self.folder.name, "sandbox.log"), "wb")
        self.process = subprocess.Popen([program, "sandbox", "--dir", self.folder.name], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.log)

    def __enter__(self):
        path = self.process.stdout.readline().decode().strip()
        if not path:
            self.process.wait()
            sys.exit("the sandbox did not start: " + Path(self.log.name).read_text())
        return path

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(30)
        finally:
            self.process.kill()
            self.log.close()
            self.folder.cleanup()


def run(path):
    """Runs everything on the sandbox; whether all of it held."""
    global SANDBOX
    SANDBOX = json.loads(Path(path).read_text())
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"python: {result.testsRun - failed} passed, {failed} failed")
    return result.wasSuccessful() and not result.skipped


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--sandbox", metavar="FILE", help="sandbox.json of a running sandbox")
    where.add_argument("--sluice-sim", metavar="PROGRAM", help="start a sandbox with this program")
    args = parser.parse_args()
    if args.sandbox:
        sys.exit(not run(args.sandbox))
    with Started(args.sluice_sim) as path:
        held = run(path)
    sys.exit(not held)


if __name__ == "__main__":
    main()

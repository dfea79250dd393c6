"""Sluice for merchants: copy this one file. Python 3.9 or later, and `pip install cryptography`.

    sluice = Sluice("https://wallet.example", client_id="app_…", client_secret="…", key_id="mk_…",
                    private_key=open("merchant.pem").read(), passwords={"recharge": "spw_…", …},
                    wallet_keys={"wk_…": open("wallet.pub.pem").read()})
    order = sluice.create_recharge("R20261124-1", user_ref="u1", minor=8888, subject="会员充值")
    show(order["payment"])                                       # a QR code's content, a page, a form
    sluice.create_withdrawal("W20261125-1", user_ref="u1", minor=2000,
                             payee={"kind": "alipay", "account": "zhang3@example.com", "name": "张三"})
    sluice.refund(order["order_id"], "F20261125-1", minor=1000, reason="少发一件")

    event = sluice.verify_callback(request.headers, request.body)  # raises Unverified if it is not from Sluice
    # … book event["order"] if its state_version is newer than what you have, then answer 200 `success`

Two rules carry everything else:
  * An answer without a valid signature proves nothing, whatever its status. Ask again with the SAME
    merchant_order_no: Sluice returns the order as it stands. A new number could charge the payer, or pay the payee,
    twice. Every call here does that by itself for `patience` seconds and then raises `Unknown`.
  * The access password is part of every signature and in no message. Keep it apart from the private key.
"""
import base64
import hashlib
import hmac
import http.client
import json
import secrets
import threading
import time
from datetime import datetime, timezone
from urllib.parse import quote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding


class Unknown(Exception):
    """No answer that proves anything: it may have happened or not. Ask again later, with the same number."""


class Unverified(Exception):
    """An answer or a callback that Sluice did not sign, or not for you, or not for this request."""


class Refused(Exception):
    """Sluice says no, signed. `code` is stable; `str()` is for people."""

    def __init__(self, status, error):
        super().__init__(f"{error.get('code')}: {error.get('message')} (request {error.get('request_id')})")
        self.status, self.code, self.request_id = status, error.get("code"), error.get("request_id")


def signed_bytes(lines, password):
    """The bytes that are signed: the lines, and as one more line their binding to the access password."""
    text = "".join(line + "\n" for line in lines).encode()
    binding = hmac.new(password.encode(), text, hashlib.sha256).hexdigest()
    return text + binding.encode() + b"\n"


FOLDERS = {"rch": "recharges", "wdr": "withdrawals", "trd": "trades"}


def path_of(order_id, refund_id=None):
    """Where an order lives: its prefix says what it is. A refund lives under the order that it refunds."""
    path = f"/v1/{FOLDERS[order_id[:3]]}/{order_id}"
    return path if refund_id is None else f"{path}/refunds/{refund_id}"


def order_type_of(target):
    """The order type is a function of the path alone; it picks the password."""
    parts = target.split("?")[0].split("/")
    if parts[:2] != ["", "v1"] or len(parts) < 3:
        raise ValueError(f"not a signed path: {target}")
    if parts[2] == "access-passwords" and len(parts) == 4:
        return parts[3]
    return {"recharges": "recharge", "withdrawals": "withdraw", "trades": "trade", "balances": "trade",
            "statements": "trade"}[parts[2]]


class Sluice:
    """One app's connection to Sluice. May be used from several threads."""

    def __init__(self, url, client_id, client_secret, key_id, private_key, passwords, wallet_keys,
                 timeout=10, patience=30):
        """`private_key` is PEM; `passwords` by order type; `wallet_keys` PEM by id. Take the first wallet key from
        Sluice's letter and compare its fingerprint: `trust_announced_keys` follows from there."""
        self.url, self.client_id, self.client_secret, self.key_id = urlsplit(url), client_id, client_secret, key_id
        self.prefix = self.url.path.rstrip("/")
        self.private_key = serialization.load_pem_private_key(private_key.encode(), password=None)
        self.passwords = dict(passwords)
        self.wallet_keys = {kid: serialization.load_pem_public_key(pem.encode()) for kid, pem in wallet_keys.items()}
        self.timeout, self.patience = timeout, patience
        self._token, self._token_until, self._lock = None, 0.0, threading.Lock()

    # What merchants do ---------------------------------------------------------------------------------------

    def create_recharge(self, merchant_order_no, user_ref, minor, subject, method="qr", currency="CNY", **more):
        """Creates a recharge of `minor` minor units, or returns the one that stands under this number.
        `more`: channel, notify_url, return_url, expires_in ("30m"), metadata."""
        body = {"merchant_order_no": merchant_order_no, "user_ref": user_ref, "subject": subject, "method": method,
                "amount": {"minor": minor, "currency": currency}, **more}
        return self.call("POST", "/v1/recharges", body)

    def close_recharge(self, order_id):
        """Closes it. `close_pending` in the order: the channel has not confirmed yet. Raises Refused with
        `order_paid` if the payer was faster."""
        return self.call("POST", path_of(order_id) + "/close")

    def create_withdrawal(self, merchant_order_no, user_ref, minor, payee, currency="CNY", **more):
        """Pays `minor` minor units of a user's money out to `payee`. While its state is 0, 1 or 2 it is under way and
        the money held: never pay in another way meanwhile. `more`: channel, notify_url, metadata."""
        body = {"merchant_order_no": merchant_order_no, "user_ref": user_ref, "payee": payee,
                "amount": {"minor": minor, "currency": currency}, **more}
        return self.call("POST", "/v1/withdrawals", body)

    def cancel_withdrawal(self, order_id):
        """Takes it back. Raises Refused with `state_conflict` if it may be on its way."""
        return self.call("POST", path_of(order_id) + "/cancel")

    def create_trade(self, merchant_order_no, from_user_ref, to, minor, mode="direct", currency="CNY", **more):
        """A user pays from the balance. `to`: {"app": True} or {"user_ref": …}. `mode`: "direct", or "authorise" to
        hold the money until you capture or void it. `more`: expires_in ("3d", with "authorise"), notify_url, metadata."""
        body = {"merchant_order_no": merchant_order_no, "from_user_ref": from_user_ref, "to": to, "mode": mode,
                "amount": {"minor": minor, "currency": currency}, **more}
        return self.call("POST", "/v1/trades", body)

    def capture_trade(self, order_id, minor=None, currency="CNY"):
        """Takes what is held, once: `minor` of it or all; the payer has the rest again."""
        body = None if minor is None else {"amount": {"minor": minor, "currency": currency}}
        return self.call("POST", path_of(order_id) + "/capture", body)

    def void_trade(self, order_id):
        """Gives up what is held."""
        return self.call("POST", path_of(order_id) + "/void")

    def refund(self, order_id, merchant_order_no, minor, reason, currency="CNY"):
        """Gives `minor` of a recharge or a trade back. `merchant_order_no` is the refund's own."""
        body = {"merchant_order_no": merchant_order_no, "reason": reason,
                "amount": {"minor": minor, "currency": currency}}
        return self.call("POST", path_of(order_id) + "/refunds", body)

    def order(self, order_id, refund_id=None):
        """An order as it stands; with `refund_id`, that refund of it."""
        return self.call("GET", path_of(order_id, refund_id))

    def orders(self, folder, **filters):
        """All orders of a folder that match (merchant_order_no, from, to, state, user_ref), page by page. `folder`:
        "recharges", "withdrawals", "trades", "recharges/{order_id}/refunds" or "trades/{order_id}/refunds".
        `from` is a Python keyword: write `orders("trades", **{"from": "2026-11-24T00:00:00.000Z"})`."""
        while True:
            page = self.call("GET", f"/v1/{folder}{query(filters)}")
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            filters = {**filters, "cursor": page["next_cursor"]}

    def replay_callback(self, callback_id, order_id, refund_id=None):
        """Has a callback of an order, or of a refund of it, sent again."""
        return self.call("POST", f"{path_of(order_id, refund_id)}/callbacks/{callback_id}/replay")

    def balance(self, user_ref=None):
        """What a user has, or without `user_ref` the app: `available` and `held`."""
        return self.call("GET", "/v1/balances" + query({} if user_ref is None else {"user_ref": user_ref}))

    def rotate_password(self, order_type, new):
        """Replaces an access password; from the answer on, nothing signed with the old one is accepted. `new` has
        24 to 128 visible ASCII characters and is hard to guess; STORE IT BEFORE you call."""
        wallet_key, key = next(iter(self.wallet_keys.items()))
        label = f"{self.client_id}:{order_type}".encode()
        sealed = key.encrypt(new.encode(), padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label))
        body = {"wallet_key": wallet_key, "ciphertext": base64.b64encode(sealed).decode()}

        def attempt():
            try:
                # The answer is bound to the new password: that proves that Sluice has it.
                return self.once("PUT", f"/v1/access-passwords/{order_type}", body, answer_password=new)
            except Unknown:
                # Only the answer may have been lost. One of the two passwords works: whatever is answered to the
                # new one with a signature, even a refusal, proves that it is in force.
                self.once("GET", f"/v1/access-passwords/{order_type}", password=new)
                return 200, {}

        status, answer = self._patiently(attempt)
        if status >= 300:
            raise Refused(status, answer.get("error", {}))
        self.passwords[order_type] = new

    def verify_callback(self, headers, body, max_age=300):
        """The event in a callback that Sluice sent to this app; raises Unverified otherwise. `body` must be the raw
        bytes. Events may come twice and out of order: apply one only if its `state_version` is newer."""
        h = lower(headers)
        try:
            order_type, key_id, sent = h["sluice-type"], h["sluice-key"], int(h["sluice-timestamp"])
            lines = ["sluice-v1", "callback", self.client_id, key_id, order_type, h["sluice-callback"], "POST",
                     h["sluice-timestamp"], h["sluice-nonce"], hashlib.sha256(body).hexdigest()]
            password = self.passwords[order_type]
        except (KeyError, ValueError) as missing:
            raise Unverified(f"a header is missing or wrong: {missing}") from None
        self._verify(key_id, h, signed_bytes(lines, password))
        if max_age is not None and abs(time.time() - sent) > max_age:
            raise Unverified("it was sent too long ago")
        return json.loads(body)

    def trust_announced_keys(self):
        """Trusts each listed wallet key that carries the signature of one that is trusted already."""
        status, _, raw = self.exchange("GET", "/v1/wallet-keys", {}, b"")
        if status != 200:
            raise Unknown(f"the wallet keys: HTTP {status}")
        waiting = [k for k in json.loads(raw)["items"] if k["key_id"] not in self.wallet_keys]
        for _ in range(len(waiting)):  # a chain may be listed in any order
            for k in waiting:
                former, key = self.wallet_keys.get(k.get("former_key_id")), load_public(k["public_key"])
                if former is None or k["key_id"] in self.wallet_keys:
                    continue
                der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
                text = f"sluice-v1\nwallet-key\n{k['key_id']}\n{k['not_before']}\n{hashlib.sha256(der).hexdigest()}\n"
                try:
                    former.verify(base64.b64decode(k["former_signature"]), text.encode(),
                                  padding.PKCS1v15(), hashes.SHA256())
                except (InvalidSignature, ValueError, TypeError):
                    continue
                self.wallet_keys[k["key_id"]] = key

    # How it is done ------------------------------------------------------------------------------------------

    def call(self, method, target, body=None):
        """A signed request, signed anew and sent again until an answer proves something."""
        status, answer = self._patiently(lambda: self.once(method, target, body))
        if status >= 300:
            raise Refused(status, answer.get("error", {}))
        return answer

    def once(self, method, target, body=None, password=None, answer_password=None):
        """One signed exchange: (status, JSON) of an answer that is proven, or Unknown. `answer_password`: what a
        success is bound to, if not to the password of the request."""
        request = self.sign(method, target, body, password)
        try:
            status, headers, raw = self.exchange(method, target, request["headers"], request["body"])
            answer = self.verify_answer(request, status, headers, raw, answer_password if status < 300 else None)
        except (OSError, http.client.HTTPException) as error:
            raise Unknown(f"no answer: {error}") from error
        except Unverified as why:
            code = error_code(raw)
            if code in ("token_invalid", "token_missing"):
                with self._lock:
                    self._token = None
            raise Unknown(f"the answer proves nothing ({why}; HTTP {status}, code {code})") from None
        return status, answer

    def sign(self, method, target, body=None, password=None):
        """A request's headers and body, and what its answer will be checked with."""
        raw = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        order_type = order_type_of(target)
        password = password or self.passwords[order_type]
        now, nonce = str(int(time.time())), secrets.token_hex(16)
        lines = ["sluice-v1", "request", self.client_id, self.key_id, order_type, method, self.prefix + target, now,
                 nonce, hashlib.sha256(raw).hexdigest()]
        signed = signed_bytes(lines, password)
        signature = self.private_key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        headers = {"Authorization": "Bearer " + self.token(), "Sluice-Key": self.key_id, "Sluice-Timestamp": now,
                   "Sluice-Nonce": nonce, "Sluice-Signature": "v1=" + base64.b64encode(signature).decode()}
        if raw:
            headers["Content-Type"] = "application/json"
        return {"headers": headers, "body": raw, "type": order_type, "nonce": nonce, "password": password,
                "digest": hashlib.sha256(signed).hexdigest()}

    def verify_answer(self, request, status, headers, raw, answer_password=None):
        """The JSON of an answer that Sluice signed for this very request; raises Unverified otherwise."""
        h = lower(headers)
        if h.get("sluice-type") != request["type"]:
            raise Unverified("it is unsigned" if "sluice-signature" not in h else "it is of another order type")
        lines = ["sluice-v1", "response", self.client_id, h.get("sluice-key", ""), request["type"], f"{status:03}",
                 request["nonce"], h.get("sluice-timestamp", ""), request["digest"], hashlib.sha256(raw).hexdigest()]
        self._verify(h.get("sluice-key"), h, signed_bytes(lines, answer_password or request["password"]))
        return json.loads(raw)

    def token(self):
        """A token that is good for another minute."""
        with self._lock:
            if self._token is None or time.monotonic() > self._token_until:
                body = {"grant_type": "client_credentials", "client_id": self.client_id,
                        "client_secret": self.client_secret}
                try:
                    status, _, raw = self.exchange("POST", "/v1/token", {"Content-Type": "application/json"},
                                                   json.dumps(body).encode())
                except (OSError, http.client.HTTPException) as error:
                    raise Unknown(f"no token: {error}") from error
                if status != 200:
                    raise Unknown(f"no token: HTTP {status}, code {error_code(raw)}")
                answer = json.loads(raw)
                self._token = answer["access_token"]
                self._token_until = time.monotonic() + answer["expires_in"] - 60
            return self._token

    def exchange(self, method, target, headers, body):
        """One HTTP exchange, without redirects: (status, headers, raw body)."""
        kind = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.url.netloc, timeout=self.timeout)
        try:
            connection.request(method, self.prefix + target, body=body or None, headers=headers)
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        finally:
            connection.close()

    def _verify(self, key_id, headers, signed):
        key, signature = self.wallet_keys.get(key_id), headers.get("sluice-signature", "")
        if key is None:
            raise Unverified(f"unknown wallet key {key_id}: see trust_announced_keys")
        if not signature.startswith("v1="):
            raise Unverified("it is unsigned")
        try:
            raw = base64.b64decode(signature[3:], validate=True)
            key.verify(raw, signed, padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, ValueError):
            raise Unverified("the signature is not over this with this password") from None

    def _patiently(self, attempt):
        until, pause = time.monotonic() + self.patience, 0.5
        while True:
            try:
                return attempt()
            except Unknown:
                if time.monotonic() + pause > until:
                    raise
            time.sleep(pause)
            pause = min(2 * pause, 8)


def new_password():
    """An access password as Sluice itself makes them: 160 random bits."""
    return "spw_" + base64.b32encode(secrets.token_bytes(20)).decode().lower()


def rfc3339(when):
    """A time as the API writes it; for the filters `from` and `to`."""
    return when.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def query(filters):
    """The query of a target. Sluice wants unreserved characters unescaped and the rest as upper-case %XX."""
    filters = {k: rfc3339(v) if isinstance(v, datetime) else str(v) for k, v in filters.items()}
    return "?" + "&".join(f"{k}={quote(v, safe='')}" for k, v in filters.items()) if filters else ""


def lower(headers):
    """Headers as a dictionary with names in lower case."""
    return {k.lower(): v for k, v in (headers.items() if hasattr(headers, "items") else headers)}


def load_public(pem):
    """A public key from PEM."""
    return serialization.load_pem_public_key(pem.encode())


def error_code(raw):
    """The code in an answer's body, if it has one. Unsigned, it is a hint for people and proves nothing."""
    try:
        return json.loads(raw)["error"]["code"]
    except (ValueError, KeyError, TypeError):
        return None

"""Signals that no billing system should send, and all of them do sooner or later."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

GOOD = {
    "id": "p1",
    "at": "2026-02-01T00:00:00+01:00",
    "amount": {"amount": "1.00", "currency": "EUR"},
}
PAYMENT = "payment_received"


@dataclass(frozen=True)
class Hostile:
    """One signal: under which name it travels, and its arguments as bytes on the wire."""

    what: str
    name: str
    bodies: Sequence[bytes] = field(default=())
    encoding: str = "json/plain"

    @property
    def args(self) -> list[RawValue]:
        """The arguments as the SDK sends them untouched."""
        metadata = {"encoding": self.encoding.encode()}
        return [RawValue(Payload(metadata=metadata, data=body)) for body in self.bodies]


def _payment(what: str, **changed: object) -> Hostile:
    return Hostile(what, PAYMENT, [json.dumps(GOOD | changed).encode()])


def _sum(what: str, amount: object, currency: object = "EUR") -> Hostile:
    return _payment(what, amount={"amount": amount, "currency": currency})


def _hold(what: str, **fields: object) -> Hostile:
    body = {"id": "h", "at": GOOD["at"], "reason": "x"} | fields
    return Hostile(what, "hold_placed", [json.dumps(body).encode()])


_TEXT = json.dumps(GOOD).encode()

PAYMENTS = (
    Hostile("no argument", PAYMENT),
    Hostile("null", PAYMENT, [b"null"]),
    Hostile("the SDK's null", PAYMENT, [b""], "binary/null"),
    Hostile("bytes", PAYMENT, [b"\x01\x02"], "binary/plain"),
    Hostile("encrypted by another codec", PAYMENT, [b"\x01\x02"], "binary/encrypted"),
    Hostile("protobuf as JSON", PAYMENT, [_TEXT], "json/protobuf"),
    Hostile("no encoding", PAYMENT, [_TEXT], ""),
    Hostile("an encoding that is no ASCII", PAYMENT, [_TEXT], "jsön/plain"),
    Hostile("not JSON", PAYMENT, [b"paid 100 euros"]),
    Hostile("half an object", PAYMENT, [_TEXT[:-10]]),
    Hostile("a string that holds the object", PAYMENT, [json.dumps(_TEXT.decode()).encode()]),
    Hostile("a list", PAYMENT, [b"[" + _TEXT + b"]"]),
    Hostile("missing fields", PAYMENT, [b'{"id": "p1"}']),
    Hostile("two arguments", PAYMENT, [_TEXT, _TEXT]),
    Hostile("two arguments that are encrypted", PAYMENT, [b"\x01", b"\x02"], "binary/encrypted"),
    Hostile("ten arguments", PAYMENT, [_TEXT] * 10),
    Hostile("two arguments, one deep", PAYMENT, [_TEXT, b"[" * 20_000]),
    Hostile("70 kB", PAYMENT, [json.dumps(GOOD | {"reference": "x" * 70_000}).encode()]),
    Hostile("1.5 MB", PAYMENT, [json.dumps(GOOD | {"reference": "x" * 1_500_000}).encode()]),
    Hostile("lists in lists", PAYMENT, [b'{"id": ' + b"[" * 30_000 + b"]" * 30_000 + b"}"]),
    Hostile("bytes that are no UTF-8", PAYMENT, [_TEXT.replace(b"p1", b"\xff\xfe")]),
    Hostile("a number of 5000 digits", PAYMENT, [b'{"id": ' + b"9" * 5_000 + b"}"]),
    Hostile("NaN", PAYMENT, [_TEXT.replace(b'"1.00"', b"NaN")]),
    Hostile("1e400", PAYMENT, [_TEXT.replace(b'"1.00"', b"1e400")]),
    Hostile("infinity", PAYMENT, [_TEXT.replace(b'"1.00"', b"-Infinity")]),
    _sum("a float that is no sum of money", 0.30000000000000004),
    _sum("a negative amount", "-5.00"),
    _sum("nothing", "0.00"),
    _sum("another currency", "1.00", "USD"),
    _sum("no currency at all", "1.00", "EURO"),
    _sum("a NUL in the currency", "1.00", "\x00EUR"),
    _sum("half a surrogate in the amount", "\ud800"),
    _payment("a bare number", amount=1.0),
    _payment("a moment without an offset", at="2026-02-01T00:00:00"),
    _payment("seconds since 1970", at=1769900400),
    _payment("seconds since 1970 with decimals", at=1769900400.5),
    _payment("seconds since 1970 as text", at="1769900400"),
    _payment("the end of time", at="9999-12-31T23:59:59Z"),
    _payment("the beginning of time", at="0001-01-01T00:00:00+14:00"),
    _payment("NUL in the id", id="a\x00b"),
    _payment("half a surrogate in the id", id="\ud83d"),
)
"""Malformed payments: each holds the case until a person has looked."""

OTHERS = (
    Hostile("an unknown name", "payment", [_TEXT]),
    Hostile("a misspelt name", "payment_recieved", [_TEXT]),
    Hostile("a name in camel case", "paymentReceived", [_TEXT]),
    Hostile("an unknown name, no argument", "nothing"),
    Hostile("an unknown name, two arguments", "several", [_TEXT, _TEXT]),
    Hostile("an unknown name, encrypted", "secret", [b"\x01"] * 2, "binary/encrypted"),
    Hostile("NUL in the name", "pay\x00ment", [_TEXT]),
    Hostile("a name that breaks markdown", "`\n# **x**", [b"`\n\n# y"]),
    Hostile("a name the SDK keeps for itself", "__temporal_x", [_TEXT]),
    Hostile("a name of 900 letters", "x" * 900, [_TEXT]),
    _hold("the end of time in a day", id="h2", at="9999-12-31T23:59:59-12:00"),
    Hostile(
        "an unknown result",
        "dispute_resolved",
        [json.dumps({"id": "r", "at": GOOD["at"], "dispute": "d", "result": "won"}).encode()],
    ),
    Hostile(
        "camel case",
        "promise_made",
        [json.dumps({"id": "q", "at": GOOD["at"], "payOn": "2026-03-01"}).encode()],
    ),
    Hostile(
        "a promise for the end of time",
        "promise_made",
        [json.dumps({"id": "q", "at": GOOD["at"], "pay_on": "9999-12-31"}).encode()],
    ),
    Hostile(
        "a plan until the end of time",
        "plan_accepted",
        [
            json.dumps(
                {
                    "id": "pl",
                    "at": GOOD["at"],
                    "instalments": [{"due_on": "9999-12-31", "amount": GOOD["amount"]}],
                }
            ).encode()
        ],
    ),
)
"""Other signals that cannot be taken; the case goes on as if they had not come."""

STRANGE = (
    _hold("NUL in a remark", id="h-nul", reason="a\x00b"),
    Hostile(
        "half a surrogate in a remark",
        "payment_reversed",
        [json.dumps({"id": "x", "at": GOOD["at"], "payment": "none", "reason": "\udfff"}).encode()],
    ),
    _hold("a hold for ever", id="h-ever", until="9999-12-31T23:59:59-12:00"),
    _hold("a very long remark", id="h-long", reason="x" * 60_000),
    _hold("unknown fields", id="h-more", colour="blue", nested={"a": [1, 2]}),
)
"""Signals that look hostile and are taken all the same."""

"""Reading what arrives."""

import json

import pytest

from dunning.inbox import MAX_BYTES, MAX_RAW, Accepted, Body, Refusal, read, read_record
from schemas.signals import SIGNALS, PaymentReceived
from tests.dunning.build import Document

GOOD: Document = {
    "id": "p1",
    "at": "2026-02-10T18:00:00+01:00",
    "amount": {"amount": "10.10", "currency": "EUR"},
}


def body(document: object) -> Body:
    return Body("json/plain", json.dumps(document).encode())


def pay(content: bytes) -> Accepted | Refusal:
    return read("payment_received", [Body("json/plain", content)], "EUR")


def with_amount(literal: str) -> bytes:
    return json.dumps(GOOD).replace('"10.10"', literal).encode()


def amount_of(arrived: Accepted | Refusal) -> str:
    assert isinstance(arrived, Accepted), arrived
    assert isinstance(arrived.event, PaymentReceived)
    return arrived.event.amount.text


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        ('"10.10"', "10.10"),
        ("10.10", "10.10"),
        ("10", "10.00"),
        ("0.1", "0.10"),
        ("1.000", "1.00"),
        ("999999999999999.99", "999999999999999.99"),
        ('" 10.10 "', "10.10"),
    ],
)
def test_an_amount_is_exact_whether_a_string_or_a_number(literal: str, text: str) -> None:
    assert amount_of(pay(with_amount(literal))) == text


@pytest.mark.parametrize(
    "literal",
    [
        "0.30000000000000004", "1e400", "1e2", "NaN", "Infinity", "-Infinity", "-5", "0", "0.00",
        "true", "null", "[]", "{}", '""', '"abc"', '"1,000.00"', '"1 000"', '"5-"', '"4-5"', '"+5"',
        '"1_000"', '"0x10"', '"١٢"', '"10.10.10"', '"-"', '"."', '"1e3"', "9" * 29, "9" * 5000,
        "1000000000000000.01", '"10.101"',
    ],
)  # fmt: skip
def test_what_is_no_plain_exact_positive_amount_is_refused(literal: str) -> None:
    arrived = pay(with_amount(literal))
    assert isinstance(arrived, Refusal)
    assert arrived.raw == with_amount(literal).decode()[:MAX_RAW]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("at", "2026-02-10T18:00:00", "at: "),
        ("at", 1767225600, "at: a moment is written like"),
        ("at", 1767225600.5, "at: a moment is written like"),
        ("at", "1767225600", "at: a moment is written like"),
        ("at", "2026-02-10", "at: a moment is written like"),
        ("at", True, "at: a moment is written like"),
        ("at", "0001-01-01T00:00:00+14:00", "at: the year 1 lies outside"),
        ("at", "2026-02-30T00:00:00Z", "at: "),
        ("id", "", "id: "),
        ("id", None, "id: "),
        ("id", 7, "id: "),
        ("id", "x" * 201, "id: "),
        ("id", "a\x00b", "id: the text holds a zero character"),
        ("value_on", 1767225600, "value_on: a day is written like"),
        ("value_on", "9999-12-31", "value_on: the year 9999 lies outside"),
        ("amount", {"amount": "1", "currency": "XXX"}, "'XXX' is not an ISO 4217"),
        ("amount", {"amount": "1"}, "amount.currency: "),
        ("amount", {"amount": "1", "currency": "USD"}, "in USD, this invoice is in EUR"),
        ("amount", "10.10", "amount: "),
    ],
)
def test_a_refusal_names_the_field_and_what_is_wrong(field: str, value: object, says: str) -> None:
    arrived = read("payment_received", [body(GOOD | {field: value})], "EUR")
    assert isinstance(arrived, Refusal)
    assert says in arrived.reason


@pytest.mark.parametrize(
    ("arrived", "says"),
    [
        (read("nonsense", [body(GOOD)], "EUR"), "there is no signal of that name"),
        (read("payment_received", [], "EUR"), "exactly one JSON object is expected, got 0"),
        (read("payment_received", [body(GOOD)] * 2, "EUR"), "got 2 arguments"),
        (read("payment_received", [Body("", b"")], "EUR"), "encoded as nothing"),
        (read("payment_received", [Body("binary/null", b"")], "EUR"), "encoded as binary/null"),
        (pay(b"{"), "is not JSON"),
        (pay(b""), "is not JSON"),
        (pay(b"[]"), "is a JSON list"),
        (pay(b"null"), "is a JSON NoneType"),
        (pay(b"\xff\xfe\x00"), "is not JSON"),
        (pay(b"[" * 60_000), "is not JSON"),
        (pay(b" " * (MAX_BYTES + 1)), "bytes, at most"),
    ],
)
def test_what_is_no_signal_of_ours_is_refused(arrived: Accepted | Refusal, says: str) -> None:
    assert isinstance(arrived, Refusal)
    assert says in arrived.reason


def test_fields_we_do_not_know_are_let_pass() -> None:
    assert isinstance(read("payment_received", [body(GOOD | {"more": [1, {}]})], "EUR"), Accepted)


def test_the_name_decides_over_a_type_in_the_object() -> None:
    arrived = read("payment_received", [body(GOOD | {"type": "written_off"})], "EUR")
    assert isinstance(arrived, Accepted)
    assert isinstance(arrived.event, PaymentReceived)


def test_remarks_are_kept_up_to_their_length_and_never_cost_the_signal() -> None:
    long = GOOD | {"reference": "x" * 5000, "method": "a\x00b"}
    arrived = read("payment_received", [body(long)], "EUR")
    assert isinstance(arrived, Accepted)
    assert isinstance(arrived.event, PaymentReceived)
    assert arrived.event.reference == "x" * 500
    assert arrived.event.method == "a\N{REPLACEMENT CHARACTER}b"


def test_a_refusal_holds_only_what_a_database_can_keep() -> None:
    arrived = read("na\x00me\ud800", [Body("json/plain", b"\x00\xff" * 5000)], "EUR")
    assert isinstance(arrived, Refusal)
    for text in (arrived.name, arrived.raw, arrived.reason):
        assert "\x00" not in text
        text.encode()
    assert len(arrived.raw) <= MAX_RAW


def test_an_update_names_its_type_in_the_object() -> None:
    arrived = read_record([body(GOOD | {"type": "payment_received"})], "EUR")
    assert isinstance(arrived, Accepted)
    for odd in ({}, {"type": "x"}, {"type": None}, {"type": ["payment_received"]}):
        assert isinstance(read_record([body(GOOD | odd)], "EUR"), Refusal)
    assert isinstance(read_record([body([])], "EUR"), Refusal)
    assert isinstance(read_record([], "EUR"), Refusal)


def test_a_partly_upheld_dispute_must_say_by_how_much() -> None:
    document = {"id": "r", "at": GOOD["at"], "dispute": "d", "result": "partly"}
    arrived = read("dispute_resolved", [body(document)], "EUR")
    assert isinstance(arrived, Refusal)
    assert "needs the amount" in arrived.reason


def test_every_signal_is_refused_with_a_sentence_when_it_is_empty() -> None:
    for name in SIGNALS:
        arrived = read(name, [body({})], "EUR")
        assert isinstance(arrived, Refusal)
        assert "id: Field required" in arrived.reason


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("dispute_opened", {"reason": "goods", "respond_by": "2026-03-01"}),
        ("stop_requested", {"flag": "breathing_space", "until": "2026-04-10T00:00:00+02:00"}),
        (
            "plan_accepted",
            {
                "instalments": [{"due_on": "2026-03-01", "amount": GOOD["amount"]}],
                "accelerate": False,
            },
        ),
    ],
)
def test_what_may_be_added_to_a_signal_is_read(name: str, fields: Document) -> None:
    arrived = read(name, [body({"id": "e", "at": GOOD["at"], **fields})], "EUR")
    assert isinstance(arrived, Accepted), arrived
    added = {"dispute_opened": "respond_by", "stop_requested": "until"}.get(name, "accelerate")
    assert getattr(arrived.event, added) is not None


@pytest.mark.parametrize(
    ("name", "fields", "field"),
    [
        ("dispute_opened", {"reason": "goods", "respond_by": "soon"}, "respond_by"),
        ("stop_requested", {"flag": "x", "until": "2026-04-10T00:00:00"}, "until"),
        ("plan_accepted", {"instalments": [], "accelerate": "perhaps"}, "accelerate"),
    ],
)
def test_what_may_be_added_is_refused_when_it_does_not_read(
    name: str, fields: Document, field: str
) -> None:
    arrived = read(name, [body({"id": "e", "at": GOOD["at"], **fields})], "EUR")
    assert isinstance(arrived, Refusal)
    assert f"{field}:" in arrived.reason

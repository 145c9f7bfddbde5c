"""Whatever is sent, reading it never raises."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.apply import take
from dunning.inbox import MAX_RAW, Accepted, Body, Refusal, read, read_record
from schemas.case import Case
from schemas.signals import SIGNALS, sums
from tests.dunning.build import at, case

names = st.sampled_from(sorted(SIGNALS)) | st.text(max_size=30)
texts = st.text(max_size=20) | st.sampled_from(
    ["2026-02-10T18:00:00+01:00", "9999-12-31", "0001-01-01T00:00:00+14:00", "10.10", "5-", "EUR"]
)
numbers = st.integers() | st.floats() | st.booleans() | st.none()
anything = st.recursive(
    numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
fields = st.sampled_from(
    ["id", "at", "amount", "payment", "dispute", "result", "instalments", "pay_on", "reason",
     "until", "hold", "plan", "channel", "by", "satisfies", "flag", "scope", "step", "decision"]
)  # fmt: skip
money = st.fixed_dictionaries({"amount": numbers | texts, "currency": st.just("EUR") | texts})
moments = st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat())
parts = st.lists(st.fixed_dictionaries({"due_on": texts, "amount": money}), max_size=3)
objects = st.dictionaries(fields, anything | money | moments | parts, max_size=10)
encodings = st.sampled_from(["json/plain", "binary/plain", "json/protobuf", ""]) | st.text(
    max_size=9
)


def check(arrived: Accepted | Refusal) -> None:
    if isinstance(arrived, Accepted):
        assert all(amount.currency == "EUR" and amount.minor > 0 for amount in sums(arrived.event))
    else:
        assert arrived.reason
        assert len(arrived.raw) <= MAX_RAW
    taken = take(case(), arrived, at("02-01"))
    assert Case.model_validate_json(taken.model_dump_json()) == taken


@settings(max_examples=300)
@given(names, st.lists(st.builds(Body, encodings, st.binary(max_size=200)), max_size=3))
def test_any_bytes_in_any_encoding_under_any_name(name: str, bodies: list[Body]) -> None:
    check(read(name, bodies, "EUR"))
    read_record(bodies, "EUR")


@settings(max_examples=500)
@given(names, anything | objects)
def test_any_json(name: str, document: object) -> None:
    content = json.dumps(document).encode()
    check(read(name, [Body("json/plain", content)], "EUR"))
    read_record([Body("json/plain", content)], "EUR")


@settings(max_examples=300)
@given(st.floats() | st.decimals(allow_nan=False, allow_infinity=False) | st.integers())
def test_a_number_that_is_taken_is_taken_exactly(number: object) -> None:
    literal = str(number) if not isinstance(number, float) else json.dumps(number)
    content = (
        f'{{"id": "p", "at": "2026-02-10T18:00:00Z",'
        f' "amount": {{"amount": {literal}, "currency": "EUR"}}}}'
    )
    arrived = read("payment_received", [Body("json/plain", content.encode())], "EUR")
    if isinstance(arrived, Accepted):
        (amount,) = sums(arrived.event)
        assert f"{amount.amount:f}" == literal

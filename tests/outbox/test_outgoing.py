"""Which events the entries of a journal make, and what they say."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dunning.outgoing import outgoing, outgoing_charge
from schemas.case import Entry
from schemas.outgoing import OUTGOING, AnyOutgoing
from schemas.signals import SIGNALS
from tests.activities.build import NOW, correction_of, fee_of, interest_of
from tests.outbox.build import about, closed, happened, opened, settled

ROOT = Path(__file__).resolve().parents[2]
ORDER = about("acme")


def one(entry: Entry) -> AnyOutgoing:
    (event,) = outgoing(ORDER, [entry])
    return event


def content(event: AnyOutgoing) -> dict[str, Any]:
    told = event.model_dump(mode="json", exclude_none=True)
    return {"type": told["type"], "data": told["data"]}


def test_an_event_says_which_case_it_is_about_and_when_it_happened_in_the_cases_time() -> None:
    assert one(closed()).model_dump(mode="json") == {
        "schema": "dunning-event/1",
        "id": "acme:INV-1:1:closed",
        "at": "2026-02-01T09:00:00Z",
        "creditor": "acme",
        "invoice": "INV-1",
        "customer": "C-1",
        "episode": 1,
        "type": "case_closed",
        "data": {"outcome": "paid", "reason": "-"},
    }


@pytest.mark.parametrize(
    ("entry", "type_", "data"),
    [
        (opened(), "case_opened", {"policy": "p", "policy_hash": "h"}),
        (
            settled("email", reference="ses-1"),
            "step_done",
            {"step": "step-1", "channel": "email", "result": "done", "reference": "ses-1"},
        ),
        (
            settled("sms", "refused", reason="no consent"),
            "step_done",
            {"step": "step-1", "channel": "sms", "result": "refused", "reason": "no consent"},
        ),
        (
            settled("handoff", "unknown"),
            "step_done",
            {"step": "step-1", "channel": "handoff", "result": "unknown"},
        ),
        (
            settled("suspend", reference="B-1"),
            "suspended",
            {"step": "step-1", "reference": "B-1"},
        ),
        (settled("restore"), "restored", {"step": "step-1"}),
        (settled("handoff"), "handed_off", {"step": "step-1"}),
        (settled("recall"), "recalled", {"step": "step-1"}),
        (
            Entry(
                id="step:call:call:skipped",
                at=NOW,
                kind="step skipped",
                detail={"step": "call", "reason": "too late"},
            ),
            "step_done",
            {"step": "call", "result": "skipped", "reason": "too late"},
        ),
        (happened("dispute_opened"), "hold_started", {"hold": "e1", "reason": "dispute"}),
        (happened("promise_made"), "hold_started", {"hold": "e1", "reason": "promise"}),
        (happened("plan_accepted"), "hold_started", {"hold": "e1", "reason": "plan"}),
        (happened("hold_placed"), "hold_started", {"hold": "e1", "reason": "hold"}),
        (happened("stop_requested"), "hold_started", {"hold": "e1", "reason": "stop"}),
        (happened("dispute_resolved", dispute="d1"), "hold_ended", {"hold": "d1"}),
        (happened("plan_cancelled", plan="p1"), "hold_ended", {"hold": "p1"}),
        (happened("hold_released", hold="h1"), "hold_ended", {"hold": "h1"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_entry_becomes_an_event(entry: Entry, type_: str, data: dict[str, str]) -> None:
    assert content(one(entry)) == {"type": type_, "data": data}


@pytest.mark.parametrize(("found", "result"), [("sent", "done"), ("not_sent", "refused")])
def test_what_a_person_found_out_about_an_unknown_step_is_told(found: str, result: str) -> None:
    entry = happened("effect_resolved", effect="acme:INV-1:1:step-1:email#2", result=found)
    told = {"step": "step-1", "channel": "email", "result": result, "reason": "a person found out"}
    assert content(one(entry)) == {"type": "step_done", "data": told}


@pytest.mark.parametrize(
    "key", ["acme:INV-2:1:step-1:email", "acme:INV-1:1:step-1", "xacme:INV-1:1:s:email", ":::::"]
)
def test_a_finding_about_another_cases_step_is_not_told(key: str) -> None:
    assert outgoing(ORDER, [happened("effect_resolved", effect=key, result="sent")]) == ()


HOLDING = {"dispute_opened", "promise_made", "plan_accepted", "hold_placed", "stop_requested"}
RELEASING = {"dispute_resolved", "plan_cancelled", "hold_released"}
FOUND_OUT = {"effect_resolved"}


@pytest.mark.parametrize("name", sorted(SIGNALS.keys() - HOLDING - RELEASING - FOUND_OUT))
def test_what_the_billing_system_told_us_is_not_told_back(name: str) -> None:
    assert outgoing(ORDER, [happened(name)]) == ()


def test_a_step_put_off_and_a_refused_signal_are_nobody_elses_business() -> None:
    rejected = Entry(id="rejected:1", at=NOW, kind="rejected", detail={"raw": "Wilhelmine"})
    assert outgoing(ORDER, [settled("email", "deferred"), rejected]) == ()


def test_events_come_in_the_order_of_their_entries() -> None:
    told = outgoing(ORDER, [opened(), happened("payment_received"), settled("email"), closed()])
    assert [event.type for event in told] == ["case_opened", "step_done", "case_closed"]


def test_what_an_entry_says_beyond_the_contract_stays_at_home() -> None:
    entry = settled("email", words="Wilhelmine")
    assert "Wilhelmine" not in one(entry).model_dump_json()


@pytest.mark.parametrize(
    "charge", [fee_of("acme"), interest_of("acme", 1_234)], ids=["fee", "interest"]
)
def test_a_posted_charge_is_told_with_its_exact_sum_and_ground(charge: Any) -> None:  # noqa: ANN401 - a Charge
    event = outgoing_charge(ORDER, charge)
    assert event.type == "charge_posted"
    assert event.id == f"charge:{charge.key}"
    assert (event.data.amount.minor, event.data.amount.currency) == (charge.minor, "EUR")
    assert (event.data.kind, event.data.ground) == (charge.kind, charge.ground)
    assert event.data.on == date(2026, 2, 1)


def test_a_line_below_zero_names_the_charge_it_corrects() -> None:
    fee = fee_of("acme")
    event = outgoing_charge(ORDER, correction_of(fee, 1_500))
    assert event.type == "charge_corrected"
    assert (event.data.corrects, event.data.amount.text) == (fee.key, "-15.00")


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300))
def test_whatever_a_sender_calls_its_event_the_id_fits_into_a_header(one: str, two: str) -> None:
    ids = [
        event.id
        for name in (one, two)
        for event in outgoing(
            ORDER, [happened("hold_placed", name.encode(errors="replace").decode())]
        )
    ]
    assert all(re.fullmatch(r"[!-~]([ -~]{0,198}[!-~])?", name) for name in ids)
    assert (ids[0] == ids[1]) is (one == two)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "line\nbreak"},
        {"id": "x" * 201},
        {"type": "payment_received"},
        {"episode": 0},
        {"name": "W. Geheimrat"},
        {"at": "2026-02-01T09:00:00"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_event_that_is_none_is_never_made(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        OUTGOING.validate_python(one(closed()).model_dump() | change)


def test_the_page_for_receivers_shows_an_event_as_it_is_sent_and_names_every_type() -> None:
    page = (ROOT / "docs" / "contracts" / "outgoing.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^{.*?}}$", page, re.MULTILINE | re.DOTALL)
    assert OUTGOING.validate_json(shown).model_dump(mode="json") == json.loads(shown)
    schema = json.loads((ROOT / "docs" / "contracts" / "outgoing.json").read_text("utf-8"))
    for name in schema["discriminator"]["mapping"]:
        assert f"`{name}`" in page

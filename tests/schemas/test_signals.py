"""What the world tells a case."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from schemas.signals import (
    EVENT,
    MAX_INSTALMENTS,
    SIGNALS,
    DisputeOpened,
    HoldPlaced,
    PaymentReceived,
    PlanAccepted,
    PromiseMade,
    sums,
)

AT = "2026-02-10T18:00:00+01:00"
EUR = {"amount": "10.10", "currency": "EUR"}


def test_every_signal_of_the_contract_has_its_model() -> None:
    assert sorted(SIGNALS) == [
        "approval_given", "contact_made", "contact_outcome", "credit_issued", "dispute_opened",
        "dispute_resolved", "hold_placed", "hold_released", "invoice_cancelled",
        "payment_received", "payment_reversed", "placement_recalled", "plan_accepted",
        "plan_cancelled", "promise_made", "stop_requested", "written_off",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [
        {"type": "payment_received", "amount": EUR, "value_on": "2026-02-10", "reference": "r"},
        {"type": "payment_reversed", "payment": "p"},
        {"type": "payment_reversed", "payment": "p", "amount": EUR, "reason": "bounced"},
        {"type": "credit_issued", "amount": EUR, "linked": False, "retroactive": True},
        {"type": "dispute_opened", "reason": "goods", "amount": EUR, "evidence": "photo"},
        {"type": "dispute_resolved", "dispute": "d", "result": "partly", "amount": EUR},
        {"type": "plan_accepted", "instalments": [{"due_on": "2026-03-01", "amount": EUR}]},
        {"type": "plan_cancelled", "plan": "p"},
        {"type": "promise_made", "pay_on": "2026-03-01"},
        {"type": "hold_placed", "reason": "x", "until": AT},
        {"type": "hold_released", "hold": "h"},
        {"type": "contact_made", "channel": "call", "by": "Kim", "satisfies": "call"},
        {"type": "contact_outcome", "effect": "k", "result": "busy"},
        {"type": "stop_requested", "flag": "insolvency"},
        {"type": "invoice_cancelled"},
        {"type": "written_off", "reason": "old", "amount": EUR},
        {"type": "approval_given", "step": "s", "decision": "refuse", "by": "Kim"},
        {"type": "placement_recalled", "reason": "paid to us"},
    ],
)
def test_every_event_reads_and_survives_its_way_through_json(document: dict[str, object]) -> None:
    event = EVENT.validate_python({"id": "e", "at": AT, **document})
    assert isinstance(event, SIGNALS[str(document["type"])])
    assert EVENT.validate_json(EVENT.dump_json(event)) == event


@pytest.mark.parametrize("written", [AT, "2026-02-10T17:00:00Z", "2026-02-10 17:00:00+00:00"])
def test_a_moment_is_an_instant_however_its_offset_is_written(written: str) -> None:
    event = HoldPlaced.model_validate({"id": "e", "at": written, "reason": "x"})
    assert event.at == datetime(2026, 2, 10, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "day", [True, 20260301, "20260301", "1.3.2026", "2026-02-30", "1899-01-01"]
)
def test_what_is_no_day_is_refused(day: object) -> None:
    with pytest.raises(ValidationError, match="pay_on"):
        PromiseMade.model_validate({"id": "e", "at": AT, "pay_on": day})


def test_a_day_and_a_moment_may_come_as_what_they_are() -> None:
    now = datetime(2026, 2, 10, tzinfo=UTC)
    event = PromiseMade(id="e", at=now, pay_on=date(2026, 3, 1))
    assert (event.at, event.pay_on) == (now, date(2026, 3, 1))


def test_a_plan_has_at_least_one_instalment_and_not_too_many() -> None:
    part = {"due_on": "2026-03-01", "amount": EUR}
    for count in (0, MAX_INSTALMENTS + 1):
        with pytest.raises(ValidationError, match="instalments"):
            PlanAccepted.model_validate({"id": "e", "at": AT, "instalments": [part] * count})


def test_long_words_are_cut_but_never_cost_the_event() -> None:
    event = DisputeOpened.model_validate({"id": "e", "at": AT, "reason": "x" * 5000})
    assert event.reason == "x" * 500


def test_all_sums_of_an_event_are_known() -> None:
    part = {"due_on": "2026-03-01", "amount": EUR}
    plan = PlanAccepted.model_validate({"id": "e", "at": AT, "instalments": [part] * 3})
    payment = PaymentReceived.model_validate({"id": "e", "at": AT, "amount": EUR})
    promise = PromiseMade.model_validate({"id": "e", "at": AT, "pay_on": "2026-03-01"})
    assert [len(sums(event)) for event in (plan, payment, promise)] == [3, 1, 0]

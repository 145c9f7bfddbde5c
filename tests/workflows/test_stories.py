"""What becomes of a case, told as stories: each runs as a real workflow in skipped time."""

import pytest
from temporalio.client import Client

from embedded.rehearsal import Rehearsed, run_one
from schemas.case import CaseView
from schemas.signals import AnyEvent
from tests.workflows.build import a_case, an_event, moment, steps
from tests.workflows.world import World

pytestmark = pytest.mark.usefixtures("world")

REMINDED = ["02-01 09:00 reminder-1 email done", "02-08 09:00 reminder-2 email done"]
LADDER = [
    *REMINDED,
    "02-08 09:00 late-fee fee done",
    "02-15 09:00 call call done",
    "03-03 09:00 final-notice email done",
    "03-03 09:00 final-notice letter done",
]


async def lived(client: Client, *events: AnyEvent, until: str | None = None) -> CaseView:
    stop = moment(until) if until else None
    return await run_one(client, Rehearsed(a_case(), events, stop))


async def test_without_any_reaction_a_case_climbs_every_step_and_is_handed_off_when_approved(
    client: Client,
) -> None:
    approved = an_event(
        "approval_given", "2026-03-18 11:00", step="handoff", decision="approve", by="lead"
    )
    view = await lived(client, approved)
    assert steps(view) == [*LADDER, "03-18 11:00 handoff handoff done"]
    assert (view.status, view.outcome) == ("closed", "handed_off")
    assert view.balance.total == "1040.00"


async def test_nobody_approving_the_hand_off_leaves_the_case_waiting_for_a_person(
    client: Client,
) -> None:
    view = await lived(client, until="2026-05-01 00:00")
    assert steps(view) == LADDER
    assert "approval-needed" in view.attention


async def test_a_full_payment_before_the_first_step_means_nothing_is_ever_sent(
    client: Client,
) -> None:
    view = await lived(client, an_event("payment_received", "2026-02-01 00:00", amount="1000.00"))
    assert (steps(view), view.outcome) == ([], "paid")


async def test_a_full_payment_between_two_steps_ends_the_case_at_once(client: Client) -> None:
    view = await lived(client, an_event("payment_received", "2026-02-03 18:00", amount="1000.00"))
    assert (steps(view), view.outcome) == (REMINDED[:1], "paid")


async def test_after_a_part_payment_only_the_rest_is_asked_for(client: Client) -> None:
    paid = an_event("payment_received", "2026-02-05 12:00", amount="400.00")
    view = await lived(client, paid, until="2026-02-08 12:00")
    assert [row.amount_due for row in view.timeline] == ["1000.00", "600.00", "600.00"]
    assert view.balance.total == "640.00"


async def test_a_dispute_stops_everything_and_its_rejection_leaves_the_remaining_offset(
    client: Client,
) -> None:
    opened = an_event("dispute_opened", "2026-02-03 12:00", id="d", reason="wrong goods")
    rejected = an_event("dispute_resolved", "2026-02-23 12:00", dispute="d", result="rejected")
    held = await lived(client, opened, until="2026-02-22 00:00")
    assert (steps(held), held.status) == (REMINDED[:1], "held")
    view = await lived(client, opened, rejected, until="2026-02-28 12:00")
    assert steps(view)[1] == "02-28 09:00 reminder-2 email done"


async def test_a_dispute_upheld_credits_the_invoice_and_ends_the_case(client: Client) -> None:
    opened = an_event("dispute_opened", "2026-02-03 12:00", id="d", reason="never delivered")
    upheld = an_event("dispute_resolved", "2026-02-10 12:00", dispute="d", result="upheld")
    view = await lived(client, opened, upheld)
    assert (steps(view), view.outcome) == (REMINDED[:1], "credited")


async def test_a_dispute_about_a_part_leaves_the_rest_to_be_asked_for(client: Client) -> None:
    opened = an_event("dispute_opened", "2026-02-03 12:00", reason="one item", amount="300.00")
    view = await lived(client, opened, until="2026-02-08 08:00")
    assert (view.status, view.amount_due) == ("open", "700.00")
    view = await lived(client, opened, until="2026-02-08 12:00")
    assert view.timeline[1].amount_due == "700.00"


PLAN = an_event(
    "plan_accepted",
    "2026-02-03 12:00",
    id="rates",
    instalments=[
        {"due_on": "2026-03-01", "amount": {"amount": "500.00", "currency": "EUR"}},
        {"due_on": "2026-04-01", "amount": {"amount": "500.00", "currency": "EUR"}},
    ],
)


async def test_a_plan_that_is_kept_ends_the_case_and_says_nothing_but_what_is_due(
    client: Client,
) -> None:
    first = an_event("payment_received", "2026-03-01 12:00", id="p1", amount="500.00")
    second = an_event("payment_received", "2026-04-01 12:00", id="p2", amount="500.00")
    view = await lived(client, PLAN, first, second)
    assert view.outcome == "paid"
    assert steps(view) == [
        *REMINDED[:1],
        "02-26 09:00 plan-rates-1-before-3 email done",
        "03-01 09:00 plan-rates-1-due email done",
        "03-29 09:00 plan-rates-2-before-3 email done",
        "04-01 09:00 plan-rates-2-due email done",
    ]


async def test_a_missed_instalment_calls_for_a_cure_and_the_second_one_ends_the_plan(
    client: Client,
) -> None:
    still = await lived(client, PLAN, until="2026-04-06 23:00")
    assert still.status == "held"
    assert "03-07 09:00 plan-rates-cure-2026-03-07 email done" in steps(still)
    view = await lived(client, PLAN, until="2026-04-12 12:00")
    assert view.status == "open"
    assert steps(view)[-3:] == [
        "04-07 09:00 plan-rates-ended-2026-04-07 email done",
        "04-12 09:00 reminder-2 email done",
        "04-12 09:00 late-fee fee done",
    ]


async def test_a_promise_is_reminded_of_and_when_broken_lets_the_steps_go_on(
    client: Client,
) -> None:
    promised = an_event("promise_made", "2026-02-03 12:00", id="word", pay_on="2026-02-10")
    reminded = [*REMINDED[:1], "02-09 09:00 promise-word-reminder email done"]
    kept = await lived(client, promised, until="2026-02-12 12:00")
    assert (kept.status, steps(kept)) == ("held", reminded)
    view = await lived(client, promised, until="2026-02-19 12:00")
    assert steps(view)[:3] == [*reminded, "02-18 09:00 reminder-2 email done"]


async def test_a_hold_keeps_everything_back_until_it_is_released(client: Client) -> None:
    placed = an_event("hold_placed", "2026-02-03 12:00", id="h", reason="talks")
    released = an_event("hold_released", "2026-02-13 12:00", hold="h")
    view = await lived(client, placed, released, until="2026-02-18 12:00")
    assert steps(view) == [
        *REMINDED[:1],
        "02-18 09:00 reminder-2 email done",
        "02-18 09:00 late-fee fee done",
    ]


async def test_a_hold_with_an_end_falls_by_itself(client: Client) -> None:
    placed = an_event(
        "hold_placed", "2026-02-03 12:00", reason="talks", until=moment("2026-02-13 12:00")
    )
    view = await lived(client, placed, until="2026-02-18 12:00")
    assert steps(view)[1] == "02-18 09:00 reminder-2 email done"


async def test_a_cancelled_invoice_ends_its_case(client: Client) -> None:
    view = await lived(client, an_event("invoice_cancelled", "2026-02-09 12:00"))
    assert (steps(view)[:2], view.outcome) == (REMINDED, "cancelled")


async def test_a_call_nobody_answers_is_made_again_the_next_day_and_no_more_than_twice(
    client: Client,
) -> None:
    case = a_case()
    missed = [
        an_event(
            "contact_outcome",
            f"2026-02-{15 + number} 09:05",
            id=f"missed-{number}",
            effect=f"{case.key}:call:call" + (f"#{number + 1}" if number else ""),
            result="no-answer",
        )
        for number in range(3)
    ]
    view = await run_one(client, Rehearsed(case, missed, moment("2026-03-01 00:00")))
    assert steps(view)[3:] == [f"02-{day} 09:00 call call done" for day in (15, 16, 17)]


async def test_events_that_came_before_the_case_are_known_from_its_first_moment(
    client: Client, world: World
) -> None:
    case = a_case()
    early = an_event("hold_placed", "2026-01-30 12:00", id="h", reason="talks")
    paid = an_event("payment_received", "2026-01-31 12:00", amount="1000.00")
    view = await run_one(client, Rehearsed(case, (early, paid)))
    assert (view.outcome, steps(view)) == ("paid", [])
    assert world.booked(case.invoice.id) == ["event:h", "event:payment_received", "closed"]

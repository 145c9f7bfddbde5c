"""A worker that dies at any line between the order and its settlement sends nothing twice.

The stop is thrown at one line event after another of `activities/` and `store/`, as often as an
undisturbed run has any; then time passes, and other workers take over until it is settled.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import Engine

from activities.case_activities import CaseActivities
from embedded.processes import ROOT
from schemas.effects import Effect, Receipt
from schemas.errors import DunningError
from settings import Settings
from store.effect_ledger import StillAtWorkError
from tests.activities.build import (
    age,
    calls_to,
    effects_of,
    emails_to,
    enter,
    fee_of,
    messages_to,
    order,
    posted,
    trail,
)

WATCHED = tuple(str(Path(ROOT, room)) for room in ("activities", "store"))
MOST_TURNS = 4


class StoppedError(BaseException):
    """The process ends here."""


class Stop:
    """Ends the process at the nth line of the watched rooms; None only counts them."""

    def __init__(self, at: int | None) -> None:
        self.lines = 0
        self._at = at

    def run(self, work: Callable[[], object]) -> bool:
        """Do some work; returns whether it was stopped."""
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            work()
        except StoppedError:
            return True
        except StillAtWorkError:
            return False
        finally:
            sys.settrace(before)
        return False

    def _called(self, frame: FrameType, _: str, __: Any) -> Any:  # noqa: ANN401 - as Python defines it
        return self._line if frame.f_code.co_filename.startswith(WATCHED) else None

    def _line(self, _: FrameType, kind: str, __: Any) -> Any:  # noqa: ANN401 - as Python defines it
        if kind == "line":
            self.lines += 1
            if self.lines == self._at:
                raise StoppedError
        return self._line


Act = Callable[[CaseActivities, Effect], Receipt]


def settled(activities: CaseActivities, engine: Engine, ordered: Effect, act: Act) -> Receipt:
    """Try again, as Temporal does, until the effect is settled; time passes in between."""
    for _ in range(MOST_TURNS):
        try:
            return act(activities, ordered)
        except DunningError:
            for row in effects_of(engine, ordered.creditor):
                age(engine, row["key"])
    return act(activities, ordered)


Arrived = Callable[[Settings, Engine, Any], int]
CASES: dict[str, tuple[Act, Arrived]] = {
    "email": (CaseActivities.send, lambda out, _, debtor: len(emails_to(out, debtor.email))),
    "sms": (CaseActivities.send, lambda out, _, debtor: len(messages_to(out, debtor.phone))),
    "call": (CaseActivities.call, lambda out, _, debtor: len(calls_to(out, debtor.phone))),
    "fee": (CaseActivities.charge, lambda _, engine, debtor: len(posted(engine, debtor.creditor))),
}


@pytest.mark.parametrize("do", sorted(CASES))
def test_a_worker_that_dies_at_any_line_sends_nothing_twice_and_loses_nothing(
    activities: CaseActivities, outside: Settings, engine: Engine, creditor: str, do: str
) -> None:
    act, arrived = CASES[do]

    def ordered(name: str) -> Effect:
        charges = (fee_of(name),) if do == "fee" else ()
        return order(name, do, charges=charges)

    enter(engine, creditor)
    undisturbed = Stop(None)
    undisturbed.run(lambda: act(activities, ordered(creditor)))
    assert undisturbed.lines > 50
    wrong: list[str] = []
    for line in range(1, undisturbed.lines + 1):
        name = f"{creditor}-{line}"
        debtor = enter(engine, name)
        was_stopped = Stop(line).run(lambda name=name: act(activities, ordered(name)))  # type: ignore[misc]
        (became,) = settled(activities, engine, ordered(name), act).receipts
        came = arrived(outside, engine, debtor)
        (row,) = effects_of(engine, name)
        is_right = (became.result, came) == ("done", 1)
        if do == "email" and became.result == "unknown":  # SES cannot be asked
            is_right = came in {0, 1}
        booked = [one for one in trail(engine, name) if one["kind"] == "effect"]
        if not (was_stopped and is_right and row["state"] == became.result and len(booked) == 1):
            wrong.append(f"line {line}: {became.result}, arrived {came}, booked {len(booked)}")
    assert not wrong, "\n".join(wrong)

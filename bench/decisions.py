"""What a decision costs: `next_move`, taking in an event or a receipt, and whole simulated cases.

    python -m bench.decisions [--ledger FILE --map MAP] [--json]

Cases live their whole life, with what a seeded random debtor does; each decision and each change is
timed where it happens, and the figure is the median. `next_move, first` is that of a case nobody
has asked anything.
"""

import argparse
import gc
import json
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from dunning.apply import booked, happened, noted, performed
from dunning.decide import next_move
from dunning.moves import Act, Book, Note, WaitUntil
from dunning.opening import new_case
from dunning.simulate import as_done
from library.cases import begin
from library.policies import find_policy
from schemas.case import Case
from schemas.customer import Customer, CustomerFacts
from schemas.invoice import Invoice
from schemas.signals import EVENT, AnyEvent
from starter.ledger.map_file import load_column_map
from starter.portfolio import simulate_ledger

T = TypeVar("T")
OPENED = datetime(2026, 2, 1, tzinfo=UTC)
TARGET_US = 100
TARGET_CASES = 1_000


_CUSTOMER = Customer(
    id="C-1",
    kind="business",
    country="DE",
    time_zone="Europe/Berlin",
    consents={"sms": "express", "call": "express"},
)


def _begun(number: int, policy: object) -> Case:
    invoice = Invoice.model_validate(
        {
            "id": f"INV-{number}",
            "issued_on": "2026-01-01",
            "due_on": "2026-01-31",
            "amount": {"amount": "1000.00", "currency": "EUR"},
        }
    )
    facts = CustomerFacts(
        id=f"C-{number}", kind="business", country="DE", time_zone="Europe/Berlin"
    )
    return new_case("acme", invoice, facts, policy, OPENED)  # type: ignore[arg-type]


def _events(dice: random.Random, number: int) -> list[AnyEvent]:
    kinds: list[dict[str, object]] = [
        {"type": "payment_received", "amount": {"amount": "100.00", "currency": "EUR"}},
        {"type": "promise_made", "pay_on": "2026-02-20"},
        {
            "type": "dispute_opened",
            "reason": "goods",
            "amount": {"amount": "50", "currency": "EUR"},
        },
        {"type": "contact_made", "channel": "call", "by": "Kim"},
        {"type": "hold_placed", "reason": "asked", "until": "2026-02-10T00:00:00+00:00"},
    ]
    chosen = dice.sample(kinds, dice.randrange(len(kinds) + 1))
    return [
        EVENT.validate_python(
            {**kind, "id": f"{number}-{n}", "at": OPENED + timedelta(days=dice.randrange(40))}
        )
        for n, kind in enumerate(chosen)
    ]


Spent = dict[str, list[int]]


def _timed(spent: Spent, name: str, work: Callable[[], T]) -> T:
    begun = time.perf_counter_ns()
    found = work()
    spent.setdefault(name, []).append(time.perf_counter_ns() - begun)
    return found


def live(begun: Case, events: list[AnyEvent], until: datetime, spent: Spent) -> None:
    """Run a case as the simulator does, with a clock around every decision and every change."""
    case, now, ahead = begun, begun.opened_at, sorted(events, key=lambda event: event.at)
    for _ in range(1_000):
        while ahead and ahead[0].at <= now:
            case = _timed(spent, "apply event", partial(happened, case, ahead.pop(0), now))
        match _timed(spent, "next_move", partial(next_move, case, now)):
            case Act() as act:
                receipt = as_done(act)
                work = partial(performed, case, act, receipt, now, len(case.journal))
                case = _timed(spent, "apply receipt", work)
            case Note() as note:
                case = _timed(spent, "apply note", partial(noted, case, note, now))
            case Book():
                case = booked(case, len(case.journal), now)
            case WaitUntil(at=at):
                moments = [at for at in (at, ahead[0].at if ahead else None) if at]
                if not moments or min(moments) > until:
                    return
                now = max(now, min(moments))
            case _:
                return


def decisions(count: int = 1_500, seed: int = 7) -> dict[str, float]:
    """Return the median cost of each kind of work over whole lives of cases, in microseconds."""
    dice = random.Random(seed)  # noqa: S311 - figures, not secrets
    chosen, spent = find_policy("net30-standard"), Spent()
    todo = [(_begun(number, chosen), _events(dice, number)) for number in range(count)]
    gc.collect()
    gc.freeze()
    for begun, events in todo:
        # a fixed piece of plain Python, to tell a slow machine from slow rules
        _timed(spent, "sum(range(1000))", lambda: sum(range(1_000)))
        _timed(spent, "next_move, first", partial(next_move, begun.model_copy(), OPENED))
        live(begun, events, OPENED + timedelta(days=120), spent)
    lawful: Spent = {}
    for begun, events in todo:
        ruled = begin("acme", begun.invoice, _CUSTOMER, chosen, OPENED)
        live(ruled, events, OPENED + timedelta(days=120), lawful)
    spent["next_move, with the law"] = lawful["next_move"]
    return {name: statistics.median(times) / 1_000 for name, times in spent.items()}


def portfolio(ledger: Path, column_map: Path) -> dict[str, float]:
    """Return cases a second over a whole ledger, reading included, and the peak of memory."""
    policy, columns = find_policy("net30-reminders"), load_column_map(column_map)
    begun = time.perf_counter()
    result = simulate_ledger(ledger, columns, policy, None)
    spent = time.perf_counter() - begun
    tracemalloc.start()
    simulate_ledger(ledger, columns, policy, None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {"cases/s": result.cases / spent, "peak MB": peak / 1e6}


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--ledger", type=Path)
    asked.add_argument("--map", type=Path)
    asked.add_argument("--json", action="store_true")
    chosen = asked.parse_args()
    found: dict[str, float] = {f"{name} (us)": cost for name, cost in decisions().items()}
    if chosen.ledger and chosen.map:
        found |= portfolio(chosen.ledger, chosen.map)
    if chosen.json:
        print(json.dumps(found))
        return
    print(f"target: {TARGET_US} us a decision, {TARGET_CASES} cases a second and core")
    for name, value in found.items():
        print(f"{name:24} {value:12.1f}")


if __name__ == "__main__":
    main()

"""What a decision costs: `next_move`, taking in an event or a receipt, and whole simulated cases.

    python -m bench.decisions [--ledger FILE --map MAP] [--json]

Every figure is the median over cases at every stage of their life, made by a seeded random debtor.
A decision is timed on a case nobody has asked anything before, so nothing is remembered for it.
"""

import argparse
import gc
import json
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dunning.apply import happened, performed
from dunning.decide import next_move
from dunning.moves import Act
from dunning.opening import new_case
from dunning.simulate import as_done, simulate
from library.policies import find_policy
from schemas.case import Case
from schemas.customer import CustomerFacts
from schemas.invoice import Invoice
from schemas.signals import EVENT, AnyEvent
from starter.ledger.map_file import load_column_map
from starter.portfolio import simulate_ledger

OPENED = datetime(2026, 2, 1, tzinfo=UTC)
TARGET_US = 100
TARGET_CASES = 1_000


def lives(count: int, seed: int = 7) -> Iterator[tuple[Case, datetime]]:
    """Yield cases in the middle of their life, with the moment they stand at."""
    dice = random.Random(seed)  # noqa: S311 - figures, not secrets
    chosen = find_policy("net30-standard")
    for number in range(count):
        begun = _begun(number, chosen)
        until = OPENED + timedelta(days=dice.randrange(60), hours=9)
        yield simulate(begun, _events(dice, number), until)


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


def microseconds(
    work: Callable[[Case, datetime], object], cases: list[tuple[Case, datetime]]
) -> float:
    """Return the median time of some work on cases nobody has asked anything before."""
    spent = []
    for case, now in cases:
        fresh = case.model_copy()
        begun = time.perf_counter_ns()
        work(fresh, now)
        spent.append(time.perf_counter_ns() - begun)
    return statistics.median(spent) / 1_000


def decisions(count: int = 3_000) -> dict[str, float]:
    """Return the median cost of each kind of work, in microseconds."""
    cases = list(lives(count))
    acting = [(case, now) for case, now in cases if isinstance(next_move(case, now), Act)]
    event = _events(random.Random(1), 999_999)  # noqa: S311
    gc.collect()
    gc.freeze()
    # a fixed piece of plain Python, to tell a slow machine from slow rules
    found = {"sum(range(1000))": microseconds(lambda _, __: sum(range(1_000)), cases)}
    found["next_move"] = microseconds(next_move, cases)
    found["apply event"] = microseconds(lambda case, now: happened(case, event[0], now), cases)
    if acting:
        found["apply receipt"] = microseconds(_receipt, acting)
    return found


def _receipt(case: Case, now: datetime) -> Case:
    act = next_move(case, now)
    return performed(case, act, as_done(act), now, 0) if isinstance(act, Act) else case


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

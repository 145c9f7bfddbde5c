"""What the ledger costs: database time of preparing, claiming and settling one effect.

    python -m bench.effects [--count N] [--json]

A PostgreSQL of its own is started. Each effect is an email under the default contact rules, with
the last look at the customer's desk, to a provider that answers at once; `claim and settle` is the
time between the first statement and the commit of these two transactions, as the worker sees it.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, insert

from activities.claiming import Prepared
from activities.effects import carry_out
from embedded.stack import Part, Stack
from schemas.effects import Effect, Planned
from schemas.messages import Sent
from store import engine as books
from store.debtors import Debt
from store.tables import customers, invoices

TARGET_MS = 3.0
MONDAY = datetime(2026, 2, 2, 9, tzinfo=UTC)


def enter(engine: Engine, count: int) -> None:
    """Enter as many debtors with an invoice each."""
    debtor = {"creditor": "bench", "kind": "business", "country": "DE", "language": "de"}
    debtor |= {"time_zone": "Europe/Berlin", "email": "ap@debtor.example"}
    debt = {"creditor": "bench", "kind": "invoice", "currency": "EUR", "amount_minor": 100_000}
    days = {"issued_on": date(2026, 1, 1), "due_on": date(2026, 1, 31)}
    numbers = range(count)
    with engine.begin() as tx:
        tx.execute(insert(customers), [debtor | {"id": f"C-{number}"} for number in numbers])
        rows = [{"id": f"I-{number}", "customer": f"C-{number}"} for number in numbers]
        tx.execute(insert(invoices), [debt | days | row for row in rows])


def order(number: int) -> Effect:
    """Order the first reminder of one of them."""
    key = f"bench:I-{number}:1:reminder-1:email"
    return Effect(
        creditor="bench",
        invoice=f"I-{number}",
        customer=f"C-{number}",
        episode=1,
        at=MONDAY + timedelta(seconds=number),
        step="reminder-1",
        planned=(Planned(do="email", key=key),),
        template="reminder",
        message="reminder",
        packs=("default", "de"),
        days_overdue=2,
        currency="EUR",
        open_minor=100_000,
        today=MONDAY.date(),
    )


def prepare(_: Connection, __: Debt, ordered: Effect, planned: Planned) -> Prepared:
    """Prepare an email that is sent by doing nothing."""
    return Prepared(ordered.step, lambda: Sent("bench", planned.key))


class Clock:
    """Adds up the time that transactions with a claim or a settlement take, effect by effect."""

    def __init__(self) -> None:
        self.spent = 0
        self.statements = 0
        self._begun = 0

    def watch(self, engine: Engine) -> None:
        """Hear of every statement and every commit."""
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "after_cursor_execute", self._after)
        commit = engine.dialect.do_commit

        def timed(connection: Any) -> None:  # noqa: ANN401 - a driver's connection
            begun = time.perf_counter_ns()
            commit(connection)
            self.spent += time.perf_counter_ns() - begun

        engine.dialect.do_commit = timed  # type: ignore[method-assign, assignment]

    def _before(self, *_: object) -> None:
        self._begun = time.perf_counter_ns()

    def _after(self, *_: object) -> None:
        self.spent += time.perf_counter_ns() - self._begun
        self.statements += 1

    def of(self, work: Callable[[], object]) -> tuple[float, int]:
        """Return the milliseconds and statements that some work takes of the database."""
        self.spent = self.statements = 0
        work()
        return self.spent / 1e6, self.statements


@contextmanager
def _books(count: int) -> Any:  # noqa: ANN401 - a context manager's own type
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        Stack(Path(folder), [Part.POSTGRES], ui_port=None) as stack,
    ):
        engine = books.connect(stack.environment()["DUNNING_DATABASE_URL"], 4)
        enter(engine, count)
        yield engine
        engine.dispose()


def measured(count: int) -> dict[str, float]:
    """Return the medians over so many effects, the first hundred left out."""
    clock = Clock()
    with _books(count) as engine:
        clock.watch(engine)
        orders = map(order, range(count))
        found = [clock.of(partial(carry_out, engine, one, prepare)) for one in orders]
    times = sorted(spent for spent, _ in found[100:])
    return {
        "database ms an effect": statistics.median(times),
        "p95 ms": times[int(len(times) * 0.95)],
        "statements": statistics.median(number for _, number in found[100:]),
    }


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=1_000)
    asked.add_argument("--json", action="store_true")
    chosen = asked.parse_args()
    found = measured(chosen.count)
    if chosen.json:
        print(json.dumps(found))
        return
    print(f"target: {TARGET_MS} ms of database time to claim and settle")
    for name, value in found.items():
        print(f"{name:24} {value:12.2f}")


if __name__ == "__main__":
    main()

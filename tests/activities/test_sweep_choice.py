"""Which policy a sweep gives an invoice, what its case knows, and when it opens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, event
from temporalio.client import Client

from activities.sweep_activities import SweepActivities
from dunning.render import description
from library.policies import find_policy
from schemas.assignment import Assignment, Exclusion, GroupRule
from schemas.effects import SweptPage
from tests.activities.build import NOW, enter, owe, trail
from tests.activities.sweeping import QUEUE, begun, entered, page_of, swept
from tests.dunning.build import policy, step

GENTLE, STRICT, STANDARD = map(find_policy, ("gentle-b2c", "strict-b2b-eu", "net30-standard"))
DEFAULT = "policy net30-standard, because it is the creditor's default"


@pytest.fixture
def sweeper(engine: Engine, temporal_client: Client) -> SweepActivities:
    return SweepActivities(engine, temporal_client, QUEUE)


def paid(engine: Engine, creditor: str, count: int, days_late: int) -> None:
    """Enter invoices of the last year that were paid so many days after their due date."""
    for number in range(count):
        due_on = date(2025, 1 + number, 10)
        settled_on = due_on + timedelta(days=days_late)
        owe(
            engine,
            creditor,
            f"PAID-{number}",
            issued_on=due_on - timedelta(days=9),
            due_on=due_on,
            settled_on=settled_on,
        )


@pytest.mark.parametrize(
    ("count", "days_late", "segment"),
    [(0, 0, "first-time"), (8, 0, "strong-history"), (8, 20, "habitual-late")],
)
async def test_a_case_knows_its_customers_segment_from_the_books(
    sweeper: SweepActivities,
    engine: Engine,
    temporal_client: Client,
    creditor: str,
    count: int,
    days_late: int,
    segment: str,
) -> None:
    enter(engine, creditor)
    paid(engine, creditor, count, days_late)
    await swept(sweeper, page_of(creditor))
    assert (await begun(temporal_client, creditor, "INV-1")).customer.segment == segment


async def test_a_segment_that_the_creditor_assigned_is_not_computed_anew(
    sweeper: SweepActivities, engine: Engine, temporal_client: Client, creditor: str
) -> None:
    enter(engine, creditor, segment="key-accounts")
    await swept(sweeper, page_of(creditor))
    assert (await begun(temporal_client, creditor, "INV-1")).customer.segment == "key-accounts"


async def test_a_case_knows_all_its_customer_owes_in_its_currency_and_nothing_of_tomorrow(
    sweeper: SweepActivities, engine: Engine, temporal_client: Client, creditor: str
) -> None:
    enter(engine, creditor)
    later = NOW.date() + timedelta(days=1)
    owe(engine, creditor, "NOT-DUE", due_on=date(2026, 3, 1), amount_minor=5_00)
    owe(engine, creditor, "PAID-TOMORROW", settled_on=later, amount_minor=70_00)
    owe(engine, creditor, "PAID-TODAY", settled_on=NOW.date())
    owe(engine, creditor, "ISSUED-TOMORROW", issued_on=later, due_on=later)
    owe(engine, creditor, "DOLLARS", currency="USD")
    await swept(sweeper, page_of(creditor))
    owed = (await begun(temporal_client, creditor, "INV-1")).customer.open_items
    assert owed is not None
    assert (owed.text, owed.currency) == ("1075.00", "EUR")


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that read who owes what."""
    statements: list[str] = []

    def seen(_: Connection, __: object, statement: str, *___: object) -> None:
        if "FROM invoices" in statement:
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", seen)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", seen)


async def test_a_page_asks_the_books_twice_however_many_invoices_it_has(
    sweeper: SweepActivities, engine: Engine, creditor: str
) -> None:
    enter(engine, creditor)
    for number in range(20):
        owe(engine, creditor, f"INV-X{number}")
    with counted(engine) as statements:
        await swept(sweeper, page_of(creditor, page=200, dry_run=True))
    assert len(statements) == 2


ASSIGNMENT = Assignment(
    id="ours",
    default=STANDARD.id,
    rules=(GroupRule(policy=GENTLE.id, debtors=("consumer",)),),
    customers={"C-1": STRICT.id},
    exclude=(Exclusion(invoices=("INV-3",), reason="in court"),),
)
EXCLUDED = "no policy, because it is excluded: in court"
STRICTLY = "policy strict-b2b-eu, because customer C-1 has it"


async def assigned(
    sweeper: SweepActivities, creditor: str, assignment: Assignment, **changes: object
) -> SweptPage:
    page = page_of(creditor, NOW, STANDARD, GENTLE, STRICT, page=200, **changes)
    chosen = page.sweep.model_copy(update={"assignment": assignment})
    (found,) = await swept(sweeper, page.model_copy(update={"sweep": chosen}))
    return found


async def test_every_invoice_gets_the_policy_assigned_to_it_and_the_case_keeps_why(
    sweeper: SweepActivities, engine: Engine, temporal_client: Client, creditor: str
) -> None:
    enter(engine, creditor)
    for invoice in ("INV-2", "INV-3"):
        owe(engine, creditor, invoice)
    found = await assigned(sweeper, creditor, ASSIGNMENT)
    assert (found.opened, found.chosen, found.excluded) == (2, {STRICTLY: 2}, {EXCLUDED: 1})
    assert entered(engine, creditor) == {"INV-1", "INV-2"}
    case = await begun(temporal_client, creditor, "INV-1")
    assert (case.policy, case.chosen) == (STRICT, STRICTLY)
    assert f"- Chosen: {STRICTLY}" in description(case).splitlines()


async def test_the_trail_begins_with_the_policy_and_the_reason(
    sweeper: SweepActivities, engine: Engine, creditor: str
) -> None:
    enter(engine, creditor)
    for _ in range(2):
        await swept(sweeper, page_of(creditor))
    (row,) = trail(engine, creditor)
    assert (row["kind"], row["case_at"]) == ("opened", NOW)
    assert row["detail"] == {
        "policy": STANDARD.id,
        "policy_hash": STANDARD.hash,
        "chosen": DEFAULT,
        "segment": "first-time",
    }


async def test_the_policy_goes_by_the_segment_that_was_computed(
    sweeper: SweepActivities, engine: Engine, creditor: str
) -> None:
    enter(engine, creditor)
    paid(engine, creditor, 8, 20)
    rules = (GroupRule(policy=STRICT.id, segments=("habitual-late",)),)
    found = await assigned(sweeper, creditor, Assignment(id="ours", rules=rules))
    assert found.chosen == {
        "policy strict-b2b-eu, because a rule gives it to segment habitual-late": 1
    }


async def test_an_invoice_that_no_policy_is_for_is_counted_with_the_reason_and_has_no_case(
    sweeper: SweepActivities, engine: Engine, creditor: str
) -> None:
    enter(engine, creditor, kind="consumer")
    owe(engine, creditor, "NOT-DUE", due_on=date(2026, 3, 1))
    only_strict = Assignment(id="ours", default=STRICT.id)
    found = await assigned(sweeper, creditor, only_strict)
    assert found.excluded == {"no policy; strict-b2b-eu is not for consumers": 1}
    assert (found.opened, found.chosen, entered(engine, creditor)) == (0, {}, set())


async def test_a_dry_run_counts_and_opens_nothing(
    sweeper: SweepActivities, engine: Engine, creditor: str
) -> None:
    enter(engine, creditor)
    owe(engine, creditor, "INV-3")
    found = await assigned(sweeper, creditor, ASSIGNMENT, dry_run=True)
    assert (found.chosen, found.excluded) == ({STRICTLY: 1}, {EXCLUDED: 1})
    assert (found.opened, found.existing, entered(engine, creditor)) == (0, 0, set())
    assert (await assigned(sweeper, creditor, ASSIGNMENT)).opened == 1


BERLIN_MIDNIGHT = datetime(2026, 1, 27, 23, tzinfo=UTC)
"""When 28 January begins in Berlin."""


@pytest.mark.parametrize(
    ("first", "as_of", "opened"),
    [
        ("due-3d", BERLIN_MIDNIGHT - timedelta(minutes=1), 0),
        ("due-3d", BERLIN_MIDNIGHT, 1),
        ("due-1m", datetime(2025, 12, 30, 22, 59, tzinfo=UTC), 0),
        ("due-1m", datetime(2025, 12, 30, 23, tzinfo=UTC), 1),
        ("issued+27d", BERLIN_MIDNIGHT - timedelta(minutes=1), 0),
        ("issued+27d", BERLIN_MIDNIGHT, 1),
        ("due+0d", datetime(2026, 1, 30, 22, 59, tzinfo=UTC), 0),
        ("due+0d", datetime(2026, 1, 30, 23, tzinfo=UTC), 1),
        ("due+15d", datetime(2026, 1, 31, 22, 59, tzinfo=UTC), 0),
        ("due+15d", datetime(2026, 1, 31, 23, tzinfo=UTC), 1),
    ],
    ids=str,
)
async def test_a_case_opens_on_the_debtors_day_of_its_first_step_or_when_it_is_overdue(
    sweeper: SweepActivities,
    engine: Engine,
    creditor: str,
    first: str,
    as_of: datetime,
    opened: int,
) -> None:
    enter(engine, creditor)
    early = policy(step("a", first), step("b", "due+30d"))
    found = await swept(sweeper, page_of(creditor, as_of, early))
    assert sum(page.opened for page in found) == opened


async def test_the_policy_that_begins_early_makes_no_other_begin_early(
    sweeper: SweepActivities, engine: Engine, creditor: str
) -> None:
    enter(engine, creditor)
    found = await swept(sweeper, page_of(creditor, BERLIN_MIDNIGHT, STANDARD, GENTLE))
    assert [page.chosen for page in found] == [{}]

"""What the demo brought, read from the books."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from pydantic import Field
from rich.console import RenderableType
from rich.table import Table
from sqlalchemy import Connection, Row, func, select

from demo.behaviours import PARTS
from demo.ledger.script import Behaviour
from schemas.base import Frozen
from schemas.case import CaseView
from schemas.money import Amount, plain
from store.tables import audit, cases, charges, effects, invoices


class DemoMoney(Frozen):
    """Sums of one currency, as decimal strings."""

    asked: str
    collected: str
    charged: str
    handed_over: str


class DemoReport(Frozen):
    """The demo's result; `as_scripted` is true only if every case ended as its script says."""

    cases: int
    outcomes: dict[str, int]
    contacts: dict[str, int]
    money: dict[str, DemoMoney]
    as_scripted: bool
    surprises: tuple[str, ...]
    seconds: float = 0
    files: dict[str, str] = Field(default_factory=dict)
    ui: str | None = None


def read_report(
    tx: Connection, creditor: str, script: dict[str, Behaviour], complaints: Iterable[str]
) -> DemoReport:
    """Return what the books say about a creditor's cases, held against the script."""
    rows = tx.execute(select(cases).where(cases.c.creditor == creditor)).all()
    views = {row.invoice: _view(row) for row in rows}
    surprises = [*_surprises(views, script), *complaints]
    return DemoReport(
        cases=len(rows),
        outcomes=dict(sorted(Counter(row.outcome or "open" for row in rows).items())),
        contacts=_contacts(tx, creditor),
        money=_money(tx, creditor, views),
        as_scripted=not surprises,
        surprises=tuple(surprises),
    )


def _view(row: Row[tuple[object, ...]]) -> CaseView | None:
    return CaseView.model_validate(row.view) if row.view else None


def _surprises(views: dict[str, CaseView | None], script: dict[str, Behaviour]) -> Iterable[str]:
    for invoice, behaviour in script.items():
        part, seen = PARTS[behaviour], views.get(invoice)
        if seen is None:
            yield f"{invoice} ({behaviour}) has not ended"
            continue
        done = {row.step for row in seen.timeline if row.result == "done"}
        if seen.outcome != part.outcome:
            yield f"{invoice} ({behaviour}) ended {seen.outcome}, the script says {part.outcome}"
        if lacking := part.with_steps - done:
            yield f"{invoice} ({behaviour}) lacks {', '.join(sorted(lacking))}"
        if beyond := part.without_steps & done:
            yield f"{invoice} ({behaviour}) went on to {', '.join(sorted(beyond))}"


_MESSAGE = func.coalesce(effects.c.bundle, effects.c.key)
"""What one message went out under: its effect's key, or that of the first in its bundle."""


def _contacts(tx: Connection, creditor: str) -> dict[str, int]:
    query = (
        select(effects.c.channel, func.count(func.distinct(_MESSAGE)))
        .where(effects.c.creditor == creditor, effects.c.state == "done")
        .where(effects.c.channel.in_(("email", "sms", "call", "letter")))
        .group_by(effects.c.channel)
    )
    return dict(sorted(tx.execute(query).tuples()))


def _money(
    tx: Connection, creditor: str, views: dict[str, CaseView | None]
) -> dict[str, DemoMoney]:
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for row in tx.execute(select(invoices).where(invoices.c.creditor == creditor)):
        sums[row.currency]["asked"] += row.amount_minor
    for row in tx.execute(select(charges).where(charges.c.creditor == creditor)):
        sums[row.currency]["charged"] += row.amount_minor
    booked = select(audit).where(audit.c.creditor == creditor, audit.c.kind == "event")
    for row in tx.execute(booked):
        if row.detail.get("type") == "payment_received":
            amount = Amount(amount=row.detail["amount"], currency=row.detail["currency"])
            sums[amount.currency]["collected"] += amount.minor
    for seen in views.values():
        if seen is not None and seen.outcome == "handed_off":
            total = {"amount": seen.balance.total, "currency": seen.balance.currency}
            sums[seen.balance.currency]["handed_over"] += Amount.model_validate(total).minor
    names = DemoMoney.model_fields
    return {
        code: DemoMoney(**{name: plain(found[name], code) for name in names})
        for code, found in sorted(sums.items())
    }


def report_lines(report: DemoReport) -> Iterable[RenderableType]:
    """Yield the report for people."""
    counts = Table("outcome", "cases", title=f"{report.cases} cases")
    for outcome, number in report.outcomes.items():
        counts.add_row(outcome, str(number))
    yield counts
    contacts = Table("channel", "contacts")
    for channel, number in report.contacts.items():
        contacts.add_row(channel, str(number))
    yield contacts
    money = Table("currency", "asked", "collected", "charged", "handed over")
    for code, sums in report.money.items():
        money.add_row(code, sums.asked, sums.collected, sums.charged, sums.handed_over)
    yield money
    for what, where in report.files.items():
        yield f"{what}: {where}"
    for surprise in report.surprises:
        yield f"[red]not as scripted:[/red] {surprise}"
    if report.as_scripted:
        yield f"Every case ended as its script says, in {report.seconds:.0f} seconds."

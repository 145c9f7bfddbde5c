"""How the customers of a ledger pay, and how well their payment days could have been predicted."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from dunning.behaviour.exact import decimal
from dunning.behaviour.replay import ReplayedLedger
from schemas.base import Frozen
from schemas.behaviour import CustomerBehaviour, Outturn, PastInvoice, Replay
from schemas.errors import InputRefusedError
from starter.ledger.column_map import ColumnMap
from starter.ledger.read import read_ledger
from starter.ledger.rows import LedgerRow, RefusedRow

_SHOWN = 10
"""How many customers and refused rows a screen is given; JSON holds them all."""


class BehaviourReport(Frozen):
    """What a ledger tells of its customers by the evening of `as_of`."""

    as_of: date
    invoices: int
    at_issue: Replay
    when_overdue: Replay
    by_segment: tuple[Outturn, ...]
    by_risk: tuple[Outturn, ...]
    customers: tuple[CustomerBehaviour, ...]
    refused_rows: tuple[RefusedRow, ...]


def report_behaviour(
    ledger: Path, column_map: ColumnMap, as_of: date | None = None
) -> BehaviourReport:
    """Replay a ledger in time order; without `as_of`, up to the last day it knows of.

    A row without a settlement day is open. Raises InputRefusedError when ledger or map cannot be
    read at all, and when no row can be taken.
    """
    refused: list[RefusedRow] = []
    rows = list(_past_invoices(ledger, column_map, refused))
    if not rows:
        reason = f"; the first refused row: {refused[0].text}" if refused else ""
        raise InputRefusedError(f"{ledger} has no row to learn from{reason}")
    last = as_of or max(max(one.issued_on, one.paid_on or one.issued_on) for _, one in rows)
    replayed = ReplayedLedger(rows, last)
    return BehaviourReport(
        as_of=last,
        invoices=sum(one.issued_on <= last for _, one in rows),
        at_issue=replayed.replay("at issue"),
        when_overdue=replayed.replay("when overdue"),
        by_segment=replayed.by_segment,
        by_risk=replayed.by_risk,
        customers=tuple(replayed.customers),
        refused_rows=tuple(refused),
    )


def _past_invoices(
    ledger: Path, column_map: ColumnMap, refused: list[RefusedRow]
) -> Iterator[tuple[str, PastInvoice]]:
    for row in read_ledger(ledger, column_map):
        if isinstance(row, RefusedRow):
            refused.append(row)
        elif isinstance(row, LedgerRow):
            yield row.customer.id, _past(row)


def _past(row: LedgerRow) -> PastInvoice:
    invoice = row.invoice
    return PastInvoice(
        id=invoice.id,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        minor=invoice.amount.minor,
        currency=invoice.amount.currency,
        paid_on=row.settled_on,
    )


def behaviour_lines(report: BehaviourReport) -> Iterator[RenderableType]:
    """Yield the report for a terminal: errors, outturns, segments, the riskiest customers."""
    customers = len(report.customers)
    yield f"{report.invoices} invoices of {customers} customers as known on {report.as_of}"
    yield _errors("asked on the eve of issue", report.at_issue)
    yield _errors("asked on the due date, if still open", report.when_overdue)
    yield _outturns(report)
    yield _segments(report)
    yield _riskiest(report)
    for row in report.refused_rows[:_SHOWN]:
        yield escape(row.text)
    if len(report.refused_rows) > _SHOWN:
        yield f"and {len(report.refused_rows) - _SHOWN} more refused rows"


def _errors(title: str, replay: Replay) -> Table:
    columns = ("answer", "mean error", "median error", "within 3 days", "within 7 days")
    counts = f"{replay.answers} answers, {replay.still_open} still open"
    table = Table(*columns, title=f"{title}: {counts}", title_justify="left")
    for one in replay.errors:
        shares = (_percent(one.within_3_days), _percent(one.within_7_days))
        table.add_row(one.answer, f"{one.mean_days} days", f"{one.median_days} days", *shares)
    return table


def _outturns(report: BehaviourReport) -> Table:
    title = "what became of invoices, by what was thought of the customer on the eve of issue"
    table = Table("segment or risk", "paid", "late", "days late on average", title=title)
    for one in (*report.by_segment, *report.by_risk):
        late, days = Fraction(one.late, one.paid), Fraction(one.days_late, one.paid)
        table.add_row(one.judged, str(one.paid), _percent(decimal(late, 3)), str(decimal(days, 1)))
    return table


def _segments(report: BehaviourReport) -> str:
    counts = Counter(one.standing.segment for one in report.customers)
    return "segments: " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def _riskiest(report: BehaviourReport) -> Table:
    table = Table("customer", "segment", "risk", "because of", title="the riskiest customers")
    for one in sorted(report.customers, key=lambda one: (-one.risk.score, one.customer))[:_SHOWN]:
        parts = (f"{part.name} {part.points}" for part in one.risk.parts if part.points)
        score = f"{one.risk.score} {one.risk.band}"
        table.add_row(escape(one.customer), one.standing.segment, score, ", ".join(parts))
    return table


def _percent(share: Decimal) -> str:
    return f"{100 * share:.1f} %"

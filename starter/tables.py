"""How results look to people: tables and lines for the terminal."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from schemas.case import CaseView
from starter.portfolio import PortfolioResult


def status_lines(seen: CaseView) -> Iterator[RenderableType]:
    """Yield a case's view as a timeline and what follows from it."""
    yield timeline(seen)
    for charge in seen.charges:
        yield f"charged {charge.amount} on {charge.on}: {charge.kind}, {escape(charge.ground)}"
    yield f"status: {seen.status}{f', outcome {seen.outcome}' if seen.outcome else ''}"
    if seen.next is not None:
        yield f"next: {seen.next.step} at {seen.next.at:%Y-%m-%d %H:%M%z}"
    for hold in seen.holds:
        until = f" until {hold.until:%Y-%m-%d}" if hold.until else ""
        yield f"on hold: {escape(hold.reason)}{until} (release with id {escape(hold.id)})"
    owed = seen.balance
    yield f"open: {owed.total} {owed.currency} (principal {owed.principal}, fees {owed.fees})"
    if seen.amount_due != owed.total:
        yield f"asked for now: {seen.amount_due} {owed.currency}"
    if seen.attention:
        yield f"needs attention: {', '.join(seen.attention)}"
    for refused in seen.rejected:
        yield f"refused signal {escape(refused.name)}: {escape(refused.reason)}"


def timeline(seen: CaseView) -> Table:
    """Return the timeline as a table."""
    table = Table("when", "step", "do", "result", "amount due", "reason")
    for row in seen.timeline:
        when = f"{row.at:%Y-%m-%d %H:%M%z}"
        table.add_row(when, row.step, row.do, row.result, row.amount_due, escape(row.reason or ""))
    return table


def portfolio_lines(result: PortfolioResult) -> Iterator[RenderableType]:
    """Yield what became of a ledger: steps, outcomes, money, refused rows."""
    steps = Table("step", "times", title=f"{result.cases} cases")
    for step, times in result.steps.items():
        steps.add_row(step, str(times))
    yield steps
    yield "outcomes: " + ", ".join(f"{name} {n}" for name, n in sorted(result.outcomes.items()))
    for currency, sums in result.money.items():
        yield (
            f"{currency}: invoiced {sums.invoiced}, paid {sums.paid}, "
            f"charged {sums.charged}, open {sums.open}"
        )
    for row in result.refused_rows[:50]:
        yield escape(row.text)
    if len(result.refused_rows) > 50:  # noqa: PLR2004 - as many as a screen holds
        yield f"and {len(result.refused_rows) - 50} more refused rows"

"""How results look to people: tables and lines for the terminal."""

from collections.abc import Iterator
from datetime import date

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from dunning.render import rest
from schemas.case import CaseView, TimelineRow
from starter.calendars import CaseCalendar, LedgerCalendar
from starter.ledger.rows import RefusedRow
from starter.policy_diff import CaseDiff, LedgerDiff, Pair, Shift
from starter.portfolio import PortfolioResult

MOST_ROWS = 50
"""As many refused rows as a screen holds."""


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
    word, total = rest(seen.outcome, owed.total)
    interest = f", interest {owed.interest}" if owed.interest.strip("0.") else ""
    parts = f" (principal {owed.principal}, fees {owed.fees}{interest})"
    yield f"{word}: {total} {owed.currency}{parts if word != 'credit' else ''}"
    if seen.amount_due != owed.total and seen.status != "closed":
        yield f"asked for now: {seen.amount_due} {owed.currency}"
    if seen.attention:
        yield f"needs attention: {', '.join(seen.attention)}"
    for refused in seen.rejected:
        yield f"refused signal {escape(refused.name)}: {escape(refused.reason)}"


def timeline(seen: CaseView) -> Table:
    """Return the timeline as a table."""
    table = Table("when", "step", "do", "result", "amount due", "reason")
    for column in table.columns:  # a long rule id goes on in the next line
        column.overflow = "fold"
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
    yield from refused_lines(result.refused_rows)


def refused_lines(rows: tuple[RefusedRow, ...]) -> Iterator[str]:
    """Yield the rows of a ledger that were not taken, as many as a screen holds."""
    for row in rows[:MOST_ROWS]:
        yield escape(row.text)
    if len(rows) > MOST_ROWS:
        yield f"and {len(rows) - MOST_ROWS} more refused rows"


def calendar_lines(calendar: CaseCalendar) -> Iterator[RenderableType]:
    """Yield what goes out for one case, by the debtor's calendar."""
    title = f"{calendar.policy}: what goes out ({calendar.time_zone}, {calendar.currency})"
    table = Table("day", "weekday", "at", "step", "channel", "asks for", "moved", title=title)
    for row in calendar.rows:
        at = f"{row.at:%H:%M%z}"
        why = escape(row.why or "")
        table.add_row(str(row.on), row.weekday, at, row.step, row.channel, row.amount, why)
    yield table if calendar.rows else f"{calendar.policy}: nothing goes out"


def ledger_calendar_lines(calendar: LedgerCalendar) -> Iterator[RenderableType]:
    """Yield what goes out for a ledger, day by day, and in all."""
    channels = list(calendar.channels)
    title = f"{calendar.policy}: what goes out for {calendar.cases} cases"
    table = Table("day", "weekday", *channels, title=title)
    for day in calendar.days:
        counts = (str(day.channels.get(name, "")) for name in channels)
        table.add_row(str(day.on), day.weekday, *counts)
    table.add_section()
    table.add_row("in all", "", *(str(times) for times in calendar.channels.values()))
    yield table if calendar.days else f"{calendar.policy}: nothing goes out"
    yield from refused_lines(calendar.refused_rows)


def case_diff_lines(diff: CaseDiff) -> Iterator[RenderableType]:
    """Yield how one case fares under two policies, side by side."""
    this, other = diff.policies.this, diff.policies.other
    title = f"{escape(diff.invoice)}, amounts in {diff.currency}"
    steps = Table("step", "do", this, other, title=title)
    for row in diff.steps:
        steps.add_row(row.step, row.do, _step(row.this), _step(row.other))
    yield steps
    figures = Table("", this, other)
    for name, pair in _case_figures(diff):
        figures.add_row(name, _word(pair.this), _word(pair.other))
    yield figures
    yield "the policies differ in this case" if diff.differs else "this case goes the same way"


def _step(row: TimelineRow | None) -> str:
    if row is None:
        return "-"
    said = f"{row.at:%Y-%m-%d %H:%M} {row.result}, {row.amount_due}"
    return escape(f"{said}: {row.reason}" if row.reason else said)


def _case_figures(diff: CaseDiff) -> Iterator[tuple[str, Pair[object]]]:
    for channel, times in diff.sends.items():
        yield channel, Pair[object](this=times.this, other=times.other)
    for name, pair in (
        (f"charges, {diff.currency}", diff.charges),
        ("first contact", diff.first_contact_on),
        ("hand-off", diff.handed_off_on),
        ("outcome", diff.outcome),
    ):
        yield name, Pair[object](this=pair.this, other=pair.other)


def _word(value: object) -> str:
    return "-" if value is None else str(value)


def ledger_diff_lines(diff: LedgerDiff) -> Iterator[RenderableType]:
    """Yield how a ledger fares under two policies: totals, dates, and the largest differences."""
    this, other = diff.policies.this, diff.policies.other
    totals = Table("", this, other, title=f"{diff.differing} of {diff.cases} cases differ")
    for channel, sends in diff.sends.items():
        totals.add_row(channel, str(sends.this), str(sends.other))
    for code, charges in diff.charges.items():
        totals.add_row(f"charges, {code}", charges.this, charges.other)
    for name, ends in diff.outcomes.items():
        totals.add_row(f"outcome {name}", str(ends.this), str(ends.other))
    yield totals
    yield _shift_line("first contact", diff.first_contact, this, other)
    yield _shift_line("hand-off", diff.hand_off, this, other)
    if diff.largest:
        yield _largest(diff)
    yield diff.note
    yield from refused_lines(diff.refused_rows)


def _shift_line(name: str, shift: Shift, this: str, other: str) -> str:
    return (
        f"{name} under {other}: same day {shift.same_day}, sooner {shift.sooner}, "
        f"later {shift.later}, only under {this} {shift.only_this}, "
        f"only under {other} {shift.only_other}"
    )


def _largest(diff: LedgerDiff) -> Table:
    title = f"the largest differences ({diff.policies.this} / {diff.policies.other})"
    table = Table(
        "invoice", "sends", "charges", "first contact", "hand-off", "outcome", title=title
    )
    for one in diff.largest:
        table.add_row(
            escape(one.invoice),
            _both(_sum_of(one)),
            f"{_both(one.charges)} {one.currency}",
            _both(one.first_contact_on),
            _both(one.handed_off_on),
            _both(one.outcome),
        )
    return table


def _sum_of(diff: CaseDiff) -> Pair[int]:
    sends = diff.sends.values()
    return Pair(this=sum(one.this for one in sends), other=sum(one.other for one in sends))


def _both(pair: Pair[int] | Pair[str] | Pair[date | None]) -> str:
    return f"{_word(pair.this)} / {_word(pair.other)}"

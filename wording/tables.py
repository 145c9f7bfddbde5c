"""The tables of a message: the account in short, the whole statement, the schedule of a plan."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from schemas.errors import InputRefusedError
from wording import formatting
from wording.facts import CHARGE_KINDS, ChargeLine, Facts
from wording.writer import Writer


@dataclass(frozen=True)
class Row:
    """One line of a table; the last cell is a sum or a value, set to the right."""

    cells: tuple[str, ...]
    strong: bool = False


def account(writer: Writer, facts: Facts) -> tuple[Row, ...]:
    """Return what is owed and why, in two columns: every charge by itself, then what is open."""
    return (
        *(_named(writer, name) for name in ("invoice", "reference")),
        Row((writer.say("issued_label"), formatting.day(facts.issued_on, writer.locale))),
        _named(writer, "due_date"),
        _named(writer, "original_amount"),
        _sum(writer, facts, "paid_label", facts.paid_minor),
        *_charges(writer, facts),
        *([_sum(writer, facts, "aside_label", facts.aside_minor)] if facts.aside_minor else []),
        _named(writer, "amount_open", strong=True),
        _named(writer, "pay_until", strong=True),
    )


def statement(writer: Writer, facts: Facts) -> tuple[Row, ...]:
    """Return every line of the account in order of time: day, what it is, sum; then what is open.

    What was paid stands as one line without a day unless the movements explain it to the cent.
    """
    movements = facts.movements if _explain(facts) else ()
    lines = [
        (facts.issued_on, writer.say("principal_label"), facts.original_minor),
        *((one.on, writer.say(f"{one.kind}_label"), -one.minor) for one in movements),
        *((one.on, writer.say(_label(one)), one.minor) for one in facts.charges),
    ]
    writer.seen.add("charges_itemised")
    dated = [_dated(writer, facts, *line) for line in sorted(lines, key=lambda line: line[0])]
    undated = [] if movements else [("paid_label", -facts.paid_minor)]
    undated += [("aside_label", -facts.aside_minor)]
    return (
        *dated,
        *(_whole(writer, facts, name, minor) for name, minor in undated if minor),
        Row(("", writer.say("amount_open_label"), writer.value("amount_open")), strong=True),
    )


def together(writer: Writer, facts: Facts) -> tuple[Row, ...]:
    """Return the invoices of a message about several: which, when it was due, sum; then a total."""
    invoice, due = writer.say("invoice_label"), writer.say("due_date_label")
    lines = (
        Row(
            (
                f"{invoice} {formatting.one_line(one.invoice)}",
                f"{due} {formatting.day(one.due_on, writer.locale)}",
                writer.money(one.minor, facts.currency),
            )
        )
        for one in facts.together
    )
    total = Row((writer.say("total_label"), "", writer.value("together_total")), strong=True)
    return (*lines, total)


def schedule(writer: Writer, facts: Facts) -> tuple[Row, ...]:
    """Return the instalments of the plan, day and sum, then their total."""
    if facts.plan is None:
        raise InputRefusedError("the message shows a schedule, and the case has no payment plan")
    writer.seen.add("schedule")
    rows = (
        Row((formatting.day(one.due_on, writer.locale), writer.money(one.minor, facts.currency)))
        for one in facts.plan.instalments
    )
    return (*rows, Row((writer.say("total_label"), writer.value("total")), strong=True))


TABLES: Final[dict[str, Callable[[Writer, Facts], tuple[Row, ...]]]] = {
    "account": account,
    "statement": statement,
    "schedule": schedule,
}


def _named(writer: Writer, name: str, *, strong: bool = False) -> Row:
    return Row((writer.say(f"{name}_label"), writer.value(name)), strong)


def _sum(writer: Writer, facts: Facts, label: str, minor: int) -> Row:
    return Row((writer.say(label), writer.money(minor, facts.currency)))


def _dated(writer: Writer, facts: Facts, on: date, label: str, minor: int) -> Row:
    day = formatting.day(on, writer.locale)
    return Row((day, label, writer.money(minor, facts.currency)))


def _whole(writer: Writer, facts: Facts, label: str, minor: int) -> Row:
    return Row(("", writer.say(label), writer.money(minor, facts.currency)))


def _charges(writer: Writer, facts: Facts) -> Iterator[Row]:
    writer.seen.add("charges_itemised")
    if not facts.charges:  # "no charges" is said, not left to be guessed
        yield _sum(writer, facts, "charges_label", 0)
    for one in facts.charges:
        day = formatting.day(one.on, writer.locale)
        label = f"{writer.say(_label(one))} ({day})"
        yield Row((label, writer.money(one.minor, facts.currency)))


def _label(charge: ChargeLine) -> str:
    return f"{charge.kind if charge.kind in CHARGE_KINDS else 'charge'}_label"


def _explain(facts: Facts) -> bool:
    return sum(one.minor for one in facts.movements) == facts.paid_minor

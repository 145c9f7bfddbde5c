"""Replays a ledger in time order and holds each prediction against what then happened.

Every invoice is asked about at one moment: on the eve of its issue, or on the evening of its due
date if it is still open then, which is when dunning begins. An answer may use only what was known
on that evening; three are compared: the expected day, the due date, and the customer's median.
An answer that lies in the past by then is moved to the first day that is still possible.
"""

from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum
from fractions import Fraction
from heapq import merge
from typing import Literal, get_args

from dunning.behaviour.exact import decimal
from dunning.behaviour.measures import STANDARD, measure_record, memory
from dunning.behaviour.prediction import OWN_PAYMENTS, Population, median, predict
from dunning.behaviour.record import Record, late_by, payment_order
from dunning.behaviour.risk import score
from dunning.behaviour.segments import place
from schemas.behaviour import (
    Answer,
    AnswerErrors,
    CustomerBehaviour,
    OpenInvoice,
    Outturn,
    PastInvoice,
    Replay,
    RiskBand,
    SegmentName,
)

Asked = Literal["at issue", "when overdue"]
Ledger = Iterable[tuple[str, PastInvoice]]

_EVE = timedelta(days=1)


class _Kind(IntEnum):
    """What a line of the chronicle is; on one day facts come before that evening's questions."""

    ISSUED = 1
    SETTLED = 2
    OVERDUE = 3
    ABOUT_TO_BE_ISSUED = 4


@dataclass
class _Customer:
    record: Record
    days: list[int] = field(default_factory=list)
    """Every payment's days after the due date, sorted: for the naive median."""


class ReplayedLedger:
    """A ledger gone through in time order up to the evening of `as_of`.

    Holds every invoice, for a ledger need not be sorted; beyond that only each customer's record
    and counts. Later facts are not seen.
    """

    def __init__(self, ledger: Ledger, as_of: date) -> None:
        self._as_of = as_of
        self._everyone = Population()
        self._customers: dict[str, _Customer] = {}
        self._asked: dict[Asked, _Errors] = {"at issue": _Errors(), "when overdue": _Errors()}
        self._segments: dict[str, Counter[str]] = {}
        self._bands: dict[str, Counter[str]] = {}
        for kind, customer, invoice in _chronicle(ledger, as_of):
            self._take(kind, customer, invoice)

    def replay(self, asked: Asked) -> Replay:
        """Return how far the answers were off."""
        return self._asked[asked].result()

    @property
    def by_segment(self) -> tuple[Outturn, ...]:
        """What became of the invoices by their customer's segment on the eve of issue."""
        return _outturns(self._segments, get_args(SegmentName))

    @property
    def by_risk(self) -> tuple[Outturn, ...]:
        """What became of the invoices by their customer's risk band on the eve of issue."""
        return _outturns(self._bands, get_args(RiskBand))

    @property
    def customers(self) -> Iterator[CustomerBehaviour]:
        """Each customer by what was known on the evening of `as_of`, in the order of their ids."""
        for name, customer in sorted(self._customers.items()):
            seen = measure_record(customer.record, self._as_of)
            yield CustomerBehaviour(
                customer=name,
                standing=place(seen),
                risk=score(seen),
                measures=seen,
                open=tuple(self._open(customer.record)),
            )

    def _open(self, record: Record) -> Iterator[OpenInvoice]:
        for one in sorted(record.open.values(), key=lambda one: (one.due_on, one.id)):
            expected = predict(one.due_on, record, self._everyone, self._as_of)
            yield OpenInvoice(invoice=one.id, due_on=one.due_on, expected=expected)

    def _take(self, kind: _Kind, name: str, invoice: PastInvoice) -> None:
        customer = self._customers.get(name) or self._new_customer(name)
        match kind:
            case _Kind.ISSUED:
                customer.record.issued(invoice)
                self._everyone.issued(invoice)
            case _Kind.SETTLED:
                customer.record.settled(invoice)
                self._everyone.settled(invoice)
                insort(customer.days, late_by(invoice))
            case _Kind.OVERDUE if invoice.id in customer.record.open:
                self._ask("when overdue", customer, invoice, invoice.due_on)
            case _Kind.ABOUT_TO_BE_ISSUED:
                self._ask("at issue", customer, invoice, invoice.issued_on - _EVE)
                self._judge(customer.record, invoice)

    def _new_customer(self, name: str) -> _Customer:
        keep = max(OWN_PAYMENTS, memory(STANDARD))
        return self._customers.setdefault(name, _Customer(Record(keep)))

    def _ask(self, asked: Asked, customer: _Customer, invoice: PastInvoice, as_of: date) -> None:
        expected = predict(invoice.due_on, customer.record, self._everyone, as_of)
        habit = timedelta(days=median(customer.days) if customer.days else 0)
        possible = as_of + timedelta(days=1)
        answers: dict[Answer, date] = {
            "expected": expected.on,
            "due-date": max(invoice.due_on, possible),
            "customer-median": max(invoice.due_on + habit, possible),
        }
        self._asked[asked].compare(answers, self._known_payment(invoice))

    def _judge(self, record: Record, invoice: PastInvoice) -> None:
        if self._known_payment(invoice) is None:
            return
        seen = measure_record(record, invoice.issued_on - _EVE)
        late = max(late_by(invoice), 0)
        for table, judged in (
            (self._segments, place(seen).segment),
            (self._bands, score(seen).band),
        ):
            table.setdefault(judged, Counter()).update(paid=1, late=late > 0, days_late=late)

    def _known_payment(self, invoice: PastInvoice) -> date | None:
        known = invoice.known_paid_on
        return invoice.paid_on if known and known <= self._as_of else None


class _Errors:
    """Counts how many days each answer was off."""

    def __init__(self) -> None:
        self._off: dict[Answer, Counter[int]] = {}
        self._answers = 0
        self._still_open = 0

    def compare(self, answers: dict[Answer, date], paid_on: date | None) -> None:
        if paid_on is None:
            self._still_open += 1
            return
        self._answers += 1
        for answer, day in answers.items():
            self._off.setdefault(answer, Counter())[abs((day - paid_on).days)] += 1

    def result(self) -> Replay:
        errors = tuple(_errors(answer, off) for answer, off in self._off.items())
        return Replay(answers=self._answers, still_open=self._still_open, errors=errors)


def _errors(answer: Answer, off: Counter[int]) -> AnswerErrors:
    count = off.total()

    def within(days: int) -> Fraction:
        return Fraction(sum(n for day, n in off.items() if day <= days), count)

    return AnswerErrors(
        answer=answer,
        mean_days=decimal(Fraction(sum(day * n for day, n in off.items()), count), 2),
        median_days=next(day for day in sorted(off) if 2 * within(day) >= 1),
        within_3_days=decimal(within(3), 3),
        within_7_days=decimal(within(7), 3),
    )


def _outturns(table: dict[str, Counter[str]], names: Iterable[str]) -> tuple[Outturn, ...]:
    return tuple(Outturn(judged=name, **table[name]) for name in names if name in table)


_Line = tuple[_Kind, str, PastInvoice]
_Dated = tuple[tuple[date, _Kind], _Line]


def _chronicle(ledger: Ledger, as_of: date) -> Iterator[_Line]:
    """Yield what happens day by day up to `as_of`, always in the same order."""
    known = [pair for pair in ledger if pair[1].issued_on <= as_of]

    def stream(kind: _Kind, on: Callable[[PastInvoice], date | None]) -> Iterator[_Dated]:
        dated = [(day, pair) for pair in known if (day := on(pair[1])) and day <= as_of]
        dated.sort(key=lambda one: (one[0], payment_order(one[1][1]), one[1][0]))
        return (((day, kind), (kind, *pair)) for day, pair in dated)

    streams = (
        stream(_Kind.ISSUED, lambda one: one.issued_on),
        stream(_Kind.SETTLED, lambda one: one.known_paid_on),
        stream(_Kind.OVERDUE, lambda one: one.due_on),
        stream(_Kind.ABOUT_TO_BE_ISSUED, lambda one: one.issued_on - _EVE),
    )
    return (line for _, line in merge(*streams, key=lambda one: one[0]))

"""A charge that lacks a rate: the case asks once a day whether it was published, then passes by."""

from datetime import date
from decimal import Decimal

import pytest

from dunning.apply import booked
from dunning.attention import attention
from dunning.decide import next_move
from dunning.moves import Act, Book, Note
from dunning.orders import booking
from dunning.simulate import simulate
from schemas.case import Case
from schemas.rates import HalfYearRate, RateTable
from schemas.rulebook import Rulebook
from tests.dunning.build import at, case, reasons, step

H1, H2 = date(2026, 1, 1), date(2026, 7, 1)
INTEREST = {"interest": {"rate": {"table": "base", "add": "5"}}, "ground": "contract"}
STEPS = (step("interest", "due+160d", "interest", charge=INTEREST),)
NOW = at("07-10 09:00")
"""The hour of the step, 160 days after 31 January: its last ten days are in the second half."""


def table(*rates: tuple[date, str]) -> RateTable:
    return RateTable(
        id="base",
        name="a base rate",
        source="its bank",
        rates=tuple(HalfYearRate(on=on, percent=Decimal(percent)) for on, percent in rates),
    )


KNOWN = table((H1, "1"))


def waiting(known: RateTable | None = KNOWN, **rest: object) -> Case:
    """Return a case whose interest is due, and that has these rates."""
    rules = None if known is None else Rulebook(rates=(known,))
    return case(STEPS, opened="07-01").model_copy(update={"rules": rules, **rest})


def test_a_case_that_lacks_a_rate_books_before_it_gives_up() -> None:
    assert next_move(waiting(), NOW) == Book()


def test_its_order_says_up_to_which_half_year_it_knows_each_table() -> None:
    assert booking(waiting(), NOW).rates == {"base": H1}
    assert booking(waiting(table()), NOW).rates == {"base": None}
    assert booking(waiting(None), NOW).rates == {}


def test_a_rate_that_was_published_meanwhile_is_taken_in_and_charged() -> None:
    filled = booked(waiting(), 0, NOW, [table((H2, "2"))])
    assert filled.rules is not None
    assert filled.rules.rates == (table((H1, "1"), (H2, "2")),)
    move = next_move(filled, NOW)
    assert isinstance(move, Act)
    assert [charge.kind for charge in move.charges] == ["interest"]


def test_a_rate_that_is_not_there_yet_skips_the_charge_and_calls_for_a_person() -> None:
    move = next_move(booked(waiting(), 0, NOW), NOW)
    assert isinstance(move, Note)
    assert move.result == "skipped"
    assert "the half-year from 2026-07-01; add it to jurisdictions/rates/base.yaml" in move.reason
    ended, stopped = simulate(waiting())
    assert reasons(ended)["interest"] == move.reason
    assert "missing-rate" in attention(ended, stopped)


def test_a_case_looks_again_on_another_day_of_its_debtor() -> None:
    assert next_move(waiting(looked_on=date(2026, 7, 9)), NOW) == Book()
    assert isinstance(next_move(waiting(looked_on=date(2026, 7, 10)), NOW), Note)


def test_booking_anything_is_a_look() -> None:
    assert booked(case(), 0, at("02-01 00:30")).looked_on == date(2026, 2, 1)


def test_a_known_rate_stays_what_it_was_and_a_strange_table_is_left_out() -> None:
    other = table((H1, "9"), (H2, "9")).model_copy(update={"id": "other"})
    news = [table((H1, "9"), (H2, "2")), other]
    rules = booked(waiting(), 0, NOW, news).rules
    assert rules is not None
    assert rules.rates == (table((H1, "1"), (H2, "2")),)


@pytest.mark.parametrize("rules", [None, Rulebook()], ids=["no law", "no table"])
def test_a_case_without_rate_tables_has_nothing_to_look_for(rules: Rulebook | None) -> None:
    begun = waiting(None).model_copy(update={"rules": rules})
    assert isinstance(next_move(begun, NOW), Note)
    assert booked(begun, 0, NOW, [table((H2, "2"))]).rules == begun.rules

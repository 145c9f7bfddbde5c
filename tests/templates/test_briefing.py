"""An order becomes the facts of a message: what is owed, what is announced, what may be offered."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.charging import Charge
from schemas.customer import Customer
from schemas.effects import Effect
from schemas.invoice import Invoice
from schemas.money import Amount
from wording.briefing import facts_of
from wording.facts import Facts

NOW = datetime(2026, 2, 1, 9, tzinfo=UTC)
INVOICE = Invoice(
    id="INV-1",
    issued_on=date(2026, 1, 1),
    due_on=date(2026, 1, 31),
    amount=Amount.of(100_000, "EUR"),
)


def charge(minor: int, **fields: Any) -> Charge:  # noqa: ANN401 - a charge's fields
    return Charge(
        key="k", kind="statutory", on=NOW.date(), at=NOW, minor=minor, ground="law", **fields
    )


def told(**fields: Any) -> Facts:  # noqa: ANN401 - an order's fields
    asked = {"open_minor": 100_000, "pay_until": date(2026, 2, 15), "today": date(2026, 2, 1)}
    order = Effect(
        creditor="demo",
        invoice="INV-1",
        customer="C-1",
        episode=1,
        at=NOW,
        currency="EUR",
        **asked | fields,
    )
    customer = Customer(id="C-1", name="Ada", address="Weg 2", postal_code="10999", city="Berlin")
    return facts_of(customer, INVOICE, order, "demo:INV-1:1:step:email")


def test_costs_of_which_only_notice_is_given_are_announced_and_not_asked_for() -> None:
    facts = told(charges=(charge(4_000), charge(14_000, posting="notice_only")), open_minor=104_000)
    assert [one.minor for one in facts.charges] == [4_000]
    assert facts.announced_minor == 14_000
    assert facts.aside_minor == 0


def test_the_address_is_that_of_the_books_line_by_line() -> None:
    assert told().customer_address == "Weg 2\n10999 Berlin"


def test_without_a_day_to_pay_it_is_today_and_what_follows_begins_tomorrow() -> None:
    facts = told(pay_until=None)
    assert (facts.pay_until, facts.effective_on) == (date(2026, 2, 1), date(2026, 2, 2))


@given(st.integers(1, 10**9))
def test_what_is_offered_adds_up_to_what_is_open(minor: int) -> None:
    facts = told(open_minor=minor, charges=(charge(10**9),))
    assert facts.plan is not None
    assert facts.plan.total_minor == minor
    assert facts.plan.instalments[0].due_on == facts.pay_until
    assert len(facts.plan.instalments) <= 3

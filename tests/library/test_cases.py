"""When a case opens, what it knows of its debtor, and rates that came after its opening."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library import rates
from library.cases import appraised, bounds, newer_rates, opens_on
from schemas.behaviour import PastInvoice, PaymentHistory
from schemas.customer import Customer
from schemas.errors import InputRefusedError
from schemas.invoice import Invoice
from schemas.money import Amount
from tests.dunning.build import policy, step

DUE, ISSUED = date(2026, 1, 31), date(2026, 1, 1)


def invoice(issued: date = ISSUED, due: date = DUE) -> Invoice:
    return Invoice(id="INV-1", issued_on=issued, due_on=due, amount=Amount.of(100_00, "EUR"))


@pytest.mark.parametrize(
    ("first", "day"),
    [
        ("due+1d", date(2026, 2, 1)),
        ("due+15d", date(2026, 2, 1)),
        ("due+2 business days", date(2026, 2, 1)),
        ("eom(due+1m)", date(2026, 2, 1)),
        ("due+0d", date(2026, 1, 31)),
        ("due-3d", date(2026, 1, 28)),
        ("due-2w", date(2026, 1, 17)),
        ("due-1m", date(2025, 12, 31)),
        ("issued+7d", date(2026, 1, 8)),
        ("issued+60d", date(2026, 2, 1)),
        ("issued-3d", date(2025, 12, 29)),
    ],
)
def test_a_case_opens_for_its_first_step_and_at_the_latest_when_it_is_overdue(
    first: str, day: date
) -> None:
    assert opens_on(policy(step("a", first), step("b", "due+30d")), invoice()) == day


COUNTS, UNITS = st.integers(-40, 40), st.sampled_from("dwm")
TIMES = st.one_of(
    st.builds("{}{:+d}{}".format, st.sampled_from(["due", "issued"]), COUNTS, UNITS),
    st.builds("eom(due{:+d}{})".format, COUNTS, UNITS),
    st.builds("due+{} business days".format, st.integers(0, 40)),
)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(
    st.lists(TIMES, min_size=1, max_size=3),
    DAYS,
    st.integers(0, 400),
    st.integers(-1300, 1300),
    st.sampled_from([-1, 0, 1]),
)
def test_no_invoice_that_is_ready_somewhere_on_earth_lies_outside_the_bounds(
    times: list[str], issued: date, net: int, ahead: int, zone: int
) -> None:
    policies = [policy(step("a", one)) for one in times]
    one = invoice(issued, issued + timedelta(days=net))
    today = one.due_on + timedelta(days=ahead)
    found = bounds(policies, today)
    inside = one.due_on <= found.due_by or (
        found.issued_by is not None and one.issued_on <= found.issued_by
    )
    is_ready = any(opens_on(each, one) <= today + timedelta(days=zone) for each in policies)
    assert inside or not is_ready


def test_a_policy_that_begins_when_overdue_looks_no_farther_than_tomorrow() -> None:
    assert bounds([policy(step("a", "due+1d"))], DUE).due_by == DUE
    assert bounds([policy(step("a", "due+1d"))], DUE).issued_by is None


def past(name: str, due: str, paid: str | None = None, minor: int = 100_00) -> PastInvoice:
    on = date.fromisoformat(due)
    settled = date.fromisoformat(paid) if paid else None
    return PastInvoice(name, on - timedelta(days=30), on, minor, "EUR", settled)


PROMPT = tuple(past(f"P{n}", f"2025-{n:02}-10", f"2025-{n:02}-09") for n in range(1, 9))
LATE = tuple(past(f"L{n}", f"2025-{n:02}-10", f"2025-{n:02}-25") for n in range(1, 9))


def known(
    *invoices: PastInvoice, segment: str | None = None, currency: str = "EUR", on: date = DUE
) -> Customer:
    customer = Customer(id="C-1", segment=segment)
    return appraised(customer, PaymentHistory(invoices), currency, on)


@pytest.mark.parametrize(
    ("history", "segment"),
    [((), "first-time"), (PROMPT, "strong-history"), (LATE, "habitual-late")],
)
def test_a_segment_the_creditor_did_not_assign_comes_from_the_books(
    history: tuple[PastInvoice, ...], segment: str
) -> None:
    assert known(*history).segment == segment
    assert known(*history, segment="vip").segment == "vip"


def test_open_items_are_whole_invoices_in_the_cases_currency() -> None:
    history = (*PROMPT, past("A", "2026-01-31"), past("B", "2026-02-09", minor=5_50))
    assert known(*history).open_items == Amount.of(105_50, "EUR")
    assert known(*history, currency="USD").open_items == Amount.of(0, "USD")


def test_what_became_known_later_than_the_opening_is_not_seen() -> None:
    """Paid the day after, and issued the day after: on that evening one is open, one not there."""
    paid_later = past("A", "2026-01-20", "2026-02-01")
    issued_later = past("B", "2026-03-03")
    assert known(paid_later, issued_later).open_items == Amount.of(100_00, "EUR")
    assert known(paid_later, on=date(2026, 2, 1)).open_items == Amount.of(0, "EUR")
    paid_in_future = (past(f"L{n}", "2026-01-10", "2026-06-01") for n in range(8))
    assert known(*paid_in_future).segment == "first-time"


TABLE = """
schema: reference-rates/1
id: base
name: a base rate
source: its bank
rates:
  - {on: 2026-01-01, percent: "1.27"}
"""
MORE = '  - {on: 2026-07-01, percent: "1.52"}\n'


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Write the only rate table there is, a moment after the last one."""
    monkeypatch.setattr(rates, "SHIPPED", tmp_path)
    moments = iter(range(1, 10))

    def write(text: str) -> None:
        path = tmp_path / "base.yaml"
        path.write_text(text)
        os.utime(path, (next(moments),) * 2)

    return write


def test_a_rate_published_while_a_case_runs_is_found_and_nothing_else_is_sent(
    publish: Callable[[str], None],
) -> None:
    publish(TABLE)
    last = {"base": date(2026, 1, 1)}
    assert newer_rates(last) == ()
    publish(TABLE + MORE)
    (found,) = newer_rates(last)
    assert [str(rate.percent) for rate in found.rates] == ["1.52"]
    assert newer_rates({"base": date(2026, 7, 1)}) == ()
    (whole,) = newer_rates({"base": None})
    assert len(whole.rates) == 2
    assert newer_rates({"gone": None}) == newer_rates({}) == ()


def test_a_table_that_does_not_read_is_named(publish: Callable[[str], None]) -> None:
    publish(TABLE + '  - {on: 2026-02-01, percent: "1"}\n')
    with pytest.raises(InputRefusedError, match=r"base\.yaml, line 8"):
        newer_rates({"base": None})

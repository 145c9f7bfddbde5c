"""How one payment is shared among the invoices of a debtor."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.charges.allocation import (
    OpenClaim,
    Share,
    Shares,
    allocate_as_told,
    allocate_between,
    named_in,
)

TODAY = date(2026, 5, 1)
CLAIMS = (
    OpenClaim("B", date(2026, 4, 1), 100),
    OpenClaim("A", date(2026, 4, 1), 100),
    OpenClaim("C", date(2026, 3, 1), 50),
    OpenClaim("D", date(2026, 5, 1), 70),  # due today, not yet overdue
)


def by_invoice(found: Shares) -> dict[str, int]:
    return {one.invoice: one.minor for one in found.shares}


@pytest.mark.parametrize(
    ("money", "reference", "shares", "left"),
    [
        (120, None, {"C": 50, "A": 70}, 0),
        (120, "", {"C": 50, "A": 70}, 0),
        (120, "D", {"D": 70, "C": 50}, 0),
        (120, "for D and A, thanks", {"D": 70, "A": 50}, 0),
        (300, None, {"C": 50, "A": 100, "B": 100, "D": 50}, 0),
        (400, None, {"C": 50, "A": 100, "B": 100, "D": 70}, 80),
        (400, "Z", {}, 400),
        (0, None, {}, 0),
    ],
)
def test_a_payment_is_shared_oldest_first_unless_the_debtor_says_otherwise(
    money: int, reference: str | None, shares: dict[str, int], left: int
) -> None:
    found = allocate_between(CLAIMS, money, reference, today=TODAY)
    assert list(by_invoice(found).items()) == list(shares.items())
    assert found.left == left


def test_every_share_says_why() -> None:
    found = allocate_between(CLAIMS, 400, "pays b", today=TODAY)
    assert found.shares == (
        Share("B", 100, "the debtor names it"),
        Share("C", 50, "oldest overdue"),
        Share("A", 100, "oldest overdue"),
        Share("D", 70, "not due yet"),
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("INV-1", ("INV-1",)),
        ("inv-10 and INV-1.", ("INV-10", "INV-1")),
        ("INV-1,INV-10;", ("INV-1", "INV-10")),
        ("(INV-1)", ("INV-1",)),
        ("INV-100", ()),
        ("INV-1-A", ()),
        ("INV-1.2", ()),
        ("2026/INV-1", ()),
        ("A.INV-1", ()),
        ("XINV-1", ()),
        ("no. 0001", ("0001",)),
        ("a+b", ("a+b",)),
        ("aab", ()),
        ("thank you", ()),
    ],
)
def test_an_invoice_is_named_by_its_whole_number(text: str, named: tuple[str, ...]) -> None:
    assert named_in(text, ["INV-1", "INV-10", "0001", "a+b"]) == named


def test_a_split_the_debtor_wrote_is_followed_and_the_rest_is_to_clarify() -> None:
    assert allocate_as_told(CLAIMS, 120, {"D": 70, "A": 20}, "EUR") == Shares(
        (Share("D", 70, "as the debtor split it"), Share("A", 20, "as the debtor split it")), 30
    )


@pytest.mark.parametrize(
    ("split", "reason"),
    [
        ({"Z": 1}, "invoice Z is not open; open are A, B, C, D"),
        ({"C": 51}, "invoice C cannot get 0.51, 0.50 EUR are open"),
        ({"C": 0}, "invoice C cannot get 0.00, 0.50 EUR are open"),
        ({"A": 100, "B": 21}, "the shares add up to 1.21, the payment is 1.20 EUR"),
    ],
)
def test_a_split_that_cannot_be_followed_is_refused(split: dict[str, int], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        allocate_as_told(CLAIMS, 120, split, "EUR")


claims = st.lists(
    st.builds(
        OpenClaim,
        st.text("ABC", min_size=1, max_size=4),
        st.dates(date(2026, 1, 1), date(2026, 12, 1)),
        st.integers(-50, 500),
    ),
    unique_by=lambda one: one.invoice,
    max_size=6,
)


@given(
    claims,
    st.integers(0, 3000),
    st.none() | st.text("ABC ", max_size=12),
    st.randoms(use_true_random=False),
)
def test_no_money_is_lost_or_made_and_the_order_of_claims_does_not_matter(
    given_claims: list[OpenClaim], money: int, reference: str | None, random: Random
) -> None:
    found = allocate_between(given_claims, money, reference, today=TODAY)
    assert sum(by_invoice(found).values()) + found.left == money
    by_id = {one.invoice: one.open_minor for one in given_claims}
    assert all(0 < part <= by_id[name] for name, part in by_invoice(found).items())
    shuffled = list(given_claims)
    random.shuffle(shuffled)
    assert allocate_between(shuffled, money, reference, today=TODAY) == found


@given(claims, st.integers(0, 3000), st.integers(0, 500))
def test_more_money_never_gives_an_invoice_less(
    given_claims: list[OpenClaim], money: int, more: int
) -> None:
    less = by_invoice(allocate_between(given_claims, money, today=TODAY))
    found = by_invoice(allocate_between(given_claims, money + more, today=TODAY))
    assert all(found[name] >= minor for name, minor in less.items())

"""What is open, and which money settled what."""

import pytest

from dunning.charges.balance import Balance, balance
from schemas.case import Case
from tests.charges.build import (
    case,
    charged,
    event,
    happened,
    moment,
    paid,
    rule,
    stated,
    sum_of,
)


def parts(begun: Case) -> tuple[int, int, int]:
    owed = balance(begun)
    return owed.principal, owed.fees, owed.interest


def charged_case(**rest: object) -> Case:
    """Return a case with a fee of 40.00 of 10 April, and 9.86 interest of 1 May."""
    begun = charged(case(**rest), "2026-04-10", flat={"EUR": "40"}, ground="contract")  # type: ignore[arg-type]
    return stated(begun, rule(), "2026-05-01")


@pytest.mark.parametrize(
    ("amount", "cip", "pic"),
    [
        ("30", (1000_00, 10_00, 9_86), (970_00, 40_00, 9_86)),
        ("45", (1000_00, 0, 4_86), (955_00, 40_00, 9_86)),
        ("1020", (29_86, 0, 0), (0, 29_86, 0)),
        ("1049.86", (0, 0, 0), (0, 0, 0)),
        ("1050", (-14, 0, 0), (-14, 0, 0)),
    ],
)
def test_a_payment_settles_in_the_order_of_the_policy(
    amount: str, cip: tuple[int, int, int], pic: tuple[int, int, int]
) -> None:
    payment = paid("p", "2026-05-02", amount)
    assert parts(happened(charged_case(), payment)) == cip
    assert parts(happened(charged_case(allocation="pic"), payment)) == pic


def test_the_policys_order_beats_the_packs() -> None:
    payment = paid("p", "2026-05-02", "30")
    assert parts(happened(charged_case(law="de", allocation="pic"), payment))[0] == 970_00
    assert parts(happened(charged_case(law="de"), payment))[0] == 1000_00


def test_money_settles_what_there_was_on_its_value_date() -> None:
    """The fee is of 10 April: money valued before it cannot have settled it."""
    begun = charged_case()
    late = paid("p", "2026-05-02", "30", value_on="2026-04-09")
    assert parts(happened(begun, late)) == (970_00, 40_00, 9_86)
    assert balance(happened(begun, late), moment("2026-05-01")).paid == 0  # nobody knew of it


def test_interest_of_a_day_comes_before_the_money_of_that_day() -> None:
    payment = paid("p", "2026-05-01", "49.86")
    assert parts(happened(charged_case(), payment)) == (1000_00, 0, 0)


def test_a_notice_only_line_is_never_owed() -> None:
    begun = charged(case(), flat={"EUR": "40"}, ground="contract", posting="notice_only")
    assert (balance(begun).total, balance(begun).due) == (1000_00, 1000_00)


def test_a_dispute_of_everything_covers_the_charges_and_upheld_voids_them() -> None:
    begun = charged(charged_case(), key="x", flat={"EUR": "5"}, ground="g", posting="on_payment")
    opened = event("dispute_opened", "d", "2026-05-03", reason="goods")
    assert balance(happened(begun, opened)).due == 0
    upheld = event("dispute_resolved", "u", "2026-05-04", dispute="d", result="upheld")
    assert balance(happened(begun, opened, upheld)) == Balance(0, 0, 0, 0, 0)


def test_the_balance_is_kept_for_a_case_and_computed_anew_for_a_changed_one() -> None:
    begun = case()
    assert balance(begun) is balance(begun)
    assert balance(happened(begun, paid("p", "2026-04-05", "100"))).principal == 900_00
    part = event("dispute_opened", "d", "2026-05-03", reason="goods", amount=sum_of("300"))
    assert balance(happened(begun, part)).due == 700_00

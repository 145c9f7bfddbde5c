"""Fees, and what is open."""

import pytest

from dunning.charges.balance import Balance, balance
from dunning.charges.fees import fee
from schemas.signals import AnyEvent
from tests.dunning.build import (
    Document,
    at,
    case,
    event,
    lines,
    paid,
    policy,
    reasons,
    run,
    step,
    sum_of,
    taken_back,
    told,
)


def with_fees(*falls: str, **charge: object) -> Document:
    rule = {"flat": {"EUR": "40.00", "JPY": "5000"}, "ground": "contract"} | charge
    steps = [step(f"fee-{n}", when, "fee", charge=rule) for n, when in enumerate(falls)]
    return {"rules": policy(*steps)}


def parts(owed: Balance) -> tuple[int, int, int]:
    return owed.principal, owed.fees, owed.interest


def test_a_fee_is_the_flat_sum_of_the_currency_with_its_ground_and_inputs() -> None:
    charged = run(case(**with_fees("due+1d", cap="10% of principal"))).charges[0]
    assert (charged.minor, charged.ground, charged.kind) == (40_00, "contract", "fee")
    assert charged.inputs == {"flat": "4000", "cap": "10%", "room": "10000"}
    assert charged.on.isoformat() == "2026-02-01"
    assert charged.key == "acme:INV-1:1:fee-0:fee"


def test_a_fee_in_yen_has_no_decimals() -> None:
    begun = case(**with_fees("due+1d"), amount="100000", currency="JPY")
    assert run(begun).charges[0].minor == 5000


def test_the_cap_counts_all_charges_of_the_case_against_the_principal() -> None:
    ended = run(case(**with_fees("due+1d", "due+2d", "due+3d", cap="5% of principal")))
    assert [charge.minor for charge in ended.charges] == [40_00, 10_00]
    assert reasons(ended) == {"fee-2": "the cap on charges is reached"}


@pytest.mark.parametrize(
    ("amount", "cap", "minor"), [("0.50", "1%", 1), ("0.49", "1%", None), ("10.05", "10%", 101)]
)
def test_a_cap_is_rounded_half_up_to_the_minor_unit(
    amount: str, cap: str, minor: int | None
) -> None:
    ended = run(case(**with_fees("due+1d", cap=f"{cap} of principal"), amount=amount))
    assert [charge.minor for charge in ended.charges] == ([minor] if minor else [])


def test_a_currency_without_a_sum_stops_the_charge_with_its_reason() -> None:
    ended = run(case(**with_fees("due+1d"), currency="CHF"))
    assert lines(ended) == ["02-01 09:00 fee-0 skipped"]
    assert reasons(ended) == {"fee-0": "the policy states no fee in CHF"}
    assert ended.charges == ()


def test_a_step_without_a_charge_has_no_fee() -> None:
    begun = case()
    no_fee = fee(begun, begun.policy.steps[0], "key", at("02-01"))
    assert no_fee == "the step names no charge"


FEE = with_fees("due+1d")  # posted on 1 February at nine


@pytest.mark.parametrize(
    ("events", "principal", "fees"),
    [
        ([], 1000_00, 40_00),
        # a payment settles costs first
        ([paid("p", "02-03", "30")], 1000_00, 10_00),
        ([paid("p", "02-03", "100")], 940_00, 0),
        # and what came before the fee, or with it, settled what there was
        ([paid("p", "02-01", "100")], 900_00, 40_00),
        ([paid("p", "02-01 09:00", "100")], 900_00, 40_00),
        # a payment taken back counts as if it had never come
        ([paid("p", "02-03", "100"), taken_back("b", "02-05", "p")], 1000_00, 40_00),
        ([paid("p", "02-03", "100"), taken_back("b", "02-05", "p", "70")], 1000_00, 10_00),
        ([paid("p", "02-03", "100"), taken_back("b", "02-05", "p", "999")], 1000_00, 40_00),
        ([paid("p", "02-01", "100"), taken_back("b", "02-05", "p", "70")], 970_00, 40_00),
        # even if it is told twice under two ids
        (
            [
                paid("p", "02-03", "100"),
                taken_back("b", "02-05", "p"),
                taken_back("c", "02-06", "p"),
            ],
            1000_00,
            40_00,
        ),
        ([taken_back("b", "02-05", "unknown")], 1000_00, 40_00),
        # credits and write-offs lower the principal first
        ([event("credit_issued", "c", "02-03", amount=sum_of("100"))], 900_00, 40_00),
        ([event("credit_issued", "c", "02-03", amount=sum_of("1020"))], 0, 20_00),
        (
            [event("written_off", "w", "02-03", amount=sum_of("100"), reason="old")],
            900_00,
            40_00,
        ),
        # a credit note for something else does not count
        (
            [event("credit_issued", "c", "02-03", amount=sum_of("100"), linked=False)],
            1000_00,
            40_00,
        ),
    ],
)
def test_what_is_open_after(events: list[AnyEvent], principal: int, fees: int) -> None:
    owed = balance(run(case(**FEE), *events, until="03-01"))
    assert parts(owed) == (principal, fees, 0)
    assert owed.total == owed.due == principal + fees


def test_an_overpayment_is_the_debtors_credit() -> None:
    owed = balance(run(case(**FEE), paid("p", "02-03", "1100")))
    assert parts(owed) == (-60_00, 0, 0)
    assert owed.due == 0


def test_only_money_that_stayed_counts_as_paid() -> None:
    owed = balance(
        told(
            case(),
            paid("p", "02-02", "100"),
            paid("q", "02-03", "50"),
            taken_back("b", "02-04", "q"),
            event("credit_issued", "c", "02-05", amount=sum_of("200")),
        )
    )
    assert (owed.paid, owed.total) == (100_00, 700_00)


def test_a_reversal_that_arrives_before_its_payment_counts_when_both_are_known() -> None:
    before = told(case(), taken_back("b", "02-05", "p", "10"), paid("p", "02-03", "100"))
    assert balance(before).total == 910_00


def test_the_balance_of_a_moment_counts_what_had_happened_by_then() -> None:
    begun = told(case(), paid("p", "02-03", "100"), taken_back("b", "02-05", "p"))
    totals = [balance(begun, at(day)).total for day in ("02-02", "02-03", "02-04", "02-05")]
    assert totals == [1000_00, 900_00, 900_00, 1000_00]


def test_a_fee_that_was_not_posted_is_not_owed() -> None:
    ended = run(case(**FEE), event("hold_placed", "h", "01-31", reason="x"))
    assert balance(ended).total == 1000_00

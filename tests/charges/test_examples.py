"""The worked examples: every printed figure, from the shipped packs where the law is involved."""

from datetime import date
from decimal import Decimal

import pytest

from dunning.charges.balance import balance
from dunning.charges.statutory import first_charge_day, statutory_sum
from library import charge_packs
from schemas.charging import Charge, Needed
from schemas.rates import RateTable
from tests.charges.build import (
    case,
    charge,
    charged,
    credit,
    event,
    interest,
    minor,
    paid,
    rule,
    sent,
    stated,
)

PACKS = charge_packs.shipped()
STATUTORY = rule("statutory", ground="")


@pytest.mark.parametrize(
    ("amount", "currency", "rate", "due", "calc", "daycount", "expected"),
    [
        pytest.param("1000", "EUR", "12", "2025-03-31", "2025-04-30", "ACT/365", "9.86", id="A1"),
        pytest.param("1000", "EUR", "12", "2025-03-31", "2025-04-30", "ACT/360", "10.00", id="A2"),
        pytest.param("1000", "EUR", "12", "2025-03-31", "2025-04-30", "30E/360", "10.00", id="A3"),
        pytest.param("1000", "EUR", "12", "2025-02-28", "2025-03-31", "ACT/365", "10.19", id="A4"),
        pytest.param("10000", "EUR", "10", "2024-02-15", "2024-03-15", "ACT/365", "79.45", id="A7"),
        pytest.param("1000", "EUR", "12", "2025-03-31", "2025-03-31", "ACT/365", "0.00", id="A12"),
        pytest.param(
            "1000", "EUR", "36.5", "2025-03-31", "2025-04-01", "ACT/365", "1.00", id="A13"
        ),
        pytest.param(
            "2345.67",
            "USD",
            "1.5% per month",
            "2026-03-01",
            "2026-04-15",
            "ACT/365",
            "52.05",
            id="G3",
        ),
        pytest.param(
            "2345.67",
            "USD",
            "1.5% per started month",
            "2026-03-01",
            "2026-04-15",
            "ACT/365",
            "70.37",
            id="G4",
        ),
        pytest.param("123456", "JPY", "3", "2026-01-31", "2026-03-17", "ACT/365", "457", id="H1"),
        pytest.param(
            "1234.567", "KWD", "7", "2026-01-31", "2026-03-03", "ACT/365", "7.340", id="H3"
        ),
    ],
)
def test_interest_by_contract(
    amount: str, currency: str, rate: str, due: str, calc: str, daycount: str, expected: str
) -> None:
    begun = case(amount, currency, due=due)
    found = interest(begun, rule(rate, daycount=daycount), calc)
    assert found == minor(expected, currency)


@pytest.mark.parametrize(
    ("law", "debtor", "amount", "currency", "due", "paid_on", "expected"),
    [
        pytest.param(
            "uk", "business", "10000", "GBP", "2026-01-31", "2026-04-01", "193.15", id="B1"
        ),
        pytest.param(
            "uk", "business", "4000", "GBP", "2025-05-31", "2025-09-30", "170.47", id="B3"
        ),
        pytest.param(
            "uk", "business", "999.99", "GBP", "2025-06-30", "2025-07-30", "10.07", id="B5"
        ),
        pytest.param("de", "consumer", "1500", "EUR", "2025-06-10", "2025-07-20", "11.13", id="C1"),
        pytest.param(
            "de", "business", "10000", "EUR", "2026-06-15", "2026-07-15", "85.44", id="C2"
        ),
        pytest.param(
            "nl", "business", "5000", "EUR", "2026-06-15", "2026-07-31", "65.02", id="D20"
        ),
        pytest.param(
            "fr", "business", "10000", "EUR", "2026-05-31", "2026-07-15", "150.82", id="F1"
        ),
        pytest.param("de", "business", "1190", "EUR", "2026-06-30", "2026-07-30", "10.29", id="K1"),
    ],
)
def test_interest_by_statute(
    law: str, debtor: str, amount: str, currency: str, due: str, paid_on: str, expected: str
) -> None:
    begun = case(amount, currency, due=due, law=law, debtor=debtor)  # type: ignore[arg-type]
    assert interest(begun, STATUTORY, paid_on) == minor(expected, currency)


def test_b2_interest_and_compensation_of_a_british_debt() -> None:
    """B2."""
    begun = case("10000", "GBP", due="2026-01-31", law="uk")
    begun = charged(begun, "2026-04-01", statutory="lump_sum")
    assert balance(stated(begun, STATUTORY, "2026-04-01")).total == 10293_15


def test_b11_a_partial_payment_settles_interest_first() -> None:
    """B11."""
    begun = case("5000", "GBP", due="2026-01-31", events=[paid("p", "2026-03-02", "2000", "GBP")])
    assert balance(stated(begun, rule("11.75"), "2026-04-01")).total == 3077_73


@pytest.mark.parametrize(
    ("law", "debtor", "what", "currency", "principals", "vat", "expected"),
    [
        pytest.param("uk", "business", "lump_sum", "GBP", ["999.99"], None, "40.00", id="B7"),
        pytest.param("uk", "business", "lump_sum", "GBP", ["1000.00"], None, "70.00", id="B8"),
        pytest.param("nl", "consumer", "collection_costs", "EUR", ["100"], None, "40.00", id="D1"),
        pytest.param("nl", "consumer", "collection_costs", "EUR", ["300"], None, "45.00", id="D4"),
        pytest.param(
            "nl", "consumer", "collection_costs", "EUR", ["1000"], None, "150.00", id="D5"
        ),
        pytest.param(
            "nl", "business", "collection_costs", "EUR", ["2500.10"], None, "375.01", id="D7"
        ),
        pytest.param(
            "nl", "consumer", "collection_costs", "EUR", ["1000"], "21", "181.50", id="D17"
        ),
        pytest.param(
            "fr", "business", "lump_sum", "EUR", ["10", "2000", "300"], None, "120.00", id="F2"
        ),
    ],
)
def test_sums_of_law(
    law: str,
    debtor: str,
    what: str,
    currency: str,
    principals: list[str],
    vat: str | None,
    expected: str,
) -> None:
    debts = [minor(one, currency) for one in principals]
    added = Decimal(vat) if vat else None
    found = statutory_sum(PACKS[law], debtor, what, debts, currency, added)  # type: ignore[arg-type]
    assert found == minor(expected, currency)


def test_c6_a_lump_sum_is_credited_against_recovery_costs() -> None:
    """C6."""
    begun = charged(case(law="de"), statutory="lump_sum")
    assert begun.charges[0].minor == 40_00
    covered = charge(begun, flat={"EUR": "12.50"}, ground="contract")
    assert covered == "what was charged before covers it"
    other_way = charged(case(law="de"), flat={"EUR": "12.50"}, ground="contract")
    other_way = charged(other_way, key="lump", statutory="lump_sum")
    assert [one.minor for one in other_way.charges] == [12_50, 27_50]


def needed(pack: str, kind: str) -> Needed:
    law = PACKS[pack].law("consumer")
    assert law is not None
    found = law.costs_need if kind == "costs" else law.interest_needs
    assert found is not None
    return found


def test_d23_the_fourteen_days_start_on_the_day_after_receipt() -> None:
    """D23."""
    first = first_charge_day(needed("nl", "costs"), date(2026, 11, 23), "email")
    assert first == date(2026, 12, 8)


@pytest.mark.parametrize(
    ("balance_", "expected"),
    [
        pytest.param("100", "20.00", id="E1"),
        pytest.param("150", "20.00", id="E2"),
        pytest.param("150.01", "30.00", id="E3"),
        pytest.param("1000", "90.00", id="E8"),
    ],
)
def test_a_belgian_consumer_is_charged_no_more_than_the_ceiling(
    balance_: str, expected: str
) -> None:
    begun = sent(case(balance_, law="be", debtor="consumer"), "reminder", "2026-04-02")
    found = charge(begun, flat={"EUR": "500"}, ground="contract")
    assert isinstance(found, Charge)
    assert found.minor == minor(expected)


def test_e14_a_belgian_consumer_bears_interest_after_the_free_reminder() -> None:
    """E14: the contract asks for more than the law lets it."""
    begun = case("300", due="2026-06-30", law="be", debtor="consumer")
    begun = sent(begun, "reminder", "2026-07-06")
    assert interest(begun, rule("15"), "2026-08-19") == 2_59
    assert interest(begun, rule("15"), "2026-07-20") == 0


def test_e15_charges_begin_when_fourteen_days_after_the_reminder_are_over() -> None:
    """E15."""
    first = first_charge_day(needed("be", "interest"), date(2026, 7, 6), "email")
    assert first == date(2026, 7, 21)


def test_g1_a_federal_agency_pays_simple_interest_on_a_year_of_360_days() -> None:
    """G1."""
    table = RateTable.model_validate(
        {
            "id": "us_prompt_payment",
            "name": "of the example",
            "source": "5 CFR 1315.17",
            "rates": [{"on": "2026-01-01", "percent": "6.5"}],
        }
    )
    begun = case(
        "1500", "USD", due="2026-04-01", law="us-b2b", debtor="public_body", tables=[table]
    )
    assert interest(begun, STATUTORY, "2026-04-11") == 2_71


def test_g5_all_charges_together_stay_within_the_cap() -> None:
    """G5."""
    begun = case("2000", "USD", due="2025-04-01")
    assert interest(begun, rule("18"), "2026-01-26") == 295_89
    assert interest(begun, rule("18", cap="10% of principal"), "2026-01-26") == 200_00


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [pytest.param("HALF_UP", 1, id="H4"), pytest.param("HALF_EVEN", 0, id="H5")],
)
def test_an_exact_tie_is_rounded_as_the_rule_says(rounding: str, expected: int) -> None:
    assert interest(case("36.50"), rule("5", rounding=rounding), "2026-04-02") == expected


def test_h8_segments_are_added_before_they_are_rounded() -> None:
    """H8."""
    table = RateTable.model_validate(
        {
            "id": "ref",
            "name": "of the example",
            "source": "none",
            "rates": [
                {"on": "2025-01-01", "percent": "10"},
                {"on": "2025-07-01", "percent": "8.25"},
            ],
        }
    )
    begun = case("10.00", due="2025-06-29", tables=[table])
    assert interest(begun, rule({"table": "ref"}), "2025-07-01") == 1


def test_k2_interest_counts_from_the_first_day_once_the_grace_is_exceeded() -> None:
    """K2."""
    assert interest(case(), rule(grace_days=5), "2026-04-11") == 3_29
    assert interest(case(), rule(grace_days=5), "2026-04-06") == 0
    assert interest(case(), rule(grace_days=5, grace_mode="shift"), "2026-04-11") == 1_64


def test_k5_goodwill_lowers_the_principal_from_its_date_on() -> None:
    """K5."""
    begun = case("1190", events=[credit("c", "2026-04-21", "190", retroactive=False)])
    assert interest(begun, rule("10"), "2026-05-01") == 9_26


def test_k7_a_returned_payment_counts_as_if_it_had_never_come() -> None:
    """K7."""
    events = [
        paid("p", "2026-04-11", "500"),
        event("payment_reversed", "r", "2026-04-26", payment="p"),
    ]
    assert interest(case(events=events), rule(), "2026-05-01") == 9_86


def test_k9_three_payments_settle_costs_then_interest_then_principal() -> None:
    """K9."""
    begun = charged(case(), "2026-04-02", flat={"EUR": "25.00"}, ground="contract")
    begun = begun.model_copy(
        update={
            "events": (
                paid("a", "2026-04-16", "200"),
                paid("b", "2026-05-16", "300"),
                paid("c", "2026-06-15", "250"),
            )
        }
    )
    owed = balance(stated(begun, rule(), "2026-07-01"))
    assert (owed.principal, owed.interest, owed.total) == (293_43, 1_54, 294_97)

"""Fees and statutory sums: amounts, limits, and what the law says about them."""

from typing import Any

import pytest
from pydantic import ValidationError

from dunning.charges.balance import balance
from dunning.charges.fees import needs_number
from dunning.charges.rates import Missing
from dunning.charges.recompute import recompute
from dunning.charges.statutory import first_charge_day, statutory_sum
from library import charge_packs
from schemas.case import Case
from schemas.charging import Charge, ChargePack, ChargeRule, Needed
from schemas.scales import Band, Scale
from tests.charges.build import (
    Document,
    case,
    charge,
    charged,
    event,
    moment,
    paid,
    sent,
    sum_of,
)

PACKS = charge_packs.shipped()
FIVE: Document = {"percent": "5", "ground": "terms, clause 9"}


def minor_of(begun: Case, **fields: Any) -> int:  # noqa: ANN401 - whatever a policy writes
    found = charge(begun, **fields)
    assert isinstance(found, Charge), found
    assert recompute(found) == found.minor
    return found.minor


def why_not(begun: Case, day: str = "2026-05-01", **fields: Any) -> str:  # noqa: ANN401 - as above
    found = charge(begun, day, **fields)
    assert isinstance(found, str)
    return found


@pytest.mark.parametrize(
    ("of", "minor"), [("original", 50_00), ("open_principal", 40_00), ("overdue_principal", 25_00)]
)
def test_a_percentage_is_taken_of_what_the_policy_names(of: str, minor: int) -> None:
    events = [
        paid("p", "2026-04-05", "200"),
        event("dispute_opened", "d", "2026-04-06", reason="goods", amount=sum_of("300")),
    ]
    assert minor_of(case(events=events), **FIVE, of=of) == minor


def test_a_percentage_is_never_taken_of_charges() -> None:
    begun = charged(case(), flat={"EUR": "40.00"}, ground="contract")
    assert minor_of(begun, **FIVE) == 50_00


@pytest.mark.parametrize(
    ("amount", "minor"),
    [("100", 10_00), ("200", 10_00), ("200.10", 10_01), ("999.99", 50_00), ("5000", 75_00)],
)
def test_a_percentage_stays_between_its_limits(amount: str, minor: int) -> None:
    limits = {"min": {"EUR": "10"}, "max": {"EUR": "75"}}
    assert minor_of(case(amount), **FIVE, **limits) == minor


def test_a_percentage_of_yen_is_a_whole_number() -> None:
    assert minor_of(case("12345", "JPY"), percent="1", ground="contract") == 123
    assert minor_of(case("12350", "JPY"), percent="1", ground="contract") == 124  # a tie, half up


def test_nothing_open_bears_no_fee() -> None:
    begun = case(events=[paid("p", "2026-04-05", "1000")])
    assert why_not(begun, **FIVE) == "nothing is open that it could be taken of"


def test_a_charge_that_is_too_small_is_waived() -> None:
    small = why_not(case("10"), **FIVE, min_charge={"EUR": "1.00"})
    assert small == "0.50 is below the smallest charge of the policy"


def test_a_fee_once_per_invoice_is_not_posted_by_a_second_step() -> None:
    begun = charged(case(), **FIVE)
    assert (
        why_not(begun, **FIVE, once_per="invoice") == "it is charged once per invoice, and it was"
    )
    assert minor_of(begun, **FIVE) == 50_00


def test_a_fee_carries_its_tax_code_and_posting() -> None:
    found = charge(case(), **FIVE, tax_code="US-NY-taxable", posting="notice_only")
    assert isinstance(found, Charge)
    assert (found.tax_code, found.posting) == ("US-NY-taxable", "notice_only")


def test_a_missing_sum_asks_for_attention_and_other_reasons_do_not() -> None:
    begun = case(currency="CHF")
    assert needs_number(begun, why_not(begun, flat={"EUR": "40"}, ground="contract"))
    missing = Missing("de_base", moment("2027-01-01").date())
    assert needs_number(begun, missing)
    assert needs_number(begun, missing.reason)
    assert not needs_number(begun, "the cap on charges is reached")


def test_a_statutory_sum_has_the_statute_as_its_ground_and_is_charged_once() -> None:
    begun = charged(case("10000", "GBP", law="uk"), statutory="lump_sum")
    line = begun.charges[0]
    assert (line.kind, line.minor) == ("statutory", 100_00)
    assert line.ground == "Late Payment of Commercial Debts (Interest) Act 1998, s.5A"
    assert line.inputs["pack"] == "uk 2026-11-21"
    assert recompute(line) == 100_00
    again = "it is charged once per invoice, and it was"
    assert why_not(begun, statutory="lump_sum") == again


def test_a_lump_sum_is_for_the_debt_that_was_late_and_costs_are_for_what_is_open() -> None:
    in_time, later = paid("p", "2026-04-01", "1.00", "GBP"), paid("q", "2026-04-05", "500", "GBP")
    late = case("1000", "GBP", law="uk", events=[later])
    assert minor_of(late, statutory="lump_sum") == 70_00
    less = case("1000", "GBP", law="uk", events=[in_time, later])
    assert minor_of(less, statutory="lump_sum") == 40_00
    events = [paid("p", "2026-04-05", "600")]
    assert minor_of(case(law="nl", events=events), statutory="collection_costs") == 60_00
    events = [paid("p", "2026-04-05", "1000")]
    nothing = why_not(case(law="nl", events=events), statutory="collection_costs")
    assert nothing == "nothing is open that it could be taken of"


@pytest.mark.parametrize(
    ("law", "debtor", "currency", "fields", "says"),
    [
        ("de", "consumer", "EUR", {"statutory": "lump_sum"}, "BGB 288(5): not against a consumer"),
        ("uk", "consumer", "GBP", {"statutory": "lump_sum"}, "between businesses only"),
        ("nl", "consumer", "EUR", {"statutory": "lump_sum"}, "BW 6:96(5)"),
        ("fr", "consumer", "EUR", FIVE, "CPCE L111-8"),
        ("nl", "consumer", "EUR", FIVE, "BW 6:96(5)"),
        ("default", "business", "EUR", FIVE, "default: no fee against"),
        ("de", "business", "EUR", {"statutory": "collection_costs"}, "only costs actually"),
        ("de", "business", "CHF", {"statutory": "lump_sum"}, "a sum in EUR, not in CHF"),
        ("de", "business", "EUR", {"statutory": "lump_sum", "gross_up": "19"}, "nothing may be"),
        (None, "business", "EUR", {"statutory": "lump_sum"}, "no charge pack is chosen"),
        ("us", "business", "USD", FIVE, "says nothing of a debtor who is business"),
        ("be", "consumer", "EUR", FIVE, "no message has gone out, which must come first"),
        ("nl", "consumer", "EUR", {"statutory": "collection_costs"}, "letter_14_days or default"),
    ],
)
def test_the_law_stops_a_charge_and_says_which(
    law: str | None, debtor: str, currency: str, fields: Document, says: str
) -> None:
    begun = case(currency=currency, law=law, debtor=debtor)  # type: ignore[arg-type]
    assert says in why_not(begun, **fields)


def test_a_german_consumer_pays_no_more_than_print_and_postage() -> None:
    fee: Document = {"flat": {"EUR": "5.00"}, "ground": "contract"}
    begun = case(law="de", debtor="consumer")
    assert "the reminder that causes default is free" in why_not(begun, **fee)
    begun = charged(sent(begun, "reminder", "2026-04-02"), **fee)
    assert begun.charges[0].minor == 1_00
    assert why_not(begun, **fee) == "the ceiling of the law on fees is reached"


def test_dutch_costs_wait_for_the_fourteen_days_of_the_letter() -> None:
    costs: Document = {"statutory": "collection_costs"}
    begun = sent(case(law="nl", debtor="consumer"), "notice", "2026-11-23")
    assert why_not(begun, "2026-12-07", **costs).endswith("not before 2026-12-08")
    found = charge(begun, "2026-12-08", **costs)
    assert isinstance(found, Charge)
    assert (found.minor, found.ground) == (150_00, "Stb. 2012, 141")
    posted = sent(case(law="nl", debtor="consumer"), "notice", "2026-11-20", "letter")
    assert isinstance(charge(posted, "2026-12-08", **costs), Charge)
    assert isinstance(charge(posted, "2026-12-07", **costs), str)


def test_costs_may_be_grossed_up_where_the_law_lets_them() -> None:
    begun = case(law="nl")
    assert minor_of(begun, statutory="collection_costs", gross_up="21") == 181_50


def test_three_working_days_after_posting_begin_the_belgian_free_days() -> None:
    needed = PACKS["be"].laws[1].fee_needs
    assert needed is not None
    friday, monday = moment("2026-07-03").date(), moment("2026-07-06").date()
    assert f"{first_charge_day(needed, friday, 'letter')}" == "2026-07-22"
    closed = frozenset({monday})
    assert f"{first_charge_day(needed, friday, 'letter', closed)}" == "2026-07-23"


def test_american_fees_are_charged_once_and_stay_within_a_quarter() -> None:
    begun = case("100", "USD", law="us", debtor="consumer")
    fee: Document = {"flat": {"USD": "40"}, "ground": "contract"}
    assert minor_of(begun, **fee) == 25_00
    assert "once per invoice" in why_not(charged(begun, **fee), key="other", **fee)


@pytest.mark.parametrize(
    ("debt", "costs"),
    [
        ("0.01", 40_00),
        ("266.66", 40_00),
        ("266.67", 40_00),
        ("266.70", 40_01),
        ("2500", 375_00),
        ("5000", 625_00),
        ("10000", 875_00),
        ("200000", 2775_00),
        ("1000000", 6775_00),
        ("5000000", 6775_00),
    ],
)
def test_the_dutch_scale_holds_at_its_boundaries(debt: str, costs: int) -> None:
    found = statutory_sum(PACKS["nl"], "business", "collection_costs", [_minor(debt)], "EUR")
    assert found == costs


def _minor(text: str) -> int:
    whole, _, cents = text.partition(".")
    return int(whole) * 100 + int(cents or 0)


@pytest.mark.parametrize(
    ("debt", "sum_"), [("999.99", 40_00), ("1000", 70_00), ("9999.99", 70_00), ("10000", 100_00)]
)
def test_the_british_bands_end_below_their_sums(debt: str, sum_: int) -> None:
    assert statutory_sum(PACKS["uk"], "business", "lump_sum", [_minor(debt)], "GBP") == sum_


def test_invoices_of_one_letter_are_added_before_the_scale_and_lump_sums_are_not() -> None:
    debts = [1000_00, 2000_00]
    pack = PACKS["nl"]
    assert statutory_sum(pack, "consumer", "collection_costs", debts, "EUR") == 425_00
    assert statutory_sum(pack, "business", "lump_sum", debts, "EUR") == 80_00


@pytest.mark.parametrize(
    ("bands", "says"),
    [
        ([{"upto": "5", "fixed": "1"}], "the last has none"),
        ([{"fixed": "1"}, {"fixed": "2"}], "every band but the last has an end"),
        ([{"upto": "5"}, {"below": "5"}, {}], "their ends must rise"),
        ([{"upto": "5", "below": "6"}, {}], "ends with `upto` or `below`, not both"),
    ],
)
def test_a_faulty_scale_is_refused(bands: list[Document], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Scale.model_validate({"currency": "EUR", "bands": bands, "basis": "law", "cite": "x"})


def test_a_band_knows_its_debts() -> None:
    assert Band.model_validate({"upto": "5"}).holds(Band.model_validate({"fixed": "5"}).fixed)
    assert not Band.model_validate({"below": "5"}).holds(Band.model_validate({"fixed": "5"}).fixed)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "exactly one of flat, percent, statutory and interest, got none"),
        ({"flat": {"EUR": "1"}, "percent": "5"}, "got flat and percent"),
        ({"flat": {"EUR": "0"}}, "flat.EUR: a fee is above zero"),
        ({"percent": "0"}, "greater than 0"),
        ({"percent": "1001"}, "less than or equal to 1000"),
        ({"percent": "5", "ground": ""}, "name the clause of the contract"),
        ({"flat": {"EUR": "1"}, "of": "original"}, "only a percent is taken of something"),
        ({"flat": {"EUR": "1"}, "min": {"EUR": "1"}}, "only a percent has them"),
        ({"percent": "5", "min": {"EUR": "9"}, "max": {"EUR": "8"}}, "must not be above max.EUR"),
        ({"percent": "5", "gross_up": "21"}, "only a statutory sum is grossed up"),
        ({"interest": {"rate": "a lot"}}, "is not a rate; write"),
        ({"interest": {"rate": 1.5}}, "a float is not exact"),
        ({"interest": {"rate": "12", "daycount": "ACT/364"}}, "30E/360"),
        ({"interest": {"rate": "12", "grace_days": -1}}, "greater than or equal to 0"),
        ({"interest": {"rate": {"table": "ecb_mro", "add": "NaN"}}}, "not a plain decimal"),
    ],
)
def test_a_faulty_rule_is_refused_with_what_would_be_right(fields: Document, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        ChargeRule.model_validate({"ground": "contract"} | fields)


@pytest.mark.parametrize(
    ("written", "yearly"),
    [
        ("12", 12),
        (12, 12),
        ("12%", 12),
        ("12% a year", 12),
        ("1.5% per month", 18),
        ("1% per started month", 12),
    ],
)
def test_a_rate_is_read_as_people_write_it(written: object, yearly: int) -> None:
    rule = ChargeRule.model_validate({"interest": {"rate": written}, "ground": "contract"})
    assert rule.interest is not None
    assert rule.interest.rate != "statutory"
    assert getattr(rule.interest.rate, "yearly", None) == yearly
    assert ChargeRule.model_validate_json(rule.model_dump_json()) == rule


def test_a_pack_names_each_kind_of_debtor_once() -> None:
    law = {"debtors": ["business"]}
    with pytest.raises(ValidationError, match="business appears in two laws"):
        ChargePack.model_validate({"id": "x", "version": "1", "laws": [law, law]})


def test_a_line_below_zero_says_what_it_corrects() -> None:
    line = {"key": "k", "kind": "fee", "on": "2026-01-01", "at": "2026-01-01T00:00:00Z"}
    with pytest.raises(ValidationError, match="names the line it corrects"):
        Charge.model_validate({**line, "minor": -1, "ground": "x"})
    assert Charge.model_validate({**line, "minor": -1, "ground": "x", "inputs": {"corrects": "k"}})


@pytest.mark.parametrize("pack", PACKS.values(), ids=lambda pack: pack.id)
def test_every_shipped_pack_answers_for_each_charge(pack: ChargePack) -> None:
    for law in pack.laws:
        for what in ("lump_sum", "collection_costs"):
            currency = "GBP" if pack.id == "uk" else "EUR"
            for debtor in law.debtors:
                found = statutory_sum(pack, debtor, what, [1000_00], currency)
                assert isinstance(found, str) or found >= 40_00
                assert isinstance(found, int) or found.startswith((pack.id, "the charge pack"))


def test_needed_days_have_a_message() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        Needed(messages=(), basis="law", cite="x")


def test_charges_to_be_paid_only_if_the_debtor_wants_are_asked_for_and_keep_nothing_open() -> None:
    begun = charged(case(), **FIVE, posting="on_payment")
    owed = balance(begun)
    assert (owed.total, owed.on_payment, owed.due) == (1000_00, 50_00, 1050_00)
    whole = begun.model_copy(update={"events": (paid("p", "2026-05-03", "1000"),)})
    assert (balance(whole).total, balance(whole).due) == (0, 0)
    more = begun.model_copy(update={"events": (paid("p", "2026-05-03", "1060"),)})
    assert (balance(more).total, balance(more).on_payment) == (-10_00, 0)

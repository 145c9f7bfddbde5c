"""Corners of the arithmetic in which a wrong line would not be noticed elsewhere."""

from datetime import date

import pytest

from dunning.charges.accrual import Claim, Line, Movement, Terms, accrue
from dunning.charges.balance import balance
from dunning.charges.interest import interest_lines
from dunning.charges.rates import MissingRateError, Rates, percent_on
from dunning.charges.statutory import NO_PACK, sent_messages, waits_for
from library import charge_packs
from schemas.case import StepRecord
from schemas.charging import Charge, ChargeRule
from schemas.interest import Fixed, Reference
from tests.charges.build import (
    ALL_RATES,
    Document,
    case,
    charge,
    charged,
    credit,
    event,
    interest,
    moment,
    paid,
    rule,
    sent,
    stated,
    sum_of,
)

PACKS = charge_packs.shipped()
START = date(2026, 1, 1)
FLAT: Document = {"ground": "contract"}


def fixed(percent: str) -> Rates:
    return Rates(Fixed.model_validate({"percent": percent}), START, ())


def run(terms: Terms, principal: int, through: date, *movements: Movement) -> tuple[Line, ...]:
    return accrue(Claim(principal, movements), terms, through)


def in_order(lines: tuple[Line, ...]) -> list[tuple[str, int]]:
    return [(f"{line.through}", line.minor) for line in lines]


def test_a_lump_sum_covers_fees_and_fees_count_towards_it_each_once() -> None:
    begun = charged(case(law="de"), flat={"EUR": "10"}, key="one", **FLAT)
    begun = charged(begun, statutory="lump_sum", key="lump")
    assert begun.charges[-1].minor == 30_00
    # the debtor owes the larger: 60 in fees, of which the lump sum has covered 30 beyond the ten
    begun = charged(begun, flat={"EUR": "50"}, key="two", **FLAT)
    assert begun.charges[-1].minor == 20_00
    assert sum(one.minor for one in begun.charges) == 60_00


def test_a_statutory_sum_needs_a_pack() -> None:
    assert charge(case(law=None), statutory="lump_sum") == NO_PACK


@pytest.mark.parametrize(
    ("law", "debtor", "what", "expected"),
    [
        (
            "de",
            "business",
            "collection_costs",
            (
                "de: no collection costs against a business or sole trader or public body "
                "(BGB 280, 286: only costs actually incurred)"
            ),
        ),
        (
            "de",
            "consumer",
            "lump_sum",
            "de: no lump sum against a consumer (BGB 288(5): not against a consumer)",
        ),
    ],
)
def test_a_charge_the_law_forbids_says_against_whom(
    law: str, debtor: str, what: str, expected: str
) -> None:
    begun = case(law=law, debtor=debtor)  # type: ignore[arg-type]
    assert charge(begun, statutory=what) == expected


def test_a_corrected_invoice_bears_the_lump_sum_of_what_is_left() -> None:
    whole = case("1200", "GBP", law="uk")
    found = charge(whole, statutory="lump_sum")
    assert isinstance(found, Charge)
    assert found.minor == 70_00
    note = event("credit_issued", "c", "2026-03-20", amount=sum_of("500", "GBP"))
    corrected = charge(case("1200", "GBP", law="uk", events=[note]), statutory="lump_sum")
    assert isinstance(corrected, Charge)
    assert corrected.minor == 40_00


def test_a_percentage_keeps_what_it_was_taken_of() -> None:
    found = charge(case(), percent="5", of="original", **FLAT)
    assert isinstance(found, Charge)
    assert found.inputs == {"percent": "5", "of": "original", "principal": "100000"}


@pytest.mark.parametrize(("least", "is_charged"), [("5.00", True), ("5.01", False)])
def test_the_smallest_charge_is_still_charged(least: str, is_charged: bool) -> None:
    found = charge(case(), flat={"EUR": "5"}, min_charge={"EUR": least}, **FLAT)
    assert isinstance(found, Charge) == is_charged


def test_a_mere_notice_takes_nothing_of_the_cap() -> None:
    fee: Document = {"flat": {"EUR": "30"}, "cap": "5% of principal", **FLAT}
    begun = charged(case(), posting="notice_only", key="notice", **fee)
    assert charged(begun, key="fee", **fee).charges[-1].minor == 30_00
    begun = charged(case(), key="fee", **fee)
    assert charged(begun, key="other", **fee).charges[-1].minor == 20_00


def test_only_messages_that_went_out_open_a_charge() -> None:
    begun = case(law="be", debtor="consumer")
    for do, result in (("fee", "done"), ("email", "refused"), ("email", "unknown")):
        written = {"step": "notice", "do": do, "result": result, "amount_due": 0}
        record = StepRecord.model_validate(written | {"at": moment("2026-04-10")})
        begun = begun.model_copy(update={"records": (*begun.records, record)})
    assert list(sent_messages(begun)) == []
    (message,) = sent_messages(sent(begun, "notice", "2026-04-11"))
    assert (message.message, message.by) == ("default_notice", "email")


def test_the_free_days_of_the_post_leave_out_the_holidays_of_the_case() -> None:
    needed = PACKS["be"].laws[1].fee_needs
    begun = sent(case(law="be", debtor="consumer"), "notice", "2026-07-03", "letter")
    assert needed is not None
    needed = needed.model_copy(update={"messages": ("*",)})
    assert begun.rules is not None
    book = begun.rules.model_copy(update={"holidays": {"BE": (date(2026, 7, 6),)}})
    assert f"{waits_for(begun, needed)}" == "2026-07-22"
    assert f"{waits_for(begun.model_copy(update={'rules': book}), needed)}" == "2026-07-23"


def test_a_reference_rate_of_no_table_is_missing() -> None:
    with pytest.raises(MissingRateError, match="no_such_table"):
        percent_on(Reference(table="no_such_table"), START, ALL_RATES)


def test_a_reversal_carries_its_own_key_and_the_moment_it_was_found() -> None:
    begun = stated(case(), rule(tax_code="S"), "2026-05-01", "first")
    late = paid("p", "2026-05-05", "500", value_on="2026-04-21")
    again = begun.model_copy(update={"events": (late,)})
    lines = stated(again, rule(tax_code="S"), "2026-05-11", "second").charges
    assert [one.key for one in lines] == ["first", "first:reversed", "second:2026-04-21", "second"]
    assert {one.at for one in lines[1:]} == {moment("2026-05-11")}
    assert {one.tax_code for one in lines} == {"S"}


def test_interest_with_nothing_to_run_on_is_not_called_too_small() -> None:
    settled = case(events=[paid("p", "2026-03-30", "1000")])
    found = interest_lines(settled, rule(), moment("2026-05-01"), "key")
    assert found == "no interest has accrued since the last line"


def test_a_step_without_interest_posts_none() -> None:
    flat = ChargeRule.model_validate({"flat": {"EUR": "5"}, "ground": "contract"})
    found = interest_lines(case(), flat, moment("2026-05-01"), "key")
    assert found == "the step names no interest"


def test_money_of_the_last_day_of_grace_is_in_time() -> None:
    begun = case(events=[paid("p", "2026-04-11", "1000")])
    assert interest(begun, rule(grace_days=10), "2026-05-01") == 0
    assert interest(begun, rule(grace_days=9), "2026-04-11") == 3_29


def test_the_law_caps_interest_as_it_caps_fees() -> None:
    law = PACKS["us"].law("consumer")
    assert law is not None
    capped = law.model_copy(update={"total_cap": 1, "subdivision_rates": None, "max_rate": None})
    pack = PACKS["us"].model_copy(update={"laws": (capped,)})
    begun = case("1000", "USD", law=pack, debtor="consumer", state="US-NY")
    assert interest(begun, rule("12"), "2027-04-01") == 10_00


def test_each_month_that_begins_is_one_segment_of_its_own_days() -> None:
    terms = Terms(after=START, rates=fixed("12"), by_month=True)
    (line,) = run(terms, 1000_00, date(2026, 2, 20))
    told = [(f"{one.first}", f"{one.last}", one.parts, one.whole) for one in line.segments]
    assert told == [("2026-01-02", "2026-02-01", 1, 12), ("2026-02-02", "2026-03-01", 1, 12)]
    paused = Terms(
        after=START, rates=fixed("12"), by_month=True, pauses=((date(2026, 2, 2), None),)
    )
    assert in_order(run(paused, 1000_00, date(2026, 2, 20))) == [("2026-02-20", 10_00)]


def test_costs_add_up_and_are_settled_before_the_principal() -> None:
    terms = Terms(after=START, rates=fixed("36.5"))
    moves = [
        Movement(date(2026, 1, 11), "fee", 10_00),
        Movement(date(2026, 1, 11), "fee", 15_00),
        Movement(date(2026, 1, 11), "payment", 135_00),
    ]
    # a tenth of a percent a day: ten days on 1000, then 135 less 25 of costs and 10 of interest
    lines = run(terms, 1000_00, date(2026, 1, 21), *moves)
    assert in_order(lines) == [("2026-01-11", 10_00), ("2026-01-21", 9_00)]


def test_what_rounding_leaves_over_is_dropped_when_money_comes() -> None:
    terms = Terms(after=START, rates=fixed("12"))
    payment = Movement(date(2026, 1, 15), "payment", 1)
    assert run(terms, 100, date(2026, 1, 29)) != ()
    assert run(terms, 100, date(2026, 1, 29), payment) == ()


def test_a_payment_lowers_the_interest_that_bears_interest_by_what_it_paid_of_it() -> None:
    terms = Terms(after=START, rates=fixed("36.5"), compounding="yearly")
    # 365.00 of the first year bear interest from then on; a day later 100.00 of it are paid
    payment = Movement(date(2027, 1, 2), "payment", 100_00)
    lines = run(terms, 1000_00, date(2027, 1, 12), payment)
    assert in_order(lines) == [
        ("2027-01-01", 365_00),
        ("2027-01-02", 1_37),
        ("2027-01-12", 12_65),
    ]


MONTHLY = Terms(after=START, rates=fixed("12"), daycount="30/360", compounding="monthly")


@pytest.mark.parametrize("kind", ["payment", "reduction"])
def test_interest_by_the_month_is_posted_whenever_the_balance_changes(kind: str) -> None:
    moved = Movement(date(2026, 1, 16), kind, 500_00)  # type: ignore[arg-type]
    days = [day for day, _ in in_order(run(MONTHLY, 1000_00, date(2026, 1, 31), moved))]
    assert days == ["2026-01-16", "2026-01-31"]


def test_a_reduction_ends_no_line_of_interest_that_does_not_compound() -> None:
    reduction = Movement(date(2026, 1, 16), "reduction", 500_00)
    simple = Terms(after=START, rates=fixed("12"), daycount="30/360")
    assert [day for day, _ in in_order(run(simple, 1000_00, date(2026, 1, 31), reduction))] == [
        "2026-01-31"
    ]


def test_interest_of_a_month_bears_interest_in_the_next_one() -> None:
    reduction = Movement(date(2026, 2, 1), "reduction", 500_00)
    assert in_order(run(MONTHLY, 1000_00, date(2026, 3, 1), reduction)) == [
        ("2026-02-01", 10_00),
        ("2026-03-01", 5_10),
    ]


def test_what_is_given_up_ends_a_line_of_interest_by_the_month() -> None:
    given_up = credit("c", "2026-04-16", "500", retroactive=False)
    by_month = rule("12", compounding="monthly", daycount="30/360")
    begun = stated(case(events=[given_up]), by_month, "2026-05-01")
    assert [f"{one.on}" for one in begun.charges] == ["2026-04-16", "2026-05-01"]


def test_money_that_settles_a_part_exactly_leaves_the_next_untouched() -> None:
    terms = Terms(after=START, rates=fixed("36.5"))
    moves = [
        Movement(date(2026, 1, 11), "fee", 10_00),
        Movement(date(2026, 1, 11), "payment", 10_00),
    ]
    assert in_order(run(terms, 1000_00, date(2026, 1, 21), *moves)) == [
        ("2026-01-11", 10_00),
        ("2026-01-21", 10_00),
    ]


def test_a_dispute_that_is_right_is_right_by_all_it_named() -> None:
    opened = event("dispute_opened", "d", "2026-04-05", reason="x", amount=sum_of("300"))
    verdict = {"dispute": "d", "amount": sum_of("100")}
    for result, open_ in (("upheld", 700_00), ("partly", 900_00), ("rejected", 1000_00)):
        resolved = event("dispute_resolved", "r", "2026-04-09", result=result, **verdict)
        assert balance(case(events=[opened, resolved])).principal == open_


def test_a_message_of_an_agreement_is_known_by_its_own_name() -> None:
    (message,) = sent_messages(sent(case(), "plan-rates-1-due", "2026-04-11"))
    assert message.message == "plan-rates-1-due"

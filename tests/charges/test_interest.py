"""Interest of a case: which lines are posted, and how they are corrected."""

from datetime import date

import pytest

from dunning.charges.balance import balance
from dunning.charges.interest import interest_lines
from dunning.charges.rates import Missing
from dunning.charges.recompute import recompute
from schemas.case import Case
from schemas.charging import ChargeRule
from tests.charges.build import (
    Document,
    case,
    charged,
    credit,
    event,
    happened,
    interest,
    moment,
    paid,
    rule,
    sent,
    stated,
    sum_of,
)

STATUTORY = rule("statutory", ground="")


def lines(begun: Case) -> list[tuple[str, int]]:
    return [(f"{one.on:%m-%d}", one.minor) for one in begun.charges if one.kind == "interest"]


def refused(begun: Case, by: ChargeRule, day: str) -> str:
    found = interest_lines(begun, by, moment(day), "key")
    assert isinstance(found, str)
    return found


def test_one_line_ends_on_each_payment_and_the_last_one_today() -> None:
    begun = stated(case(events=[paid("p", "2026-04-11", "500")]), rule(), "2026-05-01", "step")
    assert lines(begun) == [("04-11", 3_29), ("05-01", 3_31)]
    assert [one.key for one in begun.charges] == ["step:2026-04-11", "step"]
    owed = balance(begun)
    assert (owed.principal, owed.interest) == (503_29, 3_31)


def test_a_line_keeps_what_it_was_computed_from() -> None:
    begun = stated(case(due="2026-06-15", law="de"), STATUTORY, "2026-07-15")
    line = begun.charges[0]
    assert line.inputs == {
        "segments": (
            "2026-06-16..2026-06-30 15/365 at 10.27% on 100000; "
            "2026-07-01..2026-07-15 15/365 at 10.52% on 100000"
        ),
        "daycount": "ACT/365",
        "rounding": "HALF_UP",
        "pack": "de 2026-11-21",
    }
    assert (line.ground, line.tax_code, line.posting) == ("BGB 288(2)", "outside-scope", "on_issue")
    assert recompute(line) == line.minor


def test_a_later_statement_posts_only_what_came_since() -> None:
    begun = stated(stated(case(), rule(), "2026-04-11"), rule(), "2026-05-01")
    assert lines(begun) == [("04-11", 3_29), ("05-01", 6_58)]
    assert refused(begun, rule(), "2026-05-01") == "no interest has accrued since the last line"


def test_a_payment_told_late_reverses_the_lines_it_makes_wrong_and_posts_them_anew() -> None:
    begun = stated(stated(case(), rule(), "2026-04-11"), rule(), "2026-05-01")
    late = paid("p", "2026-05-05", "500", value_on="2026-04-21")
    begun = stated(happened(begun, late), rule(), "2026-05-11", "late")
    assert lines(begun) == [
        ("04-11", 3_29),
        ("05-01", 6_58),
        ("05-01", -6_58),
        ("04-21", 3_29),
        ("05-11", 3_33),
    ]
    reversal = begun.charges[2]
    assert reversal.inputs == {"corrects": "i:2026-05-01", "posted": "658"}
    assert recompute(reversal) == -6_58
    owed = balance(begun)
    assert (owed.principal, owed.interest) == (506_58, 3_33)


def test_a_returned_payment_after_its_line_is_as_if_it_had_never_come() -> None:
    begun = stated(case(events=[paid("p", "2026-04-11", "500")]), rule(), "2026-04-20")
    begun = happened(begun, event("payment_reversed", "r", "2026-04-26", payment="p"))
    begun = stated(begun, rule(), "2026-05-01")
    # the line of 11 April still holds; what it was rounded by is dropped
    assert lines(begun)[0] == ("04-11", 3_29)
    assert sum(minor for _, minor in lines(begun)) == 9_87
    assert balance(begun).principal == 1000_00


@pytest.mark.parametrize(("retroactive", "total"), [(None, 8_88), (True, 8_88), (False, 9_37)])
def test_a_credit_note_lowers_interest_from_the_start_unless_it_is_goodwill(
    retroactive: bool | None, total: int
) -> None:
    begun = stated(case(), rule(), "2026-04-16")
    begun = happened(begun, credit("c", "2026-04-16", "100", retroactive=retroactive))
    assert interest(begun, rule(), "2026-05-01") == total


def test_interest_falls_away_with_a_dispute_that_is_right() -> None:
    begun = stated(case(), rule(), "2026-04-16")
    opened = event("dispute_opened", "d", "2026-04-17", reason="goods")
    upheld = event("dispute_resolved", "u", "2026-04-20", dispute="d", result="upheld")
    assert interest(happened(begun, opened), rule(), "2026-05-01") == 9_86  # it runs meanwhile
    assert interest(happened(begun, opened, upheld), rule(), "2026-05-01") == 0
    half = event(
        *("dispute_resolved", "u", "2026-04-20"), dispute="d", result="partly", amount=sum_of("500")
    )
    assert interest(happened(begun, opened, half), rule(), "2026-05-01") == 4_93


def test_what_is_written_off_bears_interest_until_that_day() -> None:
    gone = event("written_off", "w", "2026-04-11", amount=sum_of("500"), reason="goodwill")
    assert interest(case(events=[gone]), rule(), "2026-05-01") == 6_58


def test_a_rate_that_is_missing_stops_the_charge_and_names_the_table() -> None:
    begun = case(due="2026-12-01", law="de")
    assert interest(begun, STATUTORY, "2026-12-31") == 8_65
    found = interest_lines(begun, STATUTORY, moment("2027-01-01"), "key")
    assert found == Missing("de_base", date(2027, 1, 1))
    settled = happened(begun, paid("p", "2026-12-11", "2000"))
    assert interest(settled, STATUTORY, "2027-03-01") == 2_88  # nothing runs, so none is needed


@pytest.mark.parametrize(
    ("pauses", "total"),
    [
        ([], 9_86),
        ([(date(2026, 4, 12), date(2026, 4, 22))], 6_58),
        ([(date(2026, 3, 1), date(2026, 4, 12))], 6_58),
        ([(date(2026, 4, 12), None)], 3_29),
        ([(date(2026, 4, 12), date(2026, 4, 20)), (date(2026, 4, 15), date(2026, 4, 22))], 6_58),
        ([(date(2026, 3, 1), None)], 0),
    ],
)
def test_nothing_accrues_in_a_pause(pauses: list[object], total: int) -> None:
    assert interest(case(), rule(), "2026-05-01", pauses) == total


def test_money_within_the_grace_came_in_time() -> None:
    events = [paid("p", "2026-04-05", "500")]
    assert interest(case(events=events), rule(grace_days=5), "2026-05-01") == 4_93
    assert refused(case(), rule(grace_days=5), "2026-04-06") == (
        "no interest is asked for before 2026-04-07"
    )


def test_interest_below_the_smallest_charge_is_waived_and_comes_back_when_it_grows() -> None:
    by = rule(min_charge={"EUR": "5.00"})
    assert refused(case(), by, "2026-04-11") == (
        "the interest stays below the smallest charge of 5.00"
    )
    assert interest(case(), by, "2026-05-01") == 9_86
    shrunk = happened(stated(case(), by, "2026-05-01"), credit("c", "2026-05-02", "900"))
    assert interest(shrunk, by, "2026-05-03") == 0


def test_the_cap_counts_fees_and_interest_together() -> None:
    by = rule("18", cap="5% of principal")
    begun = charged(case(), flat={"EUR": "40.00"}, ground="contract")
    begun = stated(begun, by, "2026-05-01")
    assert lines(begun) == [("05-01", 10_00)]
    assert recompute(begun.charges[-1]) == 10_00
    assert refused(begun, by, "2026-06-01") == "no interest has accrued since the last line"


@pytest.mark.parametrize(
    ("rate", "ceiling", "total"), [("12", "6", 4_93), ("12", "18", 9_86), ("statutory", "5", 4_11)]
)
def test_a_ceiling_lowers_the_rate(rate: str, ceiling: str, total: int) -> None:
    by = rule(rate, max_rate=ceiling)
    assert interest(case(law="de"), by, "2026-05-01") == total


def test_dutch_statutory_interest_bears_interest_after_each_year() -> None:
    begun = case("10000", due="2024-01-15", law="nl", debtor="consumer")
    # 351 days of 2024 and 15 of 2025 at 7 and 6 percent make the first year
    first = stated(begun, STATUTORY, "2025-01-15")
    assert [minor for _, minor in lines(first)] == [697_81]
    # 10,697.81 for 350 days at 6 percent and 15 days at 4
    second = stated(begun, STATUTORY, "2026-01-15")
    assert [minor for _, minor in lines(second)] == [697_81, 633_08]


def test_a_payment_takes_from_the_interest_that_bears_interest_first() -> None:
    begun = case("10000", due="2024-01-15", law="nl", debtor="consumer")
    begun = happened(begun, paid("p", "2025-02-14", "697.81"))
    lined = stated(begun, STATUTORY, "2025-03-16")
    # 30 days on 10,697.81, then 30 days on 10,000.00
    assert [minor for _, minor in lines(lined)] == [697_81, 52_76, 49_32]


def test_monthly_compounding_follows_the_formula_of_the_prompt_payment_rule() -> None:
    """P(1 + r/12)^2 (1 + r 10/360) - P for two months and ten days."""
    by = rule("6", compounding="monthly", daycount="ACT/360")
    begun = stated(case("100000"), by, "2026-06-11")
    assert sum(minor for _, minor in lines(begun)) == 1170_84
    assert recompute(begun.charges[0]) == 1170_84


@pytest.mark.parametrize(
    ("day", "total"),
    [("2026-04-02", 15_00), ("2026-05-01", 15_00), ("2026-05-02", 30_00), ("2026-06-01", 30_00)],
)
def test_a_month_is_charged_when_it_begins(day: str, total: int) -> None:
    by = rule("1.5% per started month")
    assert interest(case(), by, day) == total
    assert interest(stated(case(), by, "2026-04-05"), by, day) == max(total, 15_00)


@pytest.mark.parametrize(
    ("law", "debtor", "by", "says"),
    [
        ("uk", "consumer", {"rate": "statutory"}, "uk: no statutory interest against a consumer"),
        ("default", "business", {"rate": "12"}, "default: no interest by contract against"),
        ("us", "consumer", {"rate": "12"}, "knows none for NY; add it to subdivision_rates"),
        ("us-b2b", "consumer", {"rate": "12"}, "the charge pack us-b2b says nothing of a debtor"),
        ("fr", "consumer", {"rate": "statutory"}, "which must come first (CC 1231-6, 1344)"),
        (None, "business", {"rate": "statutory"}, "no charge pack is chosen"),
    ],
)
def test_the_law_stops_interest_and_says_which(
    law: str | None, debtor: str, by: Document, says: str
) -> None:
    begun = case(law=law, debtor=debtor, state="US-NY")  # type: ignore[arg-type]
    ground = "" if by["rate"] == "statutory" else "contract"
    assert says in refused(begun, rule(**by, ground=ground), "2026-05-01")


def test_a_french_consumer_bears_the_legal_rate_from_the_formal_notice_on() -> None:
    begun = case(law="fr", debtor="consumer", due="2026-01-01")
    begun = sent(begun, "reminder", "2026-01-05")
    begun = sent(begun, "notice", "2026-02-01", "letter")
    # four days by post, received on the 5th, then 30 days at 2.62 percent
    assert interest(begun, STATUTORY, "2026-03-07") == 2_15
    assert interest(begun, STATUTORY, "2026-02-05") == 0


def test_an_american_state_with_its_highest_rate_lets_interest_run() -> None:
    pack = case(law="us").rules
    assert pack is not None
    assert pack.charges is not None
    law = pack.charges.laws[0].model_copy(update={"subdivision_rates": {"NY": 16}})
    filled = pack.charges.model_copy(update={"laws": (law,)})
    begun = case(law=filled, debtor="consumer", state="US-NY")
    assert interest(begun, rule("24"), "2026-05-01") == 13_15


def test_principal_first_leaves_interest_open() -> None:
    events = [paid("p", "2026-04-11", "500")]
    begun = stated(case(events=events, allocation="pic"), rule(), "2026-05-01")
    owed = balance(begun)
    assert (owed.principal, owed.interest) == (500_00, 6_58)


def test_an_overpayment_bears_no_interest_against_the_creditor() -> None:
    begun = stated(case(events=[paid("p", "2026-04-11", "5000")]), rule(), "2026-06-01")
    assert lines(begun) == [("04-11", 3_29)]
    assert balance(begun).total == 1003_29 - 5000_00


@pytest.mark.parametrize("posting", ["notice_only", "on_payment"])
def test_interest_that_is_not_owed_takes_nothing_of_a_payment_first(posting: str) -> None:
    events = [paid("p", "2026-04-11", "500")]
    begun = stated(case(events=events), rule(posting=posting), "2026-05-01")
    assert lines(begun) == [("04-11", 3_29), ("05-01", 3_29)]
    assert balance(begun).total == 500_00

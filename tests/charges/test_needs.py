"""What must be so before a charge: a message in writing, a rule in force, a number that is known.

The one home of that law is the charge pack.
"""

from datetime import date, timedelta

import pytest

from dunning.charges.fees import needs_number
from dunning.charges.interest import interest_lines
from dunning.charges.rates import Missing
from dunning.charges.statutory import waits_for
from library import charge_packs
from library.jurisdictions import shipped
from schemas.case import Case, StepRecord
from schemas.charging import Charge, ChargeRule, Needed
from schemas.customer import DebtorKind
from schemas.jurisdiction import Delay
from schemas.rates import RateTable
from schemas.signals import AnyEvent
from tests.charges.build import (
    Document,
    case,
    charge,
    event,
    happened,
    interest,
    moment,
    paid,
    rule,
    sent,
    stated,
)

COSTS: Document = {"statutory": "collection_costs"}
STATUTORY = rule("statutory", ground="")
FEE: Document = {"flat": {"EUR": "0.70"}, "ground": "terms, clause 9"}


def late(law: str, *events: AnyEvent, due: str = "2026-03-01") -> Case:
    """Return a consumer's case under that law; its policy reminds, then gives notice."""
    return case(law=law, debtor="consumer", due=due, events=events)


def needed_for(law: str, what: str) -> Needed:
    found = charge_packs.shipped()[law].law("consumer")
    needed = getattr(found, what)
    assert isinstance(needed, Needed)
    return needed


GATES = [
    # law, what needs it, step that was written, by, sent on, first day with the charge
    ("de", "fee_needs", "reminder", "email", "2026-03-02", "2026-03-03"),
    ("fr", "interest_needs", "notice", "email", "2026-03-02", "2026-03-03"),
    ("fr", "interest_needs", "notice", "letter", "2026-03-02", "2026-03-07"),
    ("nl", "costs_need", "notice", "email", "2026-11-23", "2026-12-08"),
    ("nl", "costs_need", "notice", "letter", "2026-11-20", "2026-12-08"),
    ("be", "fee_needs", "reminder", "email", "2026-07-06", "2026-07-21"),
    ("be", "fee_needs", "reminder", "letter", "2026-07-03", "2026-07-22"),
    ("be", "interest_needs", "reminder", "email", "2026-07-06", "2026-07-21"),
]


@pytest.mark.parametrize(
    ("law", "what", "step", "by", "on", "first"),
    GATES,
    ids=[f"{g[0]}-{g[1]}-{g[3]}" for g in GATES],
)
def test_a_charge_waits_for_its_message_and_the_free_days(
    law: str, what: str, step: str, by: str, on: str, first: str
) -> None:
    needed = needed_for(law, what)
    silent = waits_for(late(law), needed)
    assert isinstance(silent, str)
    assert silent.endswith(f"which must come first ({needed.cite})")
    assert waits_for(sent(late(law), step, on, by), needed) == date.fromisoformat(first)


def test_a_fee_is_not_posted_on_the_day_of_the_reminder_and_is_on_the_first_day() -> None:
    begun = sent(late("be"), "reminder", "2026-07-06")
    assert charge(begun, "2026-07-20", **FEE) == (
        "the law leaves free days before it: not before 2026-07-21"
    )
    assert isinstance(charge(begun, "2026-07-21", **FEE), Charge)


@pytest.mark.parametrize("law", ["de", "be"])
def test_a_message_before_the_due_date_reminds_of_nothing(law: str) -> None:
    on_the_day = sent(late(law), "reminder", "2026-03-01")
    assert isinstance(waits_for(on_the_day, needed_for(law, "fee_needs")), str)
    a_day_late = sent(late(law), "reminder", "2026-03-02")
    assert isinstance(waits_for(a_day_late, needed_for(law, "fee_needs")), date)


def test_a_call_is_no_message_in_writing() -> None:
    called = sent(late("be"), "reminder", "2026-03-05", "call")
    assert isinstance(waits_for(called, needed_for("be", "fee_needs")), str)


@pytest.mark.parametrize(
    ("outcome", "counts"), [("bounced", False), ("undelivered", False), ("delivered", True)]
)
def test_a_message_that_did_not_arrive_opens_no_charge(outcome: str, *, counts: bool) -> None:
    told = event("contact_outcome", "o", "2026-03-05", effect="e-1", result=outcome)
    record = StepRecord(
        step="reminder", do="email", result="done", at=moment("2026-03-05"), amount_due=0, key="e-1"
    )
    begun = late("de", told).model_copy(update={"records": (record,)})
    assert isinstance(waits_for(begun, needed_for("de", "fee_needs")), date) == counts


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({"channel": "letter", "satisfies": "notice"}, True),
        ({"channel": "letter", "satisfies": "no-such-step"}, False),
        ({"channel": "letter"}, False),
        ({"channel": "call", "satisfies": "notice"}, False),
        ({"channel": "letter", "satisfies": "reminder"}, False),
    ],
)
def test_a_persons_letter_counts_when_it_stands_in_for_the_notice(
    fields: Document, *, counts: bool
) -> None:
    made = event("contact_made", "m", "2026-11-20", by="a clerk", **fields)
    first = waits_for(happened(late("nl"), made), needed_for("nl", "costs_need"))
    assert first == date(2026, 12, 8) if counts else isinstance(first, str)


def test_dutch_costs_of_a_business_wait_for_no_letter() -> None:
    assert isinstance(charge(case(law="nl"), "2026-05-01", **COSTS), Charge)


def test_money_in_the_free_days_lowers_the_costs_that_follow() -> None:
    begun = sent(late("nl"), "notice", "2026-11-23")
    begun = happened(begun, paid("p", "2026-12-01", "600"))
    found = charge(begun, "2026-12-08", **COSTS)
    assert isinstance(found, Charge)
    assert found.minor == 60_00


@pytest.mark.parametrize(("place", "what"), [("nl", "costs_need"), ("fr", "interest_needs")])
def test_a_letter_travels_as_long_for_a_charge_as_for_a_message(place: str, what: str) -> None:
    travels = Delay(days=needed_for(place, what).post_days)
    assert shipped()[place].receipt["letter"] == travels


def test_a_rule_on_charges_binds_from_its_day_on() -> None:
    law = charge_packs.shipped()["be"].law("consumer")
    assert law is not None
    assert law.fee_needs is not None
    begins = law.fee_needs.valid_from
    assert begins == date(2023, 9, 1)
    assert law.on(begins) is law
    before = law.on(begins - timedelta(days=1))
    assert (before.fee_needs, before.fee_ceiling, before.max_rate) == (None, None, None)
    assert before.denies == law.denies


@pytest.mark.parametrize(("day", "minor"), [("2026-04-30", 500_00), ("2026-05-01", 90_00)])
def test_a_fee_is_held_to_the_law_of_the_day_it_is_posted(day: str, minor: int) -> None:
    pack = charge_packs.shipped()["be"]
    law = pack.law("consumer")
    assert law is not None
    assert law.fee_ceiling is not None
    ceiling = law.fee_ceiling.model_copy(update={"valid_from": date(2026, 5, 1)})
    changed = law.model_copy(update={"fee_ceiling": ceiling, "fee_needs": None})
    begun = case(law=pack.model_copy(update={"laws": (changed,)}), debtor="consumer")
    found = charge(begun, day, flat={"EUR": "500"}, ground="contract")
    assert isinstance(found, Charge)
    assert found.minor == minor


def test_a_denial_that_is_yet_to_come_denies_nothing() -> None:
    pack = charge_packs.shipped()["fr"]
    law = pack.law("consumer")
    assert law is not None
    source = law.denies["fee"].model_copy(update={"valid_from": date(2026, 5, 1)})
    changed = law.model_copy(update={"denies": law.denies | {"fee": source}})
    begun = case(law=pack.model_copy(update={"laws": (changed,)}), debtor="consumer")
    assert isinstance(charge(begun, "2026-04-30", **FEE), Charge)
    assert "fr: no fee against a consumer" in str(charge(begun, "2026-05-01", **FEE))


def test_the_day_interest_accrues_on_picks_its_rate_and_not_the_day_it_is_posted() -> None:
    rates = [{"on": "2026-01-01", "percent": "3.65"}, {"on": "2026-07-01", "percent": "7.30"}]
    table = RateTable.model_validate({"id": "ref", "name": "r", "source": "s", "rates": rates})
    begun = case("10000", due="2026-06-20", tables=[table])
    by = rule({"table": "ref"})
    assert interest(begun, by, "2026-06-30") == 10_00
    assert interest(begun, by, "2026-07-10") == 10_00 + 20_00
    in_two = stated(begun, by, "2026-06-30")
    assert interest(in_two, by, "2026-07-10") == 10_00 + 20_00


@pytest.mark.parametrize(
    ("law", "debtor", "by", "table"),
    [
        ("us-b2b", "public_body", STATUTORY, "jurisdictions/rates/us_prompt_payment.yaml"),
        ("us", "consumer", rule("5"), "jurisdictions/charges/us.yaml"),
        ("at", "business", STATUTORY, "jurisdictions/rates/at_base.yaml"),
        ("fr", "consumer", STATUTORY, "jurisdictions/rates/fr_legal_other.yaml"),
    ],
)
def test_a_number_nobody_knows_stops_the_charge_and_asks_for_its_table(
    law: str, debtor: DebtorKind, by: ChargeRule, table: str
) -> None:
    begun = case("1000", due="2026-06-15", law=law, debtor=debtor, state="US-NY")
    begun = sent(begun, "notice", "2026-06-20")
    found = interest_lines(begun, by, moment("2026-08-01"), "key")
    assert isinstance(found, str | Missing)
    assert needs_number(begun, found)
    assert table in (found if isinstance(found, str) else found.reason)

"""What holds for every history of charges."""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import date, datetime, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.charges.accrual import Claim, Movement, Terms, accrue
from dunning.charges.balance import Balance, balance
from dunning.charges.interest import in_force, interest_lines
from dunning.charges.rates import Rates
from dunning.charges.recompute import recompute
from dunning.charges.segments import read, total, written
from schemas.case import Case
from schemas.charging import ChargeRule
from schemas.interest import Fixed
from schemas.money import plain
from schemas.signals import AnyEvent, CreditIssued, PaymentReceived
from tests.charges.build import (
    case,
    charged,
    credit,
    event,
    happened,
    interest,
    moment,
    paid,
    rule,
    stated,
)

DUE = date(2025, 11, 14)
days = st.integers(-10, 340).map(lambda number: (DUE + timedelta(days=number)).isoformat())
amounts = st.integers(1, 600_00).map(lambda cents: plain(cents, "EUR"))
rules = st.builds(
    rule,
    st.sampled_from(
        ["12", "7.25", "0.01", "1.5% per started month", {"table": "ecb_mro", "add": "8"}]
    ),
    daycount=st.sampled_from(["ACT/365", "ACT/ACT", "ACT/360", "30E/360", "30/360"]),
    compounding=st.sampled_from(["none", "yearly", "monthly"]),
    rounding=st.sampled_from(["HALF_UP", "HALF_EVEN", "DOWN"]),
    grace_days=st.sampled_from([0, 5, 40]),
    grace_mode=st.sampled_from(["retroactive", "shift"]),
    cap=st.sampled_from([None, "3% of principal"]),
    min_charge=st.sampled_from([{}, {"EUR": "2.00"}]),
)


@st.composite
def histories(draw: st.DrawFn) -> list[AnyEvent]:
    """Return payments, returns and credits of one invoice, as they became known."""
    found: list[AnyEvent] = []
    for number in range(draw(st.integers(0, 5))):
        name, day = f"e{number}", draw(days)
        match draw(st.sampled_from(["payment", "valued", "credit", "goodwill", "return"])):
            case "payment":
                found.append(paid(name, day, draw(amounts)))
            case "valued":
                found.append(paid(name, day, draw(amounts), value_on=draw(days)))
            case "credit":
                found.append(credit(name, day, draw(amounts)))
            case "goodwill":
                found.append(credit(name, day, draw(amounts), retroactive=False))
            case "return":
                taken = f"e{draw(st.integers(0, 4))}"
                found.append(event("payment_reversed", name, day, payment=taken))
    return found


def begun(events: Sequence[AnyEvent] = ()) -> Case:
    return case(due=DUE.isoformat(), events=events)


def lived(known: Sequence[AnyEvent], by: ChargeRule, gap: int) -> Case:
    """Return a case that states its interest every so often, learning one event each time."""
    lives, day = begun(), DUE
    for one in known:
        day += timedelta(days=gap)
        lives = stated(happened(lives, one), by, day.isoformat())
    return stated(lives, by, (day + timedelta(days=gap)).isoformat())


@settings(deadline=None)
@given(histories(), rules, st.integers(1, 60))
def test_every_line_ever_posted_can_be_computed_again(
    events: list[AnyEvent], by: ChargeRule, gap: int
) -> None:
    for line in lived(events, by, gap).charges:
        assert recompute(line) == line.minor
        assert type(line.minor) is int


@settings(deadline=None)
@given(histories(), rules, st.integers(1, 60))
def test_what_is_owed_is_the_sum_of_its_lines(
    events: list[AnyEvent], by: ChargeRule, gap: int
) -> None:
    ended = lived(events, by, gap)
    owed = balance(ended)
    gone = owed.paid + sum(e.amount.minor for e in ended.events if isinstance(e, CreditIssued))
    assert owed.total == 1000_00 - gone + sum(line.minor for line in ended.charges)
    assert all(type(part) is int for part in astuple(owed))
    assert isinstance(owed, Balance)


@settings(deadline=None)
@given(histories(), rules, st.integers(1, 60), amounts, days)
def test_adding_a_payment_never_increases_what_is_asked(
    events: list[AnyEvent], by: ChargeRule, gap: int, amount: str, day: str
) -> None:
    before = lived(events, by, gap)
    after = happened(before, paid("more", day, amount))
    assert balance(after).due <= balance(before).due
    at = before.charges[-1].at if before.charges else before.opened_at
    later = at + timedelta(days=1)
    # nor does it once interest has been stated anew, but for the half unit each line is rounded by
    slack = 1 + len(in_force(_stated_at(after, by, later)))
    assert (
        balance(_stated_at(after, by, later)).due
        <= balance(_stated_at(before, by, later)).due + slack
    )


def _stated_at(lives: Case, by: ChargeRule, at: datetime) -> Case:
    return stated(lives, by, at.date().isoformat(), "after")


@settings(deadline=None)
@given(histories(), rules, st.randoms(use_true_random=False))
def test_the_order_in_which_events_arrive_does_not_matter(
    events: list[AnyEvent], by: ChargeRule, random: object
) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = begun(), begun()
    for told in events:
        one = happened(one, told)
    for told in shuffled:
        other = happened(other, told)
    posted = interest_lines(one, by, moment("2026-12-01"), "key")
    assert posted == interest_lines(other, by, moment("2026-12-01"), "key")


@settings(deadline=None)
@given(histories(), rules, st.integers(1, 60))
def test_stating_interest_on_the_way_costs_no_more_than_its_rounding(
    events: list[AnyEvent], by: ChargeRule, gap: int
) -> None:
    """But for interest that compounds with each statement."""
    if by.interest is None or by.interest.compounding != "none" or by.min_charge:
        return
    ended = lived(events, by, gap)
    fresh = ended.model_copy(update={"charges": ()})
    last = (DUE + timedelta(days=gap * (len(events) + 1))).isoformat()
    lines = in_force(ended)
    stated_on_the_way = sum(line.minor for line in lines)
    assert abs(stated_on_the_way - interest(fresh, by, last)) <= 2 * len(lines) + 2


@settings(deadline=None)
@given(histories(), rules, days)
def test_charges_never_exceed_the_cap(events: list[AnyEvent], by: ChargeRule, day: str) -> None:
    capped = by.model_copy(update={"cap": 3})
    lives = charged(begun(events), "2025-11-15", flat={"EUR": "12"}, ground="contract")
    lives = stated(lives, capped, day)
    assert sum(line.minor for line in lives.charges) <= 30_00


@settings(deadline=None)
@given(histories(), rules, days, st.integers(0, 60))
def test_interest_never_falls_with_time(
    events: list[AnyEvent], by: ChargeRule, day: str, more: int
) -> None:
    known = [one for one in events if one.at <= moment(day)]
    known = [e for e in known if not isinstance(e, PaymentReceived) or e.value_on is None]
    later = (date.fromisoformat(day) + timedelta(days=more)).isoformat()
    assert interest(begun(known), by, day) <= interest(begun(known), by, later)


@settings(deadline=None)
@given(
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 10**6)), max_size=5),
)
def test_a_larger_principal_never_bears_less(
    small: int, more: int, payments: list[tuple[int, int]]
) -> None:
    rates = Rates(Fixed.model_validate({"percent": "11.75"}), DUE, ())
    terms = Terms(DUE, rates)
    moved = tuple(Movement(DUE + timedelta(days=n), "payment", cents) for n, cents in payments)

    def borne(principal: int) -> int:
        lines = accrue(Claim(principal, moved), terms, DUE + timedelta(days=300))
        return sum(line.minor for line in lines)

    assert borne(small) <= borne(small + more) + len(payments) + 1


@settings(deadline=None)
@given(histories(), rules)
def test_segments_survive_their_way_through_text(events: list[AnyEvent], by: ChargeRule) -> None:
    for line in in_force(stated(begun(events), by, "2026-12-01")):
        parts = read(line.inputs["segments"])
        assert written(parts) == line.inputs["segments"]
        assert isinstance(total(parts), Fraction)
        assert all(part.first <= part.last for part in parts)
        assert parts[-1].last <= line.on or by.interest is None or parts[-1].whole == 12


@settings(deadline=None)
@given(histories(), rules, st.integers(1, 30))
def test_interest_runs_on_the_principal_that_the_balance_shows(
    events: list[AnyEvent], by: ChargeRule, gap: int
) -> None:
    """The allocation that interest is computed with is the one that everybody sees."""
    assert by.interest is not None
    simple = by.interest.model_copy(update={"compounding": "none"})
    by = by.model_copy(update={"interest": simple, "cap": None, "min_charge": {}})
    ended = lived(events, by, gap)
    after = max([one.at for one in ended.events] + [moment("2026-04-01")]) + timedelta(days=20)
    open_now = max(balance(stated(ended, by, after.date().isoformat())).principal, 0)
    valued = [e.value_on for e in ended.events if isinstance(e, PaymentReceived) and e.value_on]
    if valued and max(valued) > after.date():
        return
    later = (after + timedelta(days=20)).date().isoformat()
    final = in_force(stated(stated(ended, by, after.date().isoformat()), by, later))
    segments = read(final[-1].inputs["segments"]) if final and final[-1].on > after.date() else ()
    assert all(part.balance == open_now for part in segments[-1:])
    if simple.rate == Fixed.model_validate({"percent": "12"}):
        assert segments or open_now < 200_00

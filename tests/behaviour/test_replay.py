"""The replay: one pass in time order gives what asking anew every day would give."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from dunning.behaviour.measures import measure
from dunning.behaviour.prediction import Population, expected_payment
from dunning.behaviour.replay import ReplayedLedger
from dunning.behaviour.risk import risk
from dunning.behaviour.segments import segment
from schemas.behaviour import PastInvoice, PaymentHistory
from tests.behaviour.build import DAYS, cut, day, histories, invoice, payer

Ledger = dict[str, PaymentHistory]
ENDLESS = day(2000)

ledgers = st.fixed_dictionaries({name: histories(name) for name in ("A", "B", "C")})


def rows(ledger: Ledger) -> list[tuple[str, PastInvoice]]:
    return [(name, one) for name, history in ledger.items() for one in history.invoices]


def replayed(ledger: Ledger, as_of: date = ENDLESS) -> ReplayedLedger:
    return ReplayedLedger(rows(ledger), as_of)


def told(seen: ReplayedLedger) -> tuple[object, ...]:
    replays = seen.replay("at issue"), seen.replay("when overdue")
    return (*replays, seen.by_segment, seen.by_risk, tuple(seen.customers))


def test_a_small_ledger_by_hand() -> None:
    """One payer, always 10 late; each invoice is issued after the one before was paid.

    Asked on the eve of issue: nothing is known of the first, so the due date is answered (10 off);
    from then on habit and others agree on 10 (0 off).
    """
    seen = replayed({"C": payer(10, 10, 10, 10, every=50)}).replay("at issue")
    assert (seen.answers, seen.still_open) == (4, 0)
    assert [
        (one.answer, one.mean_days, one.median_days, one.within_3_days) for one in seen.errors
    ] == [
        ("expected", Decimal("2.50"), 0, Decimal("0.750")),
        ("due-date", Decimal("10.00"), 10, Decimal("0.000")),
        ("customer-median", Decimal("2.50"), 0, Decimal("0.750")),
    ]


def test_on_the_due_date_only_what_is_still_open_is_asked_about() -> None:
    seen = replayed({"C": payer(0, -5, 4, None, every=50)}).replay("when overdue")
    assert (seen.answers, seen.still_open) == (1, 1)
    due_date = seen.errors[1]
    assert due_date.mean_days == Decimal("3.00")  # tomorrow was the first day still possible


def test_an_answer_seven_days_off_is_within_seven() -> None:
    seen = replayed({"C": payer(7)}).replay("at issue").errors[0]
    assert seen.median_days == 7
    assert (seen.within_3_days, seen.within_7_days) == (Decimal("0.000"), Decimal("1.000"))


def test_what_is_paid_on_the_last_day_is_known() -> None:
    ledger = {"C": payer(7)}
    on_the_day, before = replayed(ledger, day(37)), replayed(ledger, day(36))
    assert on_the_day.replay("at issue").answers == len(on_the_day.by_segment) == 1
    assert before.replay("at issue").still_open == 1
    assert not before.by_segment


def test_only_the_last_eight_payments_speak_in_a_replay_as_well() -> None:
    (seen,) = replayed({"C": payer(*[5] * 12, None)}, day(147)).customers
    assert (seen.measures.recent, seen.open[0].expected.own_payments) == (12, 8)


def test_outturns_tell_what_became_of_who_was_judged_how() -> None:
    seen = replayed({"C": payer(*[10] * 5, every=50)})
    assert [(one.judged, one.paid, one.late, one.days_late) for one in seen.by_segment] == [
        ("first-time", 3, 3, 30),
        ("habitual-late", 2, 2, 20),
    ]


def test_an_empty_ledger_has_no_answers() -> None:
    seen = replayed({})
    assert seen.replay("at issue").answers == 0
    assert not seen.replay("at issue").errors
    assert not seen.by_segment


@given(ledgers, DAYS)
def test_facts_after_the_day_change_nothing(ledger: Ledger, number: int) -> None:
    as_of = day(number)
    past = {name: cut(history, as_of) for name, history in ledger.items()}
    assert told(replayed(ledger, as_of)) == told(replayed(past, as_of))


@given(ledgers, st.randoms(use_true_random=False))
def test_the_order_of_the_ledger_changes_nothing(ledger: Ledger, random: Random) -> None:
    shuffled = rows(ledger)
    random.shuffle(shuffled)
    assert told(ReplayedLedger(shuffled, ENDLESS)) == told(replayed(ledger))


@given(ledgers, DAYS)
def test_a_customer_is_judged_as_from_the_whole_history(ledger: Ledger, number: int) -> None:
    as_of = day(number)
    ledger = {name: PaymentHistory(one.invoices) for name, one in ledger.items()}
    everyone = Population.of(ledger.values(), as_of)
    for seen in replayed(ledger, as_of).customers:
        history = ledger[seen.customer]
        assert seen.measures == measure(history, as_of)
        assert seen.standing == segment(history, as_of)
        assert seen.risk == risk(history, as_of)
        by_id = {one.id: one for one in history.invoices}
        for one in seen.open:
            invoice_ = by_id[one.invoice]
            assert one.expected == expected_payment(invoice_, history, everyone, as_of)


@given(ledgers)
def test_one_pass_errs_as_asking_anew_each_day_does(ledger: Ledger) -> None:
    """At every question the world is rebuilt from nothing but what was known on that evening."""
    off = []
    for history in ledger.values():
        for one in history.invoices:
            if one.paid_on is None:
                continue
            eve = one.issued_on - timedelta(days=1)
            world = [cut(other, eve) for other in ledger.values()]
            everyone = Population.of(world, eve)
            expected = expected_payment(one, cut(history, eve), everyone, eve)
            off.append(abs((expected.on - one.paid_on).days))
    seen = replayed(ledger).replay("at issue")
    assert seen.answers == len(off)
    if off:
        mean = (Decimal(sum(off)) / len(off)).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        assert seen.errors[0].mean_days == mean
        assert seen.errors[0].median_days == sorted(off)[(len(off) - 1) // 2]


def test_invoices_of_two_customers_may_share_a_number() -> None:
    ledger = {"A": PaymentHistory((invoice("1", 0, 5),)), "B": PaymentHistory((invoice("1", 0),))}
    seen = replayed(ledger).replay("at issue")
    assert (seen.answers, seen.still_open) == (1, 1)

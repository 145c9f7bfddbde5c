"""Taking in what happened."""

import pytest

from dunning.apply import booked, closed, happened, noted, objection, performed, put_off, take
from dunning.decide import next_move
from dunning.inbox import Accepted, Refusal
from dunning.moves import Act, Close, Note
from dunning.simulate import as_done
from schemas.case import MAX_REJECTED, Case
from schemas.signals import AnyEvent
from tests.dunning.build import at, case, event, held, paid, planned, run, sum_of, told

NOW = at("02-02 12:00")


def bad(number: int, name: str = "hold_placed") -> Refusal:
    return Refusal(name, f"raw {number}", "not JSON")


def after_many(count: int, name: str = "hold_placed") -> Case:
    begun = case()
    for number in range(count):
        begun = take(begun, bad(number, name), NOW)
    return begun


def test_the_same_event_id_twice_is_one_event() -> None:
    once = told(case(), paid("p", "02-01", "100"))
    assert happened(once, paid("p", "02-01", "100"), NOW) == once
    assert happened(once, paid("p", "02-09", "999"), NOW) == once


def test_events_stand_in_the_order_they_happened_not_in_which_they_arrived() -> None:
    begun = told(case(), held("b", "02-05"), held("a", "02-05"), held("c", "02-01"))
    assert [one.id for one in begun.events] == ["c", "a", "b"]


def test_every_event_is_written_to_the_journal_with_when_it_happened_and_arrived() -> None:
    begun = take(case(), Accepted(paid("p", "02-01", "100")), NOW)
    assert [(entry.id, entry.at, entry.kind) for entry in begun.journal] == [
        ("event:p", NOW, "event")
    ]
    assert begun.journal[0].detail == {
        "type": "payment_received",
        "happened_at": at("02-01").isoformat(),
        "amount": "100.00",
        "currency": "EUR",
    }


def test_a_refused_signal_is_kept_with_its_raw_text_and_written_down() -> None:
    begun = take(case(), bad(1), NOW)
    assert [(one.name, one.raw, one.reason, one.id) for one in begun.rejected] == [
        ("hold_placed", "raw 1", "not JSON", "rejected-1")
    ]
    assert begun.journal[0].kind == "rejected"
    assert begun.events == ()


def test_so_many_refused_signals_are_kept_and_the_rest_are_counted() -> None:
    begun = after_many(MAX_REJECTED + 7)
    assert (len(begun.rejected), begun.rejected_more) == (MAX_REJECTED, 7)
    assert begun.rejected[0].raw == "raw 0"
    ids = [entry.id for entry in begun.journal]
    assert len(ids) == len(set(ids)) == MAX_REJECTED + 7


def test_a_malformed_payment_is_kept_even_when_the_list_is_full() -> None:
    begun = take(after_many(MAX_REJECTED + 7), bad(99, "payment_received"), NOW)
    assert begun.rejected[-1].raw == "raw 99"
    assert begun.rejected[-1].id == f"rejected-{MAX_REJECTED + 8}"


def test_a_flood_of_refused_signals_washes_no_event_out_of_the_journal() -> None:
    begun = told(case(), paid("p", "02-01", "100"))
    for number in range(5 * MAX_REJECTED):
        begun = take(begun, bad(number), NOW)
    assert begun.journal[0].id == "event:p"
    assert len(begun.journal) == 1 + 2 * MAX_REJECTED


def act(begun: Case) -> Act:
    move = next_move(begun, at("02-01 09:00"))
    assert isinstance(move, Act)
    return move


def test_an_act_takes_along_the_journal_that_was_booked_with_it() -> None:
    begun = told(case(), paid("p", "02-01", "100"), paid("q", "02-01", "100"))
    move = act(begun)
    later = happened(begun, paid("r", "02-01", "1"), NOW)
    done = performed(later, move, as_done(move), NOW, len(begun.journal))
    assert [entry.id for entry in done.journal] == ["event:r"]
    assert done.records[0].amount_due == 800_00


def test_what_did_not_come_to_an_end_is_put_off_with_its_reason() -> None:
    begun = case()
    record = put_off(begun, act(begun), "x" * 1000, NOW, at("02-02 13:00")).records[0]
    assert (record.result, record.until, record.reason) == (
        "deferred",
        at("02-02 13:00"),
        "x" * 300,
    )


def test_a_note_is_written_down_once_for_what_it_is_about() -> None:
    begun = case()
    first = begun.policy.steps[0]
    for dos in (("fee",), ("email",)):
        begun = noted(begun, Note(first, dos, "skipped", "why", 0), NOW)
    assert [entry.id for entry in begun.journal] == [
        "step:first:fee:skipped",
        "step:first:email:skipped",
    ]


def test_only_the_first_ending_counts() -> None:
    once = closed(case(), Close("paid", "x"), NOW)
    assert closed(once, Close("cancelled", "y"), NOW) == once
    assert once.journal[-1].detail == {"outcome": "paid", "reason": "x"}


def test_events_after_the_end_are_kept_and_written_down_and_the_end_stays() -> None:
    ended = run(case(), paid("p", "02-03"))
    again = happened(ended, paid("q", "02-05", "5"), NOW)
    assert again.closed == ended.closed
    assert again.journal[-1].id == "event:q"


def test_booked_entries_leave_the_journal() -> None:
    begun = told(case(), paid("p", "02-01", "1"), paid("q", "02-01", "2"))
    assert [entry.id for entry in booked(begun, 1, at("02-01")).journal] == ["event:q"]


@pytest.mark.parametrize(
    "one",
    [
        event("payment_reversed", "e", "02-01", payment="nothing"),
        event("dispute_resolved", "e", "02-01", dispute="nothing", result="upheld"),
        event("plan_cancelled", "e", "02-01", plan="nothing"),
        event("hold_released", "e", "02-01", hold="nothing"),
        event("contact_made", "e", "02-01", channel="sms", by="Kim", satisfies="nothing"),
        event("contact_outcome", "e", "02-01", effect="nothing", result="?"),
        event("approval_given", "e", "02-01", step="nothing", decision="refuse", by="Kim"),
        event("placement_recalled", "e", "02-01", reason="?"),
        event("credit_issued", "e", "02-01", amount=sum_of("1"), linked=False),
    ],
)
def test_an_event_that_names_nothing_we_have_disturbs_nothing(one: AnyEvent) -> None:
    plain, odd = run(case()), run(case(), one)
    assert odd.records == plain.records
    assert odd.closed is None


def test_the_sender_of_a_plan_that_does_not_fit_hears_why() -> None:
    misfit = planned("p", "02-05", ("02-20", "300.00"))
    fitting = planned("p", "02-05", ("02-20", "400.00"), ("03-20", "600.00"))
    reason = objection(case(), Accepted(misfit))
    assert reason == "the instalments add up to 300.00 EUR, open were 1000.00 EUR"
    assert objection(case(), Accepted(fitting)) is None
    assert objection(case(), Accepted(paid("x", "02-05"))) is None
    assert objection(case(), Refusal("record", "", "not readable")) == "not readable"

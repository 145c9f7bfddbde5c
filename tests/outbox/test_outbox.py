"""The outbox in the books: written with the state, taken in order, tried again later."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from store import audit_trail, charge_book, outbox
from store.outbox import Chosen, Due
from store.tables import audit, charges
from tests.activities.build import NOW, correction_of, fee_of, trail
from tests.outbox.build import (
    about,
    closed,
    empty,
    happened,
    let_time_pass,
    opened,
    rows,
    settled,
    write,
)


@pytest.fixture(autouse=True)
def _nothing_waits(engine: Engine) -> None:
    empty(engine)


def take(engine: Engine, limit: int = 9, **lease: timedelta) -> list[Due]:
    with engine.begin() as tx:
        return outbox.due(tx, limit, **lease)


def finish(engine: Engine, *taken: Due) -> None:
    with engine.begin() as tx:
        for one in taken:
            outbox.delivered(tx, one.number)


def fail(engine: Engine, one: Due, fault: str = "no answer") -> None:
    with engine.begin() as tx:
        outbox.failed(tx, one, fault)


def test_what_is_booked_is_told_in_the_same_order(engine: Engine, creditor: str) -> None:
    entries = [opened(), happened("payment_received"), settled("email"), closed()]
    with engine.begin() as tx:
        audit_trail.book(tx, about(creditor), entries)
    found = rows(engine, creditor)
    assert [row.type for row in found] == ["case_opened", "step_done", "case_closed"]
    assert [row.body["id"] for row in found] == [row.id for row in found]
    assert len(trail(engine, creditor)) == 4


def test_what_is_booked_twice_is_told_once(engine: Engine, creditor: str) -> None:
    for _ in range(2):
        with engine.begin() as tx:
            audit_trail.book(tx, about(creditor), [closed(), closed()])
    assert len(rows(engine, creditor)) == 1


def test_what_was_told_and_forgotten_is_not_told_anew_when_it_is_booked_again(
    engine: Engine, creditor: str
) -> None:
    write(engine, creditor)
    empty(engine)
    write(engine, creditor)
    assert rows(engine, creditor) == []


def test_a_charge_is_told_when_it_is_posted_and_once(engine: Engine, creditor: str) -> None:
    fee = fee_of(creditor)
    for _ in range(2):
        with engine.begin() as tx:
            charge_book.post(tx, about(creditor), fee)
            charge_book.post(tx, about(creditor), correction_of(fee, 1_000))
    assert [row.type for row in rows(engine, creditor)] == ["charge_posted", "charge_corrected"]


def test_a_charge_that_is_only_announced_is_not_told(engine: Engine, creditor: str) -> None:
    announced = fee_of(creditor).model_copy(update={"posting": "notice_only"})
    with engine.begin() as tx:
        charge_book.post(tx, about(creditor), announced)
    assert rows(engine, creditor) == []


def test_a_transaction_that_is_taken_back_leaves_neither_state_nor_event(
    engine: Engine, creditor: str
) -> None:
    with engine.connect() as tx:
        audit_trail.book(tx, about(creditor), [closed()])
        charge_book.post(tx, about(creditor), fee_of(creditor))
        tx.rollback()
    assert rows(engine, creditor) == []
    with engine.connect() as tx:
        for table in (audit, charges):
            count = select(func.count()).where(table.c.creditor == creditor)
            assert tx.execute(count).scalar() == 0


def test_an_entry_no_table_could_hold_is_told_without_what_it_could_not_hold(
    engine: Engine, creditor: str
) -> None:
    with engine.begin() as tx:
        audit_trail.book(tx, about(creditor), [happened("hold_placed", "a\0b\ud800")])
    (row,) = rows(engine, creditor)
    assert row.body["data"]["hold"] == "a\N{REPLACEMENT CHARACTER}b?"


def test_only_the_first_waiting_event_of_a_case_is_due(engine: Engine, creditor: str) -> None:
    first, second = write(engine, creditor, events=2)
    (other,) = write(engine, creditor, "INV-2")
    taken = take(engine)
    assert [one.id for one in taken] == [first, other]
    assert take(engine) == []
    finish(engine, *taken)
    assert [one.id for one in take(engine)] == [second]


def test_those_that_have_waited_longest_come_first(engine: Engine, creditor: str) -> None:
    for invoice in ("INV-3", "INV-2", "INV-1"):
        write(engine, creditor, invoice)
    assert [one.id.split(":")[1] for one in take(engine, 2)] == ["INV-3", "INV-2"]


def test_a_failure_holds_back_its_own_case_and_no_other(engine: Engine, creditor: str) -> None:
    write(engine, creditor, events=2)
    first, second = write(engine, creditor, "INV-2", events=2)
    held, other = take(engine)
    fail(engine, held)
    finish(engine, other)
    assert other.id == first
    assert [one.id for one in take(engine)] == [second]


def test_who_died_with_an_event_leaves_it_to_another_when_the_lease_is_over(
    engine: Engine, creditor: str
) -> None:
    (name,) = write(engine, creditor)
    (lost,) = take(engine, lease=timedelta(0))
    (found,) = take(engine)
    assert (lost.id, found.id) == (name, name)
    assert (lost.attempt, found.attempt) == (1, 2)


def test_an_attempt_whose_turn_has_passed_does_not_touch_the_next_ones(
    engine: Engine, creditor: str
) -> None:
    write(engine, creditor)
    (lost,) = take(engine, lease=timedelta(0))
    take(engine)
    before = rows(engine, creditor)
    fail(engine, lost)
    with engine.begin() as tx:
        outbox.returned(tx, [lost])
    assert rows(engine, creditor) == before


def test_an_event_given_back_untried_is_due_at_once(engine: Engine, creditor: str) -> None:
    write(engine, creditor)
    taken = take(engine)
    with engine.begin() as tx:
        outbox.returned(tx, taken)
    assert take(engine) == taken


@pytest.mark.parametrize(
    ("attempt", "seconds"),
    [(1, 5), (2, 10), (3, 20), (10, 2_560), (11, 3_600), (10_000, 3_600)],
)
def test_the_pause_doubles_up_to_an_hour(attempt: int, seconds: int) -> None:
    assert outbox.pause(attempt) == timedelta(seconds=seconds)


def test_a_failure_is_kept_with_its_reason_and_tried_again_after_a_spread_pause(
    engine: Engine, creditor: str
) -> None:
    for number in range(20):
        write(engine, creditor, f"INV-{number}")
    for one in take(engine, 20):
        fail(engine, one, "x" * 400)
    with engine.connect() as tx:
        now = tx.execute(select(func.now())).scalar_one()
    waits = [row.next_try_at - now for row in rows(engine, creditor)]
    assert all(timedelta(seconds=1.5) < wait <= timedelta(seconds=5) for wait in waits)
    assert len(set(waits)) > 10
    assert {row.fault for row in rows(engine, creditor)} == {"x" * 300}


def test_a_delivered_event_keeps_its_moment_and_no_fault(engine: Engine, creditor: str) -> None:
    write(engine, creditor)
    (one,) = take(engine)
    fail(engine, one)
    finish(engine, one)
    (row,) = rows(engine, creditor)
    finish(engine, one)
    assert rows(engine, creditor) == [row]
    assert row.fault is None


def test_the_figures_tell_waiting_failing_and_delivered_apart(
    engine: Engine, creditor: str
) -> None:
    for number in range(3):
        write(engine, creditor, f"INV-{number}")
    done, failing, _ = take(engine)
    finish(engine, done)
    fail(engine, failing)
    with engine.connect() as tx:
        found = outbox.waiting(tx)
        (shown,) = outbox.failing(tx, 9)
    assert (found.waiting, found.failing, found.delivered) == (2, 1, 1)
    assert found.oldest_at == rows(engine, creditor)[1].made_at
    assert shown.id == failing.id


def test_an_empty_outbox_has_no_oldest_event(engine: Engine) -> None:
    with engine.connect() as tx:
        assert outbox.waiting(tx) == outbox.Waiting(0, 0, 0, None)


def test_a_replay_sends_the_chosen_events_again_in_their_order(
    engine: Engine, creditor: str
) -> None:
    first, second = write(engine, creditor, events=2)
    write(engine, creditor, "INV-2")
    for _ in range(2):
        finish(engine, *take(engine))
    with engine.begin() as tx:
        assert outbox.replay(tx, Chosen(creditor, "INV-1")) == 2
    (again,) = take(engine)
    finish(engine, again)
    assert [again.id, *(one.id for one in take(engine))] == [first, second]
    assert again.attempt == 1


def test_a_replay_lets_a_failing_event_be_tried_at_once(engine: Engine, creditor: str) -> None:
    (name,) = write(engine, creditor)
    fail(engine, take(engine)[0])
    assert take(engine) == []
    with engine.begin() as tx:
        outbox.replay(tx, Chosen(creditor, since=NOW))
    assert [one.id for one in take(engine)] == [name]


def test_a_moment_chooses_the_events_that_were_made_since_or_before(
    engine: Engine, creditor: str
) -> None:
    write(engine, creditor, events=2)
    later = rows(engine, creditor)[1].made_at
    for chosen in (Chosen(creditor, since=later), Chosen(creditor, before=later)):
        with engine.begin() as tx:
            assert outbox.replay(tx, chosen) == 1


def test_a_purge_forgets_what_was_delivered_and_the_rest_only_when_told_to(
    engine: Engine, creditor: str
) -> None:
    write(engine, creditor)
    write(engine, f"{creditor}-2")
    finish(engine, *take(engine, 1))
    write(engine, creditor, "INV-2")
    with engine.begin() as tx:
        assert outbox.purge(tx, Chosen(creditor)) == 1
    assert [row.invoice for row in rows(engine, creditor)] == ["INV-2"]
    with engine.begin() as tx:
        assert outbox.purge(tx, Chosen(creditor), waiting=True) == 1
    assert rows(engine, creditor) == []
    assert len(rows(engine, f"{creditor}-2")) == 1


def test_time_brings_a_failed_event_back(engine: Engine, creditor: str) -> None:
    write(engine, creditor)
    fail(engine, take(engine)[0])
    let_time_pass(engine)
    assert [one.attempt for one in take(engine)] == [2]

"""Delivering: at least once, in order within a case, whatever dies and however many deliver."""

import logging
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread, current_thread

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from fakes.billing import BillingFake
from providers.webhook import HttpWebhook
from schemas.errors import DeliveryRefusedError, ProviderUnavailableError
from starter import outbox as deliverer
from starter.outbox import Turn, deliver_due, deliver_forever, delivering
from tests.outbox.build import (
    SECRET,
    Receiver,
    empty,
    let_time_pass,
    rows,
    wait_until_delivered,
    write,
)


class KilledError(BaseException):
    """Nobody catches it, as nobody catches a SIGKILL."""


@pytest.fixture(autouse=True)
def _nothing_waits(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    empty(engine)
    monkeypatch.setattr(deliverer, "PAUSE_SECONDS", 0.02)


def unavailable(event_id: str) -> None:
    raise ProviderUnavailableError(f"{event_id}: no answer")


def over_http(fake: BillingFake) -> HttpWebhook:
    return HttpWebhook(fake.url, b"a secret of twenty-four b", allow_private=True)


def test_everything_due_is_delivered_in_the_order_of_its_case(
    engine: Engine, creditor: str
) -> None:
    first = write(engine, creditor, events=5)
    second = write(engine, creditor, "INV-2", events=3)
    receiver = Receiver()
    assert deliver_due(engine, receiver) == Turn(delivered=8)
    assert [one for one in receiver.taken if one in first] == first
    assert [one for one in receiver.taken if one in second] == second
    assert deliver_due(engine, receiver) == Turn()


def test_an_event_arrives_signed_as_it_stands_in_the_books(engine: Engine, creditor: str) -> None:
    write(engine, creditor)
    with BillingFake(SECRET) as fake:
        assert deliver_due(engine, over_http(fake)) == Turn(delivered=1)
    (row,) = rows(engine, creditor)
    assert fake.done == {row.id: row.body}
    assert row.body["creditor"] == creditor


def test_a_failure_keeps_the_order_of_its_case_and_lets_the_others_pass(
    engine: Engine, creditor: str
) -> None:
    held = write(engine, creditor, events=3)
    free = write(engine, creditor, "INV-2", events=3)
    receiver = Receiver(lambda name: unavailable(name) if name == held[0] else None)
    assert deliver_due(engine, receiver) == Turn(delivered=3, failed=1)
    assert receiver.taken == free
    assert rows(engine, creditor)[0].fault == f"{held[0]}: no answer"
    receiver.answer = lambda _: None
    let_time_pass(engine)
    deliver_due(engine, receiver)
    assert receiver.taken == free + held


def test_a_receiver_that_was_down_gets_every_event_once_and_in_order(
    engine: Engine, creditor: str
) -> None:
    names = write(engine, creditor, events=3)
    with BillingFake(SECRET, [500, 503, "lost"]) as fake:
        webhook = over_http(fake)
        for _ in range(4):
            deliver_due(engine, webhook)
            let_time_pass(engine)
        assert list(fake.done) == names
        assert [asked.id for asked in fake.asked][:4] == [names[0]] * 4
    assert [row.attempts for row in rows(engine, creditor)] == [4, 1, 1]


def test_who_dies_between_the_answer_and_the_mark_leaves_it_to_be_sent_again_under_its_id(
    engine: Engine, creditor: str
) -> None:
    (name,) = write(engine, creditor)
    with BillingFake(SECRET) as fake:
        webhook = over_http(fake)

        def post_and_die(event_id: str) -> None:
            webhook.post(event_id, {"id": event_id})
            raise KilledError

        with pytest.raises(KilledError):
            deliver_due(engine, Receiver(post_and_die))
        assert deliver_due(engine, webhook) == Turn()  # the lease of the dead still runs
        let_time_pass(engine)
        assert deliver_due(engine, webhook) == Turn(delivered=1)
        assert [asked.id for asked in fake.asked] == [name, name]


def test_who_dies_before_the_request_loses_nothing(engine: Engine, creditor: str) -> None:
    names = write(engine, creditor, events=2)

    def die(_: str) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        deliver_due(engine, Receiver(die))
    let_time_pass(engine)
    receiver = Receiver()
    deliver_due(engine, receiver)
    assert receiver.taken == names


def test_several_at_once_deliver_each_event_once_and_keep_the_order(
    engine: Engine, creditor: str
) -> None:
    invoices = [f"INV-{number}" for number in range(8)]
    names = {invoice: write(engine, creditor, invoice, events=6) for invoice in invoices}
    at_work = set()

    def slow(_: str) -> None:
        at_work.add(current_thread().name)
        time.sleep(0.003)

    receiver, stop = Receiver(slow), Event()
    with ThreadPoolExecutor(3) as pool:
        for _ in range(3):
            pool.submit(deliver_forever, engine, receiver, stop)
        try:
            wait_until_delivered(engine, creditor)
        finally:
            stop.set()
    assert set(Counter(receiver.taken).values()) == {1}
    for mine in names.values():
        assert [one for one in receiver.taken if one in mine] == mine
    assert len(at_work) > 1
    assert {row.attempts for row in rows(engine, creditor)} == {1}


def test_what_is_written_while_delivering_leaves_as_well(engine: Engine, creditor: str) -> None:
    receiver = Receiver()
    with delivering(engine, receiver):
        names = write(engine, creditor, events=3)
        wait_until_delivered(engine, creditor)
    assert receiver.taken == names


def test_stopping_ends_the_event_under_way_and_gives_the_others_back(
    engine: Engine, creditor: str
) -> None:
    for number in range(5):
        write(engine, creditor, f"INV-{number}")
    stop = Event()
    assert deliver_due(engine, Receiver(lambda _: stop.set()), stop) == Turn(delivered=1)
    assert [row.attempts for row in rows(engine, creditor)] == [1, 0, 0, 0, 0]
    assert deliver_due(engine, Receiver()) == Turn(delivered=4)


def test_a_slow_receiver_does_not_outlast_the_lease_of_a_batch(
    engine: Engine, creditor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        write(engine, creditor, f"INV-{number}")
    monkeypatch.setattr(deliverer, "_LATEST_SECONDS", -1)
    receiver = Receiver()
    assert deliver_due(engine, receiver) == Turn()
    assert {row.attempts for row in rows(engine, creditor)} == {0}


def test_a_receiver_that_wants_no_more_is_not_asked_again_and_the_event_waits(
    engine: Engine, creditor: str, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        write(engine, creditor, f"INV-{number}")
    with BillingFake(SECRET, [410]) as fake, caplog.at_level(logging.ERROR):
        deliver_forever(engine, over_http(fake), Event())
        assert len(fake.asked) == 1
    assert "127.0.0.1 wants no more events (410)" in caplog.text
    assert all(row.delivered_at is None for row in rows(engine, creditor))


def test_gone_is_told_apart_from_a_failure(engine: Engine, creditor: str) -> None:
    write(engine, creditor)

    def gone(_: str) -> None:
        raise DeliveryRefusedError("410")

    assert deliver_due(engine, Receiver(gone)) == Turn(failed=1, is_over=True)


def test_books_that_do_not_answer_are_waited_for(
    engine: Engine, creditor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (name,) = write(engine, creditor)
    real, broken = deliverer.deliver_due, iter([True, True])

    def sometimes(books: Engine, webhook: deliverer.Webhook, stop: Event | None = None) -> Turn:
        if next(broken, False):
            raise OperationalError("select", None, Exception("gone"))
        return real(books, webhook, stop)

    monkeypatch.setattr(deliverer, "deliver_due", sometimes)
    receiver = Receiver()
    with delivering(engine, receiver):
        wait_until_delivered(engine, creditor)
    assert receiver.taken == [name]


def test_while_nothing_gets_through_the_pauses_grow_and_a_success_shortens_them(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    vain, good, idle = Turn(failed=2), Turn(delivered=1, failed=1), Turn()
    turns = iter([vain, vain, vain, good, vain, idle])
    monkeypatch.setattr(deliverer, "PAUSE_SECONDS", 1)
    monkeypatch.setattr(deliverer, "LONGEST_PAUSE_SECONDS", 6)
    monkeypatch.setattr(deliverer, "deliver_due", lambda *_: next(turns))
    pauses: list[float] = []

    class Stop(Event):
        def wait(self, timeout: float | None = None) -> bool:
            pauses.append(timeout or 0)
            if len(pauses) == 6:
                self.set()
            return True

    deliver_forever(engine, Receiver(), Stop())
    assert pauses == [2, 4, 6, 1, 2, 1]


def test_without_a_receiver_events_are_kept_and_no_thread_runs(
    engine: Engine, creditor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Thread, "start", lambda _: pytest.fail("a thread was started"))
    with delivering(engine, None):
        write(engine, creditor)
    assert [row.attempts for row in rows(engine, creditor)] == [0]

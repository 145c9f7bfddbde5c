"""Delivering the outbox: a loop that takes what is due, one event of a case at a time.

A worker runs it beside its activities; `dunning outbox deliver` runs it alone. Any number of them
may run at once. An event is delivered at least once: who dies between the receiver's answer and
writing it down leaves it to be delivered again under the same id.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic
from typing import Any, Final, Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from schemas.errors import DeliveryRefusedError, ProviderUnavailableError
from store import outbox
from store.outbox import Due

log = logging.getLogger("dunning.outbox")

BATCH: Final = 20
PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 60.0
_LATEST_SECONDS: Final = outbox.LEASE.total_seconds() / 2
"""After how long the rest of a batch is given back: no attempt may outlive its lease."""


class Webhook(Protocol):
    """Who is told; `providers/webhook.py` fulfils it."""

    @property
    def where(self) -> str:
        """The receiver's host."""

    def post(self, event_id: str, body: Mapping[str, Any]) -> None:
        """Deliver an event, or raise ProviderUnavailableError, or DeliveryRefusedError for good."""


@dataclass(frozen=True)
class Turn:
    """What one turn brought; `is_over` says that the receiver wants no more events."""

    delivered: int = 0
    failed: int = 0
    is_over: bool = False

    def __add__(self, other: "Turn") -> "Turn":
        return Turn(
            self.delivered + other.delivered,
            self.failed + other.failed,
            self.is_over or other.is_over,
        )


def deliver_due(engine: Engine, webhook: Webhook, stop: Event | None = None) -> Turn:
    """Deliver until nothing is due; what fails now is due later, and is not tried again here."""
    sum_, turn = Turn(), Turn(delivered=1)
    while turn.delivered and not (sum_.is_over or (stop and stop.is_set())):
        turn = _turn(engine, webhook, stop)
        sum_ += turn
    return sum_


def deliver_forever(engine: Engine, webhook: Webhook, stop: Event) -> None:
    """Deliver until `stop` is set, or until the receiver answers that it wants no more events.

    While nothing gets through, the pauses grow from a second to a minute. Books that do not answer
    are waited for.
    """
    pause = PAUSE_SECONDS
    while not stop.is_set():
        try:
            turn = deliver_due(engine, webhook, stop)
        except SQLAlchemyError as error:
            log.warning("the books do not answer, events wait: %s", type(error).__name__)
            turn = Turn(failed=1)
        if turn.is_over:
            log.error("%s wants no more events (410): none is sent before a restart", webhook.where)
            return
        in_vain = turn.failed and not turn.delivered
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS) if in_vain else PAUSE_SECONDS
        stop.wait(pause)


@contextmanager
def delivering(engine: Engine, webhook: Webhook | None) -> Iterator[None]:
    """Deliver in a thread of its own meanwhile; the event under way comes to its end first."""
    if webhook is None:
        log.info("events wait in the outbox; DUNNING_EVENTS_URL names who is told")
        yield
        return
    log.info("events go to %s", webhook.where)
    stop = Event()
    thread = Thread(target=deliver_forever, args=(engine, webhook, stop), name="outbox")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _turn(engine: Engine, webhook: Webhook, stop: Event | None) -> Turn:
    until = monotonic() + _LATEST_SECONDS
    with engine.begin() as tx:
        batch = outbox.due(tx, BATCH)
    turn = Turn()
    while batch and not (turn.is_over or monotonic() > until or (stop and stop.is_set())):
        turn += _delivered(engine, webhook, batch.pop(0))
    if batch:
        with engine.begin() as tx:
            outbox.returned(tx, batch)
    return turn


def _delivered(engine: Engine, webhook: Webhook, one: Due) -> Turn:
    try:
        webhook.post(one.id, one.body)
    except (ProviderUnavailableError, DeliveryRefusedError) as error:
        log.warning("%s was not delivered: %s", one.id, error)
        with engine.begin() as tx:
            outbox.failed(tx, one, str(error))
        return Turn(failed=1, is_over=isinstance(error, DeliveryRefusedError))
    with engine.begin() as tx:
        outbox.delivered(tx, one.number)
    return Turn(delivered=1)

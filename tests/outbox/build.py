"""Events in the outbox, receivers that fail as they are told, and what the books say of it."""

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine, Row, delete, func, select, update

from schemas.case import Entry
from schemas.effects import Effect
from settings import Settings
from store import audit_trail
from store.tables import outbox
from tests.activities.build import NOW, order

SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four b").decode()


def opened(number: str = "") -> Entry:
    return Entry(
        id=f"opened{number}", at=NOW, kind="opened", detail={"policy": "p", "policy_hash": "h"}
    )


def closed() -> Entry:
    return Entry(id="closed", at=NOW, kind="closed", detail={"outcome": "paid", "reason": "-"})


def happened(name: str, event: str = "e1", **detail: str) -> Entry:
    return Entry(id=f"event:{event}", at=NOW, kind="event", detail={"type": name} | detail)


def settled(channel: str, result: str = "done", **detail: str) -> Entry:
    told = {"step": "step-1", "channel": channel, "result": result}
    return Entry(id=f"effect:{channel}:{result}", at=NOW, kind="effect", detail=told | detail)


def about(creditor: str, invoice: str = "INV-1") -> Effect:
    return order(creditor, invoice=invoice)


def write(engine: Engine, creditor: str, invoice: str = "INV-1", events: int = 1) -> list[str]:
    """Book so many entries, each in a transaction of its own; returns the ids of their events."""
    for number in range(events):
        with engine.begin() as tx:
            audit_trail.book(tx, about(creditor, invoice), [opened(f"-{number}")])
    return [f"{creditor}:{invoice}:1:opened-{number}" for number in range(events)]


def rows(engine: Engine, creditor: str) -> Sequence[Row[Any]]:
    """Return the outbox of a creditor, in order."""
    query = select(outbox).where(outbox.c.creditor == creditor).order_by(outbox.c.number)
    with engine.connect() as tx:
        return tx.execute(query).all()


def empty(engine: Engine) -> None:
    """Forget what other tests have left: a deliverer serves every creditor."""
    with engine.begin() as tx:
        tx.execute(delete(outbox))


def let_time_pass(engine: Engine) -> None:
    """Let every pause and every lease come to its end."""
    with engine.begin() as tx:
        tx.execute(update(outbox).values(next_try_at=func.now()))


def wait_until_delivered(engine: Engine, creditor: str) -> None:
    """Wait until the receiver has everything, for twenty seconds at most."""
    until = time.monotonic() + 20
    while not all(row.delivered_at for row in rows(engine, creditor)):
        assert time.monotonic() < until, rows(engine, creditor)
        time.sleep(0.02)


def webhook_settings(
    url: str | None, secret: str | None = SECRET, private: bool = False
) -> Settings:
    """Return the settings of a receiver."""
    key = SecretStr(secret) if secret else None
    return Settings(events_url=url, events_secret=key, events_allow_private=private)


@dataclass
class Receiver:
    """A Webhook that takes every event, after `answer` had its say about it."""

    answer: Callable[[str], object] = lambda _: None
    taken: list[str] = field(default_factory=list)
    where: str = "receiver.example"

    def post(self, event_id: str, body: Mapping[str, Any]) -> None:
        """Take an event, or raise what `answer` raises."""
        assert body["id"] == event_id
        self.answer(event_id)
        self.taken.append(event_id)

"""`dunning outbox`: what the billing system was told, what it waits for, and telling it again."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.base import Frozen
from schemas.errors import InputRefusedError
from settings import settings
from starter.console import REFUSED, AsJson, Creditor, moment, out, print_json

if TYPE_CHECKING:
    from sqlalchemy import Engine

app = typer.Typer(no_args_is_help=True)

SHOWN = 10
"""How many failing events are shown."""

DryRun = Annotated[bool, typer.Option("--dry-run", help="Count; change nothing.")]


class Failing(Frozen):
    """An event that was tried in vain."""

    id: str
    type: str
    attempts: int
    next_try_at: datetime
    fault: str


class OutboxStatus(Frozen):
    """How the outbox stands: events by state, and the oldest of those that fail."""

    waiting: int
    failing: int
    delivered: int
    oldest_at: datetime | None
    faults: tuple[Failing, ...]


class Delivered(Frozen):
    """What a round of deliveries brought."""

    delivered: int
    failed: int


class Changed(Frozen):
    """How many events a command was about."""

    events: int
    dry_run: bool


@app.callback()
def _outbox() -> None:
    """Work on the outbox."""


@contextmanager
def _books() -> "Iterator[Engine]":
    from store import engine as books

    engine = books.connect(settings().database_url, 1)
    try:
        books.check(engine)
        yield engine
    finally:
        engine.dispose()


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show how many events wait, since when, and why those that fail do."""
    from store import outbox

    with _books() as engine, engine.connect() as tx:
        counts = outbox.waiting(tx)
        faults = tuple(
            Failing.model_validate({name: getattr(row, name) for name in Failing.model_fields})
            for row in outbox.failing(tx, SHOWN)
        )
    found = OutboxStatus(
        waiting=counts.waiting,
        failing=counts.failing,
        delivered=counts.delivered,
        oldest_at=counts.oldest_at,
        faults=faults,
    )
    if as_json:
        print_json(found)
    else:
        for line in _status_lines(found):
            out.print(line, soft_wrap=True, markup=False)


def _status_lines(found: OutboxStatus) -> Iterator[str]:
    since = f", the oldest since {found.oldest_at:%Y-%m-%d %H:%M %Z}" if found.oldest_at else ""
    yield f"{found.waiting} events wait{since}; {found.delivered} delivered"
    if found.failing:
        yield f"{found.failing} fail, among them:"
    for one in found.faults:
        again = f"{one.next_try_at:%Y-%m-%d %H:%M:%S %Z}"
        yield f"  {one.id}: {one.attempts} attempts, next {again}: {one.fault}"


@app.command()
def deliver(
    once: Annotated[bool, typer.Option("--once", help="What is due now, then end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Deliver events to DUNNING_EVENTS_URL, until interrupted; workers do so themselves.

    With --once the exit code is 1 when an event was not delivered.
    """
    from providers import webhook
    from starter.outbox import deliver_due, deliver_forever

    receiver = webhook.connect(settings())
    if receiver is None:
        raise InputRefusedError("nobody is told: set DUNNING_EVENTS_URL and DUNNING_EVENTS_SECRET")
    with _books() as engine:
        if not once:
            deliver_forever(engine, receiver, _until_stopped())
            return
        turn = deliver_due(engine, receiver)
    result = Delivered(delivered=turn.delivered, failed=turn.failed)
    if as_json:
        print_json(result)
    else:
        out.print(f"{result.delivered} delivered, {result.failed} failed")
    if result.failed:
        raise typer.Exit(REFUSED)


def _until_stopped() -> Event:
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


@app.command()
def replay(
    invoice: Annotated[str | None, typer.Option(help="Only this invoice's events.")] = None,
    since: Annotated[str | None, typer.Option(help="Only those made at or after.")] = None,
    dry_run: DryRun = False,
    creditor: Creditor = None,
    as_json: AsJson = False,
) -> None:
    """Deliver events again, under the same ids; those that wait are tried at once."""
    from store.outbox import Chosen
    from store.outbox import replay as again

    if invoice is None and since is None:
        raise InputRefusedError("say which events: --invoice ID, --since MOMENT, or both")
    chosen = Chosen(creditor or settings().creditor, invoice, moment(since))
    with _books() as engine, engine.connect() as tx:
        count = again(tx, chosen)
        if not dry_run:  # else the change is taken back
            tx.commit()
    _say(Changed(events=count, dry_run=dry_run), "due again", as_json=as_json)


@app.command()
def purge(
    before: Annotated[str, typer.Option(help="Those made before this moment.")],
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Also those nobody was told: they never will be.")
    ] = False,
    dry_run: DryRun = False,
    creditor: Creditor = None,
    as_json: AsJson = False,
) -> None:
    """Forget old events that were delivered; what they tell of stays in the audit trail."""
    from store.outbox import Chosen
    from store.outbox import purge as forget

    chosen = Chosen(creditor or settings().creditor, before=moment(before))
    with _books() as engine, engine.connect() as tx:
        count = forget(tx, chosen, waiting=waiting)
        if not dry_run:  # else the change is taken back
            tx.commit()
    _say(Changed(events=count, dry_run=dry_run), "forgotten", as_json=as_json)


def _say(changed: Changed, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(changed)
        return
    verb = "would be" if changed.dry_run else "are"
    out.print(f"{changed.events} events {verb} {what}")

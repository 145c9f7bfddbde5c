"""Commands on cases: open, sweep, signal, status."""

import json
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from schemas.base import Frozen
from schemas.errors import InputRefusedError
from settings import settings
from starter.console import (
    DEFAULT_POLICY,
    REFUSED,
    AsJson,
    Creditor,
    Jurisdictions,
    moment,
    now,
    out,
    print_json,
    run,
)
from temporal.ids import case_id

if TYPE_CHECKING:
    from schemas.effects import SweepResult

Policy = Annotated[
    str | None,
    typer.Option("--policy", help=f"A shipped policy's id, or a path; default {DEFAULT_POLICY}."),
]
Assignment = Annotated[
    Path | None,
    typer.Option("--assignment", help="A document that says which policy goes to whom."),
]


class Opened(Frozen):
    """Whether a case was opened, or was there already; without a policy there is none to open."""

    case: str
    opened: bool
    policy: str | None
    reason: str


class Signalled(Frozen):
    """An event that was kept, and what has become of it: `signalled`, `reopened` ..."""

    case: str
    signal: str
    id: str
    delivery: str


def open_(
    invoice: Annotated[str, typer.Argument(help="The invoice's id, as imported.")],
    policy: Policy = None,
    assignment: Assignment = None,
    at: Annotated[str | None, typer.Option(help="Case time of the opening; default now.")] = None,
    jurisdictions: Jurisdictions = None,
    creditor: Creditor = None,
    as_json: AsJson = False,
) -> None:
    """Open the case of one invoice; a second time finds it open and changes nothing.

    Exit code 1 when no policy is assigned to the invoice.
    """
    from starter.assigned import choice
    from starter.usable import known_packs

    whose, choose, opened_at = (
        creditor or settings().creditor,
        choice(policy, assignment),
        moment(at),
    )
    packs = known_packs(jurisdictions)
    from starter import live

    opened, found = run(live.open_case(whose, invoice, choose, opened_at or now(), packs))
    result = Opened(
        case=case_id(whose, invoice),
        opened=opened,
        policy=found.policy and found.policy.id,
        reason="it has or had a case already" if found.policy and not opened else found.reason,
    )
    if as_json:
        print_json(result)
    else:
        said = f"{'opened' if opened else 'not opened'}: {result.reason}"
        out.print(f"{result.case}: {said}", soft_wrap=True, markup=False)
    if found.policy is None:
        raise typer.Exit(REFUSED)


def _every(text: str) -> timedelta:
    match = re.fullmatch(r"(\d+)([smhd])", text)
    if not match or int(match[1]) == 0:
        raise InputRefusedError(f"--every {text!r} is not a span; write 15m, 1h or 1d")
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[match[2]]
    return timedelta(**{unit: int(match[1])})


def sweep(
    policy: Policy = None,
    assignment: Assignment = None,
    every: Annotated[str, typer.Option(help="How often the schedule runs, e.g. 15m.")] = "1h",
    once: Annotated[bool, typer.Option("--once", help="Sweep now, leave the schedule.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count by policy and reason; open nothing.")
    ] = False,
    jurisdictions: Jurisdictions = None,
    creditor: Creditor = None,
    as_json: AsJson = False,
) -> None:
    """Open a case for every invoice that is overdue, or due for a reminder, and has none.

    At once, and again on a schedule.
    """
    from schemas.effects import Sweep
    from starter.assigned import assigned
    from starter.usable import known_packs

    found = assigned(policy, assignment)
    order = Sweep(
        creditor=creditor or settings().creditor,
        assignment=found.assignment,
        policies=dict(found.policies),
        jurisdictions=known_packs(jurisdictions),
        dry_run=dry_run,
    )
    span = _every(every)
    from starter import live

    result = run(live.sweep(order, None if once or dry_run else span))
    if as_json:
        print_json(result)
    else:
        for line in _swept_lines(result, dry_run=dry_run):
            out.print(line, soft_wrap=True, markup=False)


def _swept_lines(result: "SweepResult", *, dry_run: bool) -> Iterator[str]:
    if dry_run:
        yield f"{sum(result.chosen.values())} cases would be opened"
    else:
        yield f"{result.opened} cases opened, {result.existing} were there already"
    for counts in (result.chosen, result.excluded):
        yield from (f"  {times}: {reason}" for reason, times in sorted(counts.items()))


def _body(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    if text == "-":
        text = sys.stdin.read()
    elif text.startswith("@"):
        try:
            text = Path(text[1:]).read_text(encoding="utf-8")
        except OSError as error:
            raise InputRefusedError(f"--data {text}: cannot be read: {error.strerror}") from error
    try:
        found = json.loads(text, parse_float=str)
    except ValueError as error:
        raise InputRefusedError(f"--data is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise InputRefusedError("--data must be one JSON object")
    return found


def signal(
    invoice: Annotated[str, typer.Argument(help="The invoice's id.")],
    name: Annotated[str, typer.Argument(help="E.g. payment_received, dispute_opened.")],
    body: Annotated[
        str | None, typer.Option("--data", help="The event's fields as JSON, @FILE, or - (stdin).")
    ] = None,
    creditor: Creditor = None,
    as_json: AsJson = False,
) -> None:
    """Deliver an event to a case; `id` and `at` are made when the data has none.

    Before the case opens the event waits for it; after its end it may open it again.
    """
    from starter.event_check import check_event

    whose = creditor or settings().creditor
    event = {"id": f"cli-{uuid4()}", "at": now().isoformat()} | _body(body)
    checked = check_event(name, event)
    from starter import live

    became = run(live.signal(whose, invoice, checked))
    result = Signalled(case=case_id(whose, invoice), signal=name, id=checked.id, delivery=became)
    if as_json:
        print_json(result)
    else:
        out.print(f"{result.case}: {name} {_BECAME[became]} as {result.id}", markup=False)


_BECAME = {
    "signalled": "sent",
    "reopened": "opened the case again",
    "booked": "booked: the case has ended, and stays so,",
    "waiting": "kept until the case can take it,",
}


def status(
    invoice: Annotated[str, typer.Argument(help="The invoice's id.")],
    creditor: Creditor = None,
    as_json: AsJson = False,
) -> None:
    """Show a case: what was done, what is open, what comes next, what needs a person."""
    from starter import live
    from starter.tables import status_lines

    seen = run(live.status(creditor or settings().creditor, invoice))
    if as_json:
        print_json(seen)
    else:
        for line in status_lines(seen):
            out.print(line, soft_wrap=True)
        if seen.chosen:
            out.print(f"chosen: {seen.chosen}", soft_wrap=True, markup=False)

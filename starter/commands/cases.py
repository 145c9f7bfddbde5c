"""Commands on cases: open, sweep, signal, status."""

import json
import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from library.policies import usable_policy
from schemas.base import Frozen
from schemas.effects import Sweep
from schemas.errors import InputRefusedError
from settings import settings
from starter.console import AsJson, Creditor, moment, now, out, print_json, run
from starter.event_check import check_event
from starter.tables import status_lines
from temporal.ids import case_id

Policy = Annotated[str, typer.Option("--policy", help="A shipped policy's id, or a path.")]


class Opened(Frozen):
    """Whether a case was opened, or was there already."""

    case: str
    opened: bool


class Signalled(Frozen):
    """A signal that Temporal has taken."""

    case: str
    signal: str
    id: str


def open_(
    invoice: Annotated[str, typer.Argument(help="The invoice's id, as imported.")],
    policy: Policy = "net30-standard",
    at: Annotated[str | None, typer.Option(help="Case time of the opening; default now.")] = None,
    creditor: Creditor = None,
    as_json: AsJson = False,
) -> None:
    """Open the case of one invoice; a second time finds it open and changes nothing."""
    whose, chosen, opened_at = creditor or settings().creditor, usable_policy(policy), moment(at)
    from starter import live

    result = Opened(
        case=case_id(whose, invoice),
        opened=run(live.open_case(whose, invoice, chosen, opened_at or now())),
    )
    if as_json:
        print_json(result)
    else:
        out.print(f"{result.case}: {'opened' if result.opened else 'has a case already'}")


def _every(text: str) -> timedelta:
    match = re.fullmatch(r"(\d+)([smhd])", text)
    if not match or int(match[1]) == 0:
        raise InputRefusedError(f"--every {text!r} is not a span; write 15m, 1h or 1d")
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[match[2]]
    return timedelta(**{unit: int(match[1])})


def sweep(
    policy: Policy = "net30-standard",
    every: Annotated[str, typer.Option(help="How often the schedule runs, e.g. 15m.")] = "1h",
    once: Annotated[bool, typer.Option("--once", help="Sweep now, leave the schedule.")] = False,
    creditor: Creditor = None,
    as_json: AsJson = False,
) -> None:
    """Open a case for every overdue invoice that has none: at once, and again on a schedule."""
    order = Sweep(creditor=creditor or settings().creditor, policy=usable_policy(policy))
    span = _every(every)
    from starter import live

    result = run(live.sweep(order, None if once else span))
    if as_json:
        print_json(result)
    else:
        out.print(f"{result.opened} cases opened, {result.existing} were there already")


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
    """Signal an event to a case; `id` and `at` are made when the data has none."""
    whose = creditor or settings().creditor
    event = {"id": f"cli-{uuid4()}", "at": now().isoformat()} | _body(body)
    check_event(name, event)
    from starter import live

    run(live.signal(whose, invoice, name, event))
    result = Signalled(case=case_id(whose, invoice), signal=name, id=str(event["id"]))
    if as_json:
        print_json(result)
    else:
        out.print(f"{result.case}: {name} sent as {result.id}", markup=False)


def status(
    invoice: Annotated[str, typer.Argument(help="The invoice's id.")],
    creditor: Creditor = None,
    as_json: AsJson = False,
) -> None:
    """Show a case: what was done, what is open, what comes next, what needs a person."""
    from starter import live

    seen = run(live.status(creditor or settings().creditor, invoice))
    if as_json:
        print_json(seen)
    else:
        for line in status_lines(seen):
            out.print(line, soft_wrap=True)

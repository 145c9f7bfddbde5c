"""`dunning unknown` and `dunning resolve`: effects of which nobody knows whether they happened."""

from typing import Annotated, Literal
from uuid import uuid4

import typer

from schemas.base import Frozen
from schemas.effects import InDoubt
from schemas.errors import InputRefusedError
from settings import settings
from starter.console import AsJson, Creditor, now, out, print_json, run

KEY_PARTS = 5


class Unknown(Frozen):
    """Every effect in doubt, oldest first."""

    unknown: tuple[InDoubt, ...]


class Resolved(Frozen):
    """A person's word on an effect, and whether its case still runs."""

    effect: str
    result: str
    running: bool


def unknown(creditor: Creditor = None, as_json: AsJson = False) -> None:
    """List the effects whose outcome nobody knows; `dunning resolve` says what became of one."""
    from starter import live

    found = live.in_doubt(creditor or settings().creditor)
    if as_json:
        print_json(Unknown(unknown=tuple(found)))
        return
    for one in found:
        why = f": {one.reason}" if one.reason else ""
        out.print(f"{one.key} ({one.customer}), {one.case_at:%Y-%m-%d %H:%M}{why}", markup=False)
    if not found:
        out.print("no outcome is unknown")


def resolve(
    key: Annotated[str, typer.Argument(help="The effect's key, as `dunning unknown` lists it.")],
    result: Annotated[Literal["sent", "not_sent"], typer.Argument(help="What became of it.")],
    by: Annotated[str, typer.Option(help="Who found it out.")],
    as_json: AsJson = False,
) -> None:
    """Say what became of an effect; one that was not sent is sent again while its case runs.

    Exit code 1 when the effect is not in doubt.
    """
    from schemas.signals import EffectResolved
    from starter import live

    parts = key.split(":")
    if len(parts) != KEY_PARTS or not all(parts):
        raise InputRefusedError(
            f"{key!r} is not an effect key; one reads creditor:invoice:episode:step:channel"
        )
    event = EffectResolved(id=f"resolved-{uuid4()}", at=now(), effect=key, result=result, by=by)
    is_running = run(live.resolve(parts[0], parts[1], event))
    if as_json:
        print_json(Resolved(effect=key, result=result, running=is_running))
    else:
        what = "taken in" if is_running else "booked; its case has ended"
        out.print(f"{key}: {result}, {what}", markup=False)

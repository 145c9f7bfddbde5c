"""What the billing system is told: journal entries and posted charges become outgoing events.

One entry makes one event at most, and its id comes from the entry's, so that an entry booked twice
is told once. What the billing system told us itself (payments, credits) is not told back.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Any, Final

from schemas.base import Frozen
from schemas.case import Entry
from schemas.charging import Charge
from schemas.effects import Effect
from schemas.money import Amount
from schemas.outgoing import OUTGOING, AnyOutgoing, Beginning, Deed, Ending, StepDone

LONGEST_ID: Final = 200
FOUND_OUT: Final = "a person found out"

_DEEDS: Final = {
    "suspend": "suspended",
    "restore": "restored",
    "handoff": "handed_off",
    "recall": "recalled",
}
"""What a channel's doing is called."""

_STARTS: Final = {
    "dispute_opened": "dispute",
    "promise_made": "promise",
    "plan_accepted": "plan",
    "hold_placed": "hold",
    "stop_requested": "stop",
}
"""Events that may place a hold, and what it is for."""

_ENDS: Final = {"dispute_resolved": "dispute", "plan_cancelled": "plan", "hold_released": "hold"}
"""Events that end a hold, and the field that names it."""

_SETTLED: Final = {"done", "skipped", "refused", "unknown"}


def outgoing(order: Effect, entries: Iterable[Entry]) -> tuple[AnyOutgoing, ...]:
    """Return the events that these journal entries make, in their order; most make none."""
    made = ((entry, _content(order, entry)) for entry in entries)
    return tuple(
        _event(order, f"{_case(order)}:{entry.id}", content | {"at": entry.at})
        for entry, content in made
        if content is not None
    )


def outgoing_charge(order: Effect, charge: Charge) -> AnyOutgoing:
    """Return the event that a posted charge makes, or a line that corrects one."""
    line = {
        "charge": charge.key,
        "kind": charge.kind,
        "amount": Amount.of(charge.minor, order.currency),
        "on": charge.on,
        "ground": charge.ground,
        "posting": charge.posting,
        "tax_code": charge.tax_code,
    }
    content: dict[str, Any] = {"type": "charge_posted", "at": charge.at, "data": line}
    if charge.minor < 0:
        line["corrects"] = charge.inputs["corrects"]
        content["type"] = "charge_corrected"
    return _event(order, f"charge:{charge.key}", content)


def _content(order: Effect, entry: Entry) -> dict[str, Any] | None:
    """Return an event's type and what it tells, None for an entry nobody outside waits for."""
    told = entry.detail
    match entry.kind:
        case "opened":
            return {"type": "case_opened", "data": _fields(Beginning, told)}
        case "closed":
            return {"type": "case_closed", "data": _fields(Ending, told)}
        case "effect":
            return _done(told)
        case "event":
            return _reported(order, entry, told)
        case kind if kind.startswith("step "):
            return _done(told | {"result": kind.removeprefix("step ")})
    return None


def _done(told: dict[str, str]) -> dict[str, Any] | None:
    if told["result"] not in _SETTLED:  # put off: there will be another
        return None
    deed = _DEEDS.get(told.get("channel", ""))
    if told["result"] != "done" or deed is None:
        return {"type": "step_done", "data": _fields(StepDone, told)}
    return {"type": deed, "data": _fields(Deed, told)}


def _reported(order: Effect, entry: Entry, told: dict[str, str]) -> dict[str, Any] | None:
    name = told.get("type", "")
    if name == "effect_resolved":
        return _resolved(order, told)
    if name in _STARTS:
        hold = {"hold": entry.id.removeprefix("event:"), "reason": _STARTS[name]}
        return {"type": "hold_started", "data": hold}
    if name in _ENDS:
        return {"type": "hold_ended", "data": {"hold": told[_ENDS[name]]}}
    return None


def _resolved(order: Effect, told: dict[str, str]) -> dict[str, Any] | None:
    """Return what a person found out about a step that nobody knew of, None if it is not ours."""
    case, _, own = told["effect"].partition(f"{_case(order)}:")
    step, _, channel = own.partition(":")
    if case or not (step and channel):
        return None
    found = {"step": step, "channel": channel.partition("#")[0]}
    result = "done" if told["result"] == "sent" else "refused"
    return {"type": "step_done", "data": found | {"result": result, "reason": FOUND_OUT}}


def _fields(model: type[Frozen], told: dict[str, str]) -> dict[str, str]:
    return {name: told[name] for name in model.model_fields if name in told}


def _case(order: Effect) -> str:
    return f"{order.creditor}:{order.invoice}:{order.episode}"


def _event(order: Effect, name: str, content: dict[str, Any]) -> AnyOutgoing:
    about = {
        "id": _fitting(name),
        "creditor": order.creditor,
        "invoice": order.invoice,
        "customer": order.customer,
        "episode": order.episode,
    }
    return OUTGOING.validate_python(about | content)


def _fitting(name: str) -> str:
    """Return an id that fits into a header: an event's own id is whatever its sender wrote."""
    if len(name) <= LONGEST_ID and re.fullmatch(r"[!-~]([ -~]*[!-~])?", name):
        return name
    return f"event:{hashlib.sha256(name.encode()).hexdigest()}"

"""Reading what arrives: `read(name, bodies)` gives an event or a refusal, and never raises.

A malformed signal neither wedges a case nor vanishes: it becomes a `Refusal` with its raw text
(bounded) and the reason, which the case keeps and shows. The sender cannot be asked, so the reason
is written for the operator who will look at it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from schemas.signals import SIGNALS, EffectResolved, Event, sums

MAX_BYTES = 65_536
"""The largest signal body taken; a plan of sixty instalments is a tenth of it."""
MAX_RAW = 2_000
"""How much of a refused signal's text is kept."""


@dataclass(frozen=True)
class Accepted:
    """A signal that reads as an event of ours."""

    event: Event


@dataclass(frozen=True)
class Refusal:
    """A signal that does not: under which name it came, its text, and what is wrong."""

    name: str
    raw: str
    reason: str


@dataclass(frozen=True)
class Body:
    """One argument of a signal as it came over the wire."""

    encoding: str
    content: bytes


def read(name: str, bodies: Sequence[Body], currency: str) -> Accepted | Refusal:
    """Return the event that a signal of that name carries, or why it carries none."""
    raw = " | ".join(body.content[:MAX_RAW].decode("utf-8", "replace") for body in bodies)[:MAX_RAW]
    found = _parse(name, bodies, currency)
    return Accepted(found) if isinstance(found, Event) else refusal(name, raw, found)


def refusal(name: str, raw: str, reason: str) -> Refusal:
    """Return a refusal whose texts any database can keep: bounded, and free of stray code units."""
    return Refusal(_storable(name)[:200], _storable(raw), _storable(reason))


def _storable(text: str) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def read_record(bodies: Sequence[Body], currency: str) -> Accepted | Refusal:
    """Return the event of an update `record`, whose object names its own `type`."""
    document = _document(bodies[0]) if len(bodies) == 1 else "exactly one JSON object is expected"
    if isinstance(document, str):
        return Refusal("record", "", document)
    name = str(document.get("type", ""))
    return read(name, bodies, currency)


def read_resolution(bodies: Sequence[Body]) -> Accepted | Refusal:
    """Return the event of an update `resolve_effect`."""
    document = _document(bodies[0]) if len(bodies) == 1 else "exactly one JSON object is expected"
    if isinstance(document, str):
        return refusal("resolve_effect", "", document)
    try:
        return Accepted(EffectResolved.model_validate({**document, "type": "effect_resolved"}))
    except ValidationError as error:
        return refusal("resolve_effect", "", explain(error))


def _parse(name: str, bodies: Sequence[Body], currency: str) -> Event | str:
    if name not in SIGNALS:
        return f"there is no signal of that name; there are {', '.join(sorted(SIGNALS))}"
    if len(bodies) != 1:
        return f"exactly one JSON object is expected, got {len(bodies)} arguments"
    document = _document(bodies[0])
    if isinstance(document, str):
        return document
    return _event(name, document, currency)


def _document(body: Body) -> Mapping[str, object] | str:
    if body.encoding != "json/plain":
        return f"the payload is encoded as {body.encoding[:60] or 'nothing'}, expected json/plain"
    if len(body.content) > MAX_BYTES:
        return f"the payload has {len(body.content)} bytes, at most {MAX_BYTES} are taken"
    try:
        # decimals are kept as text, so that no amount ever passes through a float
        document = json.loads(body.content, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        return f"the payload is not JSON: {str(error)[:200]}"
    if not isinstance(document, dict):
        return f"the payload is a JSON {type(document).__name__}, expected an object"
    return document


def _event(name: str, document: Mapping[str, object], currency: str) -> Event | str:
    try:
        event = SIGNALS[name].model_validate({**document, "type": name})
    except ValidationError as error:
        return explain(error)
    except (ValueError, ArithmeticError, RecursionError) as error:
        return f"the payload cannot be read: {str(error)[:200]}"
    wrong = next((sum_.currency for sum_ in sums(event) if sum_.currency != currency), None)
    if wrong is not None:
        return f"the amount is in {wrong}, this invoice is in {currency}"
    return event


_PLAINLY = {"timezone_aware": "it should name its offset, e.g. 2026-02-01T09:00:00+01:00"}


def explain(error: ValidationError) -> str:
    """Return every fault a validation found as one line, fields named, inputs left out."""
    faults = (
        f"{'.'.join(str(part) for part in fault['loc']) or 'it'}: "
        f"{_PLAINLY.get(fault['type']) or fault['msg'].removeprefix('Value error, ')}"
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    )
    return "; ".join(faults)[:600]

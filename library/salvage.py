"""What of a faulty policy still reads, so that the faults behind its faults are told as well.

A validation stops at the first storey: rules over a step need its fields, rules over the policy
need its steps. So what is at fault is set aside or stood in for, and the rest is read again.
"""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from library.documents import Document, DocumentRefusedError, fault_at
from library.faults import OWN_PLACE, Place, sentences
from schemas.policy import Policy
from schemas.steps import CHARGES

SHAPE: Final = "a policy is a mapping with `id` and `steps`"
_ROUNDS: Final = 5
"""Fields, rules over a step, rules over the policy, and what only shows when those are mended."""

_STEP: Final = 2
"""How long the place of a whole step is."""

_STAND_INS: Final[dict[str, object]] = {
    "at": "due+0d",
    "template": "reminder",
    "script": "payment-call",
    "approval": {"within": "7d"},
}
"""What stands in for a field of a step that others need; the rest is left out."""

_IN_ORDER: Final = frozenset(
    {"at", "do", "instead", "repeat", "template", "script", "message", "approval"}
    | {"min_gap", "final_notice_days", "for", "steps"}
)
"""Fields by which steps are compared with one another."""


class Salvaged(NamedTuple):
    """A policy as far as it reads, its faults by place, and the places that were set aside.

    `policy` is None when nothing is left to look at. Its steps are those of the document, one for
    one; a step whose id is at fault, or taken, goes by another.
    """

    policy: Policy | None
    faults: tuple[tuple[Place, str], ...]
    aside: frozenset[Place]

    @property
    def is_in_order(self) -> bool:
        """Whether its steps may still be compared with one another."""
        return all(_IN_ORDER.isdisjoint(place[-1:]) and len(place) != _STEP for place in self.aside)

    def is_aside(self, step: int, field: str | None = None) -> bool:
        """Whether a field of a step, or any of them, is not what the document says."""
        if field is None:
            return any(place[:_STEP] == ("steps", step) for place in self.aside)
        return not self.aside.isdisjoint({("steps", step), ("steps", step, field)})


def read_policy(document: Document) -> Policy:
    """Return the policy in a document; raises DocumentRefusedError with every fault at once."""
    found = salvage(document)
    if found.policy is None or found.faults:
        ordered = sorted(found.faults, key=lambda fault: document.line(fault[0]) or 0)
        raise DocumentRefusedError(tuple(fault_at(document, *fault) for fault in ordered))
    return found.policy


def salvage(document: Document) -> Salvaged:
    """Read a policy, around its faults if it has any.

    Raises DocumentRefusedError for what is no mapping at all.
    """
    if not isinstance(document.content, dict):
        raise DocumentRefusedError((f"{document.where}: {SHAPE}",))
    content: dict[str, Any] = document.content
    faults: list[tuple[Place, str]] = []
    aside: set[Place] = set()
    for _ in range(_ROUNDS):
        try:
            policy = Policy.model_validate(content)
        except ValidationError as error:
            told = sentences(error, content, Policy)
        else:
            return Salvaged(policy, tuple(faults), frozenset(aside))
        new = (one for one in told if not any(_covers(place, _named(one)) for place in aside))
        faults += [one for one in new if one not in faults]
        content = _mended(content, [_named(one) for one in told], aside)
    return Salvaged(None, tuple(faults), frozenset(aside))


def _covers(aside: Place, place: Place) -> bool:
    return place[: len(aside)] == aside


def _named(fault: tuple[Place, str]) -> Place:
    """Return the place of a fault, with the field that its sentence says is missing."""
    place, words = fault
    named = OWN_PLACE.match(words)
    return (*place, named[1]) if named and len(place) == _STEP else place


def _mended(content: dict[str, Any], places: Iterable[Place], aside: set[Place]) -> dict[str, Any]:
    """Return a copy in which what is at fault is left out or stood in for; adds it to `aside`."""
    mended = deepcopy(content)
    for place in places:
        match place:
            case ("steps", int(number), *rest) if isinstance(mended.get("steps"), list):
                aside.add(_mend_step(mended["steps"], number, str(rest[0]) if rest else "", aside))
            case ("steps",):
                _name_anew(mended.get("steps"))
            case (str(key), *_):
                mended.pop(key, None)
                mended |= {"id": "unnamed"} if key == "id" else {}
                aside.add((key,))
    if ("experiment",) in aside:  # whose groups the variants name
        for step in mended.get("steps") or ():
            step.pop("variants", None)
    return mended


def _mend_step(steps: list[Any], number: int, field: str, aside: set[Place]) -> Place:
    step, place = steps[number], ("steps", number, field)
    if not isinstance(step, dict) or field in {"", "do"} or place in aside:
        kept = step if isinstance(step, dict) else {}
        known = {name: kept[name] for name in ("id", "at") if name in kept}
        at_fault = {name for name in known if ("steps", number, name) in aside | {place}}
        steps[number] = {"id": f"unnamed-{number}", "at": "due+0d", "do": "restore"} | {
            name: value for name, value in known.items() if name not in at_fault
        }
        return "steps", number
    step.pop(field, None)
    if field == "id":
        step["id"] = f"unnamed-{number}"
    elif field == "charge":
        step["do"] = [do for do in _listed(step.get("do")) if do not in CHARGES] or "restore"
    elif field in _STAND_INS:
        step[field] = _STAND_INS[field]
    return place


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _name_anew(steps: object) -> None:
    """Give the second step of the same id another one."""
    seen: set[object] = set()
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, dict):
            if str(step.get("id")) in seen:
                step["id"] = f"unnamed-{number}"
            seen.add(str(step.get("id")))

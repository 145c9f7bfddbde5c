"""The events of a case by their kind, each in the order it happened."""

from typing import TypeVar

from dunning.once import once
from schemas.case import Case
from schemas.signals import Event

AnyKind = TypeVar("AnyKind", bound=Event)


def events_of(case: Case, kind: type[AnyKind]) -> tuple[AnyKind, ...]:
    """Return the case's events of one kind."""
    return _by_kind(case).get(kind, ())  # type: ignore[return-value]


@once("events")
def _by_kind(case: Case) -> dict[type[Event], tuple[Event, ...]]:
    # sorted by type once: pydantic answers isinstance slowly, and decisions ask again and again
    found: dict[type[Event], list[Event]] = {}
    for event in case.events:
        found.setdefault(type(event), []).append(event)
    return {kind: tuple(events) for kind, events in found.items()}

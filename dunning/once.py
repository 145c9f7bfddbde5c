"""Computing a fact of a case once, for as long as what it was computed from stays the same.

A case never changes: whatever happens makes a copy, in which most fields are the very same objects.
So what was found for one state holds for the next one too, unless a field that it came from was
replaced. Decisions ask for the same balance and holds a dozen times a turn, and a turn replaces
little: this is what keeps a turn below a tenth of a millisecond.
"""

from collections.abc import Callable
from functools import wraps
from operator import itemgetter
from typing import Any, TypeVar

from schemas.case import Case

T = TypeVar("T")


def once(*fields: str) -> Callable[[Callable[[Case], T]], Callable[[Case], T]]:
    """Make a pure function of these fields of a case answer from what it found before.

    The function may read the named fields and `schemas.case.ORIGINS`, which no turn replaces, and
    nothing else of the case.
    """

    def decorate(derive: Callable[[Case], T]) -> Callable[[Case], T]:
        slot = f"{derive.__module__}.{derive.__qualname__}"
        if len(fields) > 1:
            return wraps(derive)(_of_several(derive, slot, itemgetter(*fields)))
        # what comes from no field at all stays as long as the invoice, which is an origin
        return wraps(derive)(_of_one(derive, slot, *(fields or ("invoice",))))

    return decorate


def _of_one(derive: Callable[[Case], T], slot: str, field: str) -> Callable[[Case], T]:
    def kept(case: Case) -> T:
        state = case.__dict__
        known: tuple[object, T] | None = state.get(slot)
        if known is not None and known[0] is state[field]:
            return known[1]
        found = derive(case)
        state[slot] = (state[field], found)
        return found

    return kept


def _of_several(
    derive: Callable[[Case], T], slot: str, sources: Callable[[dict[str, Any]], tuple[object, ...]]
) -> Callable[[Case], T]:
    def kept(case: Case) -> T:
        state = case.__dict__
        now = sources(state)
        known: tuple[tuple[object, ...], T] | None = state.get(slot)
        if known is not None and known[0] == now:  # the same objects are seen at once
            return known[1]
        found = derive(case)
        state[slot] = (now, found)
        return found

    return kept

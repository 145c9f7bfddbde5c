"""The fingerprints of an effect: of what is asked for, and of the words it is asked in."""

import hashlib
from typing import Final

from schemas.effects import Effect, Planned
from store.effect_ledger import Prints

_CHARGED: Final = frozenset({"fee", "interest"})


def prints_of(order: Effect, planned: Planned, content: str) -> Prints:
    """Return the fingerprints; what is asked for is the same on whatever day it is asked."""
    charges = sorted(f"{charge.kind} {charge.ground}" for charge in order.charges)
    what = (planned.do, order.template, order.message, order.agency, order.currency)
    asked = "\n".join(map(str, (*what, *(charges if planned.do in _CHARGED else ()))))
    return Prints(hashed(asked), hashed(content))


def hashed(text: str) -> str:
    """Return the fingerprint of a text: 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()

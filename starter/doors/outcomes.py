"""A provider's report as an event: the same id however often it is repeated."""

import hashlib
from datetime import UTC, datetime
from typing import Final

from pydantic import ValidationError

from schemas.signals import ContactOutcome

LONGEST_ID: Final = 200


def outcome(key: str, result: str) -> ContactOutcome | None:
    """Return what became of an effect, as of now; None for what cannot be a key."""
    try:
        return ContactOutcome(
            id=_event_id(key, result), at=datetime.now(UTC), effect=key, result=result
        )
    except ValidationError:
        return None


def _event_id(key: str, result: str) -> str:
    """Name the report; a name too long for an event is made short."""
    name = f"outcome:{key}:{result}"
    if len(name) <= LONGEST_ID:
        return name
    return f"outcome:{hashlib.sha256(name.encode(errors='replace')).hexdigest()}"

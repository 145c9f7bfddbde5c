"""Checking an event before it is sent, without any server."""

import json
from collections.abc import Mapping
from typing import Any

from dunning.inbox import Body, Refusal, read
from schemas.errors import InputRefusedError
from schemas.signals import EVENT, AnyEvent


def check_event(name: str, body: Mapping[str, Any]) -> AnyEvent:
    """Read an event as a case would; raises InputRefusedError naming the faulty fields."""
    checked = read(name, [Body("json/plain", json.dumps(body).encode())], _currency_of(body))
    if isinstance(checked, Refusal):
        raise InputRefusedError(f"{name}: {checked.reason}")
    return EVENT.validate_python(checked.event)


def _currency_of(body: Mapping[str, Any]) -> str:
    """Return the currency an event itself speaks of: the case checks it against the invoice's."""
    amount = body.get("amount")
    if isinstance(amount, Mapping):
        return str(amount.get("currency", ""))
    parts = body.get("instalments")
    if isinstance(parts, list) and parts and isinstance(parts[0], Mapping):
        return _currency_of(parts[0])
    return "EUR"

"""The effect ledger: each effect happens once, or is known to be unknown.

An effect is claimed here before the provider is called and settled here after. The key is the
effect's business identity, so a retry, a replay, a reset or a second worker meets the same row.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, MappingResult, RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert

from schemas.effects import ChannelReceipt, Effect, Planned
from schemas.errors import DunningError
from store.tables import effects

FRESH = timedelta(seconds=90)
"""How long a claim may still be at work: longer than any activity's start-to-close timeout."""


@dataclass(frozen=True)
class Claim:
    """The right to bring about one effect, once."""

    key: str
    token: str


class StillAtWorkError(DunningError):
    """Another attempt claimed the effect moments ago and may be calling the provider now."""


def claim(
    tx: Connection, order: Effect, planned: Planned, content_hash: str, *, repeatable: bool = False
) -> Claim | ChannelReceipt:
    """Claim an effect; what comes back instead is what became of it before.

    An attempt that died between claim and settlement leaves an outcome nobody knows: the effect is
    settled as unknown and not repeated, unless repeating it is harmless (`repeatable`: an object
    under a name that no second writer can take). Raises StillAtWorkError while that attempt may be
    running.
    """
    fresh = Claim(planned.key, str(uuid4()))
    row = {
        "key": planned.key,
        "creditor": order.creditor,
        "invoice": order.invoice,
        "customer": order.customer,
        "step": order.step,
        "channel": planned.do,
        "state": "attempting",
        "claim": fresh.token,
        "content_hash": content_hash,
        "case_at": order.at,
    }
    taken = tx.execute(
        insert(effects).values(row).on_conflict_do_nothing().returning(effects.c.key)
    )
    if taken.first() is not None:
        return fresh
    found = _read(tx, planned.key).one()
    if found["state"] == "failed" or (found["state"] == "attempting" and repeatable):
        _take_over(tx, fresh, row, repeatable=repeatable)
        return fresh
    return _became(tx, planned, found)


def before(tx: Connection, planned: Planned) -> ChannelReceipt | None:
    """Return what became of an effect that may have been brought about already, else None.

    None says that it certainly was not. Raises StillAtWorkError as `claim` does.
    """
    found = _read(tx, planned.key).one_or_none()
    return None if found is None or found["state"] == "failed" else _became(tx, planned, found)


def first_tried(tx: Connection, key: str) -> datetime | None:
    """Return the case time at which a repeatable effect was claimed first, None if it never was."""
    return tx.execute(select(effects.c.case_at).where(effects.c.key == key)).scalar()


def _take_over(tx: Connection, fresh: Claim, row: dict[str, Any], *, repeatable: bool) -> None:
    # what is repeated keeps the moment of its first attempt, so that it is the same again
    renewed = {"state", "claim", "content_hash"} | (set() if repeatable else {"case_at"})
    values: dict[str, Any] = {name: row[name] for name in renewed}
    values |= {"claimed_at": func.now(), "settled_at": None, "provider": None, "reason": None}
    tx.execute(update(effects).where(effects.c.key == fresh.key).values(values))


def _read(tx: Connection, key: str) -> MappingResult:
    is_fresh = (effects.c.claimed_at > func.now() - FRESH).label("is_fresh")
    query = select(effects, is_fresh).where(effects.c.key == key).with_for_update()
    return tx.execute(query).mappings()


def _became(tx: Connection, planned: Planned, found: RowMapping) -> ChannelReceipt:
    if found["state"] == "attempting":
        return _abandoned(tx, planned, found)
    return _receipt(planned, found)


def _abandoned(tx: Connection, planned: Planned, found: RowMapping) -> ChannelReceipt:
    if found["is_fresh"]:
        raise StillAtWorkError(f"{planned.key} was claimed moments ago")
    lost = ChannelReceipt(
        do=planned.do,
        key=planned.key,
        result="unknown",
        reason="an earlier attempt ended between the claim and the provider's answer",
    )
    settle(tx, Claim(planned.key, found["claim"]), "unknown", reason=lost.reason)
    return lost


def _receipt(planned: Planned, found: RowMapping) -> ChannelReceipt:
    return ChannelReceipt(
        do=planned.do,
        key=planned.key,
        result=found["state"],
        reference=found["reference"],
        reason=found["reason"],
    )


def settle(
    tx: Connection,
    claimed: Claim,
    state: str,
    *,
    provider: str | None = None,
    reference: str | None = None,
    reason: str | None = None,
) -> None:
    """Write down what became of a claimed effect: `done`, `refused`, `failed` or `unknown`.

    `failed` says that it certainly did not happen and may be claimed again. A claim that another
    attempt has taken over is left alone.
    """
    values: dict[str, Any] = {"state": state, "settled_at": func.now()}
    values |= {"provider": provider, "reference": reference, "reason": reason}
    tx.execute(
        update(effects)
        .where(effects.c.key == claimed.key, effects.c.claim == claimed.token)
        .values(values)
    )

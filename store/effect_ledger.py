"""The effect ledger: each effect happens once, or is known to be unknown.

An effect is claimed here before the provider is called and settled here after. The key is the
effect's business identity, so a retry, a replay, a reset or a second worker meets the same row.
Three states are final (`done`, `refused`, `unknown`); `failed` certainly did not happen and may be
claimed again; `attempting` is somebody's, or was when he died.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from schemas.effects import ChannelReceipt, Effect, Planned
from schemas.errors import DunningError
from store.tables import effects

FRESH = timedelta(seconds=90)
"""How long a claim may still be at work: longer than any activity's start-to-close timeout."""
SETTLING = timedelta(seconds=10)
"""How long a provider is given to make up its mind before it is asked what became of a request."""
FINAL: Final = frozenset({"done", "refused", "unknown"})
UNSETTLED: Final[dict[str, Any]] = {
    "claimed_at": func.now(),
    "settled_at": None,
    "provider": None,
    "reason": None,
}


@dataclass(frozen=True)
class Claim:
    """The right to bring about an effect once, with all that are in one message under its key."""

    key: str
    token: str


@dataclass(frozen=True)
class Doubt:
    """An attempt that never said how it ended; the claim is ours, to find out first.

    `since` is when the effect was first attempted, by the books' clock.
    """

    claim: Claim
    since: datetime
    content_hash: str | None


@dataclass(frozen=True)
class Prints:
    """What tells one request from another: what is asked for, and the words it is asked in.

    Under one key the request is always the same; its words may be of another day.
    """

    request: str
    content: str


class StillAtWorkError(DunningError):
    """Another attempt claimed the effect moments ago and may be calling the provider now."""


def claim(
    tx: Connection, order: Effect, planned: Planned, prints: Prints, *, repeatable: bool = False
) -> Claim | Doubt | ChannelReceipt:
    """Claim an effect; what comes back instead is what became of it before.

    An attempt that died between claim and settlement leaves a Doubt, unless repeating it is
    harmless (`repeatable`: an object under a name that no second writer can take). A key that was
    used for another request, and a row in a state that cannot be, answer `unknown` and name what
    does not fit. Raises StillAtWorkError while the other attempt may be running.
    """
    fresh = Claim(planned.key, str(uuid4()))
    row = row_of(order, planned, fresh, prints)
    taken = tx.execute(
        insert(effects).values(row).on_conflict_do_nothing().returning(effects.c.key)
    )
    if taken.first() is not None:
        return fresh
    found = _read(tx, planned.key)
    if found is None:
        raise StillAtWorkError(f"{planned.key} was claimed moments ago")
    if (misfit := _misfit(found, prints)) is not None:
        return ChannelReceipt(do=planned.do, key=planned.key, result="unknown", reason=misfit)
    if found["state"] in FINAL:
        return _receipt(planned, found)
    held = Claim(found["bundle"] or planned.key, fresh.token)
    if found["state"] == "failed" or repeatable:
        _take_over(tx, held, row, repeatable=repeatable)
        return held
    return _doubt(tx, held, found)


def row_of(order: Effect, planned: Planned, fresh: Claim, prints: Prints) -> dict[str, Any]:
    """Return the row of an effect that is claimed."""
    return {
        "key": planned.key,
        "creditor": order.creditor,
        "invoice": order.invoice,
        "customer": order.customer,
        "step": order.step,
        "channel": planned.do,
        "state": "attempting",
        "claim": fresh.token,
        "request_hash": prints.request,
        "content_hash": prints.content,
        "message": order.message,
        "case_at": order.at,
    }


def _misfit(found: RowMapping, prints: Prints) -> str | None:
    held = found["request_hash"]
    if held is not None and held != prints.request:
        return (
            f"the ledger holds request {held[:12]} under this key, and {prints.request[:12]} is "
            "asked for: not done"
        )
    if found["state"] not in FINAL | {"attempting", "failed"}:
        return f"the ledger's row is in the state {found['state']!r}, which cannot be: not done"
    return None


def before(tx: Connection, planned: Planned) -> ChannelReceipt | None:
    """Return what became of an effect that may have been brought about already, else None.

    None says that it certainly was not. Raises StillAtWorkError as `claim` does; a dead attempt is
    settled as unknown, for nothing is known any more of what it asked for.
    """
    found = _read(tx, planned.key)
    if found is None or found["state"] == "failed":
        return None
    if found["state"] in FINAL:
        return _receipt(planned, found)
    lost = _doubt(tx, Claim(found["bundle"] or planned.key, str(uuid4())), found)
    return unknown(tx, planned, lost, "nobody can tell what became of an earlier attempt")


@dataclass(frozen=True)
class Standing:
    """Where an effect stands; `bundle` is the key of the message it is part of, if it is of one."""

    is_begun: bool
    is_settled: bool
    bundle: str | None


def standing(tx: Connection, planned: Planned) -> Standing:
    """Return where an effect stands; one that is known to have failed is not begun."""
    query = select(effects.c.state, effects.c.bundle).where(effects.c.key == planned.key)
    found = tx.execute(query).one_or_none()
    if found is None or found.state == "failed":
        return Standing(is_begun=False, is_settled=False, bundle=None)
    return Standing(is_begun=True, is_settled=found.state in FINAL, bundle=found.bundle)


def unknown(tx: Connection, planned: Planned, doubt: Doubt, reason: str) -> ChannelReceipt:
    """Settle a doubt that nobody could clear up."""
    settle(tx, doubt.claim, "unknown", reason=reason)
    return ChannelReceipt(do=planned.do, key=planned.key, result="unknown", reason=reason)


def first_tried(tx: Connection, key: str) -> datetime | None:
    """Return the case time at which a repeatable effect was claimed first, None if it never was."""
    return tx.execute(select(effects.c.case_at).where(effects.c.key == key)).scalar()


def known_references(tx: Connection, references: Collection[str]) -> frozenset[str]:
    """Return those of a provider's references that some effect is settled with."""
    query = select(effects.c.reference).where(effects.c.reference.in_(references))
    return frozenset(tx.execute(query).scalars())


def _take_over(tx: Connection, fresh: Claim, row: dict[str, Any], *, repeatable: bool) -> None:
    # what is repeated keeps the moment of its first attempt, so that it is the same again
    renewed = {"state", "claim", "content_hash"} | (set() if repeatable else {"case_at"})
    values = {name: row[name] for name in renewed} | UNSETTLED
    tx.execute(update(effects).where(_of(fresh.key)).values(values))


def _of(key: str) -> ColumnElement[bool]:
    """Say that an effect has the key, or is part of the message under it."""
    return or_(effects.c.key == key, effects.c.bundle == key)


def _read(tx: Connection, key: str) -> RowMapping | None:
    """Lock an effect, and all that went out with it in one order; return its row."""
    is_fresh = (effects.c.claimed_at > func.now() - FRESH).label("is_fresh")
    bundle = select(effects.c.bundle).where(effects.c.key == key).scalar_subquery()
    mine = or_(effects.c.key == key, effects.c.bundle == bundle)
    query = select(effects, is_fresh).where(mine).order_by(effects.c.key).with_for_update()
    return next((row for row in tx.execute(query).mappings() if row["key"] == key), None)


def _doubt(tx: Connection, fresh: Claim, found: RowMapping) -> Doubt:
    if found["is_fresh"]:
        raise StillAtWorkError(f"{fresh.key} was claimed moments ago")
    # `began_at` stays: whoever asks next must look as far back as we do
    values = {"claim": fresh.token, "claimed_at": func.now()}
    tx.execute(update(effects).where(_of(fresh.key)).values(values))
    return Doubt(fresh, found["began_at"], found["content_hash"])


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
) -> bool:
    """Write down what became of a claimed effect: `done`, `refused`, `failed` or `unknown`.

    `failed` says that it certainly did not happen and may be claimed again. False says that
    somebody else has settled it, or has taken the claim over; what is there then stands. Only a
    late `done` is believed where nobody knew.
    """
    values: dict[str, Any] = {"state": state, "settled_at": func.now()}
    values |= {"provider": provider, "reference": reference, "reason": reason}
    if state == "failed":  # each may be claimed again by itself
        values["bundle"] = None
    is_ours = and_(effects.c.claim == claimed.token, effects.c.state == "attempting")
    may_settle = or_(is_ours, effects.c.state == "unknown") if state == "done" else is_ours
    settled = update(effects).where(_of(claimed.key), may_settle).values(values)
    return tx.execute(settled).rowcount > 0


def leave_in_doubt(tx: Connection, claimed: Claim) -> None:
    """Give up a claim whose outcome the provider can be asked for, once it has settled down."""
    values = {"claimed_at": func.now() - FRESH + SETTLING}
    tx.execute(
        update(effects).where(_of(claimed.key), effects.c.claim == claimed.token).values(values)
    )


def witnessed(
    tx: Connection,
    key: str,
    provider: str,
    reference: str | None,
    outcome: str,
) -> tuple[str, ...]:
    """Take in a provider's own word that an effect reached it, and what came of it.

    Whatever we believed, it happened. Returns the keys of all that went out in the message, this
    one among them; none for a key the ledger does not hold.
    """
    found = _read(tx, key)
    if found is None:
        return ()
    values: dict[str, Any] = {"outcome": outcome[:40], "outcome_at": func.now()}
    if found["state"] != "done":
        values |= {"state": "done", "settled_at": func.now(), "reason": None}
        values |= {"provider": provider, "reference": reference}
    told = update(effects).where(_of(key)).values(values).returning(effects.c.key)
    return tuple(sorted(tx.execute(told).scalars()))

"""Effects that go out as one message: claimed together, under one key, with one outcome.

The message goes to the provider under the key of the effect that leads it; what becomes of that key
becomes of all of them (`effect_ledger`).
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, and_, select, update
from sqlalchemy.dialects.postgresql import insert

from store.effect_ledger import UNSETTLED, Claim, Prints, StillAtWorkError, row_of
from store.gatherings import Member, member_of
from store.tables import effects, gatherings

_RENEWED: Final = ("state", "claim", "content_hash", "case_at", "bundle")


def claim_with(
    tx: Connection, claimed: Claim, lead: str, others: Iterable[tuple[Member, Prints]]
) -> Claim:
    """Claim others along with one that is claimed; the `lead` is the key of one of them all.

    Raises StillAtWorkError when one of them was claimed meanwhile: then none must be.
    """
    together = Claim(lead, claimed.token)
    tx.execute(update(effects).where(effects.c.key == claimed.key).values(bundle=lead))
    for member, prints in others:
        row = row_of(member.order, member.planned, together, prints) | {"bundle": lead}
        made = insert(effects).values(row)
        renewed = made.on_conflict_do_update(
            index_elements=["key"],
            set_={name: made.excluded[name] for name in _RENEWED} | UNSETTLED,
            where=and_(effects.c.state == "failed", effects.c.request_hash == prints.request),
        )
        if tx.execute(renewed.returning(effects.c.key)).first() is None:
            raise StillAtWorkError(f"{member.planned.key} was claimed moments ago")
    return together


def members_of(tx: Connection, bundle: str) -> tuple[Member, ...]:
    """Return the effects that were claimed as one under a key, by their own keys."""
    query = (
        select(gatherings.c.body)
        .join(effects, effects.c.key == gatherings.c.key)
        .where(effects.c.bundle == bundle)
        .order_by(gatherings.c.key)
    )
    return tuple(map(member_of, tx.execute(query).scalars()))

"""Effects of which nobody knows whether they happened, and what a person found out about them."""

from sqlalchemy import Connection, RowMapping, func, select, update

from store.tables import effects


def resolved(tx: Connection, key: str, result: str) -> None:
    """Take in a person's word on an effect nobody knew of: `sent`, or `not_sent`.

    What a provider has said in the meantime stands.
    """
    became = {"sent": "done", "not_sent": "refused"}[result]
    values = {"state": became, "settled_at": func.now(), "reason": f"a person says: {result}"}
    lost = update(effects).where(effects.c.key == key, effects.c.state == "unknown")
    tx.execute(lost.values(values))


def in_doubt(tx: Connection, creditor: str, invoice: str | None = None) -> list[RowMapping]:
    """Return the effects of which nobody knows whether they happened, oldest first."""
    query = select(effects).where(effects.c.creditor == creditor, effects.c.state == "unknown")
    if invoice is not None:
        query = query.where(effects.c.invoice == invoice)
    return list(tx.execute(query.order_by(effects.c.claimed_at, effects.c.key)).mappings())

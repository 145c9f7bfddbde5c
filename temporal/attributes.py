"""The search attributes of a case: what operators filter and sort by."""

from datetime import datetime
from typing import Any

from temporalio.common import SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from dunning.attention import attention
from dunning.charges.balance import balance
from dunning.render import stage, status, upcoming
from schemas.case import Case
from temporal import search_attributes as keys


def attributes(case: Case, now: datetime) -> TypedSearchAttributes:
    """Return every attribute of a case; all are set at its start, so that `NOT` queries work."""
    amount = balance(case).due
    nxt = upcoming(case, now)
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(keys.CREDITOR, case.creditor),
        SearchAttributePair(keys.CUSTOMER, case.customer.id),
        SearchAttributePair(keys.STAGE, stage(case)),
        SearchAttributePair(keys.STATUS, status(case, now)),
        SearchAttributePair(keys.ATTENTION, list(attention(case, now))),
        # a display value: the exact amount is in the case view
        SearchAttributePair(keys.AMOUNT_DUE, amount / 10**case.exponent),
    ]
    if nxt is not None:
        pairs.append(SearchAttributePair(keys.NEXT_ACTION_AT, nxt.at))
    return TypedSearchAttributes(pairs)


def changed(
    case: Case, now: datetime, known: TypedSearchAttributes
) -> list[SearchAttributeUpdate[Any]]:
    """Return the updates that bring the known attributes up to the case; none when they are."""
    wanted = attributes(case, now)
    updates: list[SearchAttributeUpdate[Any]] = [
        pair.key.value_set(pair.value)
        for pair in wanted
        # an empty list and no list are one and the same to the server
        if (known.get(pair.key) or None) != (pair.value or None)
        and not _is_at_hand(pair, known, now)
    ]
    if known.get(keys.NEXT_ACTION_AT) and not wanted.get(keys.NEXT_ACTION_AT):
        updates.append(keys.NEXT_ACTION_AT.value_unset())
    return updates


def _is_at_hand(
    pair: SearchAttributePair[Any], known: TypedSearchAttributes, now: datetime
) -> bool:
    # an action that was announced for a moment that has come is due "now", which is no news
    announced = known.get(keys.NEXT_ACTION_AT)
    is_due = announced is not None and announced <= now
    return pair.key.name == keys.NEXT_ACTION_AT.name and is_due and pair.value <= now

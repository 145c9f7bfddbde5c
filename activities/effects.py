"""The shape of every effect: prepare, claim -> act -> settle.

Short transactions, none held over a provider's answer. The first reads the debt and prepares what
is to be sent; the second takes the last look and claims it; the third settles it and books the
journal. The channels of a step go one after the other, so that a worker killed amid the first has
not claimed the second. What a provider answers is classified by the provider's page; here it only
decides how the claim is settled.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine

from activities.claiming import (
    LONGEST_REASON,
    Doubtful,
    Prepare,
    Unsettled,
    claim,
    prepared_for,
    receipt_of,
)
from activities.last_look import News
from activities.prints import hashed
from schemas.effects import ChannelReceipt, Effect, Planned, Receipt
from schemas.errors import (
    DeliveryRefusedError,
    DunningError,
    EffectError,
    OutcomeUnknownError,
    ProviderUnavailableError,
)
from schemas.messages import Sent
from schemas.signals import AnyEvent
from store import audit_trail, effect_ledger
from store.effect_ledger import StillAtWorkError

log = logging.getLogger("dunning.activities")

NOBODY_KNOWS: Final = "an earlier attempt ended between the claim and the provider's answer"


def carry_out(engine: Engine, order: Effect, prepare: Prepare) -> Receipt:
    """Bring about the planned effects of a step, each once; returns what became of each.

    Raises ProviderUnavailableError when one certainly did not happen and a retry may help, and
    StillAtWorkError while another attempt may be at work; the other effects are settled before.
    """
    receipts: list[ChannelReceipt] = []
    news: dict[str, AnyEvent] = {}
    again: DunningError | None = None
    for planned in order.planned:
        try:
            became = _bring_about(engine, order, planned, prepare)
        except (ProviderUnavailableError, StillAtWorkError) as error:
            again = error
            continue
        if isinstance(became, News):
            news |= {event.id: event for event in became.events}
            became = became.receipt
        receipts.append(became)
    if again is not None:
        raise again
    return Receipt(receipts=tuple(receipts), events=tuple(news.values()))


def _bring_about(
    engine: Engine, order: Effect, planned: Planned, prepare: Prepare
) -> ChannelReceipt | News:
    with engine.connect() as reading:
        prepared = prepared_for(reading, order, planned, prepare)
    with engine.begin() as tx:
        claimed = claim(tx, order, planned, prepared, prepare)
        if isinstance(claimed, ChannelReceipt):
            _book(tx, order, claimed)
        elif isinstance(claimed, News):
            audit_trail.book(tx, order, order.journal)
    if isinstance(claimed, Unsettled):
        return _act(engine, order, claimed)
    if isinstance(claimed, Doubtful):
        became = _cleared_up(engine, order, claimed)
        # it never happened: it is claimed anew, with a last look at the facts of today
        return became or _bring_about(engine, order, planned, prepare)
    return claimed


def _act(engine: Engine, order: Effect, one: Unsettled) -> ChannelReceipt:
    if one.prepared.act is None:
        raise TypeError(f"{one.planned.key}: there is nothing to do")
    try:
        sent = one.prepared.act()
    except DeliveryRefusedError as error:
        return _settled(engine, order, one, receipt_of(one.planned, "refused", str(error)))
    except ProviderUnavailableError as error:
        _failed(engine, order, one, error)
        raise
    except OutcomeUnknownError as error:
        return _lost(engine, order, one, error)
    done = receipt_of(one.planned, "done", reference=sent.reference)
    return _settled(engine, order, one, done, provider=sent.provider)


def _lost(
    engine: Engine, order: Effect, one: Unsettled, error: OutcomeUnknownError
) -> ChannelReceipt:
    """Do what can be done about an answer that was lost: again, ask the provider, or tell."""
    if one.prepared.repeatable and one.prepared.is_bundle:  # the same ones must go out again
        raise ProviderUnavailableError(str(error)) from error
    if one.prepared.repeatable:  # doing it again does no harm, so nobody needs to know
        _failed(engine, order, one, error)
        raise ProviderUnavailableError(str(error)) from error
    if one.prepared.find is not None:
        with engine.begin() as tx:
            effect_ledger.leave_in_doubt(tx, one.claim)
        raise StillAtWorkError(f"{one.planned.key}: the provider is asked soon ({error})")
    return _settled(engine, order, one, receipt_of(one.planned, "unknown", str(error)))


def _cleared_up(engine: Engine, order: Effect, doubtful: Doubtful) -> ChannelReceipt | None:
    """Ask the provider what became of an attempt that never said how it ended.

    None says that the provider certainly never had it, so that it may be claimed again.
    """
    one, doubt = doubtful.one, doubtful.doubt
    is_same = doubt.content_hash == hashed(one.prepared.content)
    if one.prepared.find is None or not is_same:
        return _settled(engine, order, one, receipt_of(one.planned, "unknown", NOBODY_KNOWS))
    candidates = _unclaimed(engine, one, one.prepared.find, doubt.since)
    if not candidates:
        _failed(engine, order, one, ProviderUnavailableError("the provider never had it"))
        return None
    if len(candidates) == 1:
        found = receipt_of(one.planned, "done", reference=candidates[0].reference)
        return _settled(engine, order, one, found, provider=candidates[0].provider)
    several = f"the provider has {len(candidates)} of which any may be it"
    return _settled(engine, order, one, receipt_of(one.planned, "unknown", several))


def _unclaimed(
    engine: Engine,
    one: Unsettled,
    find: Callable[[datetime], tuple[Sent, ...]],
    since: datetime,
) -> tuple[Sent, ...]:
    try:
        listed = find(since)
    except EffectError as error:  # asked again with the next attempt, the claim being ours no more
        with engine.begin() as tx:
            effect_ledger.leave_in_doubt(tx, one.claim)
        raise StillAtWorkError(f"{one.planned.key}: the provider does not say ({error})") from None
    with engine.connect() as tx:
        known = effect_ledger.known_references(tx, [sent.reference for sent in listed])
    return tuple(sent for sent in listed if sent.reference not in known)


def _settled(
    engine: Engine,
    order: Effect,
    one: Unsettled,
    became: ChannelReceipt,
    provider: str | None = None,
) -> ChannelReceipt:
    with engine.begin() as tx:
        is_ours = effect_ledger.settle(
            tx,
            one.claim,
            became.result,
            provider=provider,
            reference=became.reference,
            reason=became.reason,
        )
        if not is_ours:  # the provider's own word came first, or somebody took over
            became = effect_ledger.before(tx, one.planned) or became
        _book(tx, order, became)
    return became


def _failed(engine: Engine, order: Effect, one: Unsettled, error: EffectError) -> None:
    with engine.begin() as tx:
        effect_ledger.settle(tx, one.claim, "failed", reason=str(error)[:LONGEST_REASON])
        audit_trail.book(tx, order, order.journal)
    log.warning("%s was not done and will be tried again: %s", one.planned.key, error)


def _book(tx: Connection, order: Effect, became: ChannelReceipt) -> None:
    entry = audit_trail.effect_entry(became, order.step, order.at)
    audit_trail.book(tx, order, (*order.journal, entry))

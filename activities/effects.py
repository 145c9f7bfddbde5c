"""The shape of every effect: claim -> act -> settle.

Two short transactions an effect, none held over a provider's answer. The first reads the debt,
prepares what is to be sent and claims it; the second settles it and books the journal. The channels
of a step go one after the other, so that a worker killed amid the first has not claimed the second.
What a provider answers is classified by the provider's page; here it only decides how the claim is
settled.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine

from schemas.case import Result
from schemas.effects import ChannelReceipt, Effect, Planned, Receipt
from schemas.errors import (
    DeliveryRefusedError,
    DunningError,
    EffectError,
    InputRefusedError,
    OutcomeUnknownError,
    ProviderUnavailableError,
)
from schemas.messages import Sent
from store import audit_trail, effect_ledger
from store.debtors import Debt, read_debt
from store.effect_ledger import Claim, StillAtWorkError

log = logging.getLogger("dunning.activities")

LONGEST_REASON: Final = 300


@dataclass(frozen=True)
class Prepared:
    """An effect ready to happen: its fingerprint, and the one call that brings it about."""

    content: str
    act: Callable[[], Sent]
    repeatable: bool = False

    @property
    def content_hash(self) -> str:
        """The fingerprint of what is sent, kept beside the claim."""
        return hashlib.sha256(self.content.encode()).hexdigest()


Prepare = Callable[[Connection, Debt, Effect, Planned], Prepared]


@dataclass(frozen=True)
class Unsettled:
    """A claim that is ours to act on."""

    planned: Planned
    claim: Claim
    prepared: Prepared


def carry_out(engine: Engine, order: Effect, prepare: Prepare) -> Receipt:
    """Bring about the planned effects of a step, each once; returns what became of each.

    Raises ProviderUnavailableError when one certainly did not happen and a retry may help, and
    StillAtWorkError while another attempt may be at work; the other effects are settled before.
    """
    receipts: list[ChannelReceipt] = []
    again: DunningError | None = None
    for planned in order.planned:
        try:
            receipts.append(_bring_about(engine, order, planned, prepare))
        except (ProviderUnavailableError, StillAtWorkError) as error:
            again = error
    if again is not None:
        raise again
    return Receipt(receipts=tuple(receipts))


def _bring_about(
    engine: Engine, order: Effect, planned: Planned, prepare: Prepare
) -> ChannelReceipt:
    with engine.begin() as tx:
        claimed = _claim(tx, order, planned, prepare)
        if isinstance(claimed, ChannelReceipt):
            _book(tx, order, claimed)
            return claimed
    return _act(engine, order, claimed)


def _claim(
    tx: Connection, order: Effect, planned: Planned, prepare: Prepare
) -> Unsettled | ChannelReceipt:
    try:
        prepared = _prepared(tx, order, planned, prepare)
    except (DeliveryRefusedError, InputRefusedError) as error:
        # what an earlier attempt brought about stays true, whatever has changed since
        return effect_ledger.before(tx, planned) or _receipt(planned, "refused", str(error))
    claimed = effect_ledger.claim(
        tx, order, planned, prepared.content_hash, repeatable=prepared.repeatable
    )
    return Unsettled(planned, claimed, prepared) if isinstance(claimed, Claim) else claimed


def _prepared(tx: Connection, order: Effect, planned: Planned, prepare: Prepare) -> Prepared:
    debt = read_debt(tx, order.creditor, order.invoice)
    if planned.do in debt.opted_out:
        raise DeliveryRefusedError(f"the debtor has opted out of {planned.do}")
    return prepare(tx, debt, order, planned)


def _act(engine: Engine, order: Effect, one: Unsettled) -> ChannelReceipt:
    try:
        sent = one.prepared.act()
    except DeliveryRefusedError as error:
        return _settled(engine, order, one, _receipt(one.planned, "refused", str(error)))
    except ProviderUnavailableError as error:
        _failed(engine, order, one, error)
        raise
    except OutcomeUnknownError as error:
        if one.prepared.repeatable:  # doing it again does no harm, so nobody needs to know
            _failed(engine, order, one, error)
            raise ProviderUnavailableError(str(error)) from error
        return _settled(engine, order, one, _receipt(one.planned, "unknown", str(error)))
    done = _receipt(one.planned, "done", reference=sent.reference)
    return _settled(engine, order, one, done, provider=sent.provider)


def _settled(
    engine: Engine,
    order: Effect,
    one: Unsettled,
    became: ChannelReceipt,
    provider: str | None = None,
) -> ChannelReceipt:
    with engine.begin() as tx:
        effect_ledger.settle(
            tx,
            one.claim,
            became.result,
            provider=provider,
            reference=became.reference,
            reason=became.reason,
        )
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


def _receipt(
    planned: Planned, result: Result, reason: str | None = None, reference: str | None = None
) -> ChannelReceipt:
    return ChannelReceipt(
        do=planned.do,
        key=planned.key,
        result=result,
        reference=reference,
        reason=reason and reason[:LONGEST_REASON],
    )

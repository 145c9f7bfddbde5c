"""The shape of every effect: claim -> act -> settle.

Two short transactions, none held over a provider's answer. The first reads the debt, prepares what
is to be sent and claims it; the second settles it and books the journal. What a provider answers is
classified by the provider's page; here it only decides how the claim is settled.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from schemas.effects import ChannelReceipt, Effect, Planned, Receipt
from schemas.errors import (
    DeliveryRefusedError,
    InputRefusedError,
    OutcomeUnknownError,
    ProviderUnavailableError,
)
from schemas.messages import Sent
from store import audit_trail, effect_ledger
from store.debtors import Debt, read_debt
from store.effect_ledger import Claim

log = logging.getLogger("dunning.activities")


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

    Raises ProviderUnavailableError when one certainly did not happen and a retry may help, after
    everything else is settled; StillAtWorkError while another attempt may be at work.
    """
    with engine.begin() as tx:
        claimed = [_claim(tx, order, planned, prepare) for planned in order.planned]
    receipts: list[ChannelReceipt] = []
    unavailable: ProviderUnavailableError | None = None
    for one in claimed:
        if isinstance(one, Unsettled):
            try:
                receipts.append(_act(engine, one))
            except ProviderUnavailableError as error:
                unavailable = error
        else:
            receipts.append(one)
    with engine.begin() as tx:
        entries = [audit_trail.effect_entry(one, order.step, order.at) for one in receipts]
        audit_trail.book(tx, order, (*order.journal, *entries))
    if unavailable is not None:
        raise unavailable
    return Receipt(receipts=tuple(receipts))


def _claim(
    tx: Connection, order: Effect, planned: Planned, prepare: Prepare
) -> Unsettled | ChannelReceipt:
    try:
        debt = read_debt(tx, order.creditor, order.invoice)
        prepared = prepare(tx, debt, order, planned)
    except (DeliveryRefusedError, InputRefusedError) as error:
        return _refused(planned, str(error))
    if planned.do in debt.opted_out:
        return _refused(planned, f"the debtor has opted out of {planned.do}")
    claimed = effect_ledger.claim(
        tx, order, planned, prepared.content_hash, repeatable=prepared.repeatable
    )
    return Unsettled(planned, claimed, prepared) if isinstance(claimed, Claim) else claimed


def _refused(planned: Planned, reason: str) -> ChannelReceipt:
    return ChannelReceipt(do=planned.do, key=planned.key, result="refused", reason=reason[:300])


def _act(engine: Engine, one: Unsettled) -> ChannelReceipt:
    key, do = one.planned.key, one.planned.do
    try:
        sent = one.prepared.act()
    except ProviderUnavailableError as error:
        _settle(engine, one.claim, "failed", reason=str(error)[:300])
        log.warning("%s was not done and will be tried again: %s", key, error)
        raise
    except DeliveryRefusedError as error:
        _settle(engine, one.claim, "refused", reason=str(error)[:300])
        return _refused(one.planned, str(error))
    except OutcomeUnknownError as error:
        if one.prepared.repeatable:  # doing it again does no harm, so nobody needs to know
            _settle(engine, one.claim, "failed", reason=str(error)[:300])
            raise ProviderUnavailableError(str(error)) from error
        _settle(engine, one.claim, "unknown", reason=str(error)[:300])
        return ChannelReceipt(do=do, key=key, result="unknown", reason=str(error)[:300])
    _settle(engine, one.claim, "done", sent=sent)
    return ChannelReceipt(do=do, key=key, result="done", reference=sent.reference)


def _settle(
    engine: Engine, claim: Claim, state: str, *, sent: Sent | None = None, reason: str | None = None
) -> None:
    with engine.begin() as tx:
        effect_ledger.settle(
            tx,
            claim,
            state,
            provider=sent.provider if sent else None,
            reference=sent.reference if sent else None,
            reason=reason,
        )

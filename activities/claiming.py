"""The first half of an effect: prepared outside, claimed in one transaction after a last look.

What comes of the claim is the right to act, a doubt to clear up first, or why nothing is done now.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from activities.last_look import News, last_look
from activities.prints import prints_of
from activities.together import Bundle, claim_all, gather, resumed, statement
from schemas.case import Result
from schemas.effects import ChannelReceipt, Effect, Planned
from schemas.errors import DeliveryRefusedError, EffectError, InputRefusedError
from schemas.invoice import OpenInvoice
from schemas.messages import Sent
from store import contact_desk, effect_ledger, gatherings
from store.debtors import Debt, read_debt
from store.effect_ledger import Claim, Doubt

LONGEST_REASON: Final = 300


@dataclass(frozen=True)
class Prepared:
    """An effect ready to happen: its words, and the one call that brings it about.

    `post` brings it about in the books themselves, in the transaction of the claim. `find` lists
    what the provider has of that kind since a moment, ours and others'; without it the provider
    cannot be asked. A `repeatable` effect does no harm when it is done again. An `is_bundle` is one
    message for the effects of several invoices.
    """

    content: str
    act: Callable[[], Sent] | None = None
    post: Callable[[Connection], Sent] | None = None
    find: Callable[[datetime], tuple[Sent, ...]] | None = None
    repeatable: bool = False
    is_bundle: bool = False


Prepare = Callable[[Connection, Debt, Effect, Planned], Prepared]


@dataclass(frozen=True)
class Unsettled:
    """A claim that is ours to act on."""

    planned: Planned
    claim: Claim
    prepared: Prepared


@dataclass(frozen=True)
class Doubtful:
    """A claim that is ours to find out about before anything else."""

    one: Unsettled
    doubt: Doubt


def prepared_for(
    tx: Connection,
    order: Effect,
    planned: Planned,
    prepare: Prepare,
    together: tuple[OpenInvoice, ...] = (),
) -> Prepared | EffectError | InputRefusedError:
    """Prepare an effect; an error that comes back says why it cannot be brought about.

    `together` are all invoices the message is about, when it is about several.
    """
    try:
        debt = replace(read_debt(tx, order.creditor, order.invoice), together=together)
        _require_open(debt, planned.do)
        return prepare(tx, debt, order, planned)
    except (DeliveryRefusedError, InputRefusedError) as error:
        return error


def _require_open(debt: Debt, channel: str) -> None:
    if channel in debt.opted_out:
        raise DeliveryRefusedError(f"the debtor has opted out of {channel}")
    if channel in debt.bad:
        raise DeliveryRefusedError(debt.bad[channel])


def claim(
    tx: Connection,
    order: Effect,
    planned: Planned,
    prepared: Prepared | Exception,
    prepare: Prepare,
) -> Unsettled | Doubtful | ChannelReceipt | News:
    """Claim an effect, alone or with others that go out in the same message.

    Raises StillAtWorkError while another attempt may be running.
    """
    if not isinstance(prepared, Prepared):
        # what an earlier attempt brought about stays true, whatever has changed since
        told = effect_ledger.before(tx, planned)
        return told or receipt_of(planned, "refused", str(prepared))
    if order.together is not None:  # whoever claims it along with another has the desk locked
        contact_desk.locked(tx, order.creditor, order.customer)
    stands = effect_ledger.standing(tx, planned)
    if stands.is_begun:
        part_of = None if stands.is_settled else stands.bundle
        again = resumed(tx, part_of, order) if part_of else None
        return _claimed(tx, order, planned, _worded(tx, again, prepare) or prepared)
    if (objection := last_look(tx, order, planned)) is not None:
        return objection
    gathered = gather(tx, order, planned)
    if isinstance(gathered, ChannelReceipt):
        return gathered
    worded = _worded(tx, gathered, prepare)
    return _claimed(tx, order, planned, worded or prepared, gathered if worded else None)


def _worded(tx: Connection, bundle: Bundle | None, prepare: Prepare) -> Prepared | None:
    """Prepare the one message of a bundle; None if it cannot be, so that each goes by itself."""
    if bundle is None:
        return None
    lead, lines = bundle.lead, statement(tx, bundle)
    prepared = prepared_for(tx, lead.order, lead.planned, prepare, lines)
    return replace(prepared, is_bundle=True) if isinstance(prepared, Prepared) else None


def _claimed(
    tx: Connection,
    order: Effect,
    planned: Planned,
    prepared: Prepared,
    bundle: Bundle | None = None,
) -> Unsettled | Doubtful | ChannelReceipt:
    """Claim an effect in its own words, or in those of the bundle that is new with it."""
    prints = prints_of(order, planned, prepared.content)
    claimed = effect_ledger.claim(tx, order, planned, prints, repeatable=prepared.repeatable)
    if isinstance(claimed, Doubt):
        return Doubtful(Unsettled(planned, claimed.claim, prepared), claimed)
    if isinstance(claimed, ChannelReceipt):
        gatherings.leave(tx, *([planned.key] if bundle else []))  # or the others would wait for it
        return claimed
    if bundle is not None:
        claimed = claim_all(tx, claimed, bundle, prepared.content)
    if prepared.post is None:
        return Unsettled(planned, claimed, prepared)
    sent = prepared.post(tx)
    effect_ledger.settle(tx, claimed, "done", provider=sent.provider, reference=sent.reference)
    return receipt_of(planned, "done", reference=sent.reference)


def receipt_of(
    planned: Planned, result: Result, reason: str | None = None, reference: str | None = None
) -> ChannelReceipt:
    """Return what became of an effect; a long reason is cut."""
    return ChannelReceipt(
        do=planned.do,
        key=planned.key,
        result=result,
        reference=reference,
        reason=reason and reason[:LONGEST_REASON],
    )

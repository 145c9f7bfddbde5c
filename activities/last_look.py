"""The last look: facts are read once more in the transaction that claims an effect.

A case decides on what it knows. What arrived at our doors since, what other cases of the same
customer did, an opt-out and the hour of the day are read here, with the customer's contact desk
locked; so two workers cannot both take the last allowed contact.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection
from temporalio import activity

from dunning.contact.asking import Defer, Deny
from dunning.last_look import may_contact, on_their_clock
from library.jurisdictions import rulebook
from library.places import zones_of
from schemas.customer import Customer, CustomerFacts
from schemas.effects import ChannelReceipt, Effect, Planned
from schemas.errors import DeliveryRefusedError
from schemas.rulebook import Rulebook
from schemas.signals import AnyEvent
from schemas.steps import CONTACTS
from store import arrivals, contact_desk
from store.debtors import settled_by

_NEWS = "something arrived that the case did not know of"
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class News:
    """What the case did not know: its step is put off, to be decided anew with these events."""

    receipt: ChannelReceipt
    events: tuple[AnyEvent, ...]


def last_look(tx: Connection, order: Effect, planned: Planned) -> ChannelReceipt | News | None:
    """Return what stands against the effect now, None when nothing does.

    The customer's contact desk stays locked until the transaction ends.
    """
    is_contact = planned.do in CONTACTS
    try:
        customer = contact_desk.locked(tx, order.creditor, order.customer)
    except DeliveryRefusedError as error:
        return ChannelReceipt(do=planned.do, key=planned.key, result="refused", reason=str(error))
    known = [entry.id.removeprefix("event:") for entry in order.journal if entry.kind == "event"]
    if events := arrivals.unknown_to(tx, order.creditor, order.invoice, known):
        return News(put_off(planned, order.at, _NEWS), tuple(events))
    if (paid_on := settled_by(tx, order)) is not None:
        later = order.at + _ONE_DAY
        return put_off(planned, later, f"the books say it was settled on {paid_on}")
    return _objection(tx, order, planned, customer) if is_contact else None


def _objection(
    tx: Connection, order: Effect, planned: Planned, customer: Customer
) -> ChannelReceipt | None:
    if not order.packs:
        return None
    at = order.at + _waited()
    facts = customer.facts.model_copy(update={"zones": zones_of(customer)})
    reached = contact_desk.reached(tx, order.creditor, order.customer, at)
    rules = _rules(_Place.of(facts, order.packs), at.year, at.month)
    match may_contact(order, planned.do, at, facts, rules, reached):
        case Defer(until=until, rule=rule):
            return put_off(planned, on_their_clock(until, facts), f"not yet (rule {rule})")
        case Deny(rule=rule, why=why):
            reason = f"{why} (rule {rule})"
            return ChannelReceipt(do=planned.do, key=planned.key, result="refused", reason=reason)
    return None


@dataclass(frozen=True)
class _Place:
    """What the rules of contact depend on, and nothing that names a person."""

    kind: str
    country: str | None
    subdivision: str | None
    packs: tuple[str, ...]

    @classmethod
    def of(cls, facts: CustomerFacts, packs: tuple[str, ...]) -> "_Place":
        """Return the place of a debtor."""
        return cls(facts.kind, facts.country, facts.subdivision, packs)


@lru_cache(maxsize=256)
def _rules(place: _Place, year: int, month: int) -> Rulebook:
    facts = CustomerFacts.model_validate(
        {
            "id": "anyone",
            "kind": place.kind,
            "country": place.country,
            "subdivision": place.subdivision,
        }
    )
    return rulebook(facts, place.packs, datetime(year, month, 1, tzinfo=UTC).date())


def _waited() -> timedelta:
    """Return how long the order has waited for a worker or for a retry, in real time."""
    if not activity.in_activity():
        return timedelta(0)
    return max(datetime.now(UTC) - activity.info().scheduled_time, timedelta(0))


def put_off(planned: Planned, until: datetime, reason: str) -> ChannelReceipt:
    """Return the receipt of an effect that its case decides about anew at a later moment."""
    return ChannelReceipt(
        do=planned.do, key=planned.key, result="deferred", reason=reason, until=until
    )

"""The last look before a contact: whether it may still go out, by all the creditor did meanwhile.

A case knows its own contacts; the contact desk knows those about all invoices of a customer. Caps
and gaps are counted over all of them, consents and time zones are those of the moment.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from dunning.calendar import zone
from dunning.contact.asking import Allow, Ask, Defer, Deny, PastContact
from dunning.contact.gate import decide
from dunning.reach import CHANNELS, counted_as
from schemas.customer import Consent, CustomerFacts
from schemas.effects import Effect
from schemas.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Reached:
    """A contact as the books have it: an effect of ours, or a person's own.

    `part` says that it went out in a message about another invoice, which is counted already.
    """

    channel: str
    at: datetime
    invoice: str
    message: str = "reminder"
    outcome: str = ""
    is_known: bool = True
    by_person: bool = False
    part: bool = False


def may_contact(
    order: Effect,
    channel: str,
    at: datetime,
    customer: CustomerFacts,
    rules: Rulebook,
    reached: Iterable[Reached],
) -> Allow | Defer | Deny:
    """Say whether the contact that was decided on is still allowed at that moment."""
    ask = Ask(
        at=at,
        channel=CHANNELS[channel],
        message_type=order.message or "reminder",
        debt=order.invoice,
        debtor_kind=customer.kind,
        zones=_zones(customer),
        consents=cast("Mapping[str, Consent]", customer.consents),
        flags=frozenset(order.flags),
        days_overdue=order.days_overdue,
        debtor=customer.id,
    )
    return decide(ask, rules, tuple(_history(reached, customer)))


def _zones(customer: CustomerFacts) -> tuple[str, ...]:
    own = (customer.time_zone,) if customer.time_zone else ()
    return tuple(dict.fromkeys((*own, *customer.zones)))


def _history(reached: Iterable[Reached], customer: CustomerFacts) -> Iterator[PastContact]:
    for one in reached:
        channel = one.channel if one.by_person else CHANNELS.get(one.channel)
        if channel is not None:
            counted = counted_as(one.channel, one.outcome, is_known=one.is_known)
            if one.by_person and one.channel == "call":
                counted = "conversation"
            yield PastContact(
                one.at,
                channel,  # type: ignore[arg-type]  # a person's channel is one of the same names
                one.message,
                one.invoice,
                counted,
                customer.id,
                part=one.part,
            )


def on_their_clock(at: datetime, customer: CustomerFacts) -> datetime:
    """Return a moment as the debtor's clock shows it."""
    return at.astimezone(zone(customer.time_zone))

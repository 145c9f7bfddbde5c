"""What the world tells a case: one model per signal, by the name it travels under.

Readers are tolerant: fields we do not know are let pass, because senders move faster than we do.
What decides (ids, moments, money) is required and exact. `at` is RFC 3339 with an offset.
"""

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, TypeAdapter, model_validator

from schemas.base import Tolerant
from schemas.customer import Channel, Identifier
from schemas.inbound import AnyMoment, Day, EffectKey, EventId, Moment, Remark, Words
from schemas.money import Amount, PositiveAmount

MAX_INSTALMENTS = 60


class Event(Tolerant):
    """What every event has: an id, the same each time it is sent, and when it happened."""

    id: EventId
    at: Moment


class PaymentReceived(Event):
    """Money arrived for this invoice."""

    type: Literal["payment_received"] = "payment_received"
    amount: PositiveAmount
    value_on: Day | None = None
    reference: Remark | None = None
    method: Remark | None = None


class PaymentReversed(Event):
    """A payment was taken back: all of it, or `amount`."""

    type: Literal["payment_reversed"] = "payment_reversed"
    payment: EventId
    amount: PositiveAmount | None = None
    reason: Remark | None = None


class CreditIssued(Event):
    """A credit note; `linked` says it belongs to this invoice."""

    type: Literal["credit_issued"] = "credit_issued"
    amount: PositiveAmount
    linked: bool = True
    retroactive: bool | None = None


class DisputeOpened(Event):
    """The debtor disputes the invoice, or `amount` of it; `respond_by` is the day to answer by."""

    type: Literal["dispute_opened"] = "dispute_opened"
    reason: Words
    amount: PositiveAmount | None = None
    evidence: Remark | None = None
    respond_by: Day | None = None


class DisputeResolved(Event):
    """A dispute ended: `upheld` (the debtor is right), `rejected`, or `partly` for `amount`."""

    type: Literal["dispute_resolved"] = "dispute_resolved"
    dispute: EventId
    result: Literal["upheld", "rejected", "partly"]
    amount: PositiveAmount | None = None

    @model_validator(mode="after")
    def _part_has_its_amount(self) -> Self:
        if self.result == "partly" and self.amount is None:
            raise ValueError(
                "amount: a dispute upheld partly needs the amount the debtor is right by"
            )
        return self


class Instalment(Tolerant):
    """One part of a payment plan, due on a day of the debtor's calendar."""

    due_on: Day
    amount: PositiveAmount


class PlanAccepted(Event):
    """The debtor accepted a payment plan.

    `accelerate` says what its text says: whether all of its rest falls due when it is not kept
    (None: as the policy has it).
    """

    type: Literal["plan_accepted"] = "plan_accepted"
    instalments: Annotated[tuple[Instalment, ...], Field(min_length=1, max_length=MAX_INSTALMENTS)]
    terms: Remark | None = None
    accelerate: bool | None = None


class PlanCancelled(Event):
    """A payment plan was called off."""

    type: Literal["plan_cancelled"] = "plan_cancelled"
    plan: EventId


class PromiseMade(Event):
    """The debtor promised to pay, all or `amount`, on a day."""

    type: Literal["promise_made"] = "promise_made"
    pay_on: Day
    amount: PositiveAmount | None = None


class HoldPlaced(Event):
    """Somebody asked us not to act, for good or until a moment (9999 is for good as well)."""

    type: Literal["hold_placed"] = "hold_placed"
    reason: Words
    until: AnyMoment | None = None


class HoldReleased(Event):
    """A hold fell; `hold` is the id of the event that placed it."""

    type: Literal["hold_released"] = "hold_released"
    hold: EventId


class ContactMade(Event):
    """A person reached the debtor; it may stand in for a step of the policy."""

    type: Literal["contact_made"] = "contact_made"
    channel: Channel
    by: Words
    result: Remark | None = None
    satisfies: Identifier | None = None


class ContactOutcome(Event):
    """What became of a contact of ours; `effect` is its effect key."""

    type: Literal["contact_outcome"] = "contact_outcome"
    effect: EffectKey
    result: Words


class StopRequested(Event):
    """Contact must stop, e.g. `cease_request`, `represented`, `insolvency`, `deceased`.

    `scope` is `case`, `customer` or `channel:<name>`, e.g. `channel:sms` for an opt-out of texts;
    without `until` it stands until a `hold_released` names its id.
    """

    type: Literal["stop_requested"] = "stop_requested"
    flag: Words
    scope: Remark = "case"
    until: AnyMoment | None = None


class InvoiceCancelled(Event):
    """The invoice is void: nothing is owed."""

    type: Literal["invoice_cancelled"] = "invoice_cancelled"


class WrittenOff(Event):
    """The creditor gave up the claim, or `amount` of it."""

    type: Literal["written_off"] = "written_off"
    reason: Words
    amount: PositiveAmount | None = None


class ApprovalGiven(Event):
    """A person decided about a step that needs approval."""

    type: Literal["approval_given"] = "approval_given"
    step: Identifier
    decision: Literal["approve", "refuse"]
    by: Words


class PlacementRecalled(Event):
    """A case handed to collections is called back."""

    type: Literal["placement_recalled"] = "placement_recalled"
    reason: Words


class EffectResolved(Event):
    """A person found out what became of an effect whose outcome nobody knew."""

    type: Literal["effect_resolved"] = "effect_resolved"
    effect: EffectKey
    result: Literal["sent", "not_sent"]
    by: Words


AnySignal = Annotated[
    PaymentReceived
    | PaymentReversed
    | CreditIssued
    | DisputeOpened
    | DisputeResolved
    | PlanAccepted
    | PlanCancelled
    | PromiseMade
    | HoldPlaced
    | HoldReleased
    | ContactMade
    | ContactOutcome
    | StopRequested
    | InvoiceCancelled
    | WrittenOff
    | ApprovalGiven
    | PlacementRecalled,
    Field(discriminator="type"),
]
"""What travels as a signal, and what the update `record` takes."""
AnyEvent = Annotated[AnySignal | EffectResolved, Field(discriminator="type")]
SIGNAL: TypeAdapter[AnySignal] = TypeAdapter(AnySignal)
EVENT: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)

SIGNALS: dict[str, type[Event]] = {
    model.model_fields["type"].default: model for model in get_args(get_args(AnySignal)[0])
}
"""Signal name to its model: the one list that handlers, CLI and contracts are made from."""


def sums(event: Event) -> tuple[Amount, ...]:
    """Return every amount an event speaks of, so that its currency can be checked."""
    parts = tuple(part.amount for part in getattr(event, "instalments", ()))
    amount = getattr(event, "amount", None)
    return (amount, *parts) if amount is not None else parts

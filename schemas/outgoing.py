"""What leaves for the billing system: an event for what a case did, and for what holds it.

Events hold ids, amounts and moments; whoever they are about is known to the receiver by them. An
event's `id` never changes, however often it is sent.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field, TypeAdapter

from schemas.base import Frozen
from schemas.case import Outcome
from schemas.charging import Posting
from schemas.customer import Identifier
from schemas.money import Amount

HoldReason = Literal["dispute", "promise", "plan", "hold", "stop"]
Told = Literal["done", "skipped", "refused", "unknown"]


class Outgoing(Frozen):
    """What every event has (`dunning-event/1`). `at` is case time.

    The id fits into an HTTP header: up to 200 visible ASCII characters, with blanks inside.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    schema_: Literal["dunning-event/1"] = Field(default="dunning-event/1", alias="schema")
    id: Annotated[str, Field(pattern=r"^[!-~]([ -~]{0,198}[!-~])?$")]
    at: AwareDatetime
    creditor: Identifier
    invoice: Identifier
    customer: Identifier
    episode: int = Field(ge=1)


class Beginning(Frozen):
    """With which policy a case began, and why with that one."""

    policy: str
    policy_hash: str
    chosen: str | None = None
    segment: str | None = None


class CaseOpened(Outgoing):
    """A case was entered into the books; it may have acted before."""

    type: Literal["case_opened"] = "case_opened"
    data: Beginning


class StepDone(Frozen):
    """What became of a step, on one channel; `channel` is null when nothing was to leave."""

    step: str
    channel: str | None = None
    result: Told
    reference: str | None = None
    reason: str | None = None


class StepEnded(Outgoing):
    """A step came to its end: done, skipped, refused, or nobody knows."""

    type: Literal["step_done"] = "step_done"
    data: StepDone


class Deed(Frozen):
    """The step that did it, and the reference of whoever carried it out."""

    step: str
    reference: str | None = None


class ServiceSuspended(Outgoing):
    """The service was suspended."""

    type: Literal["suspended"] = "suspended"
    data: Deed


class ServiceRestored(Outgoing):
    """The service was restored."""

    type: Literal["restored"] = "restored"
    data: Deed


class HandedOff(Outgoing):
    """The case was placed with a collections agency."""

    type: Literal["handed_off"] = "handed_off"
    data: Deed


class Recalled(Outgoing):
    """The case was called back from the agency."""

    type: Literal["recalled"] = "recalled"
    data: Deed


class Line(Frozen):
    """A line of the book of charges; `on` is the debtor's day it counts for."""

    charge: str
    kind: Literal["fee", "interest", "statutory"]
    amount: Amount
    on: date
    ground: str
    posting: Posting
    tax_code: str


class ChargePosted(Outgoing):
    """A charge was posted."""

    type: Literal["charge_posted"] = "charge_posted"
    data: Line


class Correction(Line):
    """A line below zero, and the charge it corrects."""

    corrects: str


class ChargeCorrected(Outgoing):
    """A charge was taken back, in full or in part."""

    type: Literal["charge_corrected"] = "charge_corrected"
    data: Correction


class HoldTold(Frozen):
    """Which hold, by the id of the event that placed it, and what it is for."""

    hold: str
    reason: HoldReason


class HoldStarted(Outgoing):
    """The case was told of something that may keep it from acting, for good or for some time."""

    type: Literal["hold_started"] = "hold_started"
    data: HoldTold


class HoldGone(Frozen):
    """Which hold, by the id of the event that placed it."""

    hold: str


class HoldEnded(Outgoing):
    """The case was told that a hold is over; one with a last day ends without an event."""

    type: Literal["hold_ended"] = "hold_ended"
    data: HoldGone


class Ending(Frozen):
    """How a case ended, and why."""

    outcome: Outcome
    reason: str


class CaseClosed(Outgoing):
    """A case ended."""

    type: Literal["case_closed"] = "case_closed"
    data: Ending


AnyOutgoing = Annotated[
    CaseOpened
    | StepEnded
    | ServiceSuspended
    | ServiceRestored
    | HandedOff
    | Recalled
    | ChargePosted
    | ChargeCorrected
    | HoldStarted
    | HoldEnded
    | CaseClosed,
    Field(discriminator="type"),
]
OUTGOING: TypeAdapter[AnyOutgoing] = TypeAdapter(AnyOutgoing)

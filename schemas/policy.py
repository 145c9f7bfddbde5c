"""The policy: what happens when, as a typed document (`dunning-policy/1`).

Everything is checked when it is read, so that a case never meets a fault in its policy. A policy
travels inside each case, which pins it: editing the file changes new cases only.
"""

import hashlib
from collections.abc import Iterator
from datetime import time, timedelta
from functools import cached_property
from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from schemas.base import Frozen
from schemas.charging import Sums
from schemas.customer import Country, DebtorKind, Identifier
from schemas.invoice import ReceivableKind
from schemas.plans import PlanRule, PromiseRule
from schemas.spans import Hour, Minutes, Span, StepTime
from schemas.steps import OUTWARD, Approval, Step

ANY = "any"


class Selection(Frozen):
    """Which receivables a policy is for; an empty list, and the segment `any`, stand for all."""

    kinds: tuple[ReceivableKind, ...] = ("invoice",)
    segments: tuple[Identifier, ...] = (ANY,)
    debtors: tuple[DebtorKind, ...] = ()
    countries: tuple[Country, ...] = ()


class Experiment(Frozen):
    """A split of customers into groups, by shares; the same customer is always in the same group.

    Shares are whole numbers; a group's chance is its share of their sum.
    """

    id: Identifier
    groups: dict[Identifier, int] = Field(min_length=2, max_length=10)

    @model_validator(mode="after")
    def _each_has_a_share(self) -> Self:
        if empty := [name for name, share in self.groups.items() if share < 1]:
            raise ValueError(f"groups.{empty[0]}: a share is a whole number above zero")
        return self

    def group(self, customer: str) -> str:
        """Return the customer's group; every machine gives the same answer."""
        digest = hashlib.sha256(f"{self.id}\n{customer}".encode()).digest()
        place = int.from_bytes(digest[:8], "big") % sum(self.groups.values())
        for name, share in self.groups.items():
            if place < share:
                return name
            place -= share
        raise AssertionError("the shares add up")


class Policy(Frozen):
    """A whole policy; raises a validation error that names the field when something is wrong.

    `tolerance`: an open rest up to it counts as paid. `approval`: a person agrees before every
    outward step that states no approval of its own. `together`: how long a message waits for those
    about other invoices of the customer, to be one with them; `0min` sends each by itself.
    `restore`: a suspension ends by itself when
    nothing is open any more.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    schema_: Literal["dunning-policy/1"] = Field(default="dunning-policy/1", alias="schema")
    id: Identifier
    for_: Selection = Field(default=Selection(), alias="for")
    minimum_open: Sums = {}
    tolerance: Sums = {}
    allocation: Literal["cip", "pic"] | None = None
    advance: Literal["sequential", "most_severe"] = "sequential"
    catch_up: Literal["send_late", "skip", "collapse"] = "send_late"
    min_gap: Span = timedelta(0)
    send_at: Hour = time(9)
    plan: PlanRule = PlanRule()
    promise: PromiseRule = PromiseRule()
    approval: Approval | None = None
    together: Minutes = timedelta(minutes=30)
    experiment: Experiment | None = None
    restore: bool = True
    final_notice_days: int = Field(default=14, ge=0, le=365)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=60)

    @model_validator(mode="after")
    def _reads_in_order(self) -> Self:
        if faults := tuple(self._faults()):
            raise ValueError("\n".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        ids = [turn.id for turn in self.turns]
        for twice in sorted({one for one in ids if ids.count(one) > 1}):
            yield f"steps: the id {twice!r} is used twice"
        if self.together > timedelta(days=1):
            yield "together: a message waits for others at most 24h"
        if self.steps[0].at.base == "previous":
            yield "steps.0.at: the first step has no previous step to count from"
        for number, step in enumerate(self.steps):
            if {"handoff", "write_off"} & set(step.do) and number < len(self.steps) - 1:
                yield f"steps.{number}.do: a hand-off or a write-off ends a policy; put it last"
            if "recall" in step.do:
                yield f"steps.{number}.do: a recall is never planned; it follows a payment"
            yield from self._unknown_references(number, step)

    def _unknown_references(self, number: int, step: Step) -> Iterator[str]:
        before = {earlier.id for earlier in self.steps[:number]}
        for named in sorted(step.when.steps - before):
            yield f"steps.{number}.when: {named!r} is no earlier step"
        groups = set(self.experiment.groups) if self.experiment else set()
        for unknown in sorted(set(step.variants) - groups):
            yield f"steps.{number}.variants: there is no group {unknown!r}"

    @cached_property
    def turns(self) -> tuple[Step, ...]:
        """The steps in the order they are taken, each repetition a step of its own (`id~2`)."""
        return tuple(turn for step in self.steps for turn in self._turns_of(step))

    def _turns_of(self, step: Step) -> tuple[Step, ...]:
        changes: dict[str, object] = {}
        if step.approval is None and self.approval is not None and OUTWARD & set(step.do):
            changes["approval"] = self.approval
        first = step.model_copy(update=changes) if changes else step
        if step.repeat is None:
            return (first,)
        later = StepTime(base="previous", count=step.repeat.every.days, unit="d")
        return (
            first,
            *(
                first.model_copy(update={"id": f"{step.id}~{number}", "at": later})
                for number in range(2, step.repeat.at_most + 1)
            ),
        )

    @cached_property
    def _places(self) -> dict[str, int]:
        return {step.id: number for number, step in enumerate(self.turns)}

    def step(self, step_id: str) -> Step | None:
        """Return the step (or repetition) of that id, or None."""
        place = self._places.get(step_id)
        return None if place is None else self.turns[place]

    def index(self, step: Step) -> int:
        """Return the place of a step of this policy among its turns, from 0."""
        return self._places[step.id]

    def after(self, step: Step) -> tuple[Step, ...]:
        """Return the turns that follow a step of this policy."""
        return self.turns[self.index(step) + 1 :]

    @cached_property
    def hash(self) -> str:
        """The content's fingerprint, recorded in each case: 16 hex digits."""
        text = self.model_dump_json(by_alias=True, exclude_defaults=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

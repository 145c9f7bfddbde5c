"""The policy: what happens when, as a typed document (`dunning-policy/1`).

Everything is checked when it is read, so that a case never meets a fault in its policy. A policy
travels inside each case, which pins it: editing the file changes new cases only.
"""

import hashlib
from datetime import time, timedelta
from typing import Any, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    model_validator,
)

from schemas.base import Frozen
from schemas.charging import ChargeRule, Sums
from schemas.customer import Identifier
from schemas.invoice import ReceivableKind
from schemas.spans import At, Hour, Span

Do = Literal["email", "sms", "letter", "call", "fee", "handoff"]
CONTACTS: frozenset[str] = frozenset({"email", "sms", "letter", "call"})
"""What reaches out to a person; a charge or a hand-off is no contact."""


class Retry(Frozen):
    """Call again so many times, so many days apart."""

    retry: int = Field(ge=1, le=10)
    every: Span


class Condition(Frozen):
    """What must hold for a step to happen."""

    open_at_least: Sums = {}


class Approval(Frozen):
    """A person must agree first; without an answer `within` the span, `else` decides."""

    model_config = ConfigDict(serialize_by_alias=True)

    by: Literal["human"] = "human"
    within: Span
    otherwise: Literal["hold", "approve", "refuse"] = Field(default="hold", alias="else")


class Step(Frozen):
    """One line of a policy."""

    id: Identifier
    at: At
    do: tuple[Do, ...]
    template: Identifier | None = None
    script: Identifier | None = None
    tone: Identifier = "friendly"
    charge: ChargeRule | None = None
    agency: Identifier = "default"
    on: dict[Identifier, Retry | Literal["attention"]] = {}
    when: Condition = Condition()
    approval: Approval | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:  # noqa: ANN401 - a validator sees whatever was written
        if isinstance(value, dict):
            # YAML 1.1 reads an unquoted `on` as true
            value = {("on" if key is True else key): part for key, part in value.items()}
            if isinstance(value.get("do"), str):
                value["do"] = (value["do"],)
            if isinstance(on := value.get("on"), dict):  # providers write `no-answer`
                value["on"] = {str(key).replace("-", "_"): rule for key, rule in on.items()}
        return value

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if not self.do or len(set(self.do)) != len(self.do):
            raise ValueError("do: name at least one thing to do, each once")
        if {"email", "sms", "letter"} & set(self.do) and not self.template:
            raise ValueError("template: a message needs the template it is made from")
        if "call" in self.do and not self.script:
            raise ValueError("script: a call needs the script it reads")
        if ("fee" in self.do) != (self.charge is not None):
            raise ValueError("charge: a fee needs its charge, and only a fee has one")
        return self

    @property
    def is_contact(self) -> bool:
        """Whether the step reaches out to a person."""
        return bool(CONTACTS & set(self.do))


class Selection(Frozen):
    """Which receivables a policy is for."""

    kinds: tuple[ReceivableKind, ...] = ("invoice",)
    segments: tuple[str, ...] = ("any",)


class PlanRule(Frozen):
    """When a payment plan counts as broken: an instalment is missed after `grace_days`."""

    grace_days: int = Field(default=5, ge=0, le=60)


class PromiseRule(Frozen):
    """A promise is broken when unpaid so many business days after its day."""

    grace_business_days: int = Field(default=2, ge=0, le=30)


class Policy(Frozen):
    """A whole policy; raises a validation error that names the field when something is wrong."""

    model_config = ConfigDict(serialize_by_alias=True)

    schema_: Literal["dunning-policy/1"] = Field(default="dunning-policy/1", alias="schema")
    id: Identifier
    for_: Selection = Field(default=Selection(), alias="for")
    minimum_open: Sums = {}
    advance: Literal["sequential", "most_severe"] = "sequential"
    catch_up: Literal["send_late", "skip", "collapse"] = "send_late"
    min_gap: Span = timedelta(0)
    send_at: Hour = time(9)
    plan: PlanRule = PlanRule()
    promise: PromiseRule = PromiseRule()
    steps: tuple[Step, ...] = Field(min_length=1, max_length=60)

    @model_validator(mode="after")
    def _reads_in_order(self) -> Self:
        ids = [step.id for step in self.steps]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"steps: the id {twice[0]!r} is used twice")
        if self.steps[0].at.base == "previous":
            raise ValueError("steps.0.at: the first step has no previous step to count from")
        if any("handoff" in step.do for step in self.steps[:-1]):
            raise ValueError("steps: a hand-off ends the policy, so it must be the last step")
        return self

    def step(self, step_id: str) -> Step | None:
        """Return the step of that id, or None."""
        return next((step for step in self.steps if step.id == step_id), None)

    def index(self, step: Step) -> int:
        """Return the place of a step of this policy, from 0."""
        return next(number for number, one in enumerate(self.steps) if one.id == step.id)

    def after(self, step: Step) -> tuple[Step, ...]:
        """Return the steps that follow a step of this policy."""
        return self.steps[self.index(step) + 1 :]

    @property
    def hash(self) -> str:
        """The content's fingerprint, recorded in each case: 16 hex digits."""
        text = self.model_dump_json(by_alias=True, exclude_defaults=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

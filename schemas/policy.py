"""The policy: what happens when, as a typed document (`dunning-policy/1`).

Everything is checked when it is read, so that a case never meets a fault in its policy. A policy
travels inside each case, which pins it: editing the file changes new cases only.
"""

import hashlib
import re
from datetime import time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)

from schemas.base import Frozen
from schemas.customer import Identifier
from schemas.invoice import ReceivableKind
from schemas.money import Amount, Currency, Exact

Do = Literal["email", "sms", "letter", "call", "fee", "handoff"]
CONTACTS: frozenset[str] = frozenset({"email", "sms", "letter", "call"})
"""What reaches out to a person; a charge or a hand-off is no contact."""

MAX_COUNT = 3_660
"""The farthest a step may lie from its base, in its unit: no step leaves the calendar."""

_BASES = (
    (re.compile(r"^(due|issued)([+-]\d+)([dwm])$"), "plain"),
    (re.compile(r"^(previous)(\+\d+)([dwm])$"), "plain"),
    (re.compile(r"^eom\((due)([+-]\d+)([dwm])\)$"), "eom"),
    (re.compile(r"^(due)(\+\d+) ?(?:business days|bd)()$"), "business"),
)


class StepTime(Frozen):
    """When a step falls, e.g. `due+8d`, `previous+14d`, `eom(due+1m)`, `due+5 business days`."""

    base: Literal["due", "issued", "previous"]
    count: int = Field(ge=-MAX_COUNT, le=MAX_COUNT)
    unit: Literal["d", "w", "m", "bd"]
    month_end: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:  # noqa: ANN401 - a validator sees whatever was written
        return _parse_time(value) if isinstance(value, str) else value

    @property
    def text(self) -> str:
        """The time as it is written in a policy."""
        unit = " business days" if self.unit == "bd" else self.unit
        plain = f"{self.base}{self.count:+d}{unit}"
        return f"eom({plain})" if self.month_end else plain


def _parse_time(text: str) -> dict[str, Any]:
    for pattern, form in _BASES:
        if match := pattern.match(text.strip()):
            base, count, unit = match.groups()
            return {
                "base": base,
                "count": int(count),
                "unit": "bd" if form == "business" else unit,
                "month_end": form == "eom",
            }
    raise ValueError(
        f"{text!r} is not a step time; write due+8d, issued+30d, previous+14d, eom(due+1m) "
        "or due+5 business days"
    )


At = Annotated[StepTime, PlainSerializer(lambda at: at.text, str)]


def _parse_span(value: object) -> object:
    if isinstance(value, str) and (match := re.fullmatch(r"(\d+)([dw])", value)):
        return timedelta(days=int(match[1]) * (7 if match[2] == "w" else 1))
    if isinstance(value, timedelta):
        return value
    raise ValueError(f"{value!r} is not a span of days; write 3d or 2w")


Span = Annotated[
    timedelta, BeforeValidator(_parse_span), PlainSerializer(lambda span: f"{span.days}d", str)
]


def _parse_hour(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        return time.fromisoformat(value)
    if isinstance(value, time):
        return value
    raise ValueError(f'{value!r} is not a time of day; write it quoted, e.g. "09:00"')


Hour = Annotated[time, BeforeValidator(_parse_hour), PlainSerializer(lambda t: f"{t:%H:%M}", str)]


def _sums_fit(sums: dict[str, Decimal]) -> dict[str, Decimal]:
    for currency, value in sums.items():
        if value < 0:
            raise ValueError(f"{currency}: the sum must not be below zero, got {value}")
        if currency != "*":
            Amount(amount=value, currency=currency)
    return sums


Sums = Annotated[dict[Currency | Literal["*"], Exact], AfterValidator(_sums_fit)]
"""Amounts by currency; `*` stands for every other currency."""


def _parse_cap(value: object) -> object:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)% of principal", str(value))
    if match:
        return Decimal(match[1])
    if isinstance(value, Decimal):
        return value
    raise ValueError(f'{value!r} is not a cap; write "10% of principal"')


Cap = Annotated[
    Decimal, BeforeValidator(_parse_cap), PlainSerializer(lambda p: f"{p}% of principal", str)
]


class ChargeRule(Frozen):
    """A fee: a flat sum per currency, its ground, and a cap on all charges of the case."""

    flat: Sums
    ground: str = Field(min_length=1)
    cap: Cap | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if free := sorted(currency for currency, value in self.flat.items() if not value):
            raise ValueError(f"flat.{free[0]}: a fee is above zero")
        return self


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

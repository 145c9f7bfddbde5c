"""One line of a policy: when it falls, what it does, and what must hold for it."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from schemas.base import Frozen
from schemas.charging import ChargeRule
from schemas.conditions import Condition
from schemas.customer import Channel, Identifier
from schemas.spans import At, Span

Do = Literal[
    "email",
    "sms",
    "letter",
    "call",
    "fee",
    "interest",
    "suspend",
    "restore",
    "retry_payment",
    "review",
    "handoff",
    "recall",
    "write_off",
]
CONTACTS: frozenset[str] = frozenset({"email", "sms", "letter", "call"})
"""What reaches out to a person; a charge or a hand-off is no contact."""
OUTWARD: frozenset[str] = CONTACTS | {"suspend", "handoff", "write_off"}
"""What a key account's person agrees to first, where the policy says so."""
CHARGES: frozenset[str] = frozenset({"fee", "interest"})


class Retry(Frozen):
    """Try again so many times; `every` is one gap, or one for each time."""

    retry: int = Field(ge=1, le=12)
    every: Span | tuple[Span, ...]

    @model_validator(mode="after")
    def _a_gap_for_each(self) -> Self:
        if isinstance(self.every, tuple) and len(self.every) != self.retry:
            raise ValueError(
                f"every: {self.retry} retries need as many gaps, got {len(self.every)}"
            )
        return self


class Repeat(Frozen):
    """Do a step again every so often, at most so many times in all."""

    every: Span
    at_most: int = Field(ge=2, le=60)


class Approval(Frozen):
    """A person must agree first; without an answer `within` the span, `else` decides."""

    model_config = ConfigDict(serialize_by_alias=True)

    by: Literal["human"] = "human"
    within: Span
    otherwise: Literal["hold", "approve", "refuse"] = Field(default="hold", alias="else")


class Variant(Frozen):
    """How a step differs for one group of an experiment."""

    template: Identifier | None = None
    script: Identifier | None = None
    tone: Identifier | None = None


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Step(Frozen):
    """One line of a policy.

    `instead` lists the channels tried in turn when one cannot be used; `below` says what becomes of
    a step whose sums are not reached: left out, or done at the level before it (SAP's rule);
    `message` is what the contact rules take it for, by default what its template is called;
    `unknown` what follows when nobody can tell whether it went out: the case goes on, waits for a
    person, or does it once more.
    """

    id: Identifier
    at: At
    do: tuple[Do, ...]
    instead: tuple[Channel, ...] = ()
    template: Identifier | None = None
    script: Identifier | None = None
    tone: Identifier = "friendly"
    message: Identifier | None = None
    charge: ChargeRule | None = None
    agency: Identifier = "default"
    on: dict[Identifier, Retry | Literal["attention"]] = {}
    when: Condition = Condition()
    below: Literal["skip", "fall_back"] = "skip"
    repeat: Repeat | None = None
    approval: Approval | None = None
    unknown: Literal["assume_done", "hold", "repeat"] = "assume_done"
    variants: dict[Identifier, Variant] = {}

    @model_validator(mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:  # noqa: ANN401 - a validator sees whatever was written
        if isinstance(value, dict):
            # YAML 1.1 reads an unquoted `on` as true
            value = {("on" if key is True else key): part for key, part in value.items()}
            for name in ("do", "instead"):
                if name in value:
                    value[name] = _listed(value[name])
            if isinstance(on := value.get("on"), dict):  # providers write `no-answer`
                value["on"] = {str(key).replace("-", "_"): rule for key, rule in on.items()}
        return value

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if faults := tuple(self._faults()):
            raise ValueError("\n".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        if not self.do or len(set(self.do)) != len(self.do):
            yield "do: name at least one thing to do, each once"
        channels = set(self.do) | set(self.instead)
        if {"email", "sms", "letter"} & channels and not self.template:
            yield "template: a message needs the template it is made from"
        if "call" in channels and not self.script:
            yield "script: a call needs the script it reads"
        if self.instead and not self.is_contact:
            yield "instead: only a message or a call has channels to fall back to"
        if bool(CHARGES & set(self.do)) != (self.charge is not None):
            yield "charge: a fee or interest needs its charge, and nothing else has one"
        if self.charge is not None and ("interest" in self.do) != bool(self.charge.interest):
            yield "charge: a step that does interest states `interest`, a fee states its sum"
        if "review" in self.do and (self.approval is None or len(self.do) > 1):
            yield "do: a review stands alone and states its deadline under approval"

    @cached_property
    def is_contact(self) -> bool:
        """Whether the step reaches out to a person."""
        return bool(CONTACTS & set(self.do))

    @cached_property
    def message_type(self) -> str:
        """What the contact rules take the step for, e.g. `reminder` or `final_notice`."""
        return (self.message or self.template or "reminder").replace("-", "_")

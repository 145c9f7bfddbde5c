"""Which policy a receivable gets, as a document (`policy-assignment/1`).

An exclusion beats everything. Else the invoice's own policy comes first, then the customer's, then
the first rule that matches, then the creditor's default.
"""

import hashlib
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from schemas.base import Frozen
from schemas.customer import Country, DebtorKind, Identifier
from schemas.invoice import ReceivableKind

PolicyName = Annotated[str, Field(min_length=1, max_length=400)]
"""A shipped policy's id, or a path that starts at the assignment's own folder."""


class Group(Frozen):
    """A group of receivables: whatever is named must match, what is left out may be anything."""

    segments: tuple[Identifier, ...] = ()
    kinds: tuple[ReceivableKind, ...] = ()
    debtors: tuple[DebtorKind, ...] = ()
    countries: tuple[Country, ...] = ()

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        names = type(self).model_fields.keys() - {"policy", "reason"}
        if not any(getattr(self, name) for name in names):
            raise ValueError(f"name at least one of {', '.join(sorted(names))}")
        return self


class GroupRule(Group):
    """The policy of a group."""

    policy: PolicyName


class Exclusion(Group):
    """Receivables that are never dunned, and why."""

    invoices: tuple[Identifier, ...] = ()
    customers: tuple[Identifier, ...] = ()
    reason: str = Field(min_length=1, max_length=400)


class Assignment(Frozen):
    """A whole assignment; without a `default` a receivable that nothing matches is not dunned."""

    model_config = ConfigDict(serialize_by_alias=True)

    schema_: Literal["policy-assignment/1"] = Field(default="policy-assignment/1", alias="schema")
    id: Identifier
    default: PolicyName | None = None
    rules: tuple[GroupRule, ...] = ()
    customers: dict[Identifier, PolicyName] = {}
    invoices: dict[Identifier, PolicyName] = {}
    exclude: tuple[Exclusion, ...] = ()

    @property
    def names(self) -> tuple[PolicyName, ...]:
        """Every policy that is named, each once."""
        named = [*self.invoices.values(), *self.customers.values()]
        named += [rule.policy for rule in self.rules]
        return tuple(dict.fromkeys([*named, *([self.default] if self.default else [])]))

    @cached_property
    def hash(self) -> str:
        """The content's fingerprint: 16 hex digits."""
        text = self.model_dump_json(by_alias=True, exclude_defaults=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

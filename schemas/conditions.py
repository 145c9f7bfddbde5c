"""What must hold for a step to happen, as a policy writes it under `when:`.

Everything named in one mapping must hold (AND); `any` and `all` take further mappings, `none` takes
what must not hold. Boundaries are inclusive, and sums are net: after payments, credits and the
disputed part.
"""

import re
from decimal import Decimal
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from schemas.base import Frozen
from schemas.charging import Sums
from schemas.customer import Identifier
from schemas.spans import Span

_WHOLE = 100


def _parse_percent(value: object) -> object:
    match = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)%?", str(value).strip())
    return Decimal(match[1]) if match else value


def _a_share(value: Decimal) -> Decimal:
    if not 0 <= value <= _WHOLE:
        raise ValueError(f"a share lies between 0% and 100%, got {value}%")
    return value


Percent = Annotated[
    Decimal,
    BeforeValidator(_parse_percent),
    AfterValidator(_a_share),
    PlainSerializer(lambda percent: f"{percent:f}%", str),
]


class Condition(Frozen):
    """What must hold for a step to happen; an empty one always holds.

    `share_at_least`: the open sum as a share of everything the customer owes; `level_at_least`: how
    many contact steps were done; `broken_promises_at_least`: promises not kept; `no_response`: the
    debtor has (or has not) paid, promised, disputed or spoken to us; `approved`: a review said yes;
    `outcomes`: what an earlier step came to, e.g. `{retry-1: [hard_decline]}`.
    """

    open_at_least: Sums = {}
    share_at_least: Percent | None = None
    overdue_at_least: Span | None = None
    level_at_least: int | None = Field(default=None, ge=0, le=60)
    segments: tuple[Identifier, ...] = ()
    broken_promises_at_least: int | None = Field(default=None, ge=1, le=60)
    no_response: bool | None = None
    approved: Identifier | None = None
    outcomes: dict[Identifier, tuple[Identifier, ...]] = {}
    any: tuple["Condition", ...] = ()
    all: tuple["Condition", ...] = ()
    none: tuple["Condition", ...] = ()

    @property
    def steps(self) -> frozenset[str]:
        """The ids of all steps that are asked about, those of conditions within included."""
        own = {*self.outcomes, *([self.approved] if self.approved else [])}
        return frozenset(own).union(*(part.steps for part in (*self.any, *self.all, *self.none)))

    @cached_property
    def asks(self) -> bool:
        """Whether anything is asked at all."""
        return self != Condition()

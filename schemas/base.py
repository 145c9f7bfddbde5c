"""The two manners of model: strict for what we write, tolerant for what others send."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value of ours: immutable, and unknown fields are refused as typing mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_timedelta="iso8601")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with these fields changed; what was computed from the old ones is gone."""
        copy = super().model_copy(update=update, deep=deep)
        kept = copy.__dict__
        for name in kept.keys() - type(self).__pydantic_fields__.keys():
            del kept[name]
        return copy


class Tolerant(BaseModel):
    """A value from outside: immutable, and fields we do not know are let pass."""

    model_config = ConfigDict(frozen=True, extra="ignore")

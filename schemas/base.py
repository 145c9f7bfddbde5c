"""The two manners of model: strict for what we write, tolerant for what others send."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value of ours: immutable, and unknown fields are refused as typing mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_timedelta="iso8601")


class Tolerant(BaseModel):
    """A value from outside: immutable, and fields we do not know are let pass."""

    model_config = ConfigDict(frozen=True, extra="ignore")

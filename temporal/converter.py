"""The payload converter: pydantic's, and several values that nobody has a type for stay raw.

The SDK decodes the arguments of a signal before any code of ours sees them, and drops the signal
with a log line when it cannot. With one argument a handler's `RawValue` prevents that; a signal
with more arguments than its handler takes is read without any type, and comes here.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.contrib.pydantic import PydanticPayloadConverter, pydantic_data_converter


class PayloadConverter(PydanticPayloadConverter):
    """Pydantic's converter, which leaves several values without a type as they are."""

    def from_payloads(
        self, payloads: Sequence[Payload], type_hints: list[type] | None = None
    ) -> list[Any]:
        """Return the values of the payloads."""
        if type_hints is None and len(payloads) > 1:
            return [RawValue(payload) for payload in payloads]
        return super().from_payloads(payloads, type_hints)


DATA_CONVERTER = replace(pydantic_data_converter, payload_converter_class=PayloadConverter)

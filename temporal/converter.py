"""The payload converter: pydantic's, with two edges taken off.

The SDK decodes the arguments of a signal before any code of ours sees them, and drops the signal
with a log line when it cannot. With one argument a handler's `RawValue` prevents that; a signal
with more arguments than its handler takes is read without any type, and comes here: such values
stay raw.

JSON may spell half a surrogate pair, which Python keeps and UTF-8 cannot write. A case that holds
one could never be handed to its next run, so it is written as a question mark.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic_core import PydanticSerializationError, to_jsonable_python
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.contrib.pydantic import PydanticPayloadConverter, pydantic_data_converter


class PayloadConverter(PydanticPayloadConverter):
    """Pydantic's converter, made safe against what strangers send."""

    def from_payloads(
        self, payloads: Sequence[Payload], type_hints: list[type] | None = None
    ) -> list[Any]:
        """Return the values of the payloads; several without a type are left raw."""
        if type_hints is None and len(payloads) > 1:
            return [RawValue(payload) for payload in payloads]
        return super().from_payloads(payloads, type_hints)

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        """Return the payloads of the values."""
        try:
            return super().to_payloads(values)
        except PydanticSerializationError:
            return super().to_payloads([_writable(value) for value in values])


def _writable(value: object) -> object:
    text = json.dumps(to_jsonable_python(value), ensure_ascii=False)
    return json.loads(text.encode("utf-8", "replace"))


DATA_CONVERTER = replace(pydantic_data_converter, payload_converter_class=PayloadConverter)

"""Keeps a signal with the wrong number of arguments from wedging a case.

The SDK calls a handler with as many arguments as the sender chose; one too many is a TypeError that
fails the workflow task for ever. The guard hands every handler exactly one raw value: an empty one
for no argument, and for several one that holds the text of each, which the inbox then refuses.
"""

import json
from collections.abc import Sequence

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.worker import (
    HandleSignalInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

NOTHING = RawValue(Payload())
SEVERAL = "dunning/several-arguments"
MAX_BYTES = 2_000
"""How much is kept of each argument that should not be there."""


def one_raw_value(args: Sequence[object]) -> RawValue:
    """Return the one raw value that stands for whatever arguments arrived; never raises."""
    if not args:
        return NOTHING
    if len(args) == 1 and isinstance(args[0], RawValue):
        return args[0]
    texts = json.dumps([_text(arg) for arg in args])
    return RawValue(Payload(metadata={"encoding": SEVERAL.encode()}, data=texts.encode()))


def _text(arg: object) -> str:
    # the plugin's converter leaves several arguments raw; what another one decoded is only named
    if isinstance(arg, RawValue):
        return arg.payload.data[:MAX_BYTES].decode("utf-8", "replace")
    return f"({type(arg).__name__})"


class _Guard(WorkflowInboundInterceptor):
    async def handle_signal(self, input: HandleSignalInput) -> None:  # noqa: A002 - the SDK's name
        is_named = workflow.get_signal_handler(input.signal) is not None
        if is_named:
            input.args = [one_raw_value(input.args)]
        await super().handle_signal(input)


class SignalGuard(Interceptor):
    """The worker interceptor that installs the guard."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002 - the SDK's name
    ) -> type[WorkflowInboundInterceptor]:
        """Return the guard for every workflow."""
        return _Guard

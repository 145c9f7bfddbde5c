"""Keeps a signal with the wrong number of arguments from wedging a case.

The SDK calls a handler with as many arguments as the sender chose; one too many is a TypeError that
fails the workflow task for ever. The guard hands every handler exactly one raw value: an empty one
for no argument, and for several a value whose encoding says so, which the inbox then refuses.
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


def one_raw_value(args: Sequence[object]) -> RawValue:
    """Return the one raw value that stands for whatever arguments arrived."""
    if not args:
        return NOTHING
    if len(args) == 1 and isinstance(args[0], RawValue):
        return args[0]
    text = json.dumps([_plain(arg) for arg in args], default=str)
    return RawValue(Payload(metadata={"encoding": SEVERAL.encode()}, data=text.encode()))


def _plain(arg: object) -> object:
    return arg.payload.data.decode("utf-8", "replace") if isinstance(arg, RawValue) else arg


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

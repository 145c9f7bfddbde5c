"""One plugin for client, worker and replayer, so that they cannot differ.

It brings the payload converter, the signal guard and the sandbox's pass-through list. Only the
workflow files themselves run anew for each case; everything they import is shared, for the sandbox
pays for every line it loads.
"""

from temporalio.plugin import SimplePlugin
from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from temporal.converter import DATA_CONVERTER
from temporal.signal_guard import SignalGuard

PASSED_THROUGH = (
    "dunning",
    "schemas",
    "temporal",
    "workflows.handlers",
    "workflows.options",
    "tzdata",
)


def _runner(_: WorkflowRunner | None) -> WorkflowRunner:
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    )


class DunningPlugin(SimplePlugin):
    """What every client, worker and replayer of this project is made with."""

    def __init__(self) -> None:
        super().__init__(
            "dunning",
            data_converter=DATA_CONVERTER,
            interceptors=[SignalGuard()],
            workflow_runner=_runner,
        )

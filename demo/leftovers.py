"""What a demo that was killed half-way leaves behind: cases and a schedule that would go on."""

import asyncio
from contextlib import suppress

from temporalio.client import Client
from temporalio.service import RPCError

from temporal.ids import SWEEP_SCHEDULE, case_id

PREFIX = "demo-"
"""How a demo's creditor ids begin; nobody else's cases are touched."""

QUIET, LOOK_AGAIN = 3, 0.4

CASES = case_id(PREFIX, "").rstrip(":")


async def end_leftovers(client: Client) -> int:
    """End the schedule, the running cases and sweeps of earlier demos; returns how many ended.

    Called before a worker starts, so that none of them wakes up and sends once more.
    """
    with suppress(RPCError):  # there is none
        await client.get_schedule_handle(SWEEP_SCHEDULE).delete()
    ended = quiet = 0
    while quiet < QUIET:  # what the schedule had started already shows up a moment later
        # sweeps first, for one of them would open further cases
        found = await _end(client, f"{SWEEP_SCHEDULE}:{PREFIX}") + await _end(client, CASES)
        ended, quiet = ended + found, 0 if found else quiet + 1
        await asyncio.sleep(LOOK_AGAIN)
    return ended


async def _end(client: Client, names: str) -> int:
    ended = 0
    running = f"WorkflowId STARTS_WITH '{names}' AND ExecutionStatus = 'Running'"
    async for left in client.list_workflows(running):
        with suppress(RPCError):  # it has ended in the meantime
            handle = client.get_workflow_handle(left.id, run_id=left.run_id)
            await handle.terminate("left behind by an earlier demo")
            ended += 1
    return ended

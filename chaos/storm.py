"""The storm: workers and servers are killed and come up again, cases are reset, days are lost."""

import asyncio
import logging
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError

from chaos.cast import CREDITOR
from chaos.scale import OUTAGE_DAYS, Scale, Strike
from embedded.processes import Child
from embedded.stack import Part, Stack

log = logging.getLogger("chaos.storm")

WORKER: Final = (sys.executable, "-m", "worker")
LOOK_SECONDS: Final = 0.3
DOWN_SECONDS: Final = 2.0
PATIENCE: Final = 50
AMONG: Final = 50
"""From how many running cases the one to be reset is drawn."""


class Crew:
    """The workers: one that has ended, however it ended, is started again, unless `resting`."""

    def __init__(self, stack: Stack, environment: Mapping[str, str], size: int) -> None:
        self.resting = False
        self.started = 0
        self._stack = stack
        self._environment = environment
        self._names = [f"worker-{number}" for number in range(size)]
        self._children: dict[str, Child] = {}

    async def work(self) -> None:
        """Keep all workers running."""
        while True:
            for name in self._names:
                if not self.resting and not self._is_up(name):
                    await asyncio.to_thread(self._start, name)
            await asyncio.sleep(LOOK_SECONDS)

    async def kill(self, number: int) -> bool:
        """Kill a worker with SIGKILL; returns False when none was there to be killed."""
        name = self._names[number % len(self._names)]
        if not self._is_up(name):
            return False
        await asyncio.to_thread(self._stack.kill, name)
        return True

    async def rest(self) -> None:
        """Kill all workers; they stay away until `resting` ends."""
        self.resting = True
        for number in range(len(self._names)):
            await self.kill(number)

    async def leave(self) -> None:
        """Stop all workers in good order."""
        self.resting = True
        running = [child for name, child in self._children.items() if self._is_up(name)]
        await asyncio.to_thread(self._stack.stop, *running)

    def _is_up(self, name: str) -> bool:
        child = self._children.get(name)
        return child is not None and child.process.poll() is None

    def _start(self, name: str) -> None:
        self._children[name] = self._stack.start(name, WORKER, self._environment, grace=5.0)
        self.started += 1


class Storm:
    """Deals the blows of a plan; `dealt` counts those that hit."""

    def __init__(self, stack: Stack, crew: Crew, client: Client, scale: Scale) -> None:
        self.dealt: Counter[str] = Counter()
        self._stack = stack
        self._crew = crew
        self._client = client
        self._scale = scale

    async def rage(self, strikes: list[Strike]) -> None:
        """Deal every blow at its moment; one that comes while another lasts, comes after it."""
        begun = time.monotonic()
        for strike in strikes:
            await asyncio.sleep(max(begun + strike.at - time.monotonic(), 0))
            log.info("%s, %.0f s after the beginning", strike.blow, time.monotonic() - begun)
            if await self._deal(strike):
                self.dealt[strike.blow] += 1

    async def _deal(self, strike: Strike) -> bool:
        match strike.blow:
            case "kill":
                return await self._kill(strike.aim)
            case "reset":
                return await self._reset(strike.aim)
            case "postgres":
                return await self._restart(Part.POSTGRES, DOWN_SECONDS)
            case "temporal":
                return await self._restart(Part.TEMPORAL, DOWN_SECONDS)
            case "outage":
                await self._crew.rest()
                days = OUTAGE_DAYS * self._scale.day_ms / 1000
                is_dealt = await self._restart(Part.TEMPORAL, days)
                self._crew.resting = False
                return is_dealt

    async def _kill(self, aim: int) -> bool:
        return await _patiently(lambda: self._crew.kill(aim))

    async def _restart(self, part: Part, seconds: float) -> bool:
        await asyncio.to_thread(self._stack.kill, part)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(self._stack.revive, part)
        return True

    async def _reset(self, aim: int) -> bool:
        """Reset a running case to a moment of its history, as an operator would."""
        return await _patiently(lambda: self._reset_any(aim))

    async def _reset_any(self, aim: int) -> bool:
        try:
            running = [
                case
                async for case in self._client.list_workflows(
                    f"DunningCreditor = '{CREDITOR}' AND ExecutionStatus = 'Running'", limit=AMONG
                )
            ]
            return bool(running) and await self._reset_one(running[aim % len(running)].id, aim)
        except RPCError as error:  # it has ended meanwhile, or the server is not there
            log.info("nothing was reset: %s", error.message)
            return False

    async def _reset_one(self, case: str, aim: int) -> bool:
        handle = self._client.get_workflow_handle(case)
        run = (await handle.describe()).run_id
        turns = [
            event.event_id
            async for event in handle.fetch_history_events()
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
        ]
        if not turns:
            return False
        await self._client.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace=self._client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=case, run_id=run),
                reason="chaos",
                workflow_task_finish_event_id=turns[aim % len(turns)],
                request_id=str(uuid4()),
            )
        )
        return True


async def _patiently(hit: Callable[[], Awaitable[bool]]) -> bool:
    """Strike until it hits; whoever is not there yet is waited for, though not for ever."""
    for _ in range(PATIENCE):
        if await hit():
            return True
        await asyncio.sleep(LOOK_SECONDS)
    return False

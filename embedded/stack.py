"""The real parts, together: PostgreSQL, Temporal, and stand-ins for AWS and Twilio.

    with Stack(Path("var")) as stack:
        stack.start("worker", [sys.executable, "worker.py"])
        print(stack.ui_address)

The same with `async with`. Everything listens on the loopback only, keeps its files under the given
directory, and ends with the block, or with the process if that is killed.
"""

import asyncio
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from embedded import aws, postgres, temporal_server, twilio
from embedded.processes import Child, Processes
from schemas.errors import ServiceUnreachableError
from settings import Settings


class Part(StrEnum):
    """What can be started; a test asks only for what it needs."""

    POSTGRES = "postgres"
    TEMPORAL = "temporal"
    AWS = "aws"
    TWILIO = "twilio"


class Service(Protocol):
    """A part that runs."""

    def environment(self) -> dict[str, str]:
        """Tell a child process how to reach it."""


EVERYTHING: Final = tuple(Part)


class Stack:
    """The chosen parts on one directory. Not to be entered twice.

    `port` and `ui_port` are Temporal's and wishes only: 0 is any, a taken one is replaced, and
    `ui_port=None` leaves the web pages out. For `durable` see `postgres.start`.
    """

    def __init__(
        self,
        directory: Path = Path("var"),
        parts: Collection[Part] = EVERYTHING,
        *,
        port: int = 0,
        ui_port: int | None = temporal_server.UI_PORT,
        time_skipping: bool = False,
        durable: bool = True,
    ) -> None:
        self._processes = Processes(directory)
        self._parts = tuple(parts)
        self._ports = (port, ui_port)
        self._time_skipping = time_skipping
        self._durable = durable
        self._services: dict[Part, Service] = {}

    def __enter__(self) -> Self:
        """Start all parts at the same time; returns when all are ready.

        Raises `InputRefusedError` when somebody alive uses the directory, `ServiceUnreachableError`
        when a part does not come up; then nothing is left running.
        """
        self._processes.__enter__()
        try:
            self._start_parts()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        """Do as `__enter__`, without blocking the loop; cancelling stops what has started."""
        starting = asyncio.get_running_loop().run_in_executor(None, self.__enter__)
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            await asyncio.to_thread(self.close)
            with suppress(Exception):  # whatever a part says about being stopped half-way
                await starting
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.close)

    @property
    def ui_address(self) -> str | None:
        """Where Temporal's web pages are; None without Temporal or without pages."""
        server = self._services.get(Part.TEMPORAL)
        return server.ui_address if isinstance(server, temporal_server.TemporalServer) else None

    def failed_workflow_tasks(self) -> int:
        """Count the workflow tasks that workers failed; 0 without Temporal."""
        server = self._services.get(Part.TEMPORAL)
        if isinstance(server, temporal_server.TemporalServer):
            return server.failed_workflow_tasks()
        return 0

    def environment(self) -> dict[str, str]:
        """Give what a child process needs to reach every part; it holds this run's secrets."""
        found = {name: _direct(name) for name in ("NO_PROXY", "no_proxy")}
        for part in self._parts:
            found |= self._services[part].environment()
        return found

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        grace: float = 10.0,
    ) -> Child:
        """Start one more child that can reach every part, as `Processes.start` does."""
        given = self.environment() | dict(environment or {})
        return self._processes.start(name, command, environment=given, grace=grace)

    def stop(self, *children: Child) -> None:
        """Stop these children together, before the others."""
        self._processes.stop(*children)

    def kill(self, *names: str) -> None:
        """Kill these children and parts at once, as a power cut would; see `Processes.kill`."""
        for name in names:
            self._processes.kill(name)

    def revive(self, part: Part) -> None:
        """Start a killed PostgreSQL or Temporal again, on its data and where it was.

        Raises `ServiceUnreachableError` when it does not come up there.
        """
        before = self._services[part]
        if isinstance(before, temporal_server.TemporalServer):
            self._ports = (int(before.address.rpartition(":")[2]), self._ports[1])
        found = self._starters(serve=postgres.serve)[part]()
        if found.environment() != before.environment():
            raise ServiceUnreachableError(f"{part} did not come up again where it was.")
        self._services[part] = found

    def close(self) -> None:
        """Stop everything; again does nothing."""
        self._processes.close()

    def _start_parts(self) -> None:
        starters = self._starters()
        with ThreadPoolExecutor(len(Part), "embedded") as pool:
            futures = {part: pool.submit(starters[part]) for part in self._parts}
            try:
                self._services = _gather(futures)
            except BaseException:
                self.close()  # the other parts see their child end, and stop waiting for it
                raise

    def _starters(
        self, serve: Callable[..., Service] = postgres.start
    ) -> dict[Part, Callable[[], Service]]:
        return {
            Part.POSTGRES: lambda: serve(self._processes, durable=self._durable),
            Part.TEMPORAL: self._start_temporal,
            Part.AWS: self._start_aws,
            Part.TWILIO: lambda: twilio.start(self._processes),
        }

    def _start_temporal(self) -> Service:
        port, ui_port = self._ports
        return temporal_server.start(
            self._processes, port=port, ui_port=ui_port, time_skipping=self._time_skipping
        )

    def _start_aws(self) -> Service:
        chosen = Settings()
        return aws.start(
            self._processes,
            region=chosen.aws_region,
            sender=chosen.email_from,
            bucket=chosen.dossier_bucket,
        )


def _gather(futures: Mapping[Part, Future[Service]]) -> dict[Part, Service]:
    done, _ = wait(futures.values(), return_when=FIRST_EXCEPTION)
    for future in done:  # an error first: a part still starting has nothing to say yet
        future.result()
    return {part: future.result() for part, future in futures.items()}


def _direct(name: str) -> str:
    """Keep the loopback off this machine's proxy, beside what is kept off it already."""
    given = os.environ.get(name)
    return f"{given},127.0.0.1,localhost" if given else "127.0.0.1,localhost"

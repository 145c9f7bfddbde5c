"""The live demo: a real Temporal server, a real worker, and a billing system that reacts.

A day takes a second unless told otherwise. Every run has its own creditor id, so that runs on the
same server do not meet.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, select

from demo import POLICY
from demo.capture import Captured
from demo.ledger import SAMPLE_MAP
from demo.ledger.script import one_of_each, read_script, write_ledger
from demo.leftovers import PREFIX, end_leftovers
from demo.report import DemoReport, read_report
from embedded.ports import free
from embedded.processes import Child
from embedded.stack import Stack
from library.policies import load_policy
from schemas.case import CaseClock
from schemas.effects import Sweep
from settings import Settings
from starter.assigned import alone
from starter.ledger.map_file import load_column_map
from starter.ledger.store import import_ledger
from starter.sweeps import schedule_sweep
from store import engine as books
from store.tables import cases
from temporal.connect import connect
from temporal.ids import SWEEP_SCHEDULE
from temporal.plugin import DunningPlugin

FIRST_DAY = datetime(2026, 1, 13, tzinfo=UTC)
"""The day after the sample's first due date: the demo's clock starts here."""
LONGEST_DAYS = 130
READY_SECONDS = 60.0
Show = Callable[[int, int, str], None]


class Demo:
    """One run of the demo on a directory."""

    def __init__(self, directory: Path, day_ms: int, show: Show, *, small: bool = False) -> None:
        self._directory = directory
        self._day_ms = day_ms
        self._show = show
        self._creditor = f"{PREFIX}{datetime.now(UTC):%Y%m%d-%H%M%S}"
        self._script = one_of_each(read_script()) if small else read_script()

    async def run(self, *, keep: bool, announce: Callable[[DemoReport], None]) -> DemoReport:
        """Play the sample to its end and announce the result; `keep` leaves the servers up."""
        started = time.monotonic()
        async with Stack(self._directory) as stack:
            environment = self._environment(stack)
            await end_leftovers(await connect(plugins=[DunningPlugin()]))
            chosen, children = self._start_children(stack, environment)
            engine = books.connect(chosen.database_url, 2)
            self._import(engine)
            clock = CaseClock(
                real_origin=datetime.now(UTC), case_origin=FIRST_DAY, day_ms=self._day_ms
            )
            children.append(self._start_billing(stack, clock))
            await self._play(engine, chosen, clock)
            complaints = list(_complaints(children))
            report = self._report(engine, stack, chosen, complaints, time.monotonic() - started)
            engine.dispose()
            announce(report)
            if keep:
                await asyncio.Event().wait()
        return report

    def _import(self, engine: Engine) -> None:
        ledger = self._folder / "ledger.csv"
        write_ledger(ledger, self._script)
        import_ledger(engine, self._creditor, ledger, load_column_map(SAMPLE_MAP), skip_bad=False)

    @property
    def _folder(self) -> Path:
        return self._directory / "demo" / self._creditor

    def _environment(self, stack: Stack) -> dict[str, str]:
        [port] = free(8099)
        environment = {
            "DUNNING_CALLBACK_URL": f"http://127.0.0.1:{port}",
            "DUNNING_CREDITOR": self._creditor,
        }
        os.environ.update(stack.environment() | environment)
        return environment

    def _start_children(
        self, stack: Stack, environment: dict[str, str]
    ) -> tuple[Settings, list[Child]]:
        port = environment["DUNNING_CALLBACK_URL"].rpartition(":")[2]
        receiver = [sys.executable, "-m", "starter.cli", "callbacks", "--port", port]
        worker = stack.start("worker", [sys.executable, "-m", "worker"], environment, grace=20.0)
        callbacks = stack.start("callbacks", receiver, environment)
        # the cases' clock starts when somebody is there to work: no demo day is lost to imports
        worker.wait_until(lambda: "ready on task queue" in worker.log.read_text(), READY_SECONDS)
        callbacks.wait_until(lambda: "listening on" in callbacks.log.read_text(), READY_SECONDS)
        return Settings(), [worker, callbacks]

    def _start_billing(self, stack: Stack, clock: CaseClock) -> Child:
        words = ["--creditor", self._creditor, "--clock", clock.model_dump_json()]
        words += ["--ledger", str(self._folder / "ledger.csv")]
        return stack.start("billing", [sys.executable, "-m", "demo.billing", *words])

    async def _play(self, engine: Engine, chosen: Settings, clock: CaseClock) -> None:
        client = await connect(plugins=[DunningPlugin()])
        chosen_for_all = alone(load_policy(POLICY))
        sweep = Sweep(
            creditor=self._creditor,
            assignment=chosen_for_all.assignment,
            policies=dict(chosen_for_all.policies),
            clock=clock,
            page=25,
        )
        every = timedelta(milliseconds=self._day_ms * 2)
        await schedule_sweep(client, sweep, every, chosen.task_queue)
        try:
            await self._until_all_ended(engine)
        finally:
            await client.get_schedule_handle(SWEEP_SCHEDULE).delete()

    async def _until_all_ended(self, engine: Engine) -> None:
        longest = timedelta(milliseconds=self._day_ms * LONGEST_DAYS) + timedelta(seconds=45)
        started = datetime.now(UTC)
        while datetime.now(UTC) - started < longest:
            opened, ended = await asyncio.to_thread(self._counts, engine)
            passed = (datetime.now(UTC) - started) / timedelta(milliseconds=self._day_ms)
            self._show(ended, len(self._script), f"day {passed:.0f}, {opened} cases opened, ended")
            if ended == len(self._script):
                return
            await asyncio.sleep(0.5)

    def _counts(self, engine: Engine) -> tuple[int, int]:
        query = select(func.count(), func.count(cases.c.outcome))
        with engine.connect() as connection:
            row = connection.execute(query.where(cases.c.creditor == self._creditor)).one()
            return row[0], row[1]

    def _report(
        self,
        engine: Engine,
        stack: Stack,
        chosen: Settings,
        complaints: list[str],
        seconds: float,
    ) -> DemoReport:
        captured = Captured(self._folder, stack.environment(), chosen.dossier_bucket)
        files = captured.collect(self._creditor)
        with engine.connect() as tx:
            report = read_report(tx, self._creditor, self._script, complaints)
        said = ", ".join(f"{count} {what}" for what, count in files.items())
        places = {"what the debtors got": f"{self._folder} ({said})"}
        places["logs"] = str(self._directory / "log")
        return report.model_copy(
            update={"seconds": round(seconds, 1), "files": places, "ui": stack.ui_address}
        )


def _complaints(children: list[Child]) -> Iterator[str]:
    """Yield what the processes complained about: a clean run has nothing to say."""
    for child in children:
        lines = child.log.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines:
            if " WARNING " in line or " ERROR " in line or line.startswith(("WARNING", "ERROR")):
                yield f"{child.log.name}: {line[:200]}"
        if child.process.poll() is not None:
            yield f"{child.log.name}: the process ended early"

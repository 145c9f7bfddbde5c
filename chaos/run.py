"""One chaos run: the servers, the stand-ins, the workers, the storm, and the report."""

import asyncio
import logging
import os
import re
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.service import RPCError

from chaos import audit
from chaos.arrived import Arrived, count_arrived, plan_faults
from chaos.billing import Billing
from chaos.books import ask, waiting
from chaos.cast import CREDITOR, FIRST_DUE, Debtor, cast, write_ledger
from chaos.door import SECRET, Door
from chaos.report import Report
from chaos.scale import Scale, strikes
from chaos.staff import Staff
from chaos.storm import Crew, Storm
from demo.ledger import SAMPLE_MAP
from embedded.ports import free, listening
from embedded.stack import Stack
from fakes.aws.topic import ARN
from fakes.billing import BillingFake
from fakes.faults import Fault, Plan, Trick
from library.policies import load_policy
from schemas.assignment import Assignment
from schemas.case import CaseClock
from schemas.effects import Sweep
from schemas.policy import Policy
from settings import Settings
from starter.ledger.map_file import load_column_map
from starter.ledger.store import import_ledger
from store import engine as books
from temporal.connect import connect
from temporal.ids import SWEEP_SCHEDULE, SWEEP_WORKFLOW, case_id
from temporal.plugin import DunningPlugin

log = logging.getLogger("chaos")

ANNOUNCED: Final = re.compile(r"listening on (http://\S+)\n")
QUIET_PORTS: Final = range(20_000, 32_000)
"""The system hands these out to nobody: what is killed finds its port free when it comes up."""
SWEEP_DAYS: Final = 2
FAULTS: Final = {
    Fault.ERROR: 2,
    Fault.BUSY: 4,
    Fault.DOWN: 2,
    Fault.DEAF: 1,
    Fault.RESET: 2,
    Fault.LOST: 3,
    Fault.MUTE: 1,
    Fault.ERROR_AFTER: 2,
    Fault.LATE: 8,
}
TRICKS: Final = {Trick.LATE: 20, Trick.TWICE: 15}


@dataclass(frozen=True)
class Played:
    """What the scripts of a run have to say at its end."""

    billing: Billing
    storm: Storm
    crew: Crew
    arrived: Arrived


class Run:
    """One run on a directory of its own; nothing it starts outlives `play`."""

    def __init__(self, directory: Path, seed: str, scale: Scale) -> None:
        self._directory = directory
        self._seed = seed
        self._scale = scale
        self._debtors = cast(seed, scale)
        self._policies = _policies()
        self._stack: Stack
        self._engine: Engine
        self._fake: BillingFake
        self._addresses: list[str] = []

    async def play(self) -> Report:
        """Play the run to its end or its deadline, and return the report."""
        begun = time.monotonic()
        async with AsyncExitStack() as stack:
            servers = Stack(self._directory, port=secrets.choice(QUIET_PORTS), ui_port=None)
            self._stack = await stack.enter_async_context(servers)
            self._fake = stack.enter_context(BillingFake(SECRET, faults=self._faults))
            environment = await asyncio.to_thread(self._start_outside)
            os.environ.update(self._stack.environment() | environment)
            self._engine = books.connect(os.environ["DUNNING_DATABASE_URL"], 4)
            stack.callback(self._engine.dispose)
            self._import()
            await plan_faults(self._addresses, self._faults)
            told = await self._through(environment)
            return await self._report(told, time.monotonic() - begun)

    @property
    def _faults(self) -> Plan:
        return Plan(self._seed, FAULTS, TRICKS)

    def _start_outside(self) -> dict[str, str]:
        """Start what stands for the outside world; return what a worker must know of it."""
        [port] = free(secrets.choice(QUIET_PORTS))
        given = self._stack.environment()
        words = ["--upstream", given["DUNNING_AWS_ENDPOINT_URL"]]
        words += ["--events", f"http://127.0.0.1:{port}/ses/events"]
        front = self._stack.start("front", [sys.executable, "-m", "fakes.aws", *words])
        found = front.wait_until(lambda: ANNOUNCED.search(front.output()))
        environment = {
            "DUNNING_AWS_ENDPOINT_URL": found[1],
            "DUNNING_BILLING_URL": self._fake.url,
            "DUNNING_BILLING_SECRET": SECRET,
            "DUNNING_CALLBACK_URL": f"http://127.0.0.1:{port}",
            "DUNNING_INBOX_SECRET": SECRET,
            "DUNNING_SES_TOPIC": ARN,
            "DUNNING_SNS_STAND_IN": found[1],
            "DUNNING_EVENTS_URL": self._fake.url,
            "DUNNING_EVENTS_SECRET": SECRET,
            "DUNNING_EVENTS_ALLOW_PRIVATE": "true",
            "DUNNING_CREDITOR": CREDITOR,
            "DUNNING_LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "-m", "starter.cli", "callbacks", "--port", str(port)]
        doors = self._stack.start("callbacks", command, environment)
        doors.wait_until(lambda: listening(port))
        self._addresses = [found[1], given["DUNNING_TWILIO_BASE_URL"]]
        return environment

    def _import(self) -> None:
        ledger = self._directory / "chaos.csv"
        write_ledger(ledger, self._debtors, self._seed)
        import_ledger(self._engine, CREDITOR, ledger, load_column_map(SAMPLE_MAP), skip_bad=False)

    async def _through(self, environment: dict[str, str]) -> Played:
        """Let the cases live through the storm, until all have ended or the deadline comes."""
        client = await connect(plugins=[DunningPlugin()])
        clock = CaseClock(
            real_origin=datetime.now(UTC) + timedelta(seconds=3),
            case_origin=datetime.combine(FIRST_DUE, datetime.min.time(), UTC),
            day_ms=self._scale.day_ms,
        )
        crew = Crew(self._stack, environment, self._scale.workers)
        door = Door(environment["DUNNING_CALLBACK_URL"])
        billing = Billing(client, self._engine, clock, door)
        storm = Storm(self._stack, crew, client, self._scale)
        staff = Staff(client, self._engine, self._arrived, lambda: billing.now)
        helpers = (crew.work(), staff.work(), self._sweep_often(client, self._sweep(clock)))
        longest = self._scale.storm_seconds + self._scale.drain_seconds
        try:
            async with door, asyncio.timeout(longest), asyncio.TaskGroup() as group:
                tasks = [group.create_task(one) for one in helpers]
                await asyncio.gather(
                    storm.rage(strikes(self._seed, self._scale)), billing.play(self._debtors)
                )
                await self._settle(staff)
                for task in tasks:
                    task.cancel()
        except TimeoutError:
            log.warning("the deadline has come before everything had ended")
        await crew.leave()
        return Played(billing, storm, crew, await self._arrived())

    async def _settle(self, staff: Staff) -> None:
        """Wait until the staff have looked into everything and the outbox is empty."""
        while await ask(self._engine, waiting) or await staff.unresolved():  # noqa: ASYNC110 - the books cannot wake us
            await asyncio.sleep(1)

    async def _arrived(self) -> Arrived:
        return await count_arrived(self._addresses, self._fake)

    async def _sweep_often(self, client: Client, sweep: Sweep) -> None:
        """Start a sweep every other day, whatever became of those before it.

        One whose worker was killed is not missed for ten minutes; the schedule would wait for it.
        """
        for number in count():
            with suppress(RPCError):
                await client.start_workflow(
                    SWEEP_WORKFLOW,
                    sweep,
                    id=f"{SWEEP_SCHEDULE}:{CREDITOR}:{number}",
                    task_queue=Settings().task_queue,
                    rpc_timeout=timedelta(seconds=5),
                )
            await asyncio.sleep(self._scale.day_ms * SWEEP_DAYS / 1000)

    def _sweep(self, clock: CaseClock) -> Sweep:
        assignment = Assignment(
            id="chaos", invoices={debtor.invoice: debtor.policy for debtor in self._debtors}
        )
        return Sweep(
            creditor=CREDITOR,
            assignment=assignment,
            policies=self._policies,
            jurisdictions=(),
            clock=clock,
        )

    async def _report(self, told: Played, seconds: float) -> Report:
        found = await ask(self._engine, audit.read_books)
        wedged = await _wedged(await connect(plugins=[DunningPlugin()]), self._debtors, found)
        said = told.billing.told
        became = [one for all_ in said.values() for one in all_.became.values()]
        return Report(
            seed=self._seed,
            cases=len(self._debtors),
            seconds=round(seconds, 1),
            outcomes=_count(row["outcome"] or "open" for row in found.cases),
            blows=dict(told.storm.dealt),
            workers_started=told.crew.started,
            faults=dict(told.arrived.faults),
            effects=_count(row["state"] for row in found.effects),
            arrived=len(audit.arrivals(found, told.arrived)),
            events=_count(became),
            unknowns=tuple(audit.unknowns(found, told.arrived)),
            duplicates=tuple(audit.duplicates(told.arrived)),
            losses=(
                *audit.lost_effects(found, told.arrived),
                *audit.lost_messages(found, told.arrived),
                *audit.lost_steps(found, self._debtors, self._policies),
                *audit.lost_events(found, said),
            ),
            wedged=wedged,
            money=tuple(audit.money_differences(found, self._debtors, said)),
        )


def _policies() -> dict[str, Policy]:
    folder = Path(__file__).with_name("policies")
    found = [load_policy(path) for path in sorted(folder.glob("*.yaml"))]
    return {policy.id: policy for policy in found}


def _count(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


async def _wedged(client: Client, debtors: list[Debtor], found: audit.Books) -> tuple[str, ...]:
    """Name every case that has not ended, and what its workflow is stuck at."""
    ended = {row["invoice"] for row in found.cases if row["outcome"]}
    return tuple([await _stuck(client, one.invoice) for one in debtors if one.invoice not in ended])


async def _stuck(client: Client, invoice: str) -> str:
    try:
        seen = await client.get_workflow_handle(case_id(CREDITOR, invoice)).describe()
    except RPCError as error:
        return f"{invoice}: {error.message}"
    task = seen.raw_description.pending_workflow_task
    acts = [
        f"{one.activity_id} (attempt {one.attempt}: {one.last_failure.message})"
        for one in seen.raw_description.pending_activities
    ]
    status = seen.status.name if seen.status else "unknown"
    return f"{invoice}: {status}, workflow task attempt {task.attempt}, {', '.join(acts) or 'idle'}"

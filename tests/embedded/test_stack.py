"""All parts together: up, in use, down; and down again when nobody was left to do it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import boto3
import psutil
import pytest

from embedded import temporal_server
from embedded.ports import LOOPBACK
from embedded.processes import importable
from embedded.stack import Part, Stack
from schemas.errors import DunningError
from settings import Settings
from store import engine as books
from temporal import search_attributes
from temporal.connect import connect

RUN = """
import sys, time
from pathlib import Path
from embedded import postgres, temporal_server
from embedded.processes import Processes
with Processes(Path(sys.argv[1])) as processes:
    temporal_server.start(processes, ui_port=None)
    postgres.start(processes)
    print(processes._watchdog.pid, flush=True)
    time.sleep(60)
"""
ECHO = """
import os
for name in ("DUNNING_DATABASE_URL", "TEMPORAL_ADDRESS", "EXTRA"):
    print(name, os.environ[name], flush=True)
"""


def alive(one: psutil.Process) -> bool:
    # a container's first process need not reap what it inherits
    return one.is_running() and one.status() != psutil.STATUS_ZOMBIE


async def test_everything_starts_works_and_stops(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = set(psutil.Process().children(recursive=True))
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        taken = other.getsockname()[1]
        async with Stack(place, ui_port=taken) as stack:
            for name, value in stack.environment().items():
                monkeypatch.setenv(name, value)
            assert await search_attributes.missing(await connect()) == []
            await asyncio.to_thread(_use, stack, taken)
            running = set(psutil.Process().children(recursive=True)) - others
            secret = stack.environment()["DUNNING_TWILIO_AUTH_TOKEN"]
            assert all(secret not in " ".join(one.cmdline()) for one in running)
    assert [one for one in running if alive(one)] == []
    assert not list((place / "run").glob("*.json"))


def _use(stack: Stack, taken: int) -> None:
    engine = books.connect(Settings().database_url, 1)
    books.check(engine)
    engine.dispose()
    _use_aws(Settings())
    assert stack.ui_address is not None
    assert not stack.ui_address.endswith(f":{taken}")
    with urllib.request.urlopen(stack.ui_address) as page:  # noqa: S310 - our own http address
        assert page.status == 200
    assert Settings().twilio_account_sid.startswith("AC")
    assert Settings().twilio_base_url.startswith("http://127.0.0.1:")


def _use_aws(chosen: Settings) -> None:
    session = boto3.Session(region_name=chosen.aws_region)
    mail = session.client("sesv2", endpoint_url=chosen.aws_endpoint_url)
    body = {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}}
    sent = mail.send_email(
        FromEmailAddress=chosen.email_from,
        Destination={"ToAddresses": ["ap@debtor.example"]},
        Content=body,  # type: ignore[arg-type]
    )
    assert sent["MessageId"]
    files = session.client("s3", endpoint_url=chosen.aws_endpoint_url)
    files.put_object(Bucket=chosen.dossier_bucket, Key="k", Body=b"b", IfNoneMatch="*")
    mail.close()
    files.close()


def test_a_run_killed_with_its_watchdog_is_taken_over(place: Path) -> None:
    run = subprocess.Popen(  # noqa: S603 - this interpreter, the text above
        [sys.executable, "-c", RUN, str(place)],
        stdout=subprocess.PIPE,
        env=importable(os.environ),
    )
    assert run.stdout is not None
    watchdog = int(run.stdout.readline())
    left = [one for one in psutil.Process(run.pid).children() if one.pid != watchdog]
    os.kill(watchdog, signal.SIGKILL)
    run.kill()
    run.communicate()
    assert [alive(one) for one in left] == [True, True]
    with Stack(place, [Part.POSTGRES, Part.TEMPORAL], ui_port=None) as stack:
        assert stack.ui_address is None
        assert not any(alive(one) for one in left)
        engine = books.connect(stack.environment()["DUNNING_DATABASE_URL"], 1)
        books.check(engine)
        engine.dispose()


def test_a_child_of_the_stack_can_reach_every_part(servers: Stack) -> None:
    child = servers.start("echo", [sys.executable, "-ISc", ECHO], {"EXTRA": "more"})
    child.finish()
    known = servers.environment() | {"EXTRA": "more"}
    for line in child.output().splitlines():
        name, value = line.split(" ", 1)
        assert known[name] == value
    servers.stop(child)


def test_one_part_that_fails_ends_the_others_at_once(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(temporal_server, "_knows_attributes", lambda _: False)  # never ready
    monkeypatch.setattr(Stack, "_start_aws", _fail)
    with pytest.raises(DunningError, match="on purpose"), Stack(place, [Part.TEMPORAL, Part.AWS]):
        pytest.fail("it should not have started")


def _fail(_: Stack) -> None:
    raise DunningError("failed on purpose")


async def test_cancelling_a_start_stops_what_has_started(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(temporal_server, "_knows_attributes", lambda _: False)  # never ready
    stack = Stack(place, [Part.TEMPORAL], ui_port=None)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5), stack:
            pytest.fail("it should not have started")
    assert stack._processes._children["temporal"].process.returncode is not None

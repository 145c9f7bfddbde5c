"""Servers that were killed come up again, at the same address and with what they knew."""

import asyncio
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from embedded.stack import Part, Stack
from schemas.errors import DunningError
from store import engine as books
from temporal.connect import connect
from temporal.ids import CASE_WORKFLOW


def children() -> set[int]:
    """Return the processes this one has started, and theirs."""
    return {one.pid for one in psutil.Process().children(recursive=True)}


async def test_killed_servers_come_up_again_where_they_were_and_know_what_they_knew(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = children()  # servers of other tests may run
    async with Stack(place, [Part.POSTGRES, Part.TEMPORAL], ui_port=None) as stack:
        for name, value in stack.environment().items():
            monkeypatch.setenv(name, value)
        client = await connect()
        await client.start_workflow(CASE_WORKFLOW, id="a case", task_queue="nobody")
        engine = books.connect(stack.environment()["DUNNING_DATABASE_URL"], 1)
        with engine.begin() as tx:
            tx.execute(text("INSERT INTO refusals VALUES ('a door', 'a reason', 3)"))
        before = children() - earlier
        await asyncio.to_thread(stack.kill, Part.POSTGRES, Part.TEMPORAL)
        assert len(children() & before) == 1  # the watchdog
        for part in (Part.POSTGRES, Part.TEMPORAL):
            await asyncio.to_thread(stack.revive, part)
        with engine.begin() as tx:
            assert tx.execute(text("SELECT count FROM refusals")).scalar() == 3
        engine.dispose()
        assert (await client.get_workflow_handle("a case").describe()).id == "a case"


def test_what_this_run_did_not_start_it_does_not_kill(place: Path) -> None:
    with Stack(place, []) as stack, pytest.raises(DunningError, match="not started by this run"):
        stack.kill("postgres")

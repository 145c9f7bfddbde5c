"""The rehearsal itself: real workflows in skipped time, again and again in one folder."""

import asyncio
import os
from pathlib import Path

import pytest
from temporalio.client import Client

from embedded.rehearsal import Rehearsed, rehearsal, rehearse, run_one
from schemas.case import CaseView
from tests.workflows.build import a_case, an_event, moment, steps


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_rehearsal_starts_clean_each_time_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    before = dict(os.environ)
    seen: list[CaseView] = []
    cancelled = an_event("invoice_cancelled", "2026-02-03 12:00")
    for _ in range(2):
        async with rehearsal(tmp_path) as client:
            cases = [Rehearsed(a_case(invoice=f"INV-{number}"), [cancelled]) for number in range(3)]
            await rehearse(client, cases, lambda _, view: seen.append(view), at_once=2)
    assert [steps(view) for view in seen] == [["02-01 09:00 reminder-1 email done"]] * 6
    assert dict(os.environ) == before
    assert left_in(tmp_path) == []


@pytest.mark.usefixtures("world")
async def test_a_case_led_by_events_goes_on_to_its_end_after_the_last_of_them(
    client: Client,
) -> None:
    approved = an_event(
        "approval_given", "2026-02-03 12:00", step="handoff", decision="approve", by="lead"
    )
    async with asyncio.timeout(30):
        view = await run_one(client, Rehearsed(a_case(), [approved]))
    assert (view.outcome, steps(view)[-1]) == ("handed_off", "03-17 09:00 handoff handoff done")


@pytest.mark.usefixtures("world")
async def test_an_event_in_summer_time_happens_at_its_own_hour(client: Client) -> None:
    approved = an_event(
        "approval_given", "2026-04-02 12:00", step="handoff", decision="approve", by="lead"
    )
    view = await run_one(client, Rehearsed(a_case(), [approved], moment("2026-04-02 12:30")))
    assert steps(view)[-1] == "04-02 12:00 handoff handoff done"

"""Interest that meets a rate nobody has published yet, on a real server with real books."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import Engine, select
from temporalio import activity
from temporalio.client import Client

from activities.case_activities import CaseActivities
from dunning.render import view as show
from dunning.simulate import simulate
from embedded.rehearsal import STAND_INS, rehearsal_worker
from library import rates
from library.rates import load_tables
from schemas.case import Case, CaseView
from schemas.effects import Effect, Receipt, Verb
from schemas.rulebook import Rulebook
from store.tables import audit
from tests.workflows.build import a_case, moment, steps
from tests.workflows.lead import Led, lead

QUEUE = "with-books"
REASON = (
    "the rate table base has no rate for the half-year from 2026-07-01; "
    "add it to jurisdictions/rates/base.yaml"
)
INTEREST = {"interest": {"rate": {"table": "base", "add": "5"}}, "ground": "contract"}
POLICY: dict[str, object] = {
    "id": "interest",
    "steps": [
        {"id": "first", "at": "due+160d", "do": "interest", "charge": INTEREST},
        {"id": "second", "at": "due+190d", "do": "interest", "charge": INTEREST},
    ],
}
TABLE = """
schema: reference-rates/1
id: base
name: a base rate
source: its bank
rates:
  - {on: 2026-01-01, percent: "1.27"}
"""

Publish = Callable[[str], None]


@pytest.fixture
async def booked(client: Client, engine: Engine) -> AsyncIterator[Engine]:
    """Let a worker keep real books; for everything else there are stand-ins."""
    nobody: Any = None
    books = CaseActivities(engine, nobody, nobody, nobody)

    @activity.defn(name="record")
    async def record(order: Effect) -> Receipt:
        return await asyncio.to_thread(books.record, order)

    others = [act for verb, act in zip(get_args(Verb), STAND_INS, strict=True) if verb != "record"]
    async with rehearsal_worker(client, [*others, record], queue=QUEUE):
        yield engine


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Fill the only rate table there is."""
    monkeypatch.setattr(rates, "SHIPPED", tmp_path)

    def write(text: str) -> None:
        (tmp_path / "base.yaml").write_text(text)

    write(TABLE)
    return write


def begun(tmp_path: Path) -> Case:
    """Return a case that knows the rates of the first half of 2026 alone."""
    rules = Rulebook(rates=tuple(load_tables(tmp_path).values()))
    return a_case(POLICY).model_copy(update={"rules": rules})


def simulated(case: Case, until: str) -> CaseView:
    return show(*simulate(case, until=moment(until)))


async def interest(led: Led) -> list[tuple[str, str]]:
    return [(str(row.on), row.inputs["segments"]) for row in (await led.status()).charges]


async def test_a_rate_that_was_filled_in_before_the_step_is_charged(
    client: Client, booked: Engine, publish: Publish, tmp_path: Path
) -> None:
    assert booked
    led = await lead(client, begun(tmp_path), QUEUE)
    await led.to("2026-07-01 12:00")
    publish(TABLE + '  - {on: 2026-07-01, percent: "1.52"}\n')
    await led.to("2026-07-10 09:05")
    view = await led.status()
    assert steps(view) == ["07-10 09:00 first interest done"]
    assert view.attention == ()
    ((_, segments),) = await interest(led)
    assert "at 6.27%" in segments
    assert "2026-07-01..2026-07-10 10/365 at 6.52%" in segments


async def test_a_rate_nobody_filled_in_skips_the_step_and_the_next_one_catches_up(
    client: Client, booked: Engine, publish: Publish, tmp_path: Path
) -> None:
    case = begun(tmp_path)
    led = await lead(client, case, QUEUE)
    await led.to("2026-07-10 09:05")
    view = await led.status()
    assert [(row.result, row.reason) for row in view.timeline] == [("skipped", REASON)]
    assert view.attention == ("missing-rate",)
    assert steps(view) == steps(simulated(case, "2026-07-10 09:05"))
    publish(TABLE + '  - {on: 2026-07-01, percent: "1.52"}\n')
    await led.to("2026-08-09 09:05")
    assert steps(await led.status())[1:] == ["08-09 09:00 second interest done"]
    ((_, segments),) = await interest(led)
    assert segments.startswith("2026-02-01..2026-06-30")
    assert _reasons(booked, case) == [REASON]


def _reasons(engine: Engine, case: Case) -> list[str]:
    query = select(audit.c.detail).where(
        audit.c.invoice == case.invoice.id, audit.c.kind == "step skipped"
    )
    with engine.connect() as tx:
        return [row.detail["reason"] for row in tx.execute(query)]

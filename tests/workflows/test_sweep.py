"""The sweep's workflow: page after page, and the sum of what they brought."""

from datetime import date
from uuid import uuid4

from temporalio import activity
from temporalio.client import Client

from embedded.rehearsal import rehearsal_worker
from library.policies import find_policy
from schemas.assignment import Assignment
from schemas.effects import Sweep, SweepPage, SweepResult, SweptPage
from temporal.ids import SWEEP_WORKFLOW
from workflows.sweep import OverdueSweep

BY_DEFAULT, BY_RULE, IN_COURT = "policy a, by default", "policy b, by a rule", "none, in court"
PAGES = (
    SweptPage(
        opened=2,
        existing=1,
        chosen={BY_DEFAULT: 3},
        excluded={IN_COURT: 1},
        after_due=date(2026, 1, 20),
        after_invoice="INV-4",
    ),
    SweptPage(after_due=date(2026, 1, 31), after_invoice="INV-8"),
    SweptPage(opened=3, chosen={BY_DEFAULT: 1, BY_RULE: 2}, excluded={IN_COURT: 1}, finished=True),
)


async def test_a_sweep_goes_on_where_the_last_page_ended_and_adds_everything_up(
    client: Client,
) -> None:
    asked: list[SweepPage] = []

    @activity.defn(name="open_overdue")
    async def open_overdue(page: SweepPage) -> SweptPage:
        asked.append(page)
        return PAGES[len(asked) - 1]

    policy = find_policy("net30-standard")
    sweep = Sweep(
        creditor="acme",
        assignment=Assignment(id="ours", default=policy.id),
        policies={policy.id: policy},
    )
    async with rehearsal_worker(client, [open_overdue], queue="sweeps", workflows=[OverdueSweep]):
        result = await client.execute_workflow(
            SWEEP_WORKFLOW,
            sweep,
            id=f"sweep-{uuid4()}",
            task_queue="sweeps",
            result_type=SweepResult,
        )
    assert result == SweepResult(
        opened=5,
        existing=1,
        chosen={BY_DEFAULT: 4, BY_RULE: 2},
        excluded={IN_COURT: 2},
        pages=3,
    )
    assert [page.after_invoice for page in asked] == [None, "INV-4", "INV-8"]
    assert all(page.sweep == sweep for page in asked)

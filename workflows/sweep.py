"""OverdueSweep: run by a schedule; finds invoices ready for a case and opens them, page by page."""

from collections import Counter

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from dunning.clock import case_time
    from schemas.effects import Sweep, SweepPage, SweepResult, SweptPage
    from workflows.options import SWEEP


@workflow.defn(name="OverdueSweep")
class OverdueSweep:
    """One sweep over the books of one creditor."""

    @workflow.run
    async def run(self, sweep: Sweep) -> SweepResult:
        """Open a case for every invoice that is ready for one; returns how many, and why."""
        as_of = case_time(sweep.clock, workflow.now())
        page = SweepPage(sweep=sweep, as_of=as_of)
        opened = existing = pages = 0
        chosen, excluded = Counter[str](), Counter[str]()
        while True:
            swept = await workflow.execute_activity(
                "open_overdue", page, result_type=SweptPage, summary=f"page {pages + 1}", **SWEEP
            )
            opened, existing, pages = opened + swept.opened, existing + swept.existing, pages + 1
            chosen.update(swept.chosen)
            excluded.update(swept.excluded)
            if swept.finished:
                return SweepResult(
                    opened=opened,
                    existing=existing,
                    chosen=chosen,
                    excluded=excluded,
                    pages=pages,
                )
            page = page.model_copy(
                update={"after_due": swept.after_due, "after_invoice": swept.after_invoice}
            )

"""OverdueSweep: run by a schedule; finds overdue invoices and opens their cases, page by page."""

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
        """Open a case for every overdue invoice that has none; returns how many."""
        as_of = case_time(sweep.clock, workflow.now())
        page = SweepPage(sweep=sweep, as_of=as_of)
        opened = existing = pages = 0
        while True:
            swept = await workflow.execute_activity(
                "open_overdue", page, result_type=SweptPage, summary=f"page {pages + 1}", **SWEEP
            )
            opened, existing, pages = opened + swept.opened, existing + swept.existing, pages + 1
            if swept.finished:
                return SweepResult(opened=opened, existing=existing, pages=pages)
            page = page.model_copy(
                update={"after_due": swept.after_due, "after_invoice": swept.after_invoice}
            )

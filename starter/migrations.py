"""What a move to another policy would change for a case, without making it."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table

from dunning.calendar import zone_of
from dunning.migration import CalendarRow, Refused, preview
from dunning.simulate import simulate
from library.assignments import choose
from schemas.base import Frozen
from schemas.case import Case
from schemas.errors import RefusedByRulesError
from schemas.scenario import Scenario
from starter.scenarios import case_of, policy_of


class Planned(Frozen):
    """Something the case will do if nothing else happens; `at` on the debtor's clock."""

    at: datetime
    step: str
    do: str


class MigrationPreview(Frozen):
    """What goes out from now on under the present policy, and under the new one."""

    at: datetime
    policy: str
    to: str
    before: tuple[Planned, ...]
    after: tuple[Planned, ...]


def preview_of(scenario: Scenario, to: str, at: datetime | None) -> MigrationPreview:
    """Return what moving a scenario's case to another policy would change at a moment.

    Without `at` it is the scenario's end. Raises RefusedByRulesError with every reason when the
    case must stay with its policy, and as `find_policy` does.
    """
    wanted = choose(to, scenario.invoice, scenario.customer.facts)
    if wanted.policy is None:
        raise RefusedByRulesError(f"invoice {scenario.invoice.id} gets {wanted.reason}")
    case, now = simulate(case_of(scenario), scenario.events, at or scenario.until)
    seen = preview(case, wanted.policy, now)
    if isinstance(seen, Refused):
        raise RefusedByRulesError("the case stays with its policy: " + "; ".join(seen.reasons))
    before, after = (tuple(_rows(case, rows)) for rows in (seen.before, seen.after))
    return MigrationPreview(
        at=now.astimezone(zone_of(case)),
        policy=policy_of(scenario).id,
        to=wanted.policy.id,
        before=before,
        after=after,
    )


def _rows(case: Case, rows: Iterable[CalendarRow]) -> Iterator[Planned]:
    for row in rows:
        yield Planned(at=row.at.astimezone(zone_of(case)), step=row.step, do=row.do)


def preview_lines(seen: MigrationPreview) -> Iterator[RenderableType]:
    """Yield both calendars, one below the other."""
    for policy, rows in ((seen.policy, seen.before), (seen.to, seen.after)):
        table = Table("when", "step", "do", title=f"{policy}, from {seen.at:%Y-%m-%d %H:%M%z} on")
        for row in rows:
            table.add_row(f"{row.at:%Y-%m-%d %H:%M%z}", row.step, row.do)
        yield table if rows else f"{policy}: nothing more goes out"

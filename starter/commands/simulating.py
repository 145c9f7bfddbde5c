"""Running what `dunning simulate` is asked for, and showing it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

from dunning.simulate import simulate
from library.policies import find_policy
from schemas.case import Case
from schemas.errors import InputRefusedError, RefusedByRulesError
from schemas.policy import Policy
from schemas.scenario import Scenario
from starter.calendars import Days, case_calendar
from starter.console import err, out, print_json, progress, run, working_directory
from starter.course import Course, Figures
from starter.ledger.column_map import ColumnMap
from starter.ledger.map_file import load_column_map
from starter.ledger.rows import RefusedRow
from starter.policy_diff import case_diff, compare_ledger
from starter.portfolio import PortfolioResult, Tally, Watch, cases_of, simulate_ledger
from starter.scenarios import case_of, load_scenario, run_scenario
from starter.simulation_options import NEEDS, Asked, Engine
from starter.tables import (
    calendar_lines,
    case_diff_lines,
    ledger_calendar_lines,
    ledger_diff_lines,
    portfolio_lines,
    status_lines,
)


@dataclass(frozen=True)
class LedgerRun:
    """A ledger, how to read it, the policy to run it through, and where to stop."""

    ledger: Path
    columns: ColumnMap
    policy: Policy
    until: datetime | None


def _ledger_run(asked: Asked) -> LedgerRun:
    """Return the ledger that is asked for, its map and policy read; raises as they do."""
    if asked.ledger is None or asked.column_map is None or asked.policy is None:
        raise InputRefusedError(NEEDS)
    columns, policy = load_column_map(asked.column_map), find_policy(asked.policy)
    return LedgerRun(asked.ledger, columns, policy, asked.until)


def _ended(scenario: Scenario) -> Case:
    return simulate(case_of(scenario), scenario.events, scenario.until)[0]


def simulate_case(asked: Asked, path: Path) -> None:
    """Show what becomes of the case in a scenario; raises InputRefusedError for a faulty one."""
    scenario = load_scenario(path)
    changes = {"policy": asked.policy, "until": asked.until}
    chosen = {name: value for name, value in changes.items() if value is not None}
    scenario = scenario.model_copy(update=chosen)
    if asked.diff is not None:
        other = scenario.model_copy(update={"policy": asked.diff})
        diff = case_diff(_ended(scenario), _ended(other))
        _show(diff, case_diff_lines(diff), asked)
    elif asked.calendar:
        calendar = case_calendar(_ended(scenario))
        _show(calendar, calendar_lines(calendar), asked)
    else:
        seen = run_scenario(scenario)
        _show(seen, status_lines(seen), asked)


def simulate_rows(asked: Asked) -> tuple[RefusedRow, ...]:
    """Show what becomes of a ledger, as it is asked for; return the rows that were not taken."""
    run_of = _ledger_run(asked)
    if asked.diff is not None:
        return _compare(run_of, asked, find_policy(asked.diff))
    if asked.engine is Engine.TEMPORAL:
        result = _rehearse(run_of)
        _show(result, portfolio_lines(result), asked)
        return result.refused_rows
    return _look(run_of, asked)


def _compare(one: LedgerRun, asked: Asked, other: Policy) -> tuple[RefusedRow, ...]:
    with progress("cases compared") as show:
        diff = compare_ledger(one.ledger, one.columns, (one.policy, other), one.until, show)
    _show(diff, ledger_diff_lines(diff), asked)
    return diff.refused_rows


def _look(one: LedgerRun, asked: Asked) -> tuple[RefusedRow, ...]:
    days, course = Days(), Course()
    watching: list[Watch] = [days.watch] if asked.calendar else []
    watching += [course.watch] if asked.draws else []
    with progress("cases simulated") as show:
        result = simulate_ledger(
            one.ledger, one.columns, one.policy, one.until, watching=watching, show=show
        )
    if asked.draws:
        _draw(course.figures(result, one.policy, one.ledger.name, one.until), asked)
    if asked.calendar:
        calendar = days.calendar(one.policy.id, result.refused_rows)
        _show(calendar, ledger_calendar_lines(calendar), asked)
    else:
        _show(result, portfolio_lines(result), asked)
    return result.refused_rows


def _draw(figures: Figures, asked: Asked) -> None:
    from starter.portfolio_page import write_charts, write_page

    if asked.html is not None:
        write_page(figures, asked.html)
        err.print(f"wrote {asked.html}", markup=False, soft_wrap=True)
    if asked.svg is not None:
        written = write_charts(figures, asked.svg)
        err.print(f"wrote {len(written)} files to {asked.svg}", markup=False, soft_wrap=True)


def _show(model: BaseModel, lines: Iterable[object], asked: Asked) -> None:
    if asked.as_json:
        print_json(model)
        return
    for line in lines:
        out.print(line, soft_wrap=True)


def _rehearse(one: LedgerRun) -> PortfolioResult:
    from embedded.rehearsal import Rehearsed, rehearsal, rehearse

    tally, count, faults = Tally(one.policy), 0, 0

    def failed(number: int) -> None:
        nonlocal faults
        faults = number

    async def work() -> None:
        cases = cases_of(one.ledger, one.columns, one.policy, tally)
        with progress("cases run on Temporal") as show:

            def seen(rehearsed: Rehearsed, view: object) -> None:
                nonlocal count
                count += 1
                tally.count(rehearsed.case.invoice.amount, view)  # type: ignore[arg-type]
                show(count)

            async with rehearsal(working_directory() / "rehearsal", failed) as client:
                todo = (Rehearsed(case, events, one.until) for case, events in cases)
                await rehearse(client, todo, seen)

    run(work())
    err.print(f"{count} cases run as workflows, {faults} failed workflow tasks")
    if faults:
        raise RefusedByRulesError("workflow tasks failed, so the figures cannot be trusted")
    return tally.result()

"""`dunning simulate` and `dunning replay`: what would happen, and whether it still would."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from dunning.simulate import simulate as simulate_case
from library.policies import find_policy
from schemas.case import Case
from schemas.errors import RefusedByRulesError
from schemas.policy import Policy
from schemas.scenario import Scenario
from starter.calendars import Days, case_calendar
from starter.console import (
    BAD_INPUT,
    REFUSED,
    AsJson,
    err,
    moment,
    out,
    print_json,
    progress,
    run,
    working_directory,
)
from starter.course import Course, Figures
from starter.ledger.rows import RefusedRow
from starter.policy_diff import case_diff, compare_ledger
from starter.portfolio import PortfolioResult, Tally, Watch, cases_of, simulate_ledger
from starter.scenarios import case_of, load_scenario, run_scenario
from starter.simulation_options import Asked, Engine, LedgerRun
from starter.tables import (
    calendar_lines,
    case_diff_lines,
    ledger_calendar_lines,
    ledger_diff_lines,
    portfolio_lines,
    status_lines,
)

Calendar = Annotated[bool, typer.Option("--calendar", help="Show what goes out on which day.")]
Diff = Annotated[
    str | None, typer.Option(metavar="POLICY", help="Show what another policy would do instead.")
]
Html = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write a page with charts of a ledger.")
]
Svg = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Write the charts and figures of a ledger.")
]


def simulate(  # noqa: PLR0913, PLR0917 - an option each
    scenario: Annotated[
        Path | None, typer.Argument(help="A case with its history (YAML or JSON).")
    ] = None,
    ledger: Annotated[Path | None, typer.Option(help="A whole ledger (CSV) instead.")] = None,
    column_map: Annotated[Path | None, typer.Option("--map", help="The ledger's columns.")] = None,
    policy: Annotated[
        str | None, typer.Option(help="The policy; a scenario names its own.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Where to stop, with offset.")] = None,
    engine: Annotated[
        Engine, typer.Option(help="pure, or temporal: real workflows.")
    ] = Engine.PURE,
    calendar: Calendar = False,
    diff: Diff = None,
    html: Html = None,
    svg: Svg = None,
    as_json: AsJson = False,
) -> None:
    """Show what a policy would do to one case or to a whole ledger; nothing is sent."""
    source, shown = (scenario, ledger, column_map, policy), (calendar, diff, html, svg)
    asked = Asked(*source, moment(until), engine, *shown, as_json)
    asked.check()
    if scenario is not None:
        _simulate_case(asked, load_scenario(scenario))
    elif _simulate_ledger(asked, asked.ledger_run()):
        raise typer.Exit(BAD_INPUT)


def _ended(scenario: Scenario) -> Case:
    return simulate_case(case_of(scenario), scenario.events, scenario.until)[0]


def _simulate_case(asked: Asked, scenario: Scenario) -> None:
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


def _simulate_ledger(asked: Asked, run_of: LedgerRun) -> tuple[RefusedRow, ...]:
    """Show what is asked for; return the rows that were not taken."""
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


def replay(
    histories: Annotated[list[Path], typer.Argument(help="Histories exported as JSON.")],
) -> None:
    """Replay exported histories on this code; exit 1 when one would not continue."""
    from embedded.replay import replay_history

    failed = 0
    for path in histories:
        fault = run(replay_history(path))
        failed += fault is not None
        (err if fault else out).print(f"{path}: {fault or 'replays'}", markup=False, soft_wrap=True)
    if failed:
        raise typer.Exit(REFUSED)

"""`dunning simulate` and `dunning replay`: what would happen, and whether it still would."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from library.policies import find_policy
from schemas.errors import InputRefusedError, RefusedByRulesError
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
from starter.ledger.map_file import load_column_map
from starter.portfolio import PortfolioResult, Tally, cases_of, simulate_ledger
from starter.scenarios import load_scenario, run_scenario
from starter.tables import portfolio_lines, status_lines


class Engine(StrEnum):
    """Who runs the cases: the pure simulator, or real workflows in skipped time."""

    PURE = "pure"
    TEMPORAL = "temporal"


def simulate(
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
    as_json: AsJson = False,
) -> None:
    """Show what a policy would do to one case or to a whole ledger; nothing is sent."""
    if scenario is not None and ledger is None:
        changes = {"policy": policy, "until": moment(until)}
        chosen = {name: value for name, value in changes.items() if value is not None}
        seen = run_scenario(load_scenario(scenario).model_copy(update=chosen))
        print_json(seen) if as_json else _print(status_lines(seen))
        return
    if scenario is not None or ledger is None or column_map is None or policy is None:
        raise InputRefusedError("give a SCENARIO, or --ledger with --map and --policy")
    stop = moment(until)
    if engine is Engine.PURE:
        result = simulate_ledger(ledger, load_column_map(column_map), find_policy(policy), stop)
    else:
        result = _rehearse(ledger, column_map, policy, until)
    print_json(result) if as_json else _print(portfolio_lines(result))
    if result.refused_rows:
        raise typer.Exit(BAD_INPUT)


def _print(lines: Iterator[object]) -> None:
    for line in lines:
        out.print(line, soft_wrap=True)


def _rehearse(ledger: Path, column_map: Path, named: str, until: str | None) -> PortfolioResult:
    from embedded.rehearsal import Rehearsed, rehearsal, rehearse

    policy, columns, stop = find_policy(named), load_column_map(column_map), moment(until)
    tally, count, faults = Tally(policy), 0, 0

    def failed(number: int) -> None:
        nonlocal faults
        faults = number

    async def work() -> None:
        cases = cases_of(ledger, columns, policy, tally)
        with progress("cases run on Temporal") as show:

            def seen(one: Rehearsed, view: object) -> None:
                nonlocal count
                count += 1
                tally.count(one.case.invoice.amount, view)  # type: ignore[arg-type]
                show(count)

            async with rehearsal(working_directory() / "rehearsal", failed) as client:
                todo = (Rehearsed(case, events, stop) for case, events in cases)
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

"""`dunning simulate` and `dunning replay`: what would happen, and whether it still would."""

from pathlib import Path
from typing import Annotated

import typer

from starter.console import BAD_INPUT, REFUSED, AsJson, err, moment, out, run
from starter.simulation_options import Asked, Engine

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
    from starter.commands.simulating import simulate_case, simulate_rows

    if scenario is not None:
        simulate_case(asked, scenario)
    elif simulate_rows(asked):
        raise typer.Exit(BAD_INPUT)


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

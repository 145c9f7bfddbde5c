"""`dunning behaviour`: how customers pay, and how well that can be foreseen."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import InputRefusedError
from starter.console import BAD_INPUT, AsJson, out, print_json


def behaviour(
    ledger: Annotated[Path, typer.Option(help="The ledger, a CSV file.")],
    column_map: Annotated[Path, typer.Option("--map", help="Which column holds what (YAML).")],
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="The last day to know of; default: the ledger's.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Replay a ledger in time order: segments, risk scores, and the error of expected payment days.

    Nothing is changed and no server is needed. The exit code is 2 when rows were refused.
    """
    from starter.behaviour import behaviour_lines, report_behaviour
    from starter.ledger.map_file import load_column_map

    report = report_behaviour(ledger, load_column_map(column_map), _day(as_of))
    if as_json:
        print_json(report)
    else:
        for line in behaviour_lines(report):
            out.print(line, soft_wrap=isinstance(line, str))
    if report.refused_rows:
        raise typer.Exit(BAD_INPUT)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        raise InputRefusedError(f"--as-of {text!r} is not a day like 2026-02-10") from error

"""`dunning demo`: the whole path, live."""

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.errors import InputRefusedError
from starter.console import REFUSED, AsJson, err, out, print_json, progress, run, working_directory

if TYPE_CHECKING:
    from demo.report import DemoReport

SHORTEST_DAY_MS = 200
"""Below this the servers, not the rules, would set the pace."""


def demo(
    day_seconds: Annotated[
        float, typer.Option(help="How many real seconds a day of the cases takes.")
    ] = 1.0,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the servers and the UI up until Ctrl-C.")
    ] = False,
    small: Annotated[
        bool, typer.Option("--small", help="Eight cases, one of each kind of debtor.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Play the sample ledger on real servers, with a billing system that reacts.

    Exit code 0 only if every case ended as the sample's script says it must.
    """
    from demo.run import Demo

    day_ms = round(day_seconds * 1000)
    if day_ms < SHORTEST_DAY_MS:
        raise InputRefusedError(f"--day-seconds {day_seconds} is too short; use 0.2 or more")
    if not as_json:
        err.print("starting PostgreSQL, Temporal, SES, S3 and Twilio on the loopback ...")
    with progress("cases") as show, suppress(KeyboardInterrupt):
        played = Demo(working_directory(), day_ms, show, small=small)
        report = run(played.run(keep=keep, announce=partial(_announce, as_json, keep)))
        if not report.as_scripted:
            raise typer.Exit(REFUSED)


def _announce(as_json: bool, keep: bool, report: "DemoReport") -> None:
    from demo.report import report_lines

    if as_json:
        print_json(report)
    else:
        for line in report_lines(report):
            out.print(line, soft_wrap=True)
    if keep:
        err.print(f"Temporal UI: {report.ui} (Ctrl-C ends it)")

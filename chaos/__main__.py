"""`python -m chaos`: break everything, count everything, and say whether it came out even."""

import argparse
import asyncio
import logging
import secrets
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

from chaos.report import lines
from chaos.run import Run
from chaos.scale import FULL, SMALL, Scale
from temporal.farewell import leave


def main() -> int:
    """Play one run; returns 0 when it came out even, else 1."""
    chosen = _parser().parse_args()
    quieten()
    with tempfile.TemporaryDirectory(prefix="dunning-chaos-") as folder:
        report = asyncio.run(Run(chosen.keep or Path(folder), chosen.seed, _scale(chosen)).play())
    if chosen.report:
        chosen.report.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
    shown = [report.model_dump_json(indent=2)] if chosen.json else lines(report)
    sys.stdout.write("".join(f"{line}\n" for line in shown))
    return 0 if report.is_exact else 1


def quieten() -> None:
    """Log what the run does, and not each time that something killed does not answer."""
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    quiet = LoggingConfig(filter=TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=quiet)))


def _scale(chosen: argparse.Namespace) -> Scale:
    scale = SMALL if chosen.small else FULL
    asked = {name: getattr(chosen, name) for name in ("cases", "day_ms", "kills", "storm_seconds")}
    return replace(scale, **{name: value for name, value in asked.items() if value is not None})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--seed", default=secrets.token_hex(3), help="repeats a run's plan")
    parser.add_argument(
        "--small", action="store_true", help="three minutes instead of half an hour"
    )
    parser.add_argument("--cases", type=int)
    parser.add_argument("--kills", type=int, help="how often a worker is killed")
    parser.add_argument("--day-ms", type=int, help="how long a day of the cases takes")
    parser.add_argument("--storm-seconds", type=float, help="how long the blows go on")
    parser.add_argument("--report", type=Path, help="write the report there, as JSON")
    parser.add_argument("--json", action="store_true", help="print JSON instead of words")
    parser.add_argument("--keep", type=Path, help="a directory for servers and logs, and keep it")
    return parser


if __name__ == "__main__":
    leave(main())

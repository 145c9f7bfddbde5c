"""A small chaos run, against the real worker: the report must come out even."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from chaos.report import Report, lines

ROOT = Path(__file__).parents[2]
SEED = "1"
LONGEST_SECONDS = 420


@pytest.fixture
def place() -> Iterator[Path]:
    # not pytest's own folder: only its owner may pass that, and root's PostgreSQL runs as nobody
    folder = Path(tempfile.mkdtemp(prefix="dunning-"))
    yield folder
    shutil.rmtree(folder)


def test_a_small_run_comes_out_even_and_leaves_nobody_behind(place: Path) -> None:
    report = place / "report.json"
    command = [sys.executable, "-m", "chaos", "--small", "--seed", SEED]
    command += ["--report", str(report), "--keep", str(place / "run")]
    environment = {name: value for name, value in os.environ.items() if "DUNNING" not in name}
    run = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        run.wait(LONGEST_SECONDS)
    finally:
        run.send_signal(signal.SIGTERM)
        run.wait()
    _await_nobody(place)
    found = Report.model_validate_json(report.read_text(encoding="utf-8"))
    assert found.is_exact, "\n".join(lines(found))
    assert found.blows["kill"] >= 8
    assert {found.blows[name] for name in ("outage", "postgres", "temporal")} == {1}
    assert sum(found.faults.values()) > 0
    assert found.arrived > found.cases


def _await_nobody(place: Path) -> None:
    """Fail when a process of the run outlives it by more than its watchdog needs."""
    until = time.monotonic() + 20
    while left := _left_behind(place):
        assert time.monotonic() < until, left
        time.sleep(0.2)


def _left_behind(place: Path) -> list[str]:
    found = (one.info["cmdline"] or [] for one in psutil.process_iter(["cmdline"]))
    return [" ".join(line) for line in found if any(str(place) in word for word in line)]

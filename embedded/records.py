"""What a run has started, on paper: enough for somebody else to stop exactly that.

Each child process has a file `NAME.json` with its pid and its start time. A pid alone may have gone
to a stranger since; pid and start time together have not.
"""

import json
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil

from schemas.errors import InputRefusedError

# the start time is derived from the boot time, which moves a little when the clock is corrected
SAME_START_SECONDS: Final = 1.5
KILL_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.02


@dataclass(frozen=True)
class Record:
    """One process that leads its own group; `started` in seconds since 1970."""

    pid: int
    started: float
    command: str
    stop_signal: int = signal.SIGTERM
    grace_seconds: float = 10.0

    def alive(self) -> bool:
        """Tell whether this very process still runs; one that only waits to be reaped does not."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < SAME_START_SECONDS
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def send(self, number: int) -> None:
        """Send a signal to the process's group, if the process still runs."""
        if self.alive():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)


def started(pid: int) -> float:
    """Read when a process started; now, if it is gone already."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return time.time()


def line(record: Record) -> str:
    """Put a record into one line."""
    return json.dumps(asdict(record)) + "\n"


def parse(text: str) -> Record:
    """Read such a line; raises `ValueError` or `TypeError` for anything else."""
    return Record(**json.loads(text))


def write(path: Path, record: Record) -> None:
    """Write the record in one piece: a reader finds the whole file or none."""
    draft = path.with_suffix(".new")
    draft.write_text(line(record), encoding="utf-8")
    draft.replace(path)


def read(path: Path) -> Record | None:
    """Read a record; None when the file is not there or is none of ours."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return None


def stop(records: Iterable[Record]) -> list[Record]:
    """Ask all of them at once to end, kill who outlives its grace; return who outlives even that.

    Takes as long as the slowest, and five seconds more at most.
    """
    left = [record for record in records if record.alive()]
    asked_at = time.monotonic()
    for record in left:
        record.send(record.stop_signal)
    for record in left:
        _wait(record, asked_at + record.grace_seconds)
        record.send(signal.SIGKILL)
    killed_at = time.monotonic()
    return [record for record in left if not _wait(record, killed_at + KILL_SECONDS)]


def sweep(run: Path) -> list[str]:
    """Stop what a run that died left behind, remove its records, and name what was still running.

    The caller holds the directory's lock: all records here belong to the dead. Raises
    `InputRefusedError` when a process does not end, most likely because it is another user's.
    """
    found = {path: read(path) for path in sorted(run.glob("*.json"))}
    left = {path: record for path, record in found.items() if record and record.alive()}
    if survivors := stop(left.values()):
        raise InputRefusedError(
            f"An earlier run left process {survivors[0].pid} ({survivors[0].command}) in {run}, "
            f"and it does not end: stop it as its owner, or use another directory."
        )
    for path in found:
        path.unlink(missing_ok=True)
    return [path.stem for path in left]


def _wait(record: Record, until: float) -> bool:
    while record.alive():
        if time.monotonic() >= until:
            return False
        time.sleep(POLL_SECONDS)
    return True

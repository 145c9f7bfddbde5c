"""One run at a time in one directory."""

import fcntl
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from embedded import records
from schemas.errors import InputRefusedError

PATIENCE_SECONDS: Final = 20.0  # a dead run's watchdog is done well before
POLL_SECONDS: Final = 0.05


class DirectoryLock:
    """An advisory lock on `directory/lock`, which also says who holds it.

    The kernel gives it back when the last process that has it open ends, however it ends: there are
    no stale locks, and the file itself stays.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._holder = directory / "lock.holder"
        self._fd: int | None = None

    def acquire(self) -> int:
        """Take the lock and return its file descriptor, for a child that shall share it.

        A lock whose holder has died is waited for: its watchdog is still cleaning up. Raises
        `InputRefusedError` when somebody alive holds it.
        """
        fd = os.open(self._directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._wait(fd)
        except BaseException:
            os.close(fd)
            raise
        me = os.getpid()
        records.write(self._holder, records.Record(me, records.started(me), " ".join(sys.argv)))
        self._fd = fd
        return fd

    def release(self) -> None:
        """Give the lock back, also for whoever shares it; again does nothing."""
        if self._fd is None:
            return
        self._holder.unlink(missing_ok=True)
        with suppress(OSError):
            fcntl.flock(self._fd, fcntl.LOCK_UN)
        os.close(self._fd)
        self._fd = None

    def _wait(self, fd: int) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not _taken(fd):
            holder = records.read(self._holder)
            if (holder and holder.alive()) or time.monotonic() > until:
                raise InputRefusedError(self._refusal(holder))
            time.sleep(POLL_SECONDS)

    def _refusal(self, holder: records.Record | None) -> str:
        who = f"process {holder.pid} ({holder.command})" if holder else "another process"
        return (
            f"{self._directory} is in use by {who}: wait for it or stop it, "
            f"or choose another directory."
        )


def _taken(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""Child processes of one run: started with a log, recorded, and never left behind.

    with Processes(Path("var")) as processes:
        child = processes.start("server", ["server", "--port", "0"])
        port = child.wait_until(lambda: announced_port(child))

Each child leads a session of its own, so Ctrl-C reaches only the run, which then stops its children
in order. If the run is killed, its watchdog stops them; if that is killed too, the next run does.
"""

import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import psutil

from embedded import records
from embedded.lock import DirectoryLock
from schemas.errors import DunningError, InputRefusedError, ServiceUnreachableError

T = TypeVar("T")

ROOT: Final = Path(__file__).resolve().parent.parent
START_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.02
TAIL_LINES: Final = 3


@dataclass(frozen=True)
class Child:
    """One child process: its name, its log file, and what is needed to stop it."""

    name: str
    process: subprocess.Popen[bytes]
    record: records.Record
    log: Path

    def wait_until(self, ready: Callable[[], T | None], timeout: float = START_SECONDS) -> T:
        """Ask `ready` again and again until it answers with something true, and return that.

        An `OSError` from `ready` means "not yet". Raises `ServiceUnreachableError` with the end of
        the log when the child ends first or `timeout` seconds pass.
        """
        until = time.monotonic() + timeout
        while (answer := _ask(ready)) is None:
            if self.process.poll() is not None:
                raise self._fault(f"ended with code {self.process.returncode} while starting")
            if time.monotonic() > until:
                raise self._fault(f"was not ready within {timeout:.0f} s")
            time.sleep(POLL_SECONDS)
        return answer

    def finish(self, timeout: float = START_SECONDS) -> None:
        """Wait for a child that does one thing and ends; raises as `wait_until` if it fails."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise self._fault(f"was not done within {timeout:.0f} s") from None
        if code != 0:
            raise self._fault(f"ended with code {code}")

    def output(self) -> str:
        """Read what the child has written since it was started."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _fault(self, what: str) -> ServiceUnreachableError:
        tail = " | ".join(self.output().strip().splitlines()[-TAIL_LINES:]) or "it said nothing"
        return ServiceUnreachableError(f"{self.name} {what} ({tail}); all of it is in {self.log}.")


class Processes:
    """All child processes of one run on one directory; use it as a context manager.

    Entering takes the directory's lock and stops what a killed run left there. Leaving stops all
    children, the latest first asked, together. Threads may start children at the same time.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self._run = self.directory / "run"
        self._logs = self.directory / "log"
        self._lock = DirectoryLock(self._run)
        self._guard = threading.Lock()
        self._children: dict[str, Child] = {}
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._afterwards: list[Callable[[], None]] = []
        self._open = False

    def __enter__(self) -> Self:
        fd = self._enter_directory()
        try:
            records.sweep(self._run)
            self._watchdog = _watchdog(self._run, self._fresh_log("watchdog"), fd)
        except BaseException:
            self._lock.release()
            raise
        self._open = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace: float = 10.0,
        user: str | None = None,
        cwd: Path | None = None,
    ) -> Child:
        """Start a child that writes to `log/NAME.log` and is stopped with the run.

        `environment` is added to this process's own, and is the place for secrets: command lines
        are public. `grace` is the seconds between `stop_signal` and the kill. `user` needs root.
        Raises `DunningError` when a child of that name runs or the run is over, `OSError` when the
        program cannot be started.
        """
        with self._guard:
            self._refuse(name)
            log = self._fresh_log(name)
            process = _spawn(command, log, self._environment(environment), user, cwd)
            record = records.Record(
                process.pid, records.started(process.pid), command[0], stop_signal, grace
            )
            self._note(name, record)
            self._children[name] = Child(name, process, record, log)
            return self._children[name]

    def stop(self, *children: Child) -> None:
        """Stop these children together: stop signal, grace, kill."""
        records.stop(child.record for child in children)
        for child in children:
            if not child.record.alive():
                child.process.wait()
                (self._run / f"{child.name}.json").unlink(missing_ok=True)

    def kill(self, name: str) -> None:
        """Kill a child and all it has started, at once; then its name may be started again.

        Raises `DunningError` when none of that name was started here.
        """
        if name not in self._children:
            raise DunningError(f"{name} was not started by this run, so it is not killed either.")
        child = self._children[name]
        with suppress(psutil.NoSuchProcess):  # it has ended by itself
            leader = psutil.Process(child.process.pid)
            # PostgreSQL's own children leave the group, and would hold on to the files
            tree = [leader, *leader.children(recursive=True)]
            for one in tree:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            psutil.wait_procs(tree[1:], timeout=records.KILL_SECONDS)
        child.process.wait()
        (self._run / f"{name}.json").unlink(missing_ok=True)

    def afterwards(self, call: Callable[[], None]) -> None:
        """Call this once all children have stopped."""
        self._afterwards.append(call)

    def close(self) -> None:
        """Stop everything and give the directory back; again does nothing."""
        with self._guard:
            if not self._open:
                return
            self._open = False  # a thread that is still starting parts is refused from here on
        self.stop(*reversed(self._children.values()))
        for call in self._afterwards:
            call()
        if self._watchdog:
            self._watchdog.kill()  # it has nothing left to do
            self._watchdog.communicate()
        self._lock.release()

    def _enter_directory(self) -> int:
        try:
            self._run.mkdir(parents=True, exist_ok=True)
            self._logs.mkdir(exist_ok=True)
            return self._lock.acquire()
        except PermissionError as error:
            raise InputRefusedError(
                f"{error.filename or self.directory} belongs to another user: "
                f"remove it as its owner, or choose another directory."
            ) from error

    def _refuse(self, name: str) -> None:
        if not self._open:
            raise DunningError(f"{name} was not started: the run on {self.directory} is over.")
        running = self._children.get(name)
        if running and running.process.poll() is None:
            raise DunningError(f"{name} already runs as process {running.process.pid}.")

    def _note(self, name: str, record: records.Record) -> None:
        """Tell the watchdog, which uses no files, and the next run, which has nothing else."""
        if self._watchdog and self._watchdog.stdin:
            with suppress(BrokenPipeError):  # it was killed: the next run still has the file
                self._watchdog.stdin.write(records.line(record).encode())
        records.write(self._run / f"{name}.json", record)

    def _fresh_log(self, name: str) -> Path:
        log = self._logs / f"{name}.log"
        if log.exists():
            log.replace(self._logs / f"{name}.previous.log")
        log.touch(mode=0o600)
        return log

    def _environment(self, given: Mapping[str, str] | None) -> dict[str, str]:
        mine = importable(os.environ)
        if sys.dont_write_bytecode:
            # without compiled files a Python child reads every library's source: seconds each time
            mine |= {
                "PYTHONDONTWRITEBYTECODE": "",
                "PYTHONPYCACHEPREFIX": mine.get("PYTHONPYCACHEPREFIX")
                or str(self.directory / "pycache"),
            }
        return mine | dict(given or {})


def _ask(ready: Callable[[], T | None]) -> T | None:
    try:
        return ready() or None
    except OSError:
        return None


def importable(environment: Mapping[str, str]) -> dict[str, str]:
    """Add this project to where a Python child looks for modules, wherever it is started."""
    given = environment.get("PYTHONPATH")
    path = f"{ROOT}{os.pathsep}{given}" if given else str(ROOT)
    return {**environment, "PYTHONPATH": path}


def _spawn(
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str],
    user: str | None,
    cwd: Path | None,
) -> subprocess.Popen[bytes]:
    account = pwd.getpwnam(user) if user else None
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - the commands are this package's and its caller's own
            command,
            env=environment,
            cwd=cwd,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _watchdog(run: Path, log: Path, lock: int) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own module, our own path
            [sys.executable, "-m", "embedded.watchdog", str(run)],
            env=importable(os.environ),
            stdin=subprocess.PIPE,
            bufsize=0,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(lock,),
            start_new_session=True,
        )

"""Children are started, watched and stopped; nobody else's process ever is."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from embedded import records
from embedded.processes import Child, Processes, importable
from schemas.errors import DunningError, InputRefusedError, ServiceUnreachableError

SLEEPER = [sys.executable, "-ISc", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-ISc",
    "import signal, time; signal.signal(15, 1); print('up', flush=True); time.sleep(60)",
]
# a run with one child that tells its child's and its watchdog's pid, and then hangs
RUN = """
import sys, time
from pathlib import Path
from embedded.processes import Processes
with Processes(Path(sys.argv[1])) as processes:
    child = processes.start("sleeper", sys.argv[2:])
    print(child.process.pid, processes._watchdog.pid, flush=True)
    time.sleep(60)
"""


def up(child: Child) -> bool:
    return "up\n" in child.output()


def sleeping(processes: Processes, command: list[str] = SLEEPER, grace: float = 5.0) -> Child:
    child = processes.start("sleeper", command, grace=grace)
    child.wait_until(lambda: up(child))
    return child


def gone(pid: int, seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def interrupted(place: Path, *, with_watchdog: bool) -> int:
    """Kill a run in mid-air; returns the pid of the child it had."""
    run = subprocess.Popen(  # noqa: S603 - this interpreter, the text above
        [sys.executable, "-c", RUN, str(place), *SLEEPER],
        stdout=subprocess.PIPE,
        env=importable(os.environ),
    )
    assert run.stdout is not None
    child, watchdog = (int(pid) for pid in run.stdout.readline().split())
    if with_watchdog:
        os.kill(watchdog, signal.SIGKILL)
    run.kill()
    run.communicate()
    return child


def test_a_child_is_recorded_while_it_runs_and_gone_with_the_block(place: Path) -> None:
    with Processes(place) as processes:
        child = sleeping(processes)
        paper = place / "run" / "sleeper.json"
        assert json.loads(paper.read_text())["pid"] == child.process.pid
        assert os.getsid(child.process.pid) == child.process.pid
    assert child.process.returncode == -signal.SIGTERM
    assert not paper.exists()


def test_a_child_that_outlives_its_grace_is_killed(place: Path) -> None:
    with Processes(place) as processes:
        child = sleeping(processes, STUBBORN, grace=0.1)
    assert child.process.returncode == -signal.SIGKILL


def test_a_child_that_ends_while_starting_is_an_error_with_its_last_words(place: Path) -> None:
    with Processes(place) as processes:
        child = processes.start("server", [sys.executable, "-ISc", "raise SystemExit('no disk')"])
        with pytest.raises(
            ServiceUnreachableError, match=r"server ended with code 1 .*\(no disk\)"
        ):
            child.wait_until(lambda: None)


def test_a_child_that_is_never_ready_is_an_error(place: Path) -> None:
    def refused() -> bool:
        raise ConnectionRefusedError

    with Processes(place) as processes:
        child = sleeping(processes)
        with pytest.raises(ServiceUnreachableError, match=r"not ready within 0 s .*sleeper\.log"):
            child.wait_until(refused, timeout=0.1)


def test_a_step_that_fails_is_an_error(place: Path) -> None:
    with Processes(place) as processes:
        processes.start("step", [sys.executable, "-ISc", "pass"]).finish()
        failing = processes.start("step", [sys.executable, "-ISc", "raise SystemExit(3)"])
        with pytest.raises(ServiceUnreachableError, match="step ended with code 3"):
            failing.finish()
        with pytest.raises(ServiceUnreachableError, match="not done within 0 s"):
            sleeping(processes).finish(timeout=0.05)


def test_a_name_is_free_again_once_its_child_was_stopped(place: Path) -> None:
    with Processes(place) as processes:
        first = sleeping(processes)
        with pytest.raises(DunningError, match="sleeper already runs"):
            sleeping(processes)
        processes.stop(first)
        assert sleeping(processes).process.pid != first.process.pid


def test_nothing_starts_once_the_run_is_over(place: Path) -> None:
    with Processes(place) as processes:
        pass
    with pytest.raises(DunningError, match="is over"):
        sleeping(processes)


def test_what_comes_afterwards_finds_all_children_stopped(place: Path) -> None:
    seen: list[bool] = []
    with Processes(place) as processes:
        child = sleeping(processes)
        processes.afterwards(lambda: seen.append(child.record.alive()))
    assert seen == [False]


def test_a_killed_runs_children_are_stopped_by_its_watchdog(place: Path) -> None:
    child = interrupted(place, with_watchdog=False)
    assert gone(child)
    with Processes(place):
        assert list((place / "run").glob("*.json")) == []


def test_a_watchdog_stops_its_own_runs_children_only_even_without_the_directory(
    place: Path,
) -> None:
    here = place / "var"
    with Processes(here) as first:
        child = sleeping(first)
        here.rename(place / "away")  # as when somebody removes it under a run
        with Processes(here) as second:
            other = sleeping(second)
            assert first._watchdog is not None
            first._watchdog.communicate()  # what the run's death would do
            assert not child.record.alive()
            assert other.record.alive()


def test_a_run_whose_watchdog_was_killed_too_is_cleaned_up_by_the_next(place: Path) -> None:
    child = interrupted(place, with_watchdog=True)
    assert not gone(child, seconds=0.3)
    with Processes(place) as processes:
        assert gone(child, seconds=0)
        sleeping(processes)


def test_a_stranger_with_a_recorded_pid_is_left_alone(place: Path) -> None:
    (place / "run").mkdir()
    stranger = subprocess.Popen(SLEEPER, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - this interpreter
    record = records.Record(stranger.pid, records.started(stranger.pid) - 60, "gone long ago")
    records.write(place / "run" / "old.json", record)
    (place / "run" / "torn.json").write_text('{"pid": 1')
    with Processes(place):
        assert list((place / "run").glob("*.json")) == []
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_second_run_is_refused_and_told_by_whom(place: Path) -> None:
    with (
        Processes(place),
        pytest.raises(
            InputRefusedError, match=rf"in use by process {os.getpid()} .*choose another"
        ),
        Processes(place),
    ):
        pytest.fail("two runs at once")
    with Processes(place):  # a free directory again
        pass


def test_a_lock_file_of_the_dead_is_no_obstacle(place: Path) -> None:
    (place / "run").mkdir()
    (place / "run" / "lock").touch()
    records.write(place / "run" / "lock.holder", records.Record(2**22 - 1, 0.0, "dead"))
    with Processes(place) as processes:
        assert sleeping(processes).process.poll() is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_of_another_user_is_refused() -> None:
    with (
        pytest.raises(InputRefusedError, match="belongs to another user"),
        Processes(Path("/")),
    ):
        pytest.fail("it should not have started")

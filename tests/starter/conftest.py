"""What the command-line tests share: running a command in this process, and a live cluster."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from embedded.stack import Stack
from settings import settings
from starter.cli import execute


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Dunning = Callable[..., Ended]


@pytest.fixture
def dunning(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Dunning:
    """Run `dunning` with these words in this process."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: object) -> Ended:
        settings.cache_clear()
        code = execute([str(word) for word in words])
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def cluster() -> Iterator[dict[str, str]]:
    """Run every server and one worker; the environment says where they are."""
    # not under pytest's folder: PostgreSQL may run as another account than root
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder), ui_port=None) as stack:
        chosen = {"DUNNING_CREDITOR": "cli", "DUNNING_CALLBACK_URL": "http://127.0.0.1:9"}
        worker = stack.start("worker", [sys.executable, "-m", "worker"], chosen)
        worker.wait_until(lambda: "ready on task queue" in worker.log.read_text(), 60)
        yield stack.environment() | chosen


@pytest.fixture
def live(cluster: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Point this process at the live cluster."""
    for name, value in cluster.items():
        monkeypatch.setenv(name, value)

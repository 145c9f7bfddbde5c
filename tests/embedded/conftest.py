"""A short-lived directory for each run, and the proof that nothing of it outlives a test."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from embedded.processes import ROOT
from embedded.stack import Part, Stack


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Keep the children's compiled files from one test run to the next, where they are not kept."""
    with pytest.MonkeyPatch.context() as patch:
        if sys.dont_write_bytecode:
            patch.setenv("PYTHONDONTWRITEBYTECODE", "")
            patch.setenv("PYTHONPYCACHEPREFIX", str(ROOT / "var" / "pycache"))
        yield


@pytest.fixture
def place() -> Iterator[Path]:
    # not pytest's own folder: only its owner may pass that, and root's PostgreSQL runs as nobody
    folder = Path(tempfile.mkdtemp(prefix="dunning-"))
    before = set(psutil.Process().children())
    yield folder
    shutil.rmtree(folder)
    assert set(psutil.Process().children()) <= before


@pytest.fixture(scope="session")
def servers() -> Iterator[Stack]:
    """PostgreSQL and Temporal, shared: a test makes its own database or namespace."""
    with (
        tempfile.TemporaryDirectory(prefix="dunning-") as folder,
        Stack(Path(folder), [Part.POSTGRES, Part.TEMPORAL], ui_port=None, durable=False) as stack,
    ):
        yield stack

"""One small live demo, from the command to the files it leaves."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as found:
        yield Path(found)


@pytest.fixture(scope="module")
def played(folder: Path) -> subprocess.CompletedProcess[str]:
    words = ["demo", "--small", "--day-seconds", "1", "--json"]
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "starter.cli", *words],
        env=os.environ | {"DUNNING_VAR": str(folder)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
def report(played: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(played.stdout)
    return found


def test_every_case_ends_as_its_script_says(
    played: subprocess.CompletedProcess[str], report: dict[str, Any]
) -> None:
    assert report["surprises"] == []
    assert report["outcomes"] == {"credited": 1, "handed_off": 2, "paid": 5}
    assert played.returncode == 0


def test_the_worker_and_the_servers_complain_of_nothing(
    played: subprocess.CompletedProcess[str], folder: Path
) -> None:
    assert played.stderr == ""
    said = (folder / "log" / "worker.log").read_text()
    assert "ready on task queue" in said
    assert " WARNING " not in said
    assert " ERROR " not in said


def test_each_handed_over_case_has_its_dossier(report: dict[str, Any], folder: Path) -> None:
    dossiers = list(folder.glob("demo/*/dossiers/*/*/*/case.json"))
    assert len(dossiers) == report["outcomes"]["handed_off"]
    for dossier in dossiers:
        names = {file.name for file in dossier.parent.iterdir()}
        assert names == {"case.json", "ledger.csv", "contacts.csv", "SHA256SUMS"}


def test_the_debtors_mail_lies_in_files(report: dict[str, Any], folder: Path) -> None:
    assert len(list(folder.glob("demo/*/emails/*.html"))) == report["contacts"]["email"]
    assert len(list(folder.glob("demo/*/texts/*.txt"))) == report["contacts"]["sms"]
    assert len(list(folder.glob("demo/*/calls/*.xml"))) == report["contacts"]["call"]

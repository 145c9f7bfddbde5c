"""docs/policies.md shows what the commands really print; UPDATE_SNAPSHOTS=1 rewrites it."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from starter.cli import execute

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "policies.md"
FILES = re.compile(r"(```yaml file=(\S+)\n)(.*?)```", re.DOTALL)
COMMANDS = re.compile(r"(```console\n\$ dunning ([^\n]+)\n)(.*?)```", re.DOTALL)

Printed = Callable[[str], str]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Printed:
    """Run a command at the root of the repository and return what a person sees."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "110")

    def run(words: str) -> str:
        execute(words.split())
        seen = capsys.readouterr()
        lines = (seen.out + seen.err).splitlines()
        return "".join(f"{line.rstrip()}\n" for line in lines)

    return run


def _blocks(form: re.Pattern[str]) -> list[tuple[str, str]]:
    return [(name, text) for _, name, text in form.findall(GUIDE.read_text(encoding="utf-8"))]


def _checked(form: re.Pattern[str], name: str, really: str) -> None:
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        text = GUIDE.read_text(encoding="utf-8")
        written = form.sub(lambda f: f"{f[1]}{really}```" if f[2] == name else f[0], text)
        GUIDE.write_text(written, encoding="utf-8")
    assert dict(_blocks(form))[name] == really


def test_the_guide_has_its_four_parts() -> None:
    parts = re.findall(r"^## \d\. (.+)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert parts == ["Define criteria", "Design templates", "Automate", "Monitor"]


@pytest.mark.parametrize("file", [name for name, _ in _blocks(FILES)])
def test_a_file_in_the_guide_is_the_one_it_is_said_to_be(file: str) -> None:
    _checked(FILES, file, (ROOT / file).read_text(encoding="utf-8"))


@pytest.mark.parametrize("words", [name for name, _ in _blocks(COMMANDS)])
def test_the_guide_shows_what_a_command_prints(printed: Printed, words: str) -> None:
    _checked(COMMANDS, words, printed(words))


def test_the_guide_names_every_shipped_policy() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    for file in (ROOT / "policies").glob("*.yaml"):
        assert f"[`{file.stem}`](../policies/{file.name})" in guide

"""What the documents promise is there: links, commands, signals, settings, examples."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer
import yaml

from schemas.policy import Policy
from schemas.signals import SIGNALS
from settings import Settings
from starter.cli import app
from starter.ledger.column_map import ColumnMap

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    file
    for pattern in ("*.md", "docs/**/*.md", "deploy/*.md", "templates/*.md")
    for file in ROOT.glob(pattern)
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def _anchors(text: str) -> set[str]:
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(text))
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_to_a_file_or_heading_leads_somewhere(file: Path) -> None:
    for link in LINK.findall(file.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (file.parent / path).resolve() if path else file
        assert target.exists(), f"{link} leads nowhere"
        assert target.is_relative_to(ROOT), f"{link} leads out of the repository"
        if anchor:
            assert anchor in _anchors(target.read_text(encoding="utf-8")), f"{link}: no heading"


def _commands() -> dict[str, set[str]]:
    """Return each command with its options; a group has none of its own."""

    def walk(command: object, name: str) -> Iterator[tuple[str, set[str]]]:
        parts = getattr(command, "commands", None)
        if parts is None:
            options = {word for part in getattr(command, "params", ()) for word in part.opts}
            yield name, options | {"--help"}
            return
        for word, part in parts.items():
            yield from walk(part, f"{name} {word}".strip())

    return dict(walk(typer.main.get_command(app), ""))


def _mentioned(text: str) -> Iterator[str]:
    for line in re.findall(r"`dunning ([^`\n]+)`|^ *dunning ([^\n#]+)", text, re.MULTILINE):
        yield "".join(line)


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_command_and_option_that_is_mentioned_exists(file: Path) -> None:
    known = _commands()
    for words in _mentioned(file.read_text(encoding="utf-8")):
        name = next((one for one in known if f"{words} ".startswith(f"{one} ")), None)
        assert name is not None, f"there is no `dunning {words}`"
        for option in re.findall(r"(?<!\S)--[a-z-]+", words.split("'")[0]):
            assert option in known[name], f"`dunning {name}` has no {option}"


def test_the_readme_names_every_command() -> None:
    for name in _commands():
        assert f"`dunning {name}" in README


def test_the_readme_lists_every_signal_with_its_fields() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", README, re.MULTILINE))
    for name, model in SIGNALS.items():
        fields = [
            f"`{field}`" if at.is_required() else f"`{field}?`"
            for field, at in model.model_fields.items()
            if field not in {"id", "at", "type"}
        ]
        assert rows[name] == (", ".join(fields) or "nothing more")


def test_the_readme_lists_every_setting_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(DUNNING_\w+)` \| ([^|]+) \|", README, re.MULTILINE))
    expected = {
        f"DUNNING_{name.upper()}": f"`{at.default}`" if str(at.default or "") else "none"
        for name, at in Settings.model_fields.items()
        if at.default is not False
    }
    expected |= dict.fromkeys(("DUNNING_SMTP_STARTTLS", "DUNNING_EVENTS_ALLOW_PRIVATE"), "`False`")
    assert rows == expected


def test_the_readmes_policy_and_column_map_read() -> None:
    policy, column_map = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert Policy.model_validate(yaml.safe_load(policy)).id == "net30-gentle"
    assert ColumnMap.model_validate(yaml.safe_load(column_map)).delimiter == ";"


def test_the_decisions_are_short_and_listed() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for file in folder.glob("[0-9]*.md"):
        text = file.read_text(encoding="utf-8")
        assert f"({file.name})" in index
        assert text.count("\n") <= 40
        assert [h for h in HEADING.findall(text) if not h[0].isdigit()] == [
            "Context",
            "Decision",
            "Consequences",
        ]


def test_compose_keeps_to_the_loopback_and_waits_longer_than_a_worker_drains() -> None:
    from worker import GRACE  # noqa: PLC0415 - brings every provider

    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert int(services["worker"]["stop_grace_period"].removesuffix("s")) > GRACE.total_seconds()


def test_compose_registers_the_search_attributes_a_case_needs() -> None:
    from temporal import search_attributes  # noqa: PLC0415 - brings Temporal

    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    for key in search_attributes.ALL:
        wanted = f"--search-attribute={key.name}={search_attributes.kind(key)}"
        assert wanted in services["temporal"]["command"]


def test_the_image_copies_every_folder_that_is_let_in() -> None:
    copied = set(
        re.findall(r"^COPY (\w+)/ ", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    )
    let_in = set(re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE))
    assert copied == let_in
    assert all((ROOT / name).is_dir() for name in copied)

"""What `dunning --help` costs: no command loads what only another one needs."""

import json
import subprocess
import sys

import pytest

HEAVY = {
    *("aiohttp", "alembic", "babel", "boto3", "botocore", "holidays", "jinja2", "pandas"),
    *("phonenumbers", "psycopg2", "pygal", "requests", "sqlalchemy", "temporalio", "twilio"),
    *("typst", "yaml"),
}
OURS = {
    "activities",
    "dunning",
    "embedded",
    "library",
    "providers",
    "store",
    "wording",
    "workflows",
}
LOADED = """
import json, sys

def refused(event, _):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.bind"}:
        raise RuntimeError(f"{event} while loading")

sys.addaudithook(refused)
import starter.cli
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Load the command line in a Python of its own, in which a look at the network is a fault."""
    words = [sys.executable, "-c", LOADED]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)  # noqa: S603 - our own words
    return set(json.loads(done.stdout))


def test_the_command_line_is_there_without_servers_pdf_or_calendars(loaded: set[str]) -> None:
    assert "typer" in loaded  # otherwise this looks at nothing
    assert not loaded & HEAVY


def test_the_rules_and_rooms_are_loaded_by_the_commands_that_need_them(loaded: set[str]) -> None:
    assert "starter" in loaded
    assert not loaded & OURS

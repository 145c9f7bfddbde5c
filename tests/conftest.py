"""Real servers for every test that asks for one: started once a session, when first needed.

Tests keep apart by their creditor, not by truncation: `creditor` gives each a name of its own.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings as searching
from pydantic import SecretStr
from sqlalchemy import Engine
from temporalio.client import Client

from embedded.processes import ROOT
from embedded.stack import Part, Stack
from settings import Settings
from store import engine as books
from temporal.plugin import DunningPlugin

# how hypothesis searches: the same examples every time in CI, new ones at a desk
searching.register_profile("desk", deadline=None)
searching.register_profile("ci", deadline=None, derandomize=True)
searching.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Keep the children's compiled files from one test run to the next, where they are not kept."""
    with pytest.MonkeyPatch.context() as patch:
        if sys.dont_write_bytecode:
            patch.setenv("PYTHONDONTWRITEBYTECODE", "")
            patch.setenv("PYTHONPYCACHEPREFIX", str(ROOT / "var" / "pycache"))
        yield


@contextmanager
def running(*parts: Part) -> Iterator[dict[str, str]]:
    """Run parts in a directory of this process's own; gives what a client needs to reach them."""
    # not pytest's own folder: only its owner may pass that, and root's PostgreSQL runs as nobody
    with (
        tempfile.TemporaryDirectory(prefix="dunning-") as folder,
        Stack(Path(folder), parts, ui_port=None, durable=False) as stack,
    ):
        yield stack.environment()


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """Run a PostgreSQL with the tables of this release."""
    with running(Part.POSTGRES) as found:
        yield found["DUNNING_DATABASE_URL"]


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    """Connect to the books."""
    made = books.connect(database_url, 8)
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def outside(database_url: str) -> Iterator[Settings]:
    """Give the settings of a worker whose AWS is moto and whose Twilio is the fake."""
    with running(Part.AWS, Part.TWILIO) as found, pytest.MonkeyPatch.context() as patch:
        for name in found:
            if not name.startswith("DUNNING_"):  # AWS credentials come from the usual AWS places
                patch.setenv(name, found[name])
        yield Settings(
            database_url=database_url,
            aws_endpoint_url=found["DUNNING_AWS_ENDPOINT_URL"],
            aws_region=found["DUNNING_AWS_REGION"],
            twilio_base_url=found["DUNNING_TWILIO_BASE_URL"],
            twilio_account_sid=found["DUNNING_TWILIO_ACCOUNT_SID"],
            twilio_auth_token=SecretStr(found["DUNNING_TWILIO_AUTH_TOKEN"]),
        )


@pytest.fixture(scope="session")
def temporal_address() -> Iterator[str]:
    """Run a Temporal that knows our search attributes; no worker polls it."""
    with running(Part.TEMPORAL) as found:
        yield found["TEMPORAL_ADDRESS"]


@pytest.fixture(scope="session")
async def temporal_client(temporal_address: str) -> Client:
    """Connect as every client of ours does."""
    return await Client.connect(temporal_address, plugins=[DunningPlugin()])


@pytest.fixture
def creditor() -> str:
    """Name a creditor nobody else has heard of."""
    return f"c-{uuid4().hex[:12]}"

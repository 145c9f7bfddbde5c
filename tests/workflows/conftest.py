"""One time-skipping server for all tests of the workflow, and a worker whose world is told."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from embedded.rehearsal import rehearsal_worker, skipping_server
from tests.workflows.world import World


@pytest.fixture(scope="session")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    async with skipping_server(tmp_path_factory.mktemp("temporal")) as client:
        yield client


@pytest.fixture(scope="session")
async def world(client: Client) -> AsyncIterator[World]:
    world = World()
    async with rehearsal_worker(client, world.activities):
        yield world

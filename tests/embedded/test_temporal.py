"""Temporal: reached with a clear sentence or reached, with exactly the attributes of the list."""

import socket
import time
from pathlib import Path
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.converter import DataConverter
from temporalio.plugin import SimplePlugin

from embedded import temporal_server
from embedded.stack import Stack
from schemas.errors import DunningError, InputRefusedError, ServiceUnreachableError
from temporal import connect as reach
from temporal import search_attributes
from temporal.connect import connect
from temporal.converter import DATA_CONVERTER


@pytest.fixture
def here(servers: Stack, monkeypatch: pytest.MonkeyPatch) -> str:
    """Point Temporal's own variables at the test's server."""
    for name, value in servers.environment().items():
        monkeypatch.setenv(name, value)
    return servers.environment()["TEMPORAL_ADDRESS"]


async def fresh_namespace(client: Client, **attributes: IndexedValueType.ValueType) -> Client:
    name = f"test-{uuid4().hex}"
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(
            namespace=name, workflow_execution_retention_period=Duration(seconds=86400)
        )
    )
    other = await Client.connect(client.service_client.config.target_host, namespace=name)
    if attributes:
        await other.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=name, search_attributes=attributes)
        )
    return other


async def test_the_embedded_server_knows_every_attribute(here: str) -> None:
    client = await connect()
    assert client.service_client.config.target_host == here
    assert await search_attributes.missing(client) == []
    await search_attributes.register(client)


@pytest.mark.usefixtures("here")
async def test_registering_in_a_new_namespace_twice_is_registering_once() -> None:
    client = await fresh_namespace(await connect())
    names = [key.name for key in search_attributes.ALL]
    assert await search_attributes.missing(client) == names
    await search_attributes.register(client)
    await search_attributes.register(client)
    assert await search_attributes.missing(client) == []


@pytest.mark.usefixtures("here")
async def test_an_attribute_of_another_type_is_named() -> None:
    client = await fresh_namespace(
        await connect(), DunningAmountDue=IndexedValueType.INDEXED_VALUE_TYPE_INT
    )
    sentence = "DunningAmountDue is registered as Int .* a case needs Double"
    with pytest.raises(DunningError, match=sentence):
        await search_attributes.missing(client)
    with pytest.raises(DunningError, match=sentence):
        await search_attributes.register(client)


@pytest.mark.usefixtures("here")
async def test_a_namespace_without_room_is_a_clear_error() -> None:
    kind = IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE
    client = await fresh_namespace(await connect(), One=kind, Two=kind, Three=kind)
    with pytest.raises(DunningError, match=r"refuses the search attributes .*cannot have more"):
        await search_attributes.register(client)


@pytest.mark.usefixtures("here")
async def test_a_missing_namespace_is_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "nowhere")
    client = await connect()
    with pytest.raises(DunningError, match="namespace create -n nowhere"):
        await search_attributes.missing(client)


@pytest.mark.usefixtures("here")
async def test_the_converter_is_ours_unless_a_plugin_brings_another() -> None:
    assert (await connect()).data_converter is DATA_CONVERTER
    other = DataConverter()
    plugin = SimplePlugin("test", data_converter=other)
    assert (await connect(plugins=[plugin])).data_converter is other


async def test_no_server_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    with pytest.raises(ServiceUnreachableError, match=r"127\.0\.0\.1:1 \(.*start-dev.*make demo"):
        await connect()


async def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "PATIENCE", reach.PATIENCE / 20)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{mute.getsockname()[1]}")
        began = time.monotonic()
        with pytest.raises(ServiceUnreachableError, match="not a word"):
            await connect()
        assert time.monotonic() - began < 2


async def test_settings_that_do_not_read_are_refused(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torn = place / "temporal.toml"
    torn.write_text("profile = [")
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(torn))
    with pytest.raises(InputRefusedError, match="TEMPORAL_"):
        await connect()


def test_without_the_program_there_is_advice(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", str(place / "python"))
    monkeypatch.setenv("PATH", str(place))
    with pytest.raises(ServiceUnreachableError, match=r"no `temporal` program .*dev\.lock"):
        temporal_server._program()


def test_time_skipping_is_two_more_settings() -> None:
    more = set(temporal_server._tuning(time_skipping=True))
    assert more - set(temporal_server._tuning(time_skipping=False)) == set(
        temporal_server.TIME_SKIPPING
    )

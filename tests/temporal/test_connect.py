"""Reaching Temporal, or saying in one sentence why not."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.errors import InputRefusedError, ServiceUnreachableError
from temporal import connect as connecting
from temporal.connect import connect


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_TLS", "TEMPORAL_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "none.toml"))


@pytest.fixture
def mute() -> Iterator[str]:
    """Accept at an address and say nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


async def test_nobody_listening_is_said_in_one_sentence_with_a_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    with pytest.raises(ServiceUnreachableError) as refused:
        await connect()
    sentence = str(refused.value)
    assert sentence.startswith("Temporal does not answer at 127.0.0.1:1 (")
    assert "temporal server start-dev" in sentence
    assert "\n" not in sentence
    assert "Os {" not in sentence


async def test_somebody_who_accepts_and_says_nothing_is_given_up_in_time(
    monkeypatch: pytest.MonkeyPatch, mute: str
) -> None:
    monkeypatch.setattr(connecting, "PATIENCE", timedelta(seconds=0.3))
    monkeypatch.setenv("TEMPORAL_ADDRESS", mute)
    with pytest.raises(ServiceUnreachableError, match=f"does not answer at {mute}"):
        await connect()


async def test_a_config_file_that_does_not_read_is_the_users_to_mend(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "temporal.toml"
    path.write_text("[profile.default\naddress =", encoding="utf-8")
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(path))
    with pytest.raises(InputRefusedError, match=r"Temporal's settings \(TEMPORAL_\*\) do not read"):
        await connect()

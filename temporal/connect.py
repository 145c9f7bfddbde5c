"""The one way to reach Temporal: its own environment variables and config file.

`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS_*` and
`TEMPORAL_PROFILE` mean here what they mean to Temporal's own command line.
"""

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from temporalio.client import Client, Plugin
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.service import RPCError

from schemas.errors import InputRefusedError, ServiceUnreachableError
from temporal.converter import DATA_CONVERTER

DEFAULT_ADDRESS: Final = "127.0.0.1:7233"
PATIENCE: Final = timedelta(seconds=5)


async def connect(*, plugins: Sequence[Plugin] = ()) -> Client:
    """Connect within five seconds, with our converter unless a plugin brings its own.

    Raises `ServiceUnreachableError` when no server answers, and `InputRefusedError` when Temporal's
    variables or config file do not read.
    """
    config = _config()
    try:
        # the SDK's own timeout covers the dialling only, not a server that accepts and says nothing
        async with asyncio.timeout(PATIENCE.total_seconds()):
            return await Client.connect(
                **config,
                data_converter=DATA_CONVERTER,
                plugins=list(plugins),
                connect_timeout=PATIENCE,
            )
    except (RuntimeError, RPCError, TimeoutError) as error:
        raise _unreachable(config["target_host"], error) from error


def _config() -> ClientConnectConfig:
    try:
        config = ClientConfig.load_client_connect_config()
    except (RuntimeError, ValueError) as error:
        raise InputRefusedError(
            f"Temporal's settings (TEMPORAL_*) do not read: {error}."
        ) from error
    config.setdefault("target_host", DEFAULT_ADDRESS)
    return config


def _unreachable(address: str, error: Exception) -> ServiceUnreachableError:
    return ServiceUnreachableError(
        f"Temporal does not answer at {address} ({_reason(error)}): start one with "
        f"`temporal server start-dev` or `make demo`, or point TEMPORAL_ADDRESS at yours."
    )


def _reason(error: Exception) -> str:
    # the SDK hands over a Rust structure printed for debugging; only its quoted sentence helps
    quoted = re.search(r'(?:message|error): "([^"]+)"', str(error))
    return quoted[1] if quoted else str(error) or "not a word within five seconds"

"""Books that are gone: the sender is told to try again, and a forger is still turned away."""

import pytest
from temporalio.client import Client
from twilio.request_validator import RequestValidator

from fakes.broken import closed_port
from settings import Settings
from store import engine as books
from tests.callbacks.conftest import Desk, listening

REPORT = {"CallStatus": "completed"}


@pytest.mark.parametrize(("token", "status"), [(None, 503), ("a forger's", 403)])
async def test_nothing_is_believed_to_be_kept_while_the_books_are_gone(
    temporal_client: Client, outside: Settings, token: str | None, status: int
) -> None:
    gone = books.connect(f"postgresql+psycopg2://nobody@127.0.0.1:{closed_port()}/none", 1)
    async with listening(temporal_client, gone, outside) as desk:
        assert await reported(desk, token) == status
    gone.dispose()


async def reported(desk: Desk, token: str | None) -> int:
    ours = desk.settings.twilio_auth_token.get_secret_value()
    url = desk.url("calls", "c:INV-1:1:first:call")
    return await desk.post(
        url, REPORT, RequestValidator(token or ours).compute_signature(url, REPORT)
    )

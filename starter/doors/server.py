"""The doors of one process: whatever the settings have a secret or a topic for."""

from collections.abc import Iterator

from aiohttp import web
from sqlalchemy import Engine
from temporalio.client import Client

from schemas.errors import InputRefusedError
from settings import Settings
from starter.doors.desk import Desk
from starter.doors.events import EventsDoor
from starter.doors.ses import SesDoor
from starter.doors.twilio import TwilioDoor
from starter.doors.webhooks import signing_key

LARGEST: int = 300 * 1024
"""An SNS notification has at most 256 KiB."""


def doors(client: Client, engine: Engine, chosen: Settings) -> web.Application:
    """Return the web application with the doors that are configured, and `/health`.

    Raises InputRefusedError when none is: a door without a secret would believe anybody.
    """
    routes = list(_routes(Desk(client, engine, chosen.task_queue), chosen))
    if not routes:
        raise InputRefusedError(
            "no door is configured: set DUNNING_TWILIO_AUTH_TOKEN to the token that Twilio signs "
            "with, DUNNING_SES_TOPIC to the SNS topic of SES's events, or DUNNING_INBOX_SECRET"
        )
    app = web.Application(client_max_size=LARGEST)
    app.add_routes([*routes, web.get("/health", _health)])
    return app


def _routes(desk: Desk, chosen: Settings) -> Iterator[web.RouteDef]:
    if token := chosen.twilio_auth_token.get_secret_value():
        yield from TwilioDoor(desk, token, chosen.callback_url).routes()
    if chosen.ses_topic:
        yield from SesDoor(desk, chosen.ses_topic, chosen.sns_stand_in).routes()
    if chosen.inbox_secret and (secret := chosen.inbox_secret.get_secret_value()):
        yield from EventsDoor(desk, signing_key(secret, "DUNNING_INBOX_SECRET")).routes()


async def _health(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")

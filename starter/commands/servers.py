"""Commands that prepare or run servers: the books' tables, search attributes, callbacks."""

import socket

import typer

from settings import settings
from starter.console import out, run

books = typer.Typer(no_args_is_help=True)
temporal = typer.Typer(no_args_is_help=True)


@books.callback()
def _books() -> None:
    """Work on the books."""


@temporal.callback()
def _temporal() -> None:
    """Work on the Temporal namespace."""


@books.command()
def upgrade() -> None:
    """Bring the tables of DUNNING_DATABASE_URL to this release."""
    from store import migrate

    migrate.upgrade(settings().database_url)
    out.print(f"the books are at revision {migrate.head()}")


@temporal.command()
def register() -> None:
    """Register the search attributes of a case; doing it again changes nothing."""
    from temporal import search_attributes
    from temporal.connect import connect

    async def work() -> None:
        await search_attributes.register(await connect())

    run(work())
    out.print(f"registered: {', '.join(key.name for key in search_attributes.ALL)}")


def callbacks(
    host: str = typer.Option("127.0.0.1", help="Where to listen; the loopback by default."),
    port: int = typer.Option(8099, help="0 takes a free one."),
) -> None:
    """Receive what Twilio, SES and your own systems report, signed, and pass it to the cases."""
    from aiohttp import web

    from starter.doors.server import doors
    from store import engine as books
    from temporal.connect import connect
    from temporal.plugin import DunningPlugin

    async def app() -> web.Application:
        client = await connect(plugins=[DunningPlugin()])
        engine = books.connect(settings().database_url, settings().database_pool)
        books.check(engine)
        return doors(client, engine, settings())

    # one line, so that whoever started it on port 0 learns where it listens
    taken = port or _free(host)
    out.print(f"listening on http://{host}:{taken}")
    web.run_app(app(), host=host, port=taken, print=None, access_log=None)


def _free(host: str) -> int:
    with socket.create_server((host, 0)) as probe:
        return int(probe.getsockname()[1])

"""The connection pool to the books, and the question whether they are there and ours."""

from typing import Final

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import OperationalError

from schemas.errors import DunningError
from store import migrate
from store.address import parse, shown, unreachable

CONNECT_SECONDS: Final = 5


def connect(url: str, pool: int) -> Engine:
    """Make a pool of `pool` connections, and two more at need; nothing is dialled yet.

    Who finds all of them taken waits ten seconds at most, then gets SQLAlchemy's `TimeoutError`. A
    connection is tried before use and renewed after half an hour, so a restarted server or a
    proxy's idle limit costs nobody a transaction. What a statement carried stays out of its errors,
    for these go into logs and workflow histories. Raises `InputRefusedError` for a URL that is no
    PostgreSQL address.
    """
    return create_engine(
        parse(url),
        pool_size=pool,
        max_overflow=2,
        pool_timeout=10,
        pool_pre_ping=True,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "dunning"},
    )


def check(engine: Engine) -> None:
    """Return when the books answer and have the tables of this release.

    Raises `ServiceUnreachableError` when they do not answer (within five seconds), `DunningError`
    when the tables are missing, too old or too new.
    """
    try:
        found = migrate.revision(engine)
    except OperationalError as error:
        raise unreachable(engine.url, error) from error
    if found != migrate.head():
        raise DunningError(f"The books at {shown(engine.url)} {_fault(found)}.")


def _fault(found: str | None) -> str:
    if found is None:
        return "have no tables yet: run `dunning db upgrade`"
    if migrate.knows(found):
        return f"are at revision {found}, and {migrate.head()} is needed: run `dunning db upgrade`"
    return f"are at revision {found}, which this release does not know: run a newer release"

"""Where the books are: the database URL, read once and shown without its password."""

from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from schemas.errors import InputRefusedError, ServiceUnreachableError

DRIVER: Final = "postgresql+psycopg2"
SPELLINGS: Final = ("postgres", "postgresql", DRIVER)


def parse(url: str) -> URL:
    """Read a database URL; hosting platforms' `postgres://` and `postgresql://` mean psycopg2.

    Raises `InputRefusedError` for anything but PostgreSQL; the sentence never repeats the URL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.drivername not in SPELLINGS:
        raise InputRefusedError(
            f"DUNNING_DATABASE_URL is no PostgreSQL address: it must look like "
            f"{DRIVER}://user:password@host:5432/database."
        )
    return parsed.set(drivername=DRIVER)


def shown(url: URL) -> str:
    """Name host, port and database: nothing secret, whatever the URL carries."""
    host = url.host or url.query.get("host") or "the local socket"
    return f"{host}:{url.port or 5432}/{url.database or ''}"


def unreachable(url: URL, error: OperationalError) -> ServiceUnreachableError:
    """Put a failed connection into one sentence: where, why, and what to do."""
    reason = str(error.orig).strip().splitlines()[0]
    return ServiceUnreachableError(
        f"PostgreSQL does not answer at {shown(url)} ({reason}): start one with `make demo`, "
        f"or point DUNNING_DATABASE_URL at yours."
    )

"""The tables' history: bring a database to this release, or say where it stands.

Alembic runs from code, with the scripts beside this module: there is no ini file to find or to
keep, and the password never passes through one.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from store.address import parse, unreachable

SCRIPTS: Final = Path(__file__).resolve().parent / "migrations"
ONE_AT_A_TIME: Final = 0x64756E6E  # "dunn": the advisory lock's number


def upgrade(url: str) -> None:
    """Bring the database to the newest revision, all or nothing; two at once queue up.

    Raises `ServiceUnreachableError` when it does not answer within five seconds.
    """
    engine = create_engine(
        parse(url),
        poolclass=NullPool,
        connect_args={"connect_timeout": 5, "application_name": "dunning"},
    )
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
            command.upgrade(_config(connection), "head")
    except OperationalError as error:
        if error.connection_invalidated or error.statement is None:
            raise unreachable(engine.url, error) from error
        raise


def revision(engine: Engine) -> str | None:
    """Read the revision the database is at; None when it was never upgraded."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """Name the newest revision of this release."""
    newest = _scripts().get_current_head()
    if newest is None:
        raise FileNotFoundError(f"no migration scripts under {SCRIPTS}")
    return newest


def knows(name: str) -> bool:
    """Tell whether this release has a script for that revision."""
    try:
        return _scripts().get_revision(name) is not None
    except CommandError:
        return False


def draft(url: str, name: str, title: str) -> None:
    """Write `versions/NAME_TITLE.py` from what the database lacks against `tables.py`.

    The database must be at the newest revision; to draw the first one anew, delete it first and use
    an empty database.
    """
    engine = create_engine(parse(url), poolclass=NullPool)
    with engine.begin() as connection:
        command.revision(_config(connection), title, autogenerate=True, rev_id=name)


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    # ConfigParser reads a percent sign in the path as the start of a variable
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())

"""The books: made, compared with their drawing, adopted, and missed with a clear sentence."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, make_url, text

from embedded import postgres
from embedded.ports import free
from embedded.processes import Processes
from embedded.stack import Part, Stack
from schemas.errors import DunningError, InputRefusedError, ServiceUnreachableError
from store import engine as books
from store import migrate
from store.tables import metadata


def address(stack: Stack) -> str:
    return stack.environment()["DUNNING_DATABASE_URL"]


@pytest.fixture
def empty(servers: Stack) -> str:
    """Make a database of its own, without tables."""
    name = f"test_{uuid4().hex}"
    engine = create_engine(address(servers), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(address(servers)).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def pool(empty: str) -> Iterator[Engine]:
    engine = books.connect(empty, 2)
    yield engine
    engine.dispose()


def test_the_migrations_make_what_the_page_of_tables_draws(empty: str, pool: Engine) -> None:
    migrate.upgrade(empty)
    with pool.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_missing_tables_are_named_with_the_command_and_made_by_it(empty: str, pool: Engine) -> None:
    assert migrate.revision(pool) != migrate.head()
    with pytest.raises(DunningError, match="have no tables yet: run `dunning db upgrade`"):
        books.check(pool)
    migrate.upgrade(empty)
    migrate.upgrade(empty)
    books.check(pool)
    assert migrate.revision(pool) == migrate.head()


def test_tables_of_a_newer_release_are_refused(empty: str, pool: Engine) -> None:
    migrate.upgrade(empty)
    with pool.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DunningError, match="9999, which this release does not know"):
        books.check(pool)


def test_old_tables_are_told_what_is_needed(
    empty: str, pool: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.upgrade(empty)
    monkeypatch.setattr(migrate, "head", lambda: "0099")
    with pytest.raises(
        DunningError, match=r"at revision \d{4}, and 0099 is needed: run `dunning db upgrade`"
    ):
        books.check(pool)


def test_an_unreachable_database_is_one_sentence_without_the_password() -> None:
    (port,) = free(0)
    url = f"postgresql://dunning:hunter2@127.0.0.1:{port}/dunning"
    with pytest.raises(ServiceUnreachableError) as refusal:
        books.check(books.connect(url, 1))
    sentence = str(refusal.value)
    for words in (f"127.0.0.1:{port}/dunning", "make demo", "DUNNING_DATABASE_URL"):
        assert words in sentence
    assert "hunter2" not in sentence
    assert "\n" not in sentence
    with pytest.raises(ServiceUnreachableError, match=re.escape(sentence)):
        migrate.upgrade(url)


@pytest.mark.parametrize("url", ["", "hunter2", "mysql://dunning:hunter2@127.0.0.1/dunning"])
def test_what_is_no_postgresql_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InputRefusedError, match="no PostgreSQL address") as refusal:
        books.connect(url, 1)
    assert "hunter2" not in str(refusal.value)


def test_a_given_database_is_used_and_nothing_is_started(
    empty: str, pool: Engine, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUNNING_DATABASE_URL", empty)
    with Stack(place, [Part.POSTGRES]) as stack:
        assert address(stack) == empty
        assert not (place / "postgres").exists()
    books.check(pool)


def test_a_given_database_of_another_release_is_left_as_it_is(
    empty: str, pool: Engine, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.upgrade(empty)
    with pool.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    monkeypatch.setenv("DUNNING_DATABASE_URL", empty)
    with pytest.raises(DunningError, match="newer release"), Stack(place, [Part.POSTGRES]):
        pytest.fail("it should not have started")


def test_a_given_database_that_does_not_answer_is_a_clear_sentence(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUNNING_DATABASE_URL", "postgresql://127.0.0.1:1/dunning")
    with (
        pytest.raises(ServiceUnreachableError, match=r"127\.0\.0\.1:1"),
        Stack(place, [Part.POSTGRES]),
    ):
        pytest.fail("it should not have started")


def test_a_deep_directory_and_papers_of_the_dead_are_no_obstacle(place: Path) -> None:
    deep = place / ("d" * 60) / ("e" * 60)
    with Stack(deep, [Part.POSTGRES]) as stack:
        socket = Path(str(make_url(address(stack)).query["host"]))
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert not socket.exists()

    # as after a kill, with the pid since gone to another process of the same account
    stale = f"{os.getpid()}\nsomewhere\n1\n5432\n\n\n\nready   \n"
    (deep / "postgres" / "cluster" / "postmaster.pid").write_text(stale)
    with Stack(deep, [Part.POSTGRES]) as stack:
        engine = books.connect(address(stack), 1)
        books.check(engine)
        engine.dispose()


def test_the_papers_of_a_living_server_are_kept(servers: Stack) -> None:
    child = servers._processes._children["postgres"]
    started = int(psutil.Process(child.process.pid).create_time())
    assert postgres._is_server([str(child.process.pid), "somewhere", str(started)])
    assert not postgres._is_server([str(child.process.pid), "somewhere", "1"])
    assert not postgres._is_server([])


def test_without_the_packaged_binaries_there_is_advice(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with (
        Processes(place) as processes,
        pytest.raises(ServiceUnreachableError, match=r"install requirements/dev\.lock"),
    ):
        postgres.start(processes)

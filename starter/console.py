"""What every command shares: printing for people or as JSON, progress, and how errors end."""

import asyncio
import os
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Protocol, TypeVar

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bars

from schemas.errors import DunningError, InputRefusedError

T = TypeVar("T")

REFUSED, BAD_INPUT, INTERRUPTED = 1, 2, 130
DEFAULT_POLICY: Final = "net30-standard"

WIDE = 200
"""How wide a table may be where there is no screen: a file or a pipe cuts nothing off."""

out = Console(
    highlight=False,
    width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDE,
)
err = Console(stderr=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Creditor = Annotated[
    str | None, typer.Option("--creditor", help="Whose invoices; default DUNNING_CREDITOR.")
]
Jurisdictions = Annotated[
    str | None,
    typer.Option(help="Whose law: `none`, or packs as `us,us-nyc`; default: the customer's place."),
]


def exit_code(error: DunningError) -> int:
    """Return the exit code an error ends a command with."""
    return BAD_INPUT if isinstance(error, InputRefusedError) else REFUSED


def broken_off(error: Exception) -> str | None:
    """Say in one sentence that a server stopped answering; None when it is something else.

    The libraries are known by name, so that a command that needs none of them loads none.
    """
    kind = f"{type(error).__module__.partition('.')[0]}.{type(error).__name__}"
    reason = (str(error.__cause__ or error).strip().splitlines() or [kind])[0][:300]
    return {
        "sqlalchemy.OperationalError": f"PostgreSQL stopped answering ({reason}); "
        "nothing of this command is half done",
        "temporalio.RPCError": f"Temporal stopped answering ({reason}); "
        "what it had taken goes on when it is back",
        "temporalio.WorkflowFailureError": f"the workflow did not come to its end: {reason}",
    }.get(kind)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's asynchronous part."""
    return asyncio.run(work)


def print_json(model: BaseModel) -> None:
    """Print a model as one line of JSON."""
    sys.stdout.write(model.model_dump_json(by_alias=True) + "\n")


class Progress(Protocol):
    """Shows how far a long work has come."""

    def __call__(self, done: int, total: int | None = None, label: str | None = None) -> None:
        """Show that so much is done, of so much, and what it is."""


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """Show how far a long work has come, on standard error and only to a person."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(label, total=None)

        def show(done: int, total: int | None = None, label: str | None = None) -> None:
            bar.update(task, completed=done, total=total, description=label)

        yield show


def moment(text: str | None) -> datetime | None:
    """Read a moment given on the command line; raises InputRefusedError without an offset."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputRefusedError(
            f"{text!r} is not a moment like 2026-02-10T18:00:00+01:00"
        ) from error
    if at.tzinfo is None:
        raise InputRefusedError(f"{text!r} names no offset; write 2026-02-10T18:00:00+01:00")
    return at


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def working_directory() -> Path:
    """Return where the embedded parts keep their files: `DUNNING_VAR`, else `var`."""
    return Path(os.environ.get("DUNNING_VAR", "var"))

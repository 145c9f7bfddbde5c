"""The command `dunning`: every way in for people and scripts.

Exit code 0: done; 1: refused by the rules, or a server does not answer; 2: bad input. An error is
one sentence on standard error.
"""

import sys
from collections.abc import Sequence

import typer

from schemas.errors import DunningError
from starter.commands import (
    behaviour,
    cases,
    demo,
    doubts,
    ledgers,
    outbox,
    payments,
    policies,
    preview,
    servers,
    simulation,
)
from starter.console import INTERRUPTED, REFUSED, broken_off, exit_code
from temporal.farewell import leave

app = typer.Typer(
    name="dunning",
    help="Dunning on Temporal: each overdue invoice is a durable workflow.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("demo")(demo.demo)
app.command("import")(ledgers.import_)
app.command("behaviour")(behaviour.behaviour)
app.command("simulate")(simulation.simulate)
app.command("preview")(preview.preview)
app.command("replay")(simulation.replay)
app.command("open")(cases.open_)
app.command("sweep")(cases.sweep)
app.command("signal")(cases.signal)
app.command("status")(cases.status)
app.command("unknown")(doubts.unknown)
app.command("resolve")(doubts.resolve)
app.command("allocate")(payments.allocate)
app.command("offer")(payments.offer)
app.add_typer(policies.app, name="policy", help="Policies: what happens when.")
app.add_typer(servers.books, name="db", help="The books: PostgreSQL.")
app.add_typer(outbox.app, name="outbox", help="What the billing system is told.")
app.add_typer(servers.temporal, name="temporal", help="The Temporal namespace.")
app.command("callbacks")(servers.callbacks)


def main() -> None:
    """Run the command line; the console script's entry."""
    leave(execute(sys.argv[1:]))


def execute(words: Sequence[str]) -> int:
    """Carry out a command line and return its exit code; errors become one sentence."""
    try:
        app(args=list(words))
    except DunningError as error:
        sys.stderr.write(f"dunning: {error}\n")
        return exit_code(error)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if (sentence := broken_off(error)) is None:
            raise
        sys.stderr.write(f"dunning: {sentence}\n")
        return REFUSED
    return 0


if __name__ == "__main__":
    main()

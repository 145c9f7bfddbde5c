"""`dunning import`: a ledger of invoices into the books."""

from pathlib import Path
from typing import Annotated

import typer

from settings import settings
from starter.console import AsJson, Creditor, out, print_json, progress


def import_(
    ledger: Annotated[Path, typer.Argument(help="The ledger, a CSV file.")],
    column_map: Annotated[Path, typer.Option("--map", help="Which column holds what (YAML).")],
    creditor: Creditor = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Exit 0 even when rows were refused.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report, and change nothing.")] = False,
    update: Annotated[bool, typer.Option("--update", help="Let rows correct contacts.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import a ledger; doing it again changes nothing, and nothing is ever half-imported.

    A settlement that the books do not know yet is taken, and told to a case that runs.

    --update takes corrected contact points and consents. Refused rows are reported with line,
    column and reason while the others import; the exit code is then 2, unless --skip-bad.
    """
    from starter.ledger.map_file import load_column_map
    from starter.ledger.store import import_ledger
    from store import engine as books

    engine = books.connect(settings().database_url, 2)
    books.check(engine)
    with progress("rows read") as show:
        report = import_ledger(
            engine,
            creditor or settings().creditor,
            ledger,
            load_column_map(column_map),
            skip_bad=skip_bad,
            dry_run=dry_run,
            update=update,
            progress=show,
        )
    if as_json:
        print_json(report)
    else:
        out.print(report.text(), markup=False, soft_wrap=True)
    raise typer.Exit(report.exit_code)

"""How each debtor of the sample behaves in the live demo.

The ledger's last column says so; the importer does not read it, for real debtors come unscripted.
"""

import csv
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal, cast, get_args

from demo.ledger import SAMPLE
from schemas.errors import InputRefusedError

Behaviour = Literal[
    "pays_early",
    "pays_after_call",
    "pays_in_parts",
    "disputes_upheld",
    "disputes_rejected_then_pays",
    "plan_kept",
    "plan_broken",
    "never_reacts",
]
"""`pays_early` pays after the first reminder; the others do what they are called."""


def read_script(ledger: Path = SAMPLE) -> dict[str, Behaviour]:
    """Return the behaviour of every invoice of a sample ledger, by invoice id.

    Raises InputRefusedError, naming the line, for a behaviour nobody can play, and for a ledger
    without the columns `invoice` and `script`.
    """
    with ledger.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if not {"invoice", "script"} <= set(reader.fieldnames or ()):
            raise InputRefusedError(f"{ledger} needs the columns invoice and script")
        return {row["invoice"]: _known(row["script"], ledger, reader.line_num) for row in reader}


def one_of_each(script: Mapping[str, Behaviour]) -> dict[str, Behaviour]:
    """Return the first invoice of each behaviour: the smallest cast that plays every part."""
    first = {behaviour: invoice for invoice, behaviour in sorted(script.items(), reverse=True)}
    return {invoice: script[invoice] for invoice in sorted(first.values())}


def write_ledger(path: Path, chosen: Collection[str], ledger: Path = SAMPLE) -> None:
    """Write the chosen invoices of a sample ledger to a ledger of their own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        ledger.open(encoding="utf-8", newline="") as source,
        path.open("w", encoding="utf-8", newline="") as target,
    ):
        reader = csv.DictReader(source)
        writer = csv.DictWriter(target, reader.fieldnames or ())
        writer.writeheader()
        writer.writerows(row for row in reader if row["invoice"] in chosen)


def _known(text: str | None, ledger: Path, line: int) -> Behaviour:
    if text not in get_args(Behaviour):
        choices = ", ".join(get_args(Behaviour))
        raise InputRefusedError(f'{ledger}, line {line}: script "{text}" is not one of {choices}')
    return cast("Behaviour", text)

"""A real ledger of 2,466 invoices with known answers; skipped where it is not at hand."""

import os
from pathlib import Path

import pytest
from sqlalchemy import Engine

from starter.ledger.map_file import load_column_map
from starter.ledger.read import read_ledger
from starter.ledger.rows import LedgerRow
from starter.ledger.store import import_ledger

ROOT = Path(__file__).parents[2]
LEDGER = Path(
    os.environ.get("DUNNING_IBM_LEDGER", ROOT / "../shared/data/ibm-accounts-receivable.csv")
)
MAP = ROOT / "docs/examples/ibm.map.yaml"

pytestmark = pytest.mark.skipif(
    not LEDGER.is_file(), reason=f"no ledger at {LEDGER}; name it in DUNNING_IBM_LEDGER"
)


def test_the_known_answers_come_out() -> None:
    rows = list(read_ledger(LEDGER, load_column_map(MAP)))
    good = [row for row in rows if isinstance(row, LedgerRow)]
    assert len(good) == len(rows) == 2466
    assert sum(row.invoice.amount.minor for row in good) == 147_703_18
    assert {row.invoice.amount.currency for row in good} == {"USD"}
    assert sum(row.settled_on > row.invoice.due_on for row in good if row.settled_on) == 877
    assert sum(row.invoice.id.startswith("0") for row in good) == 266
    assert sum(row.disputed for row in good) == 561
    assert len({row.customer.id for row in good}) == 100


def test_it_is_imported_whole_and_a_second_time_changes_nothing(engine: Engine) -> None:
    column_map = load_column_map(MAP)
    first = import_ledger(engine, "ibm", LEDGER, column_map, skip_bad=False)
    again = import_ledger(engine, "ibm", LEDGER, column_map, skip_bad=False)
    assert (first.accepted, first.imported, first.exit_code) == (2466, 2466, 0)
    assert (again.accepted, again.imported, again.exit_code) == (2466, 0, 0)

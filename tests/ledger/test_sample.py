"""The shipped sample: reproducible, varied, and nobody real in it."""

import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest

from demo.ledger import SAMPLE, SAMPLE_MAP
from demo.ledger.generate import ledger_text
from demo.ledger.script import Behaviour, read_script
from schemas.errors import InputRefusedError
from starter.ledger.map_file import load_column_map
from starter.ledger.read import read_ledger
from starter.ledger.rows import LedgerRow

RESERVED = re.compile(
    r"\+1\d{3}55501\d\d|\+44(2079460|1134960)\d{3}|\+493023125\d{3}|\+41[24][24]000\d{4}|\+813000\d{5}"
)


@pytest.fixture(scope="module")
def rows() -> list[LedgerRow]:
    rows = list(read_ledger(SAMPLE, load_column_map(SAMPLE_MAP)))
    return [row for row in rows if isinstance(row, LedgerRow)]


def test_the_generator_writes_the_shipped_file_byte_for_byte() -> None:
    assert SAMPLE.read_bytes() == ledger_text().encode()


def test_it_has_64_invoices_of_20_customers_in_five_currencies(rows: list[LedgerRow]) -> None:
    assert len(rows) == 64
    assert len({row.customer.id for row in rows}) == 20
    assert {row.customer.country for row in rows} == {"US", "DE", "GB", "CH", "JP"}
    assert {row.invoice.amount.currency for row in rows} == {"USD", "EUR", "GBP", "CHF", "JPY"}
    assert {row.customer.language for row in rows} == {"en", "de", "fr"}
    assert len({row.customer.kind for row in rows}) == 4


def test_amounts_and_days_lie_where_the_demo_wants_them(rows: list[LedgerRow]) -> None:
    due = sorted({row.invoice.due_on for row in rows})
    assert due[0] >= date(2026, 1, 12)
    assert due[-1] <= date(2026, 2, 1)
    assert len(due) >= 14  # spread, so that the demo's cases do not all wake at once
    for row in rows:
        least = 8000 if row.invoice.amount.currency == "JPY" else 60_00
        assert row.invoice.amount.minor >= least
        assert row.invoice.due_on - row.invoice.issued_on == timedelta(days=30)


def test_nobody_can_be_reached_by_accident(rows: list[LedgerRow]) -> None:
    for row in rows:
        assert RESERVED.fullmatch(row.customer.phone or "")
        assert (row.customer.email or "").endswith(f"@customer-{row.customer.id[2:]}.example")


def test_two_customers_do_not_answer_and_the_others_do(rows: list[LedgerRow]) -> None:
    phones = {row.customer.id: row.customer.phone or "" for row in rows}
    assert Counter(phone[-4:] for phone in phones.values() if phone[-4:] < "0005") == {"0002": 2}


def test_every_behaviour_is_played_and_only_who_answers_pays_after_a_call(
    rows: list[LedgerRow],
) -> None:
    script = read_script()
    assert set(script) == {row.invoice.id for row in rows}
    counts = Counter(script.values())
    assert set(counts) == set(get_args(Behaviour))
    assert (counts["never_reacts"], counts["plan_kept"], counts["plan_broken"]) == (12, 6, 6)
    assert counts["disputes_upheld"] + counts["disputes_rejected_then_pays"] == 8
    silent = {row.invoice.id for row in rows if (row.customer.phone or "").endswith("0002")}
    assert "pays_after_call" not in {script[invoice] for invoice in silent}


def test_a_behaviour_nobody_can_play_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text("invoice,script\nA,pays_early\nB,dances\n", encoding="utf-8")
    with pytest.raises(InputRefusedError, match='line 3: script "dances" is not one of'):
        read_script(path)
    path.write_text("invoice\nA\n", encoding="utf-8")
    with pytest.raises(InputRefusedError, match="needs the columns invoice and script"):
        read_script(path)

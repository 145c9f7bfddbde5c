"""The commands on a live cluster: import, open, sweep, signal, status."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.starter.conftest import Dunning

pytestmark = pytest.mark.usefixtures("live")

SAMPLE, MAP = "demo/ledger/sample.csv", "demo/ledger/sample.map.yaml"
EURO = '{{"amount": {{"amount": "{}", "currency": "USD"}}, "id": "{}"}}'


def _status(dunning: Dunning, invoice: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dunning("status", invoice, "--json").out)
    return found


def _until(dunning: Dunning, invoice: str, status: str) -> dict[str, Any]:
    for _ in range(50):
        if (seen := _status(dunning, invoice))["status"] == status:
            return seen
        time.sleep(0.2)
    return seen


def test_importing_twice_changes_nothing(dunning: Dunning) -> None:
    dunning("import", SAMPLE, "--map", MAP)
    again = json.loads(dunning("import", SAMPLE, "--map", MAP, "--json").out)
    assert (again["imported"], again["unchanged"], again["exit_code"]) == (0, 64, 0)


def test_a_dry_run_imports_nothing(dunning: Dunning, tmp_path: Path) -> None:
    ledger = tmp_path / "one.csv"
    head, first, *_ = Path(SAMPLE).read_text().splitlines()
    ledger.write_text(f"{head}\n{first.replace('INV-1001', 'INV-DRY')}\n")
    dunning("import", ledger, "--map", MAP, "--dry-run")
    ended = dunning("open", "INV-DRY")
    assert ended.code == 2
    assert "dunning import" in ended.err


def test_a_case_is_opened_once_and_closes_when_paid(dunning: Dunning) -> None:
    """INV-1001 is opened by hand, chased at once, and closed by the payment's signal."""
    dunning("import", SAMPLE, "--map", MAP)
    opened = json.loads(dunning("open", "INV-1001", "--json").out)
    again = json.loads(dunning("open", "INV-1001", "--json").out)
    assert (opened["opened"], again["opened"]) == (True, False)
    assert _status(dunning, "INV-1001")["status"] == "open"
    sent = dunning("signal", "INV-1001", "payment_received", "--data", EURO.format("3968.97", "p"))
    assert sent.code == 0
    seen = _until(dunning, "INV-1001", "closed")
    assert seen["outcome"] == "paid"
    assert seen["balance"]["total"] == "0.00"


def test_a_sweep_opens_each_overdue_invoice_once(dunning: Dunning) -> None:
    dunning("import", SAMPLE, "--map", MAP)
    first = json.loads(dunning("sweep", "--once", "--json").out)
    second = json.loads(dunning("sweep", "--json").out)
    assert first["opened"] >= 63
    assert second["opened"] == 0


def test_a_signal_to_an_invoice_that_is_not_in_the_books_is_refused(dunning: Dunning) -> None:
    ended = dunning("signal", "NO-SUCH", "invoice_cancelled")
    assert ended.code == 1
    assert "is not in the books" in ended.err


def test_a_payment_before_the_case_is_kept_and_one_taken_back_after_its_end_opens_it_again(
    dunning: Dunning,
) -> None:
    whose = ("--creditor", "early-and-late")
    dunning("import", SAMPLE, "--map", MAP, *whose)
    early = ("payment_received", "--data", EURO.format("3968.97", "p"), "--json", *whose)
    assert json.loads(dunning("signal", "INV-1001", *early).out)["delivery"] == "waiting"
    dunning("open", "INV-1001", *whose)
    back = ("payment_reversed", "--data", '{"payment": "p", "id": "back"}', "--json", *whose)
    for _ in range(50):
        seen = json.loads(dunning("status", "INV-1001", "--json", *whose).out)
        if seen["status"] == "closed":
            break
        time.sleep(0.2)
    time.sleep(1)  # what comes while the end is booked is told to the case itself
    assert json.loads(dunning("signal", "INV-1001", *back).out)["delivery"] == "reopened"
    seen = json.loads(dunning("status", "INV-1001", "--json", *whose).out)
    assert (seen["status"], seen["balance"]["total"]) == ("open", "3968.97")


def test_status_for_people_says_what_comes_next(dunning: Dunning) -> None:
    whose = ("--creditor", "asked-by-people")
    dunning("import", SAMPLE, "--map", MAP, *whose)
    dunning("open", "INV-1002", "--at", "2026-01-31T00:00:00-05:00", *whose)
    assert "principal 1693.29" in dunning("status", "INV-1002", *whose).out

"""`dunning simulate` prints what the contract says."""

import json
import os
from pathlib import Path

import pytest

from tests.starter.conftest import Dunning

HERE = Path(__file__).resolve().parent.parent.parent
IBM = Path(
    os.environ.get("DUNNING_IBM_LEDGER", HERE.parent / "shared/data/ibm-accounts-receivable.csv")
)
LEDGER = """customerID,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate
A,0001,1/1/2013,1/31/2013,10.00,No,1/30/2013
A,0002,1/1/2013,1/31/2013,20.50,No,2/1/2013
B,0003,1/1/2013,1/31/2013,94,No,2/8/2013
B,0004,1/1/2013,1/31/2013,68.8,No,2/7/2013
C,0005,1/1/2013,1/31/2013,1,No,3/10/2013
"""


def test_a_scenario_prints_its_timeline(dunning: Dunning) -> None:
    ended = dunning("simulate", "docs/examples/part-payment.yaml", "--json")
    found = json.loads(ended.out)
    first = found["timeline"][0]
    assert ended.code == 0
    assert first == {
        "at": "2026-02-01T09:00:00+01:00",
        "step": "reminder-1",
        "do": "email",
        "result": "done",
        "amount_due": "1000.00",
        "reason": None,
    }
    assert found["balance"]["total"] == "640.00"
    assert found["outcome"] is None


CLOSED = """policy: net30-reminders
jurisdictions: []
invoice: {id: I, issued_on: 2026-01-01, due_on: 2026-01-31, amount: {amount: "9.00", currency: EUR}}
customer: {id: C}
events: [{id: e, at: 2026-02-02T09:00:00Z, %s}]
"""
MONEY = "type: payment_received, amount: {amount: %s, currency: EUR}"


@pytest.mark.parametrize(
    ("event", "line"),
    [
        ("type: invoice_cancelled", "given up: 9.00 EUR (principal 9.00, fees 0.00)"),
        ("type: written_off, reason: x", "given up: 9.00 EUR (principal 9.00, fees 0.00)"),
        (MONEY % "9.00", "open: 0.00 EUR (principal 0.00, fees 0.00)"),
        (MONEY % "10.50", "credit: 1.50 EUR"),
    ],
)
def test_what_is_left_of_a_closed_case_is_called_what_it_is(
    dunning: Dunning, tmp_path: Path, event: str, line: str
) -> None:
    path = tmp_path / "closed.yaml"
    path.write_text(CLOSED % event, encoding="utf-8")
    ended = dunning("simulate", path)
    assert ended.code == 0
    assert line in ended.out.splitlines()
    assert "asked for now" not in ended.out


@pytest.mark.parametrize("engine", ["pure", "temporal"])
def test_both_engines_count_the_same_steps_of_a_ledger(
    dunning: Dunning, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    """A reminder goes out in the morning of a day whose payment is booked in the evening."""
    monkeypatch.setenv("DUNNING_VAR", str(tmp_path / "var"))
    ledger = tmp_path / "ledger.csv"
    ledger.write_text(LEDGER)
    ended = dunning(
        *("simulate", "--ledger", ledger, "--map", "docs/examples/ibm.map.yaml"),
        *("--policy", "net30-reminders", "--engine", engine, "--json"),
    )
    found = json.loads(ended.out)
    assert found["cases"] == 5
    assert found["outcomes"] == {"paid": 5}
    assert found["steps"] == {
        "reminder-1": 4,
        "reminder-2": 2,
        "reminder-3": 1,
        "reminder-4": 1,
    }
    assert found["money"]["USD"]["invoiced"] == "194.30"


@pytest.mark.skipif(not IBM.is_file(), reason="the IBM sample ledger is not on this machine")
def test_the_public_ledger_gets_the_known_number_of_reminders(dunning: Dunning) -> None:
    ended = dunning(
        *("simulate", "--ledger", IBM, "--map", "docs/examples/ibm.map.yaml"),
        *("--policy", "net30-reminders", "--json"),
    )
    found = json.loads(ended.out)
    assert list(found["steps"].values()) == [877, 458, 196, 8]
    assert found["money"]["USD"]["invoiced"] == "147703.18"
    assert found["refused_rows"] == []


@pytest.mark.skipif(not IBM.is_file(), reason="the IBM sample ledger is not on this machine")
def test_the_calendar_of_the_public_ledger_holds_every_reminder(dunning: Dunning) -> None:
    ended = dunning(
        *("simulate", "--ledger", IBM, "--map", "docs/examples/ibm.map.yaml"),
        *("--policy", "net30-reminders", "--calendar", "--json"),
    )
    found = json.loads(ended.out)
    assert found["channels"] == {"email": 877 + 458 + 196 + 8}
    assert sum(day["channels"]["email"] for day in found["days"]) == 1539

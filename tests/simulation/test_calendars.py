"""`dunning simulate --calendar`: what goes out on which day."""

import json
from pathlib import Path

from tests.simulation.conftest import Simulate
from tests.starter.conftest import Dunning

PART_PAYMENT = "docs/examples/part-payment.yaml"
HELD = """policy: net30-reminders
jurisdictions: []
invoice:
  {id: I-1, issued_on: 2026-01-01, due_on: 2026-01-31,
   amount: &all {amount: "10.00", currency: EUR}}
customer: {id: C-1, kind: business, time_zone: America/New_York}
events:
  - {type: hold_placed, id: h, at: 2026-02-03T12:00:00Z, reason: asked}
  - {type: hold_released, id: r, at: 2026-02-05T12:00:00Z, hold: h}
  - {type: payment_received, id: p, at: 2026-02-12T12:00:00Z, amount: *all}
"""


def test_a_case_tells_day_weekday_hour_step_channel_and_amount(dunning: Dunning) -> None:
    ended = dunning("simulate", PART_PAYMENT, "--policy", "net30-reminders", "--calendar", "--json")
    found = json.loads(ended.out)
    assert (ended.code, found["currency"], found["time_zone"]) == (0, "EUR", "Europe/Berlin")
    assert [(row["on"], row["weekday"], row["amount"]) for row in found["rows"]] == [
        ("2026-02-01", "Sunday", "1000.00"),
        ("2026-02-08", "Sunday", "1000.00"),
        ("2026-02-15", "Sunday", "600.00"),
        ("2026-03-03", "Tuesday", "600.00"),
    ]
    assert found["rows"][0] == {
        "on": "2026-02-01",
        "weekday": "Sunday",
        "at": "2026-02-01T09:00:00+01:00",
        "step": "reminder-1",
        "channel": "email",
        "amount": "1000.00",
        "moved_from": None,
        "why": None,
    }


def test_a_step_that_moved_says_from_where_and_why(dunning: Dunning, tmp_path: Path) -> None:
    path = tmp_path / "held.yaml"
    path.write_text(HELD)
    rows = json.loads(dunning("simulate", path, "--calendar", "--json").out)["rows"]
    assert [(row["at"], row["moved_from"], row["why"]) for row in rows] == [
        ("2026-02-01T09:00:00-05:00", None, None),
        (
            "2026-02-10T09:00:00-05:00",
            "2026-02-08",
            "planned for 2026-02-08, 2 days on hold",
        ),
    ]
    shown = dunning("simulate", path, "--calendar").out
    assert "2 days on hold" in shown
    assert "09:00-0500" in shown


def test_a_ledger_counts_each_day_by_channel(simulate: Simulate) -> None:
    """A1's payment leaves its fee open, so both A1 and B1 go all the way."""
    code, out, _ = simulate("--calendar", "--json")
    found = json.loads(out)
    assert (code, found["cases"], found["refused_rows"]) == (0, 3, [])
    assert found["days"] == [
        {"on": "2026-02-01", "weekday": "Sunday", "channels": {"email": 2}},
        {"on": "2026-02-08", "weekday": "Sunday", "channels": {"email": 2, "fee": 2}},
        {"on": "2026-02-15", "weekday": "Sunday", "channels": {"call": 2}},
        {"on": "2026-03-03", "weekday": "Tuesday", "channels": {"email": 2, "letter": 2}},
    ]
    assert found["channels"] == {"call": 2, "email": 6, "fee": 2, "letter": 2}


def test_a_ledgers_calendar_is_printed_with_its_sum(simulate: Simulate) -> None:
    _, out, _ = simulate("--calendar")
    assert "what goes out for 3 cases" in out
    assert "2026-02-08" in out
    assert "in all" in out


def test_nothing_that_happens_after_the_end_goes_out(simulate: Simulate) -> None:
    _, out, _ = simulate("--calendar", "--json", "--until", "2026-02-08T08:59:59+00:00")
    assert json.loads(out)["channels"] == {"email": 2}


def test_a_refused_row_is_told_beside_the_calendar_of_the_others(
    simulate: Simulate, ledger: Path
) -> None:
    ledger.write_text(ledger.read_text() + "B2,B,2026-01-01,2026-13-31,5.00,EUR,\n")
    code, out, _ = simulate("--calendar")
    assert code == 2
    assert "line 5" in out
    assert "for 3 cases" in out

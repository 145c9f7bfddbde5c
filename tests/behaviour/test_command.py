"""`dunning behaviour` on a small invented ledger, and on IBM's where it is at hand."""

import json
import os
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from schemas.errors import InputRefusedError
from starter.commands.behaviour import behaviour

ROOT = Path(__file__).parents[2]
IBM = Path(
    os.environ.get("DUNNING_IBM_LEDGER", ROOT / "../shared/data/ibm-accounts-receivable.csv")
)
IBM_MAP = ROOT / "docs/examples/ibm.map.yaml"

MAP = """
columns: {invoice: Number, customer: Who, issued_on: Issued, due_on: Due, amount: Sum,
          settled_on: Paid}
defaults: {currency: EUR}
"""
HEADER = "Number,Who,Issued,Due,Sum,Paid\n"
ROWS = """\
1,ann,2026-01-01,2026-01-31,100.00,2026-01-31
2,ann,2026-02-01,2026-03-03,100.00,2026-03-03
3,ann,2026-03-04,2026-04-03,100.00,2026-04-03
4,ann,2026-04-04,2026-05-04,100.00,
5,bob,2026-01-01,2026-01-31,50.00,2026-02-20
6,bob,2026-02-21,2026-03-23,50.00,2026-04-12
7,bob,2026-03-01,2026-03-31,50.00,2026-04-20
8,bob,2026-04-21,2026-05-21,250.00,
"""

app = Typer()
app.command()(behaviour)


def run(folder: Path, rows: str, *words: str) -> Result:
    ledger, columns = folder / "ledger.csv", folder / "map.yaml"
    ledger.write_text(HEADER + rows)
    columns.write_text(MAP)
    return CliRunner().invoke(app, ["--ledger", str(ledger), "--map", str(columns), *words])


def test_a_small_ledger_has_these_figures(tmp_path: Path) -> None:
    """Ann is always answered right. Bob is 20 off, then 10 twice: (one own 20 + the others' 0) / 2.

    His own median errs once only, by 20: on a ledger this small it is the better answer.
    """
    result = run(tmp_path, ROWS, "--as-of", "2026-05-31", "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert (report["as_of"], report["invoices"]) == ("2026-05-31", 8)
    assert (report["at_issue"]["answers"], report["at_issue"]["still_open"]) == (6, 2)
    means = {one["answer"]: one["mean_days"] for one in report["at_issue"]["errors"]}
    assert means == {"expected": "6.67", "due-date": "10.00", "customer-median": "3.33"}
    ann, bob = report["customers"]
    assert ann["standing"]["segment"] == "ordinary"
    assert bob["standing"]["segment"] == "habitual-late"
    assert [(one["name"], one["points"]) for one in bob["risk"]["parts"]] == [
        ("late-share", 30),
        ("days-late", 20),
        ("trend", 0),
        ("promises", 0),
        ("overdue", 3),
        ("exposure", 10),
    ]
    assert (bob["risk"]["score"], bob["risk"]["band"]) == (63, "high")
    assert bob["open"] == [
        {
            "invoice": "8",
            "due_on": "2026-05-21",
            "expected": {
                "on": "2026-06-10",
                "days_late": 20,
                "own_payments": 3,
                "own_median": 20,
                "others_median": 20,
            },
        }
    ]


def test_without_a_day_it_goes_to_the_last_day_of_the_ledger(tmp_path: Path) -> None:
    report = json.loads(run(tmp_path, ROWS, "--json").stdout)
    assert report["as_of"] == "2026-04-21"


def test_people_see_the_errors_the_segments_and_the_riskiest(tmp_path: Path) -> None:
    text = run(tmp_path, ROWS).stdout
    assert text.startswith("8 invoices of 2 customers as known on 2026-04-21")
    assert "6 answers, 2 still open" in text
    assert "segments: habitual-late 1, ordinary 1" in text
    assert text.index("bob") < text.index("ann")


def test_a_refused_row_is_named_and_ends_with_2(tmp_path: Path) -> None:
    result = run(tmp_path, ROWS + "9,ann,2026-13-01,2026-05-04,1.00,\n")
    assert result.exit_code == 2
    assert 'line 10, column Issued: "2026-13-01" is no day of the calendar' in result.stdout


def test_a_ledger_without_a_good_row_is_refused(tmp_path: Path) -> None:
    error = run(tmp_path, "9,ann,soon,2026-05-04,1.00,\n").exception
    assert isinstance(error, InputRefusedError)
    assert 'the first refused row: line 2, column Issued: "soon"' in str(error)


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    error = run(tmp_path, ROWS, "--as-of", "May").exception
    assert isinstance(error, InputRefusedError)
    assert str(error) == "--as-of 'May' is not a day like 2026-02-10"


@pytest.mark.skipif(not IBM.is_file(), reason=f"no ledger at {IBM}; name it in DUNNING_IBM_LEDGER")
def test_the_ibm_ledger_has_these_figures() -> None:
    result = CliRunner().invoke(app, ["--ledger", str(IBM), "--map", str(IBM_MAP), "--json"])
    report = json.loads(result.stdout)
    assert (report["invoices"], len(report["customers"])) == (2466, 100)
    means = {
        asked: {one["answer"]: one["mean_days"] for one in report[asked]["errors"]}
        for asked in ("at_issue", "when_overdue")
    }
    assert means == {
        "at_issue": {"expected": "6.50", "due-date": "10.44", "customer-median": "6.59"},
        "when_overdue": {"expected": "5.62", "due-date": "8.68", "customer-median": "6.33"},
    }
    assert (report["at_issue"]["answers"], report["when_overdue"]["answers"]) == (2466, 877)
    late = {one["judged"]: (one["late"], one["paid"]) for one in report["by_segment"]}
    assert late == {
        "first-time": (174, 401),
        "strong-history": (35, 640),
        "habitual-late": (520, 744),
        "ordinary": (148, 681),
    }

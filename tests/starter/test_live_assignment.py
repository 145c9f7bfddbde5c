"""Opening cases by an assignment on a live cluster: `dunning sweep` and `dunning open`."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.starter.conftest import Dunning, Ended

pytestmark = pytest.mark.usefixtures("live")

SAMPLE, MAP = "demo/ledger/sample.csv", "demo/ledger/sample.map.yaml"
AMERICAN = "a rule gives it to country US"
EXCLUDED = "no policy, because it is excluded: in court"
ASSIGNMENT = """
schema: policy-assignment/1
id: ours
rules:
  - {countries: [US], policy: net30-standard}
  - {debtors: [consumer], policy: gentle-b2c}
exclude:
  - {invoices: [INV-1001], reason: in court}
"""


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("policies") / "assignment.yaml"
    path.write_text(ASSIGNMENT)
    return path


def json_of(ended: Ended) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ended.out)
    return found


def test_a_dry_run_foretells_what_a_sweep_then_does(dunning: Dunning, assignment: Path) -> None:
    words = ("--assignment", assignment, "--creditor", "assigned", "--json")
    dunning("import", SAMPLE, "--map", MAP, "--creditor", "assigned")
    foretold = json_of(dunning("sweep", "--dry-run", *words))
    assert foretold["opened"] == 0
    assert foretold["chosen"][f"policy net30-standard, because {AMERICAN}"] >= 17
    assert foretold["excluded"][EXCLUDED] == 1
    assert sum(foretold["chosen"].values()) + sum(foretold["excluded"].values()) == 64
    done = json_of(dunning("sweep", "--once", *words))
    assert (done["chosen"], done["excluded"]) == (foretold["chosen"], foretold["excluded"])
    assert done["opened"] == sum(foretold["chosen"].values())


def test_a_case_tells_why_it_has_its_policy(dunning: Dunning, assignment: Path) -> None:
    whose = ("--creditor", "asked")
    dunning("import", SAMPLE, "--map", MAP, *whose)
    opened = json_of(dunning("open", "INV-1002", "--assignment", assignment, *whose, "--json"))
    reason = f"policy net30-standard, because {AMERICAN}"
    assert (opened["opened"], opened["policy"]) == (True, "net30-standard")
    assert opened["reason"] == reason
    assert json_of(dunning("status", "INV-1002", *whose, "--json"))["chosen"] == reason
    assert f"chosen: {reason}" in dunning("status", "INV-1002", *whose).out
    again = json_of(dunning("open", "INV-1002", "--assignment", assignment, *whose, "--json"))
    assert (again["opened"], again["reason"]) == (False, "it has or had a case already")


def test_an_excluded_invoice_gets_no_case_and_the_reason_is_printed(
    dunning: Dunning, assignment: Path
) -> None:
    whose = ("--creditor", "asked")
    dunning("import", SAMPLE, "--map", MAP, *whose)
    ended = dunning("open", "INV-1001", "--assignment", assignment, *whose)
    assert (ended.code, EXCLUDED in ended.out) == (1, True)
    found = json_of(dunning("open", "INV-1001", "--assignment", assignment, *whose, "--json"))
    assert (found["opened"], found["policy"], found["reason"]) == (False, None, EXCLUDED)
    told = dunning("signal", "INV-1001", "invoice_cancelled", *whose)
    assert "kept until the case can take it" in told.out

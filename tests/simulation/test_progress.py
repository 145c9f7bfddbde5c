"""A long run says how far it is, and keeps nothing of the cases it has seen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from library.policies import find_policy
from starter.course import Course
from starter.ledger.column_map import ColumnMap
from starter.ledger.map_file import load_column_map
from starter.policy_diff import compare_ledger
from starter.portfolio import SHOWN_EVERY, PortfolioResult, simulate_ledger
from tests.dunning.build import case, run, step
from tests.simulation.conftest import HEAD

POLICY = find_policy("net30-reminders")
NOTHING = PortfolioResult(cases=0, steps={}, outcomes={}, money={}, refused_rows=())


@pytest.fixture
def long_ledger(ledger: Path) -> Path:
    ledger.write_text(HEAD + "".join(_rows(2 * SHOWN_EVERY + 1)))
    return ledger


def _rows(count: int) -> Iterator[str]:
    for number in range(count):
        yield f"I{number},C,2026-01-01,2026-01-31,10.00,EUR,2026-02-{number % 28 + 1:02}\n"


@pytest.fixture
def columns(ledger: Path) -> ColumnMap:
    return load_column_map(ledger.parent / "map.yaml")


def test_a_run_says_now_and_then_how_many_cases_it_has_seen(
    long_ledger: Path, columns: ColumnMap
) -> None:
    heard: list[int] = []
    result = simulate_ledger(long_ledger, columns, POLICY, show=heard.append)
    assert (result.cases, heard) == (101, [50, 100])


def test_a_comparison_says_so_as_well(long_ledger: Path, columns: ColumnMap) -> None:
    heard: list[int] = []
    diff = compare_ledger(long_ledger, columns, (POLICY, POLICY), show=heard.append)
    assert (diff.cases, diff.differing, diff.largest, heard) == (101, 0, (), [50, 100])


def test_reasons_beyond_the_most_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("starter.course.MAX_REASONS", 2)
    course = Course()
    for number in range(4):
        few = [step("first", "due+1d", when={"open_at_least": {"EUR": f"{2000 + number}.00"}})]
        course.watch(run(case(few)), run(case(few)).opened_at)
    rows = course.figures(NOTHING, POLICY, "ledger.csv", None).steps
    assert [(row.reason, row.times) for row in rows] == [
        ("other reasons", 2),
        ("open amount below 2000.00", 1),
        ("open amount below 2001.00", 1),
    ]

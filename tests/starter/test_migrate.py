"""`dunning policy migrate`: what a move to another policy would change, before anybody moves."""

import json
from pathlib import Path

import pytest

from tests.starter.conftest import Dunning

SCENARIO = """policy: net30-standard
invoice:
  {id: I-1, issued_on: 2026-01-01, due_on: 2026-01-31, amount: {amount: "1000.00", currency: EUR}}
customer: {id: C-1, kind: business, country: DE, time_zone: Europe/Berlin, language: de}
until: 2026-02-20T00:00:00+01:00
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "case.yaml"
    path.write_text(SCENARIO)
    return path


def test_both_calendars_are_shown_from_the_moment_of_the_move(
    dunning: Dunning, scenario: Path
) -> None:
    move = ("policy", "migrate", "--scenario", scenario, "--to", "strict-b2b-eu", "--json")
    ended = dunning(*move)
    seen = json.loads(ended.out)
    assert (seen["policy"], seen["to"]) == ("net30-standard", "strict-b2b-eu")
    assert [row["step"] for row in seen["before"]] == ["final-notice", "final-notice"]
    assert [row["step"] for row in seen["after"]] == [
        "interest-2",
        "final-notice",
        "final-notice",
        "interest-3",
    ]
    assert all(row["at"] > seen["at"] for row in seen["after"])


def test_an_earlier_move_sees_more_of_the_ladder(dunning: Dunning, scenario: Path) -> None:
    move = ("policy", "migrate", "--scenario", scenario, "--to", "net30-standard", "--json")
    early = dunning(*move, "--at", "2026-02-02T00:00:00+01:00")
    steps = [row["step"] for row in json.loads(early.out)["after"]]
    assert steps == ["reminder-2", "late-fee", "final-notice", "final-notice"]


def test_a_move_that_would_repeat_a_message_is_refused_with_its_reason(
    dunning: Dunning, scenario: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again.yaml"
    again.write_text(
        "schema: dunning-policy/1\nid: again\nsteps:\n"
        "  - {id: x, at: due+1d, do: sms, template: reminder, tone: friendly}\n"
        "  - {id: y, at: due+2d, do: sms, template: reminder, tone: friendly}\n"
        "  - {id: z, at: due+3d, do: sms, template: reminder, tone: friendly}\n"
        "  - {id: w, at: due+4d, do: sms, template: reminder, tone: friendly}\n"
        "  - {id: once-more, at: due+40d, do: email, template: reminder, tone: friendly}\n"
    )
    ended = dunning("policy", "migrate", "--scenario", scenario, "--to", again)
    assert ended.code == 1
    assert "once-more would repeat reminder-1" in ended.err


def test_a_policy_that_does_not_exist_is_named(dunning: Dunning, scenario: Path) -> None:
    ended = dunning("policy", "migrate", "--scenario", scenario, "--to", "nothing")
    assert ended.code == 2
    assert "nothing" in ended.err

"""`dunning simulate --diff`: what another policy would do instead."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.simulate import simulate as simulate_case
from schemas.case import Case
from schemas.signals import AnyEvent
from starter.policy_diff import LARGEST, Comparison, Shift, case_diff
from tests.dunning.build import FAR, case, paid, run, step
from tests.dunning.histories import cases, histories
from tests.simulation.conftest import Simulate
from tests.starter.conftest import Dunning

FEW = [step("first", "due+1d"), step("call", "due+15d", "call")]
MANY = [
    step("first", "due+3d"),
    step("fee", "due+8d", "fee"),
    step("call", "due+15d", "call"),
    step("off", "due+20d", "handoff"),
]


def test_one_case_is_shown_step_by_step_beside_itself() -> None:
    diff = case_diff(run(case(FEW)), run(case(MANY)))
    assert [
        (row.step, row.this and row.this.at.day, row.other and row.other.at.day)
        for row in diff.steps
    ] == [("first", 1, 3), ("fee", None, 8), ("call", 15, 15), ("off", None, 20)]
    assert diff.differs


def test_one_case_tells_sends_charges_days_and_outcome() -> None:
    diff = case_diff(run(case(FEW)), run(case(MANY)))
    sends = {name: (pair.this, pair.other) for name, pair in diff.sends.items()}
    assert sends == {"call": (1, 1), "email": (1, 1), "fee": (0, 1), "handoff": (0, 1)}
    assert (diff.charges.this, diff.charges.other) == ("0.00", "40.00")
    first = diff.first_contact_on
    assert (first.this, first.other) == (date(2026, 2, 1), date(2026, 2, 3))
    assert (diff.handed_off_on.this, diff.handed_off_on.other) == (None, date(2026, 2, 20))
    assert (diff.outcome.this, diff.outcome.other) == ("open", "handed_off")


def test_a_policy_does_not_differ_from_itself_whatever_it_is_called() -> None:
    same = case_diff(run(case(MANY)), run(case(MANY)))
    assert not same.differs
    assert all(pair.this == pair.other for pair in same.sends.values())


def test_asking_for_another_amount_is_a_difference() -> None:
    later = [step("first", "due+1d"), step("call", "due+15d", "call", tone="firm")]
    some = run(case(FEW), paid("p", "02-10", "1.00"))
    assert case_diff(some, run(case(later))).differs


@given(cases, cases, histories())
def test_a_difference_is_the_same_seen_from_the_other_side(
    this: Case, other: Case, events: tuple[AnyEvent, ...]
) -> None:
    a, b = (simulate_case(begun, events, FAR)[0] for begun in (this, other))
    there, back = case_diff(a, b), case_diff(b, a)
    assert there.differs == back.differs
    assert (there.charges.this, there.charges.other) == (back.charges.other, back.charges.this)
    assert {name: (pair.other, pair.this) for name, pair in there.sends.items()} == {
        name: (pair.this, pair.other) for name, pair in back.sends.items()
    }
    assert not case_diff(a, a).differs
    assert len(there.steps) == len(back.steps)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30))
def test_the_largest_differences_come_first_and_are_ten_at_most(sizes: list[int]) -> None:
    found = Comparison("few", "many")
    for size in sizes:
        ladder = [step(f"s{number}", f"due+{number + 1}d") for number in range(size)]
        found.add(run(case(FEW[:1])), run(case(ladder)))
    result = found.result(())
    shown = [one.sends["email"].other for one in result.largest]
    assert shown == sorted((size for size in sizes if size > 1), reverse=True)[:LARGEST]
    assert (result.cases, result.differing) == (len(sizes), sum(size > 1 for size in sizes))


def test_a_ledger_tells_totals_and_how_many_cases_differ(simulate: Simulate) -> None:
    code, out, _ = simulate("--diff", "net30-reminders", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["policies"] == {"this": "net30-standard", "other": "net30-reminders"}
    assert (found["cases"], found["differing"]) == (3, 2)
    assert found["sends"] == {
        "call": {"this": 2, "other": 0},
        "email": {"this": 6, "other": 6},
        "fee": {"this": 2, "other": 0},
        "letter": {"this": 2, "other": 0},
    }
    assert found["charges"] == {
        "EUR": {"this": "40.00", "other": "0.00"},
        "JPY": {"this": "500", "other": "0"},
    }
    assert found["outcomes"] == {"open": {"this": 2, "other": 1}, "paid": {"this": 1, "other": 2}}
    assert found["first_contact"] == Shift(same_day=2).model_dump()
    assert [one["invoice"] for one in found["largest"]] == ["B1", "A1"]


def test_a_ledgers_diff_says_that_payments_are_the_ledgers_own(simulate: Simulate) -> None:
    _, out, _ = simulate("--diff", "net30-reminders")
    assert "2 of 3 cases differ" in out
    assert "the ledger's own payments" in out
    assert "first contact under net30-reminders: same day 2, sooner 0, later 0" in out


def test_the_dates_of_a_ledger_tell_sooner_later_and_only_one(
    simulate: Simulate, tmp_path: Path
) -> None:
    later = tmp_path / "later.yaml"
    later.write_text(
        "id: later\nsteps:\n"
        "  - {id: first, at: due+10d, do: email, template: reminder}\n"
        "  - {id: agency, at: due+30d, do: handoff}\n"
    )
    found = json.loads(simulate("--diff", later, "--json")[1])
    assert found["first_contact"] == Shift(later=2).model_dump()
    assert found["hand_off"] == Shift(only_other=1).model_dump()
    other_way = simulate("--diff", "net30-standard", "--json", policy=str(later))
    assert json.loads(other_way[1])["first_contact"] == Shift(sooner=2).model_dump()


def test_a_case_is_compared_side_by_side_on_the_screen(dunning: Dunning) -> None:
    ended = dunning("simulate", "docs/examples/part-payment.yaml", "--diff", "net30-reminders")
    assert ended.code == 0
    assert "the policies differ in this case" in ended.out
    assert "2026-02-15 09:00 done, 640.00" in ended.out
    assert "charges, EUR" in ended.out


@pytest.mark.parametrize("other", ["nope", "no/such.yaml"])
def test_an_unknown_other_policy_is_refused_before_anything_runs(
    simulate: Simulate, other: str
) -> None:
    code, out, err = simulate("--diff", other)
    assert (code, out) == (2, "")
    assert other in err

"""Options of `dunning simulate` that do not go together are refused in one sentence."""

import pytest

from tests.starter.conftest import Dunning

SCENARIO = ("docs/examples/part-payment.yaml",)
LEDGER = ("--ledger", "no.csv", "--map", "no.yaml", "--policy", "net30-reminders")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "give a SCENARIO, or --ledger"),
        ((*SCENARIO, *LEDGER), "give a SCENARIO, or --ledger"),
        (LEDGER[:2], "--ledger needs --map and --policy"),
        (LEDGER[:4], "--ledger needs --map and --policy"),
        ((*SCENARIO, "--map", "x"), "--map belongs to --ledger"),
        ((*SCENARIO, "--html", "x"), "draw a ledger"),
        ((*SCENARIO, "--svg", "x"), "draw a ledger"),
        ((*SCENARIO, "--engine", "temporal"), "runs a ledger"),
        ((*LEDGER, "--engine", "temporal", "--calendar"), "only counts"),
        ((*LEDGER, "--engine", "temporal", "--diff", "x"), "only counts"),
        ((*LEDGER, "--engine", "temporal", "--html", "x"), "only counts"),
        ((*SCENARIO, "--diff", "x", "--calendar"), "--diff compares two policies"),
        ((*LEDGER, "--diff", "x", "--svg", "x"), "--diff compares two policies"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_read(
    dunning: Dunning, words: tuple[str, ...], said: str
) -> None:
    ended = dunning("simulate", *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert ended.err.count("\n") == 1

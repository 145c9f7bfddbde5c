"""Small ledgers with answers that can be worked out by hand, and the command that runs them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.starter.conftest import Dunning, dunning

__all__ = ["dunning"]

MAP = """columns:
  invoice: id
  customer: customer
  issued_on: issued
  due_on: due
  amount: amount
  currency: currency
  settled_on: settled
defaults: {debtor_kind: business, language: en}
"""
HEAD = "id,customer,issued,due,amount,currency,settled\n"
LEDGER = """A1,A,2026-01-01,2026-01-31,1000.00,EUR,2026-02-10
A2,A,2026-01-01,2026-01-31,20.50,EUR,2026-01-30
B1,B,2026-01-01,2026-01-31,5000,JPY,
"""
"""A1 is paid ten days late (its fee stays open), A2 in time, B1 never."""

Simulate = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.csv"
    path.write_text(HEAD + LEDGER)
    (tmp_path / "map.yaml").write_text(MAP)
    return path


@pytest.fixture
def simulate(dunning: Dunning, ledger: Path) -> Simulate:
    """Run `dunning simulate` over the ledger with these further words; code, output, errors."""

    def run(*words: object, policy: str = "net30-standard") -> tuple[int, str, str]:
        columns = ledger.parent / "map.yaml"
        chosen = ("--ledger", ledger, "--map", columns, "--policy", policy)
        ended = dunning("simulate", *chosen, *words)
        return ended.code, ended.out, ended.err

    return run

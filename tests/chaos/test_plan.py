"""What a chaos run will do is settled by its seed before anything starts."""

from collections import Counter
from pathlib import Path

from chaos.cast import cast, write_ledger
from chaos.scale import FULL, OUTAGE_DAYS, SMALL, strikes
from demo.ledger import SAMPLE_MAP
from starter.ledger.map_file import load_column_map
from starter.ledger.read import read_ledger
from starter.ledger.rows import LedgerRow


def test_the_same_seed_gives_the_same_run_and_another_seed_another() -> None:
    assert strikes("7", FULL) == strikes("7", FULL) != strikes("8", FULL)
    assert cast("7", FULL) == cast("7", FULL) != cast("8", FULL)


def test_the_full_run_is_as_hard_as_promised() -> None:
    blows = Counter(strike.blow for strike in strikes("1", FULL))
    assert FULL.cases >= 500
    assert blows["kill"] >= 200
    assert (blows["postgres"], blows["temporal"], blows["outage"]) == (5, 5, 1)
    assert blows["reset"] > 0
    assert OUTAGE_DAYS == 9


def test_a_small_run_still_has_every_kind_of_blow_and_of_debtor() -> None:
    assert {strike.blow for strike in strikes("1", SMALL)} == {
        *("kill", "reset", "postgres", "temporal", "outage")
    }
    debtors = cast("1", SMALL)
    assert len({debtor.part for debtor in debtors}) == 6
    assert len({debtor.policy for debtor in debtors}) == 3
    assert max(Counter(debtor.customer for debtor in debtors).values()) > 1
    told = [deed for debtor in debtors for deed in debtor.deeds]
    assert {deed.mischief for deed in told} == {"none", "twice", "late"}
    assert any(deed.day < 0 for deed in told)
    assert any(not deed.valid for deed in told)


def test_every_row_of_the_ledger_reads(tmp_path: Path) -> None:
    ledger = tmp_path / "chaos.csv"
    write_ledger(ledger, cast("1", SMALL), "1")
    rows = list(read_ledger(ledger, load_column_map(SAMPLE_MAP)))
    assert [type(row) for row in rows] == [LedgerRow] * SMALL.cases

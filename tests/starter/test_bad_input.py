"""Bad input gets one sentence that names file, line or field, and the right exit code."""

from pathlib import Path

import pytest

from tests.starter.conftest import Dunning

MAP = "docs/examples/ibm.map.yaml"
HEAD = "customerID,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate\n"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.csv"
    path.write_text(HEAD + "C,0001,1/1/2013,1/31/2013,10.00,No,\n")
    return path


@pytest.fixture(autouse=True)
def _nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Point every command at ports where nobody listens."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:9")
    monkeypatch.setenv("DUNNING_DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:9/none")


def test_an_unknown_policy_lists_the_shipped_ones(dunning: Dunning, ledger: Path) -> None:
    ended = dunning("simulate", "--ledger", ledger, "--map", MAP, "--policy", "nope")
    assert ended.code == 2
    assert "no policy 'nope'" in ended.err
    assert "net30-standard" in ended.err


def test_a_policy_with_an_error_is_refused_with_file_and_field(
    dunning: Dunning, tmp_path: Path
) -> None:
    policy = tmp_path / "bad.yaml"
    policy.write_text("id: x\nsteps: [{id: a, at: due+1x, do: email, template: reminder}]\n")
    ended = dunning("policy", "check", policy)
    assert ended.code == 2
    assert str(policy) in ended.err
    assert "step a" in ended.err
    assert "at: " in ended.err


def test_policy_check_names_every_faulty_file_not_only_the_first(
    dunning: Dunning, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text("id: x\nsteps: []\n")
    ended = dunning("policy", "check", tmp_path, "--json")
    assert ended.code == 2
    assert "one.yaml" in ended.out
    assert "two.yaml" in ended.out


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("do: email, template: nope", "template: there is no 'nope' for email; there are "),
        ("do: call, script: reminder", "script: there is no 'reminder' for call"),
        ("do: email, template: reminder, tone: rude", "tone: 'reminder' has no 'rude'"),
    ],
)
def test_a_template_that_does_not_exist_is_named_before_any_case_is_opened(
    dunning: Dunning, tmp_path: Path, step: str, said: str
) -> None:
    policy = tmp_path / "bad.yaml"
    policy.write_text(f"id: x\nsteps: [{{id: first, at: due+1d, {step}}}]\n")
    for words in (("policy", "check", policy), ("sweep", "--policy", policy)):
        ended = dunning(*words)
        assert ended.code == 2
        assert str(policy) in ended.err
        assert f"step first: {said}" in ended.err


def test_every_fault_of_an_assignment_and_its_policies_is_named_before_anything_is_opened(
    dunning: Dunning, tmp_path: Path
) -> None:
    step = "{id: first, at: due+1d, do: email, template: nope}"
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(f"id: {name}\nsteps: [{step}]\n")
    assignment = tmp_path / "assignment.yaml"
    rules = "rules: [{countries: [DE], policy: two.yaml}]"
    assignment.write_text(f"schema: policy-assignment/1\nid: a\ndefault: one.yaml\n{rules}\n")
    for words in (("sweep",), ("open", "INV-1")):
        ended = dunning(*words, "--assignment", assignment)
        assert ended.code == 2
        assert f"{tmp_path / 'one.yaml'}" in ended.err
        assert f"{tmp_path / 'two.yaml'}" in ended.err


def test_the_shipped_policies_are_good(dunning: Dunning) -> None:
    assert dunning("policy", "check").code == 0


def test_a_map_that_names_a_missing_column_is_refused(dunning: Dunning, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.csv"
    ledger.write_text("a,b\n1,2\n")
    ended = dunning("simulate", "--ledger", ledger, "--map", MAP, "--policy", "net30-reminders")
    assert ended.code == 2
    assert "invoiceNumber" in ended.err


def test_a_ledger_that_is_not_there_is_named(dunning: Dunning) -> None:
    ended = dunning("simulate", "--ledger", "no.csv", "--map", MAP, "--policy", "net30-reminders")
    assert (ended.code, "no.csv" in ended.err) == (2, True)


def test_a_refused_row_is_reported_while_the_others_run(dunning: Dunning, ledger: Path) -> None:
    ledger.write_text(ledger.read_text() + "C,0002,1/1/2013,2/30/2013,10.00,No,\n")
    ended = dunning("simulate", "--ledger", ledger, "--map", MAP, "--policy", "net30-reminders")
    assert ended.code == 2
    assert "line 3" in ended.out
    assert "1 cases" in ended.out


def test_simulate_says_what_it_needs(dunning: Dunning) -> None:
    ended = dunning("simulate", "--ledger", "x.csv")
    assert (ended.code, "--map" in ended.err) == (2, True)


def test_a_moment_without_offset_is_refused(dunning: Dunning, ledger: Path) -> None:
    ended = dunning(
        *("simulate", "--ledger", ledger, "--map", MAP),
        *("--policy", "net30-reminders", "--until", "2026-01-01T00:00:00"),
    )
    assert (ended.code, "names no offset" in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("signal", "I", "nope"), "there is no signal of that name"),
        (("signal", "I", "payment_received", "--data", "{"), "not JSON"),
        (("signal", "I", "payment_received", "--data", "[1]"), "one JSON object"),
        (("signal", "I", "payment_received", "--data", '{"amount": 5}'), "amount"),
        (("signal", "I", "hold_placed", "--data", '{"reason": "x", "at": "today"}'), "at"),
        (("sweep", "--every", "5x"), "--every"),
        (("open", "I", "--policy", "nope"), "no policy"),
        (("open", "I", "--assignment", "no.yaml"), "no.yaml"),
        (("sweep", "--policy", "key-account", "--assignment", "a.yaml"), "exclude each other"),
        (("sweep", "--jurisdictions", "us,atlantis"), "there is no pack 'atlantis'"),
        (("open", "I", "--jurisdictions", "atlantis"), "there is no pack 'atlantis'"),
        (("replay", "no.json"), "no.json"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_said_before_anything_is_reached(
    dunning: Dunning, words: tuple[str, ...], said: str
) -> None:
    ended = dunning(*words)
    assert ended.code == 2
    assert said in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("words", [("status", "I"), ("sweep",), ("open", "I")])
def test_temporal_that_does_not_answer_is_named_with_how_to_start_it(
    dunning: Dunning, words: tuple[str, ...]
) -> None:
    ended = dunning(*words)
    assert ended.code == 1
    assert "127.0.0.1:9" in ended.err
    assert "make demo" in ended.err


def test_books_that_do_not_answer_are_named_without_the_password(dunning: Dunning) -> None:
    ended = dunning("import", "demo/ledger/sample.csv", "--map", "demo/ledger/sample.map.yaml")
    assert ended.code == 1
    assert "127.0.0.1:9" in ended.err
    assert "secret" not in ended.err


def test_a_day_that_is_too_short_is_refused(dunning: Dunning) -> None:
    assert dunning("demo", "--day-seconds", "0.01").code == 2

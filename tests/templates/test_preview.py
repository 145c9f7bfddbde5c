"""`dunning preview` writes what a policy says to files, for an invented case or a scenario."""

import json
from pathlib import Path

import pytest

from library.policies import SHIPPED
from starter.cli import execute

POLICY = """
schema: dunning-policy/1
id: two-steps
steps:
  - {id: first, at: due+1d, do: email, template: reminder, tone: friendly}
  - {id: fee, at: due+8d, do: fee, charge: {flat: {EUR: "40.00"}, ground: contract}}
  - {id: second, at: due+8d, do: [email, sms, letter], template: reminder, tone: firm}
  - {id: call, at: due+15d, do: call, script: payment-call}
"""
SCENARIO = """
policy: net30-standard
jurisdictions: []
invoice:
  id: R-77
  issued_on: 2026-01-01
  due_on: 2026-01-31
  amount: {amount: "1000.00", currency: EUR}
customer:
  id: C-1
  kind: business
  country: DE
  time_zone: Europe/Berlin
  language: de
  name: Bruno Beispiel
events:
  - type: payment_received
    id: p1
    at: 2026-02-05T18:00:00+01:00
    amount: {amount: "400.00", currency: EUR}
  - type: payment_received
    id: p2
    at: 2026-02-10T18:00:00+01:00
    amount: {amount: "640.00", currency: EUR}
"""


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "two-steps.yaml"
    path.write_text(POLICY, encoding="utf-8")
    return str(path)


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    path = tmp_path / "case.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return str(path)


def plain(path: Path) -> str:
    return path.read_text(encoding="utf-8").replace("\u00a0", " ")


def test_every_channel_of_every_step_is_written(
    policy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["preview", policy, "--to", str(tmp_path / "out"), "--json"]) == 0
    email = ["subject.txt", "email.txt", "email.html"]
    names = [f"first/{name}" for name in email]
    names += [f"second/{name}" for name in (*email, "sms.txt", "letter.pdf")]
    names += ["call/call.twiml"]
    files = [str(tmp_path / "out" / name) for name in names]
    assert json.loads(capsys.readouterr().out) == {"files": files}
    assert all(Path(file).stat().st_size for file in files)


def test_one_step_in_one_language(policy: str, tmp_path: Path) -> None:
    to = tmp_path / "out"
    assert execute(["preview", policy, "--step", "first", "--language", "nl", "--to", str(to)]) == 0
    assert [one.name for one in to.iterdir()] == ["first"]
    assert plain(to / "first/subject.txt") == "Uw factuur INV-1 van Example Trading Ltd\n"


def test_a_scenario_is_shown_as_it_stands_when_each_step_happens(
    policy: str, scenario: str, tmp_path: Path
) -> None:
    to = tmp_path / "out"
    assert execute(["preview", policy, "--scenario", scenario, "--to", str(to)]) == 0
    first, second = plain(to / "first/email.txt"), plain(to / "second/email.txt")
    assert "Guten Tag Bruno Beispiel" in first
    assert "noch 1.000,00 € offen" in first
    assert "Offen sind 640,00 €" in second
    assert "Gebühr (8. Februar 2026): 40,00 €" in second
    assert "R-77" in second
    assert not (to / "call").exists()  # paid before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["--step", "third"],
            "policy two-steps has no step 'third'; it has first, fee, second, call",
        ),
        (["--step", "fee"], "there is no message of 'fee' to show; those that happen are first, "),
        (["--to", "/dev/null/x"], "/dev/null/x: cannot be written to"),
        (["--scenario", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_bad_input_is_told_in_one_sentence(
    words: list[str],
    sentence: str,
    policy: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert execute(["preview", policy, "--to", str(tmp_path / "out"), *words]) == 2
    assert sentence in capsys.readouterr().err


def test_a_step_that_a_scenario_never_comes_to_is_told(
    policy: str, scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["preview", policy, "--scenario", scenario, "--step", "call", "--to", str(tmp_path)]
    assert execute(words) == 2
    assert "those that happen are first, second" in capsys.readouterr().err


def test_a_policy_whose_template_does_not_exist_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text("{id: odd, steps: [{id: a, at: due+1d, do: letter, template: pre-due}]}")
    assert execute(["preview", str(path), "--to", str(tmp_path)]) == 2
    assert (
        "step a: template 'pre-due' cannot be written as letter; it can as email, sms"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize("shipped", sorted(file.stem for file in SHIPPED.glob("*.yaml")))
def test_every_shipped_policy_can_be_shown(shipped: str, tmp_path: Path) -> None:
    assert execute(["preview", shipped, "--language", "fr", "--to", str(tmp_path)]) == 0
    assert any(tmp_path.rglob("email.html"))

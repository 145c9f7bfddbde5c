"""`dunning policy check` and `dunning policy resolve`: all faults at once, and the exit code."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from schemas.errors import InputRefusedError
from starter.cli import execute
from starter.usable import check_policy, must_show, usable_policy

GOOD = "id: good\nsteps: [{id: a, at: due+1d, do: email, template: reminder}]\n"
BAD = """id: bad
steps:
  - {id: a, at: due+1x, do: email, template: reminder}
  - {id: b, at: due+3d, do: email}
"""
UNFIT = """id: unfit
steps:
  - {id: a, at: due+9d, do: email, template: reminder}
  - {id: b, at: due+1d, do: email, template: nope}
  - {id: off, at: previous+9d, do: handoff}
"""
ASSIGNED = """schema: policy-assignment/1
id: acme
default: good.yaml
rules: [{kinds: [fee], policy: bad.yaml}]
"""


class Ended(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "200")

    def command(*words: object) -> Ended:
        code = execute(["policy", *map(str, words)])
        return Ended(code, *capsys.readouterr())

    return command


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_every_fault_of_every_file_is_told_at_once(run: Run, tmp_path: Path) -> None:
    ended = run("check", written(tmp_path, good=GOOD, bad=BAD, unfit=UNFIT))
    assert ended.code == 2
    assert f"{tmp_path}/good.yaml: good, version " in ended.out
    told = ended.err.replace(f"{tmp_path}/", "").splitlines()
    starts = [
        "warning: unfit.yaml, line 5, step off: approval: a hand-off without a person's word",
        "bad.yaml, line 3, step a: at: 'due+1x' is not a step time; write due+8d, issued+30d, ",
        "bad.yaml, line 4, step b: template: a message needs the template it is made from",
        "unfit.yaml, line 4, step b: at: falls on 2027-03-02 when the invoice is due on 2027-03-01",
        "unfit.yaml, line 4, step b: template: there is no 'nope' for email; there are ",
        "unfit.yaml, line 5, step off: at: no final notice goes out before it; add one, at least ",
    ]
    kept = [line for line in told if "(rule " not in line]
    assert len(kept) == len(starts)
    for line, start in zip(kept, starts, strict=True):
        assert line.startswith(start)


def test_what_was_found_can_be_read_by_programs(run: Run, tmp_path: Path) -> None:
    ended = run("check", written(tmp_path, good=GOOD, unfit=UNFIT), "--json")
    found: dict[str, Any] = json.loads(ended.out)
    assert ended.code == 2
    assert set(found) == {"good", "faults", "warnings"}
    assert list(found["good"]) == [f"{tmp_path}/good.yaml"]
    assert (len(found["faults"]), len(found["warnings"])) == (3, 2)


def test_warnings_alone_let_a_policy_pass(run: Run, tmp_path: Path) -> None:
    text = GOOD.replace("template: reminder", "template: reminder, on: {busy: attention}")
    path = written(tmp_path, mild=text) / "mild.yaml"
    ended = run("check", path)
    assert ended.code == 0
    assert ended.err == (
        f"warning: {path}, line 2, step a: on: only a call or a retried payment has outcomes to "
        "act on\n"
    )


def test_a_policy_can_be_held_against_one_place(run: Run, tmp_path: Path) -> None:
    daily = ", ".join(
        f"{{id: s{n}, at: due+{n}d, do: email, template: reminder}}" for n in range(1, 6)
    )
    path = written(tmp_path, daily=f"id: daily\nsteps: [{daily}]\n") / "daily.yaml"
    ended = run("check", path, "--jurisdiction", "us-nyc")
    assert ended.code == 2
    assert "step s4: at: is one contact more than 3 in 7 days by " in ended.err
    assert "(rule nyc-3in7)" in ended.err
    unknown = run("check", path, "--jurisdiction", "atlantis")
    assert unknown.code == 2
    assert "there is no pack 'atlantis'; shipped are " in unknown.err


def test_an_assignment_is_checked_with_the_policies_it_names(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path, good=GOOD, bad=BAD, acme=ASSIGNED) / "acme.yaml"
    ended = run("check", path)
    assert ended.code == 2
    assert f"{path}, line 4: rules.0.policy: {tmp_path}/bad.yaml, line 3, step a: at: " in ended.err
    (tmp_path / "bad.yaml").write_text(GOOD, encoding="utf-8")
    assert run("check", path).code == 0


def test_a_folder_without_a_policy_is_said_so(run: Run, tmp_path: Path) -> None:
    assert run("check", tmp_path) == (2, "", f"dunning: there is no policy under {tmp_path}\n")


def test_the_choice_is_told_with_its_reason_and_none_is_a_refusal(run: Run, tmp_path: Path) -> None:
    scenario = """policy: net30-standard
invoice: {id: I-1, issued_on: 2026-01-01, due_on: 2026-01-31, amount: {amount: 5.00, currency: EUR}}
customer: {id: C-1}
"""
    folder = written(tmp_path, good=GOOD, acme=ASSIGNED.replace("bad", "good"), case=scenario)
    words = ("--assignment", folder / "acme.yaml", "--scenario", folder / "case.yaml")
    reason = "policy good, because it is the creditor's default"
    assert run("resolve", *words) == (0, f"{reason}\n", "")
    found = json.loads(run("resolve", *words, "--json").out)
    assert found == {"policy": "good", "policy_hash": found["policy_hash"], "reason": reason}
    written(folder, good=GOOD + "for: {kinds: [subscription]}\n")
    assert run("resolve", *words) == (1, "no policy; good is not for invoices\n", "")


def test_a_policy_at_fault_is_not_used(tmp_path: Path) -> None:
    path = written(tmp_path, unfit=UNFIT, good=GOOD) / "unfit.yaml"
    with pytest.raises(InputRefusedError) as refused:
        usable_policy(str(path))
    assert len(str(refused.value).splitlines()) == 3
    assert usable_policy(str(tmp_path / "good.yaml")).id == "good"


def test_a_template_without_words_in_a_shared_language_is_a_fault(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    for name in ("_base", "reminder"):
        (folder / name).mkdir(parents=True)
        (folder / name / "en.yaml").write_text("title: x\n", encoding="utf-8")
    (folder / "_base" / "nl.yaml").write_text("title: x\n", encoding="utf-8")
    sheet = "channels: [email]\ntones: [friendly]\n"
    (folder / "reminder" / "template.yaml").write_text(sheet, encoding="utf-8")
    path = written(tmp_path, good=GOOD) / "good.yaml"
    assert check_policy(path, folder=folder).faults == (
        f"{path}, line 2, step a: template: 'reminder' has no words in nl",
    )


def test_messages_must_show_what_any_place_asks_for() -> None:
    required = must_show()
    assert {"creditor_name", "how_to_dispute", "optout_way"} <= required["*"]
    assert "pay_until" in required["final_notice"]

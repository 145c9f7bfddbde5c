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


SIX = """schema: dunning-policy/1
id: six
minimum_open: {XXY: "1.00"}
steps:
  - {id: z, at: due+1d, do: emial, template: reminder}
  - {id: a, at: due+9d, do: email, template: nope}
  - {id: a, at: due+12d, do: email, template: reminder, tone: rude}
  - {id: fee, at: due+20d, do: fee}
  - {id: b, at: due+21d, do: email, template: reminder, when: {outcomes: {y: [done]}}}
"""


def test_no_fault_of_a_policy_hides_another(tmp_path: Path) -> None:
    """One of a field, of a step, of the whole, of the words: each would be found in its own run."""
    path = written(tmp_path, six=SIX) / "six.yaml"
    told = [line.removeprefix(f"{path}, ") for line in check_policy(path).faults]
    starts = [
        "line 3: minimum_open.XXY: 'XXY' is not an ISO 4217 currency code, e.g. EUR",
        "line 4: steps: the id 'a' is used twice",
        "line 5, step z: do: 'emial' should be 'email', ",
        "line 6, step a: template: there is no 'nope' for email; there are ",
        "line 7, step a: tone: 'reminder' has no 'rude'; it has ",
        "line 8, step fee: charge: a fee or interest needs its charge, and nothing else has one",
        "line 9, step b: when: 'y' is no earlier step",
    ]
    assert len(told) == len(starts)
    for line, start in zip(told, starts, strict=True):
        assert line.startswith(start)
    assert check_policy(path).policy is None


def test_steps_are_compared_as_long_as_it_is_known_when_they_fall(tmp_path: Path) -> None:
    faulty = UNFIT.replace("do: email, template: reminder", "do: email, template: reminder, on: 1")
    path = written(tmp_path, unfit=faulty) / "unfit.yaml"
    fields = [line.split(": ")[1] for line in check_policy(path).faults]
    assert fields == ["on", "at", "template", "at"]
    path.write_text(faulty.replace("due+9d", "due+9x"), encoding="utf-8")
    fields = [line.split(": ")[1] for line in check_policy(path).faults]
    assert fields == ["at", "on", "template"]


def test_a_step_that_is_not_what_it_says_is_not_warned_of(tmp_path: Path) -> None:
    steps = """
  - {id: a, at: due+1d, do: email, template: final-notice, tone: formal}
  - {id: off, at: previous+14d, do: handoff, when: {approved: ask}}
"""
    path = written(tmp_path, off=f"id: off\nsteps:{steps}") / "off.yaml"
    found = check_policy(path)
    assert [line.split(": ")[1:] for line in found.faults] == [["when", "'ask' is no earlier step"]]
    assert not any("step off" in line for line in found.warnings)


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
    assert unknown.err.count("there is no pack 'atlantis'; shipped are ") == 1
    assert run("check", path, "--jurisdiction", "us,us-nyc").code == 2


def test_an_assignment_is_checked_with_the_policies_it_names(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path, good=GOOD, bad=BAD, acme=ASSIGNED) / "acme.yaml"
    ended = run("check", path)
    assert ended.code == 2
    assert f"{path}, line 4: rules.0.policy: {tmp_path}/bad.yaml, line 3, step a: at: " in ended.err
    (tmp_path / "bad.yaml").write_text(GOOD, encoding="utf-8")
    assert run("check", path).code == 0


SHIPPED = Path(__file__).parents[2]


def test_whatever_goes_with_a_policy_is_checked_as_what_it_is(run: Run) -> None:
    law, examples = SHIPPED / "jurisdictions", SHIPPED / "docs" / "examples"
    folders = (law, law / "charges", law / "rates", examples, examples / "policies" / "scenarios")
    ended = run("check", *folders)
    assert (ended.code, ended.err) == (0, "")
    count = sum(len(list(folder.glob("*.yaml"))) for folder in folders)
    assert ended.out.count(": good") == count > 30


WRONG = {
    "pack": (
        """schema: contact-rules/1
id: x
extends: default
version: "1"
windows: {call: {mon: ["8-9"]}}
holiday: none
""",
        ["line 5: windows.call.mon: '8-9' is no span", "line 6: holiday: is not known here"],
    ),
    "charges": (
        "schema: statutory-charges/1\nid: x\nversion: 1\nlaws: [{debtors: [alien]}]\nfees: 1\n",
        ["line 3: version: 1 is not text", "line 5: fees: is not known here"],
    ),
    "rates": (
        """schema: reference-rates/1
id: x
name: X
source: S
rates:
  - {on: 2026-02-01, percent: "1"}
  - {on: 2026-07-01, percent: NaN}
""",
        ["line 6: rates.0.on: a half-year begins", "line 7: rates.1.percent: 'NaN' is not a plain"],
    ),
    "scenario": (
        """policy: net30-standard
customer: {id: C}
invoice: {id: I, issued_on: 2026-01-01, due_on: 2026-01-31, amount: {amount: 1e9, currency: EUR}}
events: [{id: p, type: paymint}]
""",
        ["line 3: invoice.amount.amount: '1e9' is not a plain", "line 4, event p: type: 'paymint'"],
    ),
    "map": ("columns: {invoce: a}\ncolour: red\n", ["line 1: columns.invoice: is missing"]),
    "stranger": ("schema: recipes/1\n", ["line 1: schema: 'recipes/1' is not known; there are"]),
}


@pytest.mark.parametrize("kind", WRONG)
def test_every_fault_of_another_document_is_told_with_its_line(
    kind: str, run: Run, tmp_path: Path
) -> None:
    text, faults = WRONG[kind]
    ended = run("check", written(tmp_path, **{kind: text}))
    assert ended.code == 2
    for fault in faults:
        assert f"{tmp_path}/{kind}.yaml, {fault}" in ended.err


def test_a_ledger_is_sent_to_where_it_can_be_checked(run: Run, tmp_path: Path) -> None:
    ended = run("check", tmp_path / "ledger.csv")
    assert ended.code == 2
    assert "a ledger is checked with its column map: `dunning simulate --ledger " in ended.err


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


def test_faulty_templates_hide_no_fault_of_the_policy(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    (folder / "reminder").mkdir(parents=True)
    (folder / "reminder" / "template.yaml").write_text("channels: [fax]\n", encoding="utf-8")
    path = written(tmp_path, bad=BAD) / "bad.yaml"
    faults = check_policy(path, folder=folder).faults
    places = (f"{path}, line 3, step a: ", f"{path}, line 4, step b: ", f"{folder}/reminder/")
    assert all(map(str.startswith, faults, places))


def test_messages_must_show_what_any_place_asks_for() -> None:
    required = must_show()
    assert {"creditor_name", "how_to_dispute", "optout_way"} <= required["*"]
    assert "pay_until" in required["final_notice"]

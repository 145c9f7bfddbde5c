"""Scenarios: a case with its history, run through the simulator."""

import json
from pathlib import Path
from typing import Any

import pytest

from library.documents import DocumentRefusedError
from schemas.errors import InputRefusedError, RefusedByRulesError
from starter.scenarios import load_scenario, run_scenario

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
CASE: dict[str, Any] = {
    "policy": "net30-standard",
    "jurisdictions": [],
    "invoice": {
        "id": "INV-1",
        "issued_on": "2026-01-01",
        "due_on": "2026-01-31",
        "amount": {"amount": "1000.00", "currency": "EUR"},
    },
    "customer": {"id": "C-1", "kind": "business", "time_zone": "Europe/Berlin"},
    "opened_at": "2026-02-01T00:00:00+01:00",
    "until": "2026-06-30T00:00:00+02:00",
}
DOLLARS = {"amount": "5.00", "currency": "USD"}
PAYMENT = {
    "type": "payment_received",
    "id": "p1",
    "at": "2026-02-10T18:00:00+01:00",
    "amount": {"amount": "400.00", "currency": "EUR"},
}


def written(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "scenario.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def shown(folder: Path, **changes: object) -> dict[str, Any]:
    """Return what a scenario prints, as JSON."""
    view = run_scenario(load_scenario(written(folder, CASE | changes)))
    printed: dict[str, Any] = json.loads(view.model_dump_json())
    return printed


def rows(printed: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(row["at"], row["step"], row["amount_due"]) for row in printed["timeline"]]


def test_the_classic_history_with_a_part_payment_prints_its_timeline() -> None:
    view = run_scenario(load_scenario(EXAMPLES / "part-payment.yaml"))
    assert rows(json.loads(view.model_dump_json())) == [
        ("2026-02-01T09:00:00+01:00", "reminder-1", "1000.00"),
        ("2026-02-08T09:00:00+01:00", "reminder-2", "1000.00"),
        ("2026-02-08T09:00:00+01:00", "late-fee", "1000.00"),
        ("2026-02-15T09:00:00+01:00", "call", "640.00"),
        ("2026-03-03T09:00:00+01:00", "final-notice", "640.00"),
        ("2026-03-03T09:00:00+01:00", "final-notice", "640.00"),
    ]
    assert view.attention == ("approval-needed",)


def test_what_is_printed_has_the_shape_of_the_contract(tmp_path: Path) -> None:
    printed = shown(tmp_path, events=[PAYMENT], until="2026-03-01T00:00:00+01:00")
    contract = {"timeline", "charges", "status", "stage", "outcome", "next", "balance"}
    assert contract <= set(printed)
    assert printed["timeline"][0] == {
        "at": "2026-02-01T09:00:00+01:00",
        "step": "reminder-1",
        "do": "email",
        "result": "done",
        "amount_due": "1000.00",
        "reason": None,
    }
    assert printed["charges"] == [
        {
            "on": "2026-02-08",
            "kind": "fee",
            "amount": "40.00",
            "ground": "contract",
            "inputs": printed["charges"][0]["inputs"],
        }
    ]
    assert printed["balance"] == {
        "principal": "640.00",
        "fees": "0.00",
        "interest": "0.00",
        "total": "640.00",
        "currency": "EUR",
    }
    assert printed["next"] == {"at": "2026-03-03T09:00:00+01:00", "step": "final-notice"}
    assert (printed["status"], printed["stage"], printed["outcome"]) == ("open", "call", None)


def test_without_an_opening_a_scenario_begins_when_its_first_step_is_due(tmp_path: Path) -> None:
    assert rows(shown(tmp_path, opened_at=None))[0][0] == "2026-02-01T09:00:00+01:00"


def test_without_a_zone_a_scenario_runs_in_utc(tmp_path: Path) -> None:
    printed = shown(tmp_path, customer={"id": "C-1"}, opened_at=None)
    assert rows(printed)[0][0] == "2026-02-01T09:00:00Z"


def test_the_hand_off_comes_a_fortnight_after_the_final_notice_once_approved(
    tmp_path: Path,
) -> None:
    word = {
        "type": "approval_given",
        "id": "a1",
        "at": "2026-03-10T12:00:00+01:00",
        "step": "handoff",
        "decision": "approve",
        "by": "Kim",
    }
    printed = shown(tmp_path, events=[word])
    assert rows(printed)[-1] == ("2026-03-17T09:00:00+01:00", "handoff", "1040.00")
    assert (printed["status"], printed["outcome"]) == ("closed", "handed_off")


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    yaml_file = tmp_path / "scenario.yaml"
    yaml_file.write_text(
        """
policy: net30-standard
jurisdictions: []
invoice: {id: INV-1, issued_on: 2026-01-01, due_on: 2026-01-31,
          amount: {amount: 1000.00, currency: EUR}}
customer: {id: C-1, kind: business, time_zone: Europe/Berlin}
opened_at: 2026-02-01T00:00:00+01:00
events:
  - {type: payment_received, id: p1, at: 2026-02-10T18:00:00+01:00,
     amount: {amount: 400.00, currency: EUR}, value_on: 2026-02-10}
until: 2026-06-30T00:00:00+02:00
""",
        encoding="utf-8",
    )
    same = load_scenario(written(tmp_path, CASE | {"events": [PAYMENT]}))
    assert run_scenario(load_scenario(yaml_file)) == run_scenario(same)


def test_a_policy_may_stand_inline(tmp_path: Path) -> None:
    step = {"id": "only", "at": "due+2d", "do": "sms", "template": "reminder"}
    printed = shown(tmp_path, policy={"id": "tiny", "steps": [step]})
    assert rows(printed) == [("2026-02-02T09:00:00+01:00", "only", "1000.00")]
    assert printed["policy"] == "tiny"


def invoiced(**changes: object) -> dict[str, Any]:
    return {"invoice": CASE["invoice"] | changes}


def owing(amount: object, currency: str = "EUR") -> dict[str, Any]:
    return invoiced(amount={"amount": amount, "currency": currency})


def told(**changes: object) -> dict[str, Any]:
    return {"events": [PAYMENT | changes]}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"policy": "nothing"}, "line 2: policy: there is no policy 'nothing'; shipped are"),
        ({"policy": "no/such.yaml"}, "line 2: policy: there is no file /"),
        ({"policy": {"id": "x", "steps": []}}, "line 4: steps: tuple should have at least 1 item"),
        ({"invoice": {}}, "line 4: invoice.id: is missing"),
        (invoiced(due_on="2025-12-31"), "invoice.due_on: due on 2025-12-31 is before issued on"),
        (invoiced(due_on="2026-02-30"), "line 7: invoice.due_on: '2026-02-30' should be a day"),
        (invoiced(amount="5"), "line 8: invoice.amount: money is written"),
        (owing("5.001"), "invoice.amount: EUR has 2 decimals, got 5.001"),
        (owing("5.5", "JPY"), "invoice.amount: JPY has 0 decimals, got 5.5"),
        (owing("0.00"), "invoice.amount: the amount must be above zero"),
        (owing("-1.00"), "invoice.amount: the amount must be above zero"),
        (owing("NaN"), "invoice.amount.amount: 'NaN' is not a plain decimal number"),
        (owing("Infinity"), "'Infinity' is not a plain decimal number"),
        (owing("1e400"), "'1e400' is not a plain decimal number"),
        (owing("9" * 40), "has more digits than any sum of money"),
        (owing("1,000.00"), "'1,000.00' is not a plain decimal number"),
        (owing("9" * 20), "the amount is too large to be true"),
        (owing("5.00", "XXX"), "invoice.amount.currency: 'XXX' is not an ISO 4217 currency code"),
        (owing("5.00", "eur"), "'eur' is not an ISO 4217 currency code"),
        (invoiced(id="a/b"), "invoice.id: "),
        (invoiced(id=17), "invoice.id: 17 is not text; write it in quotes"),
        ({"customer": {"id": "C", "time_zone": "Mars/Base"}}, "'Mars/Base' is not an IANA"),
        ({"customer": {"id": "C", "colour": "red"}}, "customer.colour: is not known here"),
        ({"creditor": "a:b"}, "creditor: "),
        ({"opened_at": "2026-02-01T00:00:00"}, "opened_at: "),
        ({"opened_at": 1767225600}, "opened_at: a moment is written like"),
        ({"until": "2026-02-01"}, "until: a moment is written like"),
        (told(type="nonsense"), "event p1: type: 'nonsense' is not known; there are payment_rec"),
        (told(type="payment_recieved"), "is not known; did you mean payment_received?"),
        (told(at="2026-02-10"), "event p1: at: a moment is written like 2026-02-10T18:00:00+01:00"),
        (told(at="2026-02-10T18:00:00"), "event p1: at: "),
        (told(amount={"amount": "5-", "currency": "EUR"}), "event p1: amount.amount: '5-' is not"),
        (told(amount=DOLLARS), "event p1: amount: is in USD, the invoice is in EUR"),
        ({"more": 1}, "more: is not known here"),
        ({"jurisdictions": ["de", "atlantis"]}, "jurisdictions.1: there is no pack 'atlantis'"),
    ],
)  # fmt: skip
def test_a_bad_scenario_is_refused_by_file_line_and_field(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps(CASE | changes, indent=1), encoding="utf-8")
    with pytest.raises(InputRefusedError) as refused:
        run_scenario(load_scenario(path))
    lines = str(refused.value).splitlines()
    assert any(says in line for line in lines)
    assert all(line.startswith(f"{path}, line ") for line in lines)


def test_every_fault_of_a_scenario_is_told_at_once(tmp_path: Path) -> None:
    wrong = [PAYMENT | {"amount": DOLLARS}, PAYMENT | {"id": "p2", "amount": DOLLARS}]
    with pytest.raises(DocumentRefusedError) as refused:
        load_scenario(written(tmp_path, CASE | {"events": wrong}))
    assert ["event p1" in refused.value.faults[0], "event p2" in refused.value.faults[1]] == [
        True
    ] * 2


def test_a_policys_path_starts_at_the_scenario_and_then_where_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, days in (("here", 20), ("there", 30)):
        (tmp_path / name).mkdir()
        text = OWN.replace("due+20d", f"due+{days}d")
        (tmp_path / name / "own.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "there" / "other.yaml").write_text(OWN, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "there")
    named = {name: load_scenario(written(tmp_path / "here", CASE | {"policy": name})).policy
             for name in ("own.yaml", "other.yaml")}  # fmt: skip
    assert named == {"own.yaml": str(tmp_path / "here" / "own.yaml"), "other.yaml": "other.yaml"}


ASSIGNED = {
    "schema": "policy-assignment/1",
    "id": "acme",
    "default": "net30-standard",
    "rules": [{"segments": ["patient"], "policy": "own.yaml"}],
    "exclude": [{"segments": ["court"], "reason": "a court decides"}],
}
OWN = "id: own\nsteps: [{id: late, at: due+20d, do: email, template: reminder}]\n"


def test_an_assignment_may_stand_for_the_policy(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    (tmp_path / "acme.json").write_text(json.dumps(ASSIGNED), encoding="utf-8")
    named = str(tmp_path / "acme.json")
    assert shown(tmp_path, policy=named)["policy"] == "net30-standard"
    patient = CASE["customer"] | {"segment": "patient"}
    assert rows(shown(tmp_path, policy=named, customer=patient))[0][1] == "late"
    with pytest.raises(RefusedByRulesError, match=r"INV-1 gets no policy, .*: a court decides"):
        shown(tmp_path, policy=named, customer=CASE["customer"] | {"segment": "court"})


def test_a_fault_in_an_assignments_policy_is_told_beside_its_name(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN.replace("due+20d", "soon"), encoding="utf-8")
    wrong = ASSIGNED | {"default": "net31"}
    with pytest.raises(DocumentRefusedError) as refused:
        load_scenario(written(tmp_path, CASE | {"policy": wrong}))
    own, default = sorted(refused.value.faults, key=lambda fault: "net31" in fault)
    assert "line 1: rules.0.policy: " in own
    assert "own.yaml, line 2, step late: at: 'soon' is not a step time" in own
    assert "line 1: default: there is no policy 'net31'; shipped are " in default


def test_a_scenario_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("- 1", encoding="utf-8")
    with pytest.raises(InputRefusedError, match="a scenario is a mapping"):
        load_scenario(path)


def test_a_sum_that_a_float_would_round_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    big = json.dumps(CASE).replace('"1000.00"', "999999999999999.99")
    path.write_text(big, encoding="utf-8")
    assert load_scenario(path).invoice.amount.text == "999999999999999.99"

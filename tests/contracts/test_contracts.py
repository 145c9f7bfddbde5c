"""The contracts in docs/contracts are what the models say, and say what the models take."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from schemas import contracts
from schemas.charging import ChargeRule
from schemas.conditions import Condition
from schemas.interest import Fixed, InterestRule, Reference
from schemas.money import Amount
from schemas.plans import PlanRule
from schemas.policy import Policy
from schemas.scenario import Scenario
from schemas.signals import SIGNALS
from schemas.spans import At
from schemas.steps import Approval, Repeat, Retry, Step

ROOT = Path(__file__).resolve().parents[2]
MODELS: dict[str, type[BaseModel]] = {
    model.__name__: model
    for model in (
        *(Amount, Approval, ChargeRule, Condition, Fixed, InterestRule, PlanRule, Policy),
        *(Reference, Repeat, Retry, Scenario, Step),
    )
}


def test_no_contract_has_drifted_from_its_model() -> None:
    faults = [f"docs/contracts/{one.file} {one.fault}" for one in contracts.drift()]
    assert not faults, "run `make contracts`: " + "; ".join(faults)


def test_every_signal_has_a_contract_that_names_its_fields() -> None:
    for name, model in SIGNALS.items():
        found = json.loads(contracts.contracts()[f"signals/{name}.json"])
        assert set(found["properties"]) == set(model.model_fields)
        required = {field for field, at in model.model_fields.items() if at.is_required()}
        assert set(found["required"]) == required


def test_the_contracts_are_the_same_each_time() -> None:
    assert contracts.contracts() == contracts.contracts()


def test_written_forms_belong_to_fields_that_exist() -> None:
    for model, field in contracts.WRITTEN:
        aliases = {at.alias or name for name, at in MODELS[model].model_fields.items()}
        assert field in aliases


def _pattern(model: str, field: str) -> str:
    return str(contracts.WRITTEN[model, field]["pattern"])


@pytest.mark.parametrize(
    ("model", "field", "hint"),
    [
        ("Step", "at", At),
        ("Retry", "every", Retry.model_fields["every"]),
        ("Policy", "send_at", Policy.model_fields["send_at"]),
    ],
)
@given(data=st.data())
def test_what_a_written_form_allows_its_model_takes(
    model: str,
    field: str,
    hint: Any,  # noqa: ANN401 - a type or a field of a model
    data: st.DataObject,
) -> None:
    pattern = re.compile(_pattern(model, field), re.ASCII)
    text = data.draw(st.from_regex(pattern, fullmatch=True)).rstrip("\n")
    kind = hint if hint is At else hint.rebuild_annotation()
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError as error:
        # a schema cannot say how far a step may lie away
        assert re.search(r"\d{4}", text), f"{text!r}: {error}"  # noqa: PT017 - the text decides


def _leaves(document: object, key: str) -> list[str]:
    match document:
        case dict():
            named = [value for name, value in document.items() if name == key]
            own = [str(leaf) for one in named for leaf in (one if isinstance(one, list) else [one])]
            return own + [leaf for value in document.values() for leaf in _leaves(value, key)]
        case list():
            return [leaf for value in document for leaf in _leaves(value, key)]
    return []


@pytest.mark.parametrize("file", sorted((ROOT / "policies").glob("*.yaml")), ids=lambda f: f.stem)
def test_a_shipped_policy_is_written_as_the_contract_says(file: Path) -> None:
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    forms = {"at": ("Step", "at"), "min_gap": ("Policy", "min_gap"), "every": ("Retry", "every")}
    for key, place in forms.items():
        for text in _leaves(document, key):
            assert re.fullmatch(_pattern(*place), text), f"{key}: {text}"


def test_drift_names_what_differs_what_is_missing_and_what_is_too_much(tmp_path: Path) -> None:
    contracts.write(tmp_path)
    assert list(contracts.drift(tmp_path)) == []
    (tmp_path / "policy.json").write_text("{}\n", encoding="utf-8")
    (tmp_path / "record.json").unlink()
    (tmp_path / "signals" / "old.json").write_text("{}\n", encoding="utf-8")
    found = {one.file: one.fault for one in contracts.drift(tmp_path)}
    assert found == {
        "policy.json": "differs from its model",
        "record.json": "is missing",
        "signals/old.json": "belongs to no contract",
    }


def test_check_changes_nothing_and_says_so_with_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contracts.write(tmp_path)
    assert contracts.main(["--check", str(tmp_path)]) == 0
    (tmp_path / "policy.json").write_text("{}\n", encoding="utf-8")
    assert contracts.main(["--check", str(tmp_path)]) == 1
    assert "policy.json differs from its model" in capsys.readouterr().err
    assert (tmp_path / "policy.json").read_text(encoding="utf-8") == "{}\n"
    assert contracts.main([str(tmp_path)]) == 0
    assert contracts.main(["--check", str(tmp_path)]) == 0

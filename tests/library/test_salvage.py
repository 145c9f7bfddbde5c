"""What of a faulty policy still reads, and the faults behind its faults."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.documents import Document, DocumentRefusedError
from library.policies import SHIPPED, load_policy
from library.salvage import read_policy, salvage
from schemas.policy import Policy

MAIL = {"do": "email", "template": "reminder"}
STEPS: list[dict[str, Any]] = [
    {"id": "first", "at": "due+1d", **MAIL},
    {"id": "second", "at": "due+8d", **MAIL},
    {"id": "call", "at": "due+9d", "do": "call", "script": "payment-call", "instead": "email",
     "template": "reminder"},
    {"id": "fee", "at": "due+10d", "do": "fee", "charge": {"flat": {"EUR": "5"}, "ground": "c"}},
    {"id": "off", "at": "previous+14d", "do": "handoff", "approval": {"within": "7d"}},
]  # fmt: skip


def of(*steps: object, **rest: object) -> Document:
    return Document("p.yaml", {"id": "p", "steps": list(steps or STEPS), **rest})


def told(document: Document) -> list[str]:
    return [f"{'.'.join(map(str, place))}: {words}" for place, words in salvage(document).faults]


def changed(number: int, **fields: object) -> list[dict[str, Any]]:
    steps = deepcopy(STEPS)
    steps[number] |= fields
    return steps


def test_a_policy_without_a_fault_is_read_as_it_is() -> None:
    found = salvage(of())
    assert found.policy == Policy.model_validate(of().content)
    assert (found.faults, found.aside, found.is_in_order) == ((), frozenset(), True)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_policy_reads_without_help(path: Path) -> None:
    assert load_policy(path).id == path.stem


@pytest.mark.parametrize(
    ("number", "fields", "says", "in_order"),
    [
        (0, {"at": "soon"}, "at: 'soon' is not a step time", False),
        (0, {"do": "shout"}, "do: 'shout' should be", False),
        (0, {"tone": 7}, "tone: 7 is not text", True),
        (0, {"template": 7}, "template: 7 is not text", False),
        (0, {"when": {"overdue_at_least": "x"}}, "when.overdue_at_least: 'x' is not a span", True),
        (0, {"colour": "red"}, "colour: is not known here", True),
        (0, {"approval": {}}, "approval.within: is missing", False),
        (2, {"instead": "fax"}, "instead: 'fax' should be", False),
        (3, {"charge": {"flat": {"EUR": "x"}}}, "charge.flat.EUR: 'x' is not a plain", True),
    ],
)
def test_a_faulty_field_is_the_only_fault_of_its_step(
    number: int, fields: dict[str, Any], says: str, in_order: bool
) -> None:
    found = salvage(of(*changed(number, **fields)))
    assert found.policy is not None
    (fault,) = told(of(*changed(number, **fields)))
    assert says in fault
    assert found.is_in_order is in_order
    assert [step.id for step in found.policy.steps] == [step["id"] for step in STEPS]


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (of(1, *STEPS), ["steps.0: 1 should be a mapping"]),
        (of({}, *STEPS[1:]), ["steps.0.id: is missing", "steps.0.at", "steps.0.do: is missing"]),
        (of(*STEPS, id=7), ["id: 7 is not text"]),
        (of(*STEPS, schema="x"), ["schema: 'x' should be 'dunning-policy/1'"]),
        (
            of(*STEPS[1:], STEPS[0] | {"id": "second"}, min_gap="x"),
            ["min_gap: 'x'", "steps: the id 'second' is used twice", "steps.3.do: a hand-off"],
        ),
        (
            of(STEPS[0] | {"variants": {"b": {"tone": "firm"}}}, experiment={"id": "e"}),
            ["experiment.groups: is missing"],
        ),
        (
            of({"id": "first", "at": "due+1x", "do": "email"}),
            ["steps.0.at: 'due+1x'", "steps.0: template: a message needs the template"],
        ),
    ],
)
def test_the_faults_behind_a_fault_are_told_and_no_others(
    document: Document, says: list[str]
) -> None:
    lines = told(document)
    assert len(lines) == len(says)
    for line, start in zip(lines, says, strict=True):
        assert line.startswith(start)


@pytest.mark.parametrize("content", [{}, {"id": "x"}, {"id": "x", "steps": 5}, {"steps": []}])
def test_without_a_step_nothing_is_left_to_look_at(content: dict[str, Any]) -> None:
    found = salvage(Document("p.yaml", content))
    assert found.policy is None
    assert found.faults


def test_what_is_no_mapping_is_told_its_shape() -> None:
    with pytest.raises(DocumentRefusedError, match=r"p\.yaml: a policy is a mapping with"):
        read_policy(Document("p.yaml", [1]))


VALUES: st.SearchStrategy[object] = (
    st.none() | st.integers() | st.text(max_size=4) | st.just([]) | st.just({})
)
FIELDS = st.sampled_from(
    ["id", "at", "do", "template", "script", "charge", "when", "approval", "repeat", "instead", "x"]
)


@given(st.dictionaries(st.tuples(st.integers(0, 4), FIELDS), VALUES, max_size=6))
def test_whatever_is_written_is_read_or_has_a_fault_and_never_raises(
    spoilt: dict[tuple[int, str], object],
) -> None:
    steps = deepcopy(STEPS)
    for (number, field), value in spoilt.items():
        steps[number][field] = value
    document = of(*steps)
    before = deepcopy(document.content)
    found = salvage(document)
    assert document.content == before
    assert bool(found.faults) is bool(found.aside) or found.policy is None
    if not found.faults:
        assert found.policy == Policy.model_validate(document.content)

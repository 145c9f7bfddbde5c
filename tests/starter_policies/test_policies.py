"""Finding and reading policies, and what is said about bad ones."""

from pathlib import Path

import pytest

from library.documents import read_document
from library.policies import SHIPPED, find_policy, load_policy
from schemas.errors import InputRefusedError

POLICY = """
schema: dunning-policy/1
id: mine
send_at: {send_at}
steps:
  - id: call
    at: due+1d
    do: call
    script: payment-call
    on: {{no_answer: {{retry: 2, every: 1d}}}}
"""


def written(folder: Path, text: str, name: str = "policy.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputRefusedError) as refused:
        load_policy(path)
    return str(refused.value)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_policy_is_found_by_its_own_id(path: Path) -> None:
    assert find_policy(path.stem).id == path.stem


def test_the_classic_policy_goes_as_it_is_described() -> None:
    steps = find_policy("net30-standard").steps
    assert [(step.at.text, step.do) for step in steps] == [
        ("due+1d", ("email",)),
        ("due+8d", ("email",)),
        ("due+8d", ("fee",)),
        ("due+15d", ("call",)),
        ("due+31d", ("email", "letter")),
        ("previous+14d", ("handoff",)),
    ]


def test_an_unknown_policy_is_answered_with_the_shipped_ones() -> None:
    with pytest.raises(InputRefusedError) as refused:
        find_policy("net31")
    said = str(refused.value)
    assert "there is no policy 'net31'" in said
    assert all(path.stem in said for path in SHIPPED.glob("*.yaml"))


def test_a_policy_is_found_by_its_path_beside_a_folder_and_inline(tmp_path: Path) -> None:
    path = written(tmp_path, POLICY.format(send_at='"09:00"'))
    found = find_policy(str(path))
    document = read_document(path).content
    assert isinstance(document, dict)
    assert find_policy(document) == found
    assert find_policy("policy.yaml", beside=tmp_path) == found


def test_an_unquoted_on_key_means_on_though_yaml_1_1_reads_it_as_true(tmp_path: Path) -> None:
    found = load_policy(written(tmp_path, POLICY.format(send_at='"09:00"')))
    assert set(found.steps[0].on) == {"no_answer"}


@pytest.mark.parametrize("hour", ["09:00", "10:00", "'23:59'"])
def test_an_hour_needs_no_quotes_though_yaml_1_1_reads_it_as_a_number(
    tmp_path: Path, hour: str
) -> None:
    found = load_policy(written(tmp_path, POLICY.format(send_at=hour)))
    assert f"{found.send_at:%H:%M}" == hour.strip("'")


STEP = "{id: a, at: due+1d, do: email, template: t}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a\n- b", ": a policy is a mapping with `id` and `steps`"),
        ("", ": a policy is a mapping with `id` and `steps`"),
        ("id: x", ": steps: is missing"),
        ("id: x\nsteps: []", ", line 2: steps: "),
        (
            "id: x\nsteps:\n- {id: a, at: sometime, do: email, template: t}",
            ", line 3, step a: at: 'sometime' is not a step time; write due+8d, ",
        ),
        (
            "id: x\nsteps:\n- {id: a, at: due+1d,\n   do: email}",
            ", line 3, step a: template: a message needs",
        ),
        (f"id: x\ncolour: red\nsteps: [{STEP}]", ", line 2: colour: is not known here; there are"),
        (f"id: x\nstepz: [{STEP}]", "stepz: is not known here; did you mean steps?"),
        (
            f"id: x\nsend_at: 9:00\nsteps: [{STEP}]",
            ", line 2: send_at: '9:00' is not a time of day",
        ),
        (
            f"id: x\nminimum_open: {{EUR: 5.001}}\nsteps: [{STEP}]",
            ", line 2: minimum_open: EUR has",
        ),
        (f"id: x\nminimum_open: {{EUR: .nan}}\nsteps: [{STEP}]", "'.nan' is not a plain decimal"),
        (f"id: x\nminimum_open: {{EUR: 1e400}}\nsteps: [{STEP}]", "'1e400' is not a plain decimal"),
        (f"id: x\nminimum_open: {{EURO: 5}}\nsteps: [{STEP}]", "'EURO' is not an ISO 4217"),
        (
            "id: x\nsteps:\n- {id: b, at: due+3d, do: fee,\n   charge: {flat: {EUR: -1}}}",
            ", line 4, step b: charge.flat.EUR: the sum must not be below zero",
        ),
        (
            "id: x\nsteps:\n- id: b\n  at: due+3d\n  do: handoff\n  approval: {within: 7}",
            ", line 6, step b: approval.within: 7 is not a span of days; write 3d or 2w",
        ),
    ],
)
def test_a_bad_policy_is_refused_by_file_line_step_and_field(
    tmp_path: Path, text: str, says: str
) -> None:
    path = written(tmp_path, text)
    said = refusal(path)
    assert any(line.startswith(str(path)) and says in line for line in said.splitlines())


def test_every_fault_of_a_policy_is_told_at_once(tmp_path: Path) -> None:
    text = "id: 12\nsteps:\n- {id: a, at: x, do: fax}\n- {id: b, at: due+1d, do: email}\n"
    lines = refusal(written(tmp_path, text)).splitlines()
    assert ["line 1" in lines[0], *("step a" in line for line in lines[1:3])] == [True] * 3
    assert "line 4, step b: template" in lines[3]
    assert len(lines) == 4


def test_an_inline_policy_is_named_as_such() -> None:
    with pytest.raises(InputRefusedError, match=r"the inline policy: steps: is missing"):
        find_policy({"id": "x"})

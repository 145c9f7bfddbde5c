"""Finding and reading policies, and what is said about bad ones."""

from pathlib import Path

import pytest

from library.policies import SHIPPED, find_policy, load_policy, read_document
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


def test_a_policy_is_found_by_its_path_and_inline(tmp_path: Path) -> None:
    path = written(tmp_path, POLICY.format(send_at='"09:00"'))
    found = find_policy(str(path))
    document = read_document(path)
    assert isinstance(document, dict)
    assert find_policy(document) == found


def test_an_unquoted_on_key_means_on_though_yaml_reads_it_as_true(tmp_path: Path) -> None:
    found = load_policy(written(tmp_path, POLICY.format(send_at='"09:00"')))
    assert set(found.steps[0].on) == {"no_answer"}


def test_an_unquoted_nine_oclock_is_taken_and_ten_oclock_is_explained(tmp_path: Path) -> None:
    """YAML 1.1 reads 09:00 as text and 10:00 as the number 600."""
    assert load_policy(written(tmp_path, POLICY.format(send_at="09:00"))).send_at.hour == 9
    said = refusal(written(tmp_path, POLICY.format(send_at="10:00")))
    assert "send_at: 600 is not a time of day; write it quoted" in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id: [", "line 1: is not valid YAML"),
        ("id: x\n\tsteps: []", "line 2: is not valid YAML"),
        ("id: x\n  steps: []", "line 2: is not valid YAML"),
        ("- a\n- b", "a policy is a mapping"),
        ("", "a policy is a mapping"),
        ("id: x", "steps: Field required"),
        ("id: x\nsteps: []", "steps: "),
        ("id: x\nsteps: [{id: a, at: sometime, do: email, template: t}]", "steps.0.at: 'sometime'"),
        ("id: x\nsteps: [{id: a, at: due+1d, do: email}]", "steps.0: template: a message needs"),
        ("id: x\ncolour: red\nsteps: [{id: a, at: due+1d, do: email, template: t}]", "colour: "),
        ("!!python/object/apply:os.getcwd []", "is not valid YAML"),
        ("[" * 5000, ": "),
    ],
)
def test_a_bad_policy_is_refused_by_file_and_field(tmp_path: Path, text: str, says: str) -> None:
    path = written(tmp_path, text)
    said = refusal(path)
    assert said.startswith(str(path))
    assert says in said
    assert "\n" not in said


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in refusal(tmp_path / "missing.yaml")
    assert "cannot be read: Is a directory" in refusal(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"id: \xe9")
    assert "is not UTF-8 text" in refusal(tmp_path / "latin.yaml")


def test_an_inline_policy_is_named_as_such() -> None:
    with pytest.raises(InputRefusedError, match=r"the inline policy: .*steps: Field required"):
        find_policy({"id": "x"})


def test_decimals_and_days_are_kept_as_they_are_written(tmp_path: Path) -> None:
    text = "a: 10.10\nb: 1234567890123.4500000001\nc: 2026-02-30\nd: .nan"
    assert read_document(written(tmp_path, text)) == {
        "a": "10.10",
        "b": "1234567890123.4500000001",
        "c": "2026-02-30",
        "d": ".nan",
    }


def test_json_is_read_as_json(tmp_path: Path) -> None:
    text = '{\n\t"name": "\\ud83d\\ude00",\n\t"amount": 10.10\n}'
    assert read_document(written(tmp_path, text, "a.json")) == {"name": "😀", "amount": "10.10"}
    with pytest.raises(InputRefusedError, match="line 2: is not valid JSON"):
        read_document(written(tmp_path, '{\n"a": }', "b.json"))

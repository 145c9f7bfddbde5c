"""Reading documents: what is written is what is meant, and every fault has its line."""

import json
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime

from library.documents import (
    MAX_BYTES,
    Document,
    DocumentRefusedError,
    fault_at,
    read_document,
    read_model,
)
from schemas.base import Frozen
from schemas.charging import Sums
from schemas.errors import InputRefusedError
from schemas.policy import Policy


class Part(Frozen):
    """A part of the whole."""

    id: str
    size: int = 1
    kind: Literal["big", "small"] = "big"
    inner: "Part | None" = None


class Whole(Frozen):
    """A document with parts."""

    name: str
    parts: tuple[Part, ...] = ()


def written(folder: Path, text: str, name: str = "a.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path, model: type[Frozen] = Whole) -> list[str]:
    """Return the faults of a file, its name left out."""
    with pytest.raises(InputRefusedError) as found:
        read_model(path, model, "a whole is a mapping")
    return [line.removeprefix(str(path)).lstrip(",: ") for line in str(found.value).splitlines()]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10.10", "10.10"),
        ("1234567890123.4500000001", "1234567890123.4500000001"),
        (".nan", ".nan"),
        ("1e400", "1e400"),
        ("1_000", "1_000"),
        ("2026-02-30", "2026-02-30"),
        ("10:00", "10:00"),
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("0017", "0017"),
        ("0x1F", "0x1F"),
        ("!!float 1.5", "1.5"),
        ("17", 17),
        ("-3", -3),
        ("0", 0),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_a_plain_value_means_what_it_looks_like(tmp_path: Path, text: str, value: object) -> None:
    content = read_document(written(tmp_path, f"a: {text}")).content
    assert content == {"a": value}
    assert isinstance(content, dict)
    assert type(content["a"]) is type(value)


def test_each_value_has_its_line_however_the_document_is_laid_out(tmp_path: Path) -> None:
    text = "name: x\nparts:\n  - {id: a,\n     size: 2}\n  - id: b\n    kind: big\n"
    document = read_document(written(tmp_path, text))
    lines = {("name",): 1, ("parts", 0, "id"): 3, ("parts", 0, "size"): 4, ("parts", 1, "kind"): 6}
    assert {place: document.line(place) for place in lines} == lines
    assert document.line(("parts", 1, "size")) == 5
    assert document.line(("nowhere",)) is None


def test_json_has_its_lines_too_tabs_and_all(tmp_path: Path) -> None:
    text = '{\n\t"name": "\\ud83d\\ude00",\n\t"parts": [\n\t\t{"id": 10.10}]}'
    document = read_document(written(tmp_path, text, "a.json"))
    assert document.content == {"name": "😀", "parts": [{"id": "10.10"}]}
    assert document.line(("parts", 0, "id")) == 4


def test_every_fault_is_told_at_once_with_its_line_item_and_field(tmp_path: Path) -> None:
    text = (
        "nmae: x\n"
        "parts:\n"
        "  - {id: a, size: 1.5}\n"
        "  - {id: b, kind: bgi, inner: {id: c, colour: red}}\n"
        "  - id: 12\n"
        "  - {size: 3}\n"
    )
    assert refused(written(tmp_path, text)) == [
        "name: is missing",
        "line 1: nmae: is not known here; did you mean name?",
        "line 3, part a: size: '1.5' should be a whole number",
        "line 4, part b: kind: 'bgi' should be 'big' or 'small' (did you mean big?)",
        "line 4, part b: inner.colour: is not known here; there are id, inner, kind, size",
        "line 5, part 12: id: 12 is not text; write it in quotes",
        "line 6: parts.3.id: is missing",
    ]


def test_what_is_nothing_like_a_mapping_is_told_its_shape(tmp_path: Path) -> None:
    for text in ("", "- a\n- b", "just words"):
        assert refused(written(tmp_path, text)) == ["a whole is a mapping"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.yaml", "id: [", "line 1: is not valid YAML"),
        ("a.yaml", "id: x\n\tname: y", "line 2: is not valid YAML"),
        ("a.yaml", "id: x\n  name: y", "line 2: is not valid YAML"),
        (
            "a.yaml",
            "name: x\nparts: []\nname: y",
            "the key 'name' stands twice, on line 1 and line 3",
        ),
        ("a.yaml", "parts:\n- id: x\n  id: y", "the key 'id' stands twice, on line 2 and line 3"),
        ("a.yaml", "a: 1\n---\nb: 2", "line 2: is not valid YAML"),
        ("a.yaml", "!!python/object/apply:os.getcwd []", "is not valid YAML"),
        ("a.yaml", "[" * 500, "cannot be read"),
        ("a.yaml", "[" * 150 + "]" * 150, "over 100 levels"),
        ("a.yaml", "a: &a [*a]", "over 100 levels"),
        ("a.yaml", f"a: {'9' * 5000}", "cannot be read"),
        ("a.yaml", "a: [" + "x, " * 20_001 + "]", "over 20000 values"),
        ("a.json", '{\n"a": }', "line 2: is not valid JSON"),
        ("a.json", '{"a": 1,\n"a": 2}', "the key 'a' stands twice, on line 1 and line 2"),
        ("a.json", "[" * 150 + "]" * 150, "over 100 levels"),
    ],
)
def test_what_cannot_be_read_is_refused_by_file_and_line(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    path = written(tmp_path, text, name)
    with pytest.raises(InputRefusedError) as found:
        read_document(path)
    assert str(found.value).startswith(str(path))
    assert says in str(found.value)


def test_an_alias_that_multiplies_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(InputRefusedError, match="over 20000 values"):
        read_document(written(tmp_path, "\n".join(lines)))


def test_a_merged_mapping_keeps_to_the_line_that_merges_it(tmp_path: Path) -> None:
    text = "name: x\nparts:\n  - &p {id: a, size: 1}\n  - <<: *p\n    id: b\n    colour: red\n"
    assert refused(written(tmp_path, text)) == [
        "line 6, part b: colour: is not known here; there are id, inner, kind, size"
    ]


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "missing.yaml") == ["cannot be read: No such file or directory"]
    assert refused(tmp_path) == ["cannot be read: Is a directory"]
    (tmp_path / "latin.yaml").write_bytes(b"id: \xe9")
    assert refused(tmp_path / "latin.yaml") == ["is not UTF-8 text"]
    (tmp_path / "big.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    assert refused(tmp_path / "big.yaml") == [f"is larger than {MAX_BYTES} bytes; split it"]


def test_a_value_that_fits_no_form_is_one_fault_not_one_for_each_form(tmp_path: Path) -> None:
    step = "{id: a, at: due+1d, do: call, script: s, on: {busy: attentoin, no_answer: {retry: 0}}}"
    busy = "'attentoin' should be a mapping or 'attention' (did you mean attention?)"
    assert refused(written(tmp_path, f"id: x\nsteps: [{step}]"), Policy) == [
        f"line 2, step a: on.busy: {busy}",
        "line 2, step a: on.no_answer.retry: 0 should be at least 1",
        "line 2, step a: on.no_answer.every: is missing",
    ]


def test_a_rule_over_the_whole_is_told_where_it_is_broken(tmp_path: Path) -> None:
    text = (
        "id: x\nsteps:\n"
        "  - {id: a, at: due+1d, do: email, template: t}\n"
        "  - {id: b, at: due+2d, do: recall}\n"
        "  - {id: c, at: due+2d, do: [email, call]}\n"
    )
    path = written(tmp_path, text)
    assert refused(path, Policy) == [
        "line 5, step c: template: a message needs the template it is made from",
        "line 5, step c: script: a call needs the script it reads",
    ]
    path.write_text(text.replace("[email, call]", "review, approval: {within: 3d}"))
    assert refused(path, Policy) == [
        "line 4, step b: do: a recall is never planned; it follows a payment"
    ]


def test_the_faults_of_a_refusal_can_be_counted(tmp_path: Path) -> None:
    with pytest.raises(DocumentRefusedError) as found:
        read_model(written(tmp_path, "a: 1\nb: 2"), Whole, "a whole is a mapping")
    assert len(found.value.faults) == 3


def test_a_part_of_a_document_keeps_its_lines(tmp_path: Path) -> None:
    document = read_document(written(tmp_path, "a: 1\nb:\n  c: 2"))
    part = document.part("b")
    assert (part.content, part.line(("c",))) == ({"c": 2}, 3)
    assert fault_at(part, ("c",), "is odd").endswith("a.yaml, line 3: c: is odd")
    assert document.part("none").content is None


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.text("abc \U0001f600\t", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner),
    max_leaves=10,
)


@settings(deadline=None, max_examples=60)
@given(content=VALUES)
def test_any_json_is_read_back_as_it_was_and_each_value_has_a_line(
    tmp_path_factory: pytest.TempPathFactory, content: object
) -> None:
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    document = read_document(path)
    assert document.content == content
    if isinstance(content, dict):
        assert all(document.line((key,)) is not None for key in content)


@settings(deadline=None, max_examples=100)
@given(text=st.text(max_size=60))
def test_no_text_does_worse_than_being_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.yaml"
    path.write_bytes(text.encode("utf-8", "replace"))
    try:
        found = read_document(path)
    except InputRefusedError as error:
        assert str(path) in str(error)  # noqa: PT017 - being read is as good
    else:
        assert isinstance(found, Document)


class Prices(Frozen):
    """Sums, and a moment."""

    prices: Sums = {}
    since: AwareDatetime | None = None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("prices: {XXY: 1}", "prices.XXY: 'XXY' is not an ISO 4217 currency code, e.g. EUR"),
        (
            "since: 2026-02-01T09:00:00",
            "since: '2026-02-01T09:00:00' should name its offset, e.g. 2026-02-01T09:00:00+01:00",
        ),
    ],
)
def test_a_fault_is_told_once_and_says_what_would_be_right(
    tmp_path: Path, text: str, fault: str
) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentRefusedError) as refused:
        read_model(path, Prices, "prices by currency")
    assert refused.value.faults == (f"{path}, line 1: {fault}",)

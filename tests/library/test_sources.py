"""Every number of law says where it comes from, if it was looked up, and from when it holds.

And every field that a pack may state has an effect: somebody other than its schema reads it.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from library.documents import read_document
from library.jurisdictions import SHIPPED, shipped
from schemas import charging, jurisdiction, scales

ROOT = SHIPPED.parent
CONTACT = sorted(SHIPPED.glob("*.yaml"))
CHARGES = sorted((SHIPPED / "charges").glob("*.yaml"))
RATES = sorted((SHIPPED / "rates").glob("*.yaml"))
BASES = set(get_args(jurisdiction.Basis))
HEAD = {"schema", "id", "version", "extends", "adds_to", "match", "valid_from", "valid_to"}
"""What says which rules they are and whom they are for, and is no rule itself."""
NUMBER = re.compile(r"-?\d+(\.\d+)?|\d+(d|bd)|\d\d:\d\d-\d\d:\d\d")

Place = tuple[str, ...]
Found = tuple[Place, Mapping[str, Any] | None]


def read(path: Path) -> dict[str, Any]:
    document = read_document(path).content
    assert isinstance(document, dict)
    return document


def is_number(value: object) -> bool:
    if isinstance(value, str):
        return NUMBER.fullmatch(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def numbers(
    value: Any,  # noqa: ANN401 - documents are any shape
    place: Place,
    sources: Mapping[str, Any],
    source: Mapping[str, Any] | None,
) -> Iterator[Found]:
    """Yield each number of a document with the nearest source that speaks for it."""
    if isinstance(value, dict):
        own = value if "basis" in value else source
        inner = {**sources, **{f"{'.'.join(place)}.{k}".strip("."): v for k, v in _said(value)}}
        for key, part in value.items():
            if key in {"sources", *(HEAD if not place else ())} | (
                {"verified_on", "valid_from"} if own is value else set()
            ):
                continue
            here = (*place, str(key).removesuffix("_add"))
            yield from numbers(part, here, inner, inner.get(".".join(here), own))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            name = part.get("id", str(number)) if isinstance(part, dict) else str(number)
            yield from numbers(part, (*place, str(name)), sources, source)
    elif is_number(value):
        yield place, source


def _said(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from value.get("sources", {}).items()


def faults(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the sources of a document leave open, each with its field."""
    for place, source in numbers(document, (), {}, None):
        if source is None:
            yield f"{'.'.join(place)}: nothing says where this number comes from"
            continue
        field = ".".join(place)
        if source["basis"] not in BASES:
            yield f"{field}: {source['basis']!r} is no basis"
        if "valid_from" not in {*source, *document}:
            yield f"{field}: valid_from is missing; null means without a beginning"
        if source["basis"] != "convention" and not source.get("cite"):
            yield f"{field}: cite is missing"
        if source["basis"] != "convention" and "verified_on" not in source:
            yield f"{field}: verified_on is missing; null means from memory"


@pytest.mark.parametrize(
    "path", CONTACT + CHARGES, ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_every_number_says_where_it_comes_from_and_from_when_it_holds(path: Path) -> None:
    document = read(path)
    assert [f"{path.name}: {fault}" for fault in faults(document)] == []


@pytest.mark.parametrize("path", RATES, ids=lambda path: path.name)
def test_every_rate_says_from_when_it_holds_and_whether_it_was_looked_up(path: Path) -> None:
    table = read(path)
    assert table["source"]
    for rate in table["rates"]:
        assert {"on", "percent", "verified_on"} == set(rate), f"{path.name}: {rate['on']}"


@pytest.mark.parametrize(
    ("law", "fault"),
    [
        ({"total_cap": "25"}, "laws.0.total_cap: nothing says where this number comes from"),
        (
            {"max_rate": {"rate": "18", "basis": "law", "verified_on": None, "valid_from": None}},
            "laws.0.max_rate.rate: cite is missing",
        ),
        (
            {"max_rate": {"rate": "18", "basis": "law", "cite": "x", "valid_from": None}},
            "laws.0.max_rate.rate: verified_on is missing; null means from memory",
        ),
        (
            {"max_rate": {"rate": "18", "basis": "law", "cite": "x", "verified_on": None}},
            "laws.0.max_rate.rate: valid_from is missing; null means without a beginning",
        ),
        (
            {"max_rate": {"rate": "18", "basis": "hearsay", "valid_from": None}},
            "laws.0.max_rate.rate: 'hearsay' is no basis",
        ),
    ],
)
def test_a_number_without_its_source_is_found_by_its_field(law: dict[str, Any], fault: str) -> None:
    assert fault in list(faults({"laws": [law]}))


def test_a_state_rate_without_its_source_is_refused() -> None:
    source = {"basis": "law", "cite": "NY Gen. Oblig. Law"}
    filled = {"debtors": ["consumer"], "subdivision_rates": {"NY": "16"}}
    with pytest.raises(ValidationError, match=r"subdivision_rates\.NY: say under `sources`"):
        charging.Law.model_validate(filled)
    named = filled | {"sources": {"subdivision_rates.NY": source}}
    assert charging.Law.model_validate(named).subdivision_rates == {"NY": Decimal(16)}


ABOUT = {"basis", "cite", "verified_on", "version", "schema_", "note", "says", "duties"}
"""What people read on the page of rules; no decision turns on it."""
READERS = ("dunning", "library", "schemas", "starter", "wording")


def in_packs(model: object) -> bool:
    """Whether a pack is written in this model: not a policy's rule, not a posted line."""
    homes = {"schemas.jurisdiction", "schemas.charging", "schemas.scales"}
    return (
        isinstance(model, type)
        and issubclass(model, BaseModel)
        and model.__module__ in homes
        and model not in {charging.ChargeRule, charging.Charge}
    )


MODELS = [
    model
    for module in (jurisdiction, charging, scales)
    for model in vars(module).values()
    if in_packs(model) and model.__module__ == module.__name__
]


def reads(tree: ast.AST) -> Iterator[str]:
    """Yield the attributes that are read, but not by what merely checks or copies a pack."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef) and (node.name == "_pinned" or is_check(node)):
            continue
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.attr
        yield from reads(node)


def is_check(function: ast.FunctionDef) -> bool:
    return any("validator" in ast.unparse(one) for one in function.decorator_list)


@pytest.fixture(scope="module")
def known() -> set[str]:
    files = (path for room in READERS for path in (ROOT / room).rglob("*.py"))
    return {name for path in files for name in reads(ast.parse(path.read_text(encoding="utf-8")))}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_a_pack_may_state_is_read_by_somebody(
    model: type[BaseModel], known: set[str]
) -> None:
    unread = set(model.model_fields) - ABOUT - known
    assert unread == set(), f"{model.__name__}: enforce it, or make a duty of it"


def test_a_call_of_ours_is_a_recorded_voice_so_every_place_asks_for_consent() -> None:
    for pack in shipped().values():
        if pack.adds_to is None:
            assert pack.consent["call_auto"] != "none", pack.id

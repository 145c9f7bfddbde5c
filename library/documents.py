"""Reading the documents people write (YAML or JSON), so that every fault can be told with its line.

Scalars mean what they look like: `10:00`, `on`, `NO` and `0017` are text; only `true`, `false`,
`null` and plain whole numbers are anything else. Decimals and days stay text as well, so that no
amount passes through a float and no day is guessed.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from library.faults import Place, sentences
from schemas.errors import InputRefusedError

MAX_BYTES: Final = 250_000
"""The largest document taken; a policy of sixty steps is a tenth of it."""
MAX_VALUES: Final = 20_000
"""How many values a document may hold, those behind an alias counted each time."""
MAX_DEPTH: Final = 100
"""How deeply they may be nested."""

_CORE: Final = (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("merge", r"^<<$", "<"),
)

Model = TypeVar("Model", bound=BaseModel)


class DocumentRefusedError(InputRefusedError):
    """A document has faults: `faults` holds each as one line that names file, line and field."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Document:
    """What a file holds, and the line each value stands on, by the keys that lead to it."""

    where: str
    content: object
    lines: Mapping[Place, int] = field(default_factory=dict)

    def line(self, place: Place) -> int | None:
        """Return the line of a value, else of the nearest one around it that is known."""
        for length in range(len(place), 0, -1):
            if (found := self.lines.get(place[:length])) is not None:
                return found
        return None

    def part(self, key: str) -> Self:
        """Return what stands under a key of a mapping as a document of its own, lines kept."""
        content = self.content.get(key) if isinstance(self.content, dict) else None
        lines = {place[1:]: line for place, line in self.lines.items() if place[:1] == (key,)}
        return replace(self, content=content, lines=lines)


class _Loader(yaml.SafeLoader):
    """YAML with the few plain types of `_CORE`; whatever else is written stays text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


def _as_written(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


for _tag, _form, _first in _CORE:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_form), list(_first))
for _tag in ("float", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _as_written)


def read_document(path: Path) -> Document:
    """Return what a YAML or JSON file holds; raises InputRefusedError naming file and line."""
    text = _text(path)
    try:
        return _json(path, text) if path.suffix == ".json" else _yaml(path, text)
    except json.JSONDecodeError as error:
        where = f"{path}, line {error.lineno}"
        raise InputRefusedError(f"{where}: is not valid JSON: {error.msg}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}" if mark else f"{path}"
        problem = getattr(error, "problem", None) or "not readable"
        raise InputRefusedError(f"{where}: is not valid YAML: {problem}") from error
    except RecursionError as error:
        raise InputRefusedError(f"{path}: cannot be read: it is nested too deeply") from error
    except ValueError as error:
        raise InputRefusedError(f"{path}: cannot be read: {error}") from error


def read_model(path: Path, model: type[Model], shape: str) -> Model:
    """Return a file's content as that model.

    `shape` says what the document is, for one that is not even a mapping, e.g. "a policy is a
    mapping with `id` and `steps`". Raises DocumentRefusedError with every fault at once.
    """
    return checked(read_document(path), model, shape)


def checked(document: Document, model: type[Model], shape: str) -> Model:
    """Return a document's content as that model; raises as `read_model` does."""
    if not isinstance(document.content, dict):
        raise DocumentRefusedError((f"{document.where}: {shape}",))
    try:
        return model.model_validate(document.content)
    except ValidationError as error:
        raise DocumentRefusedError(tuple(faults(error, document, model))) from error


def faults(
    error: ValidationError, document: Document, model: type[BaseModel] | None = None
) -> list[str]:
    """Return every fault a validation found, in the order of the lines they stand on.

    With the `model`, an unknown key is answered with the nearest known one.
    """
    found = sentences(error, document.content, model)
    placed = [
        (document.line(place) or 0, fault_at(document, place, words)) for place, words in found
    ]
    return [sentence for _, sentence in sorted(placed, key=lambda pair: pair[0])]


def fault_at(document: Document, place: Place, words: str) -> str:
    """Say what is wrong with one value: `x.yaml, line 14, step handoff: at: ...`."""
    line = document.line(place)
    item, rest = _item(document.content, place)
    parts = [document.where, *([f"line {line}"] if line else []), *([item] if item else [])]
    name = ".".join(str(part) for part in rest)
    return ": ".join(part for part in (", ".join(parts), name, words) if part)


def _item(content: object, place: Place) -> tuple[str, Place]:
    """Return the named item of a list that a place lies in (`step handoff`), and the rest."""
    if len(place) > 1 and isinstance(content, dict) and isinstance(place[1], int):
        listed = content.get(place[0])
        one = listed[place[1]] if isinstance(listed, list) and place[1] < len(listed) else None
        if isinstance(one, dict) and isinstance(one.get("id"), str | int):
            return f"{str(place[0]).removesuffix('s')} {str(one['id'])[:80]}", place[2:]
    return "", place


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputRefusedError(f"{path}: cannot be read: {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise InputRefusedError(f"{path}: is larger than {MAX_BYTES} bytes; split it")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputRefusedError(f"{path}: is not UTF-8 text") from error


def _yaml(path: Path, text: str) -> Document:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        lines = dict(_lines(node))
        content = None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()
    return Document(str(path), content, lines)


def _json(path: Path, text: str) -> Document:
    content = json.loads(text, parse_float=str, parse_constant=str)
    try:  # JSON is YAML but for its tabs, so one reader finds the lines of both
        node = yaml.compose(text.replace("\t", " "), Loader=_Loader)
    except yaml.YAMLError:
        return Document(str(path), content)
    return Document(str(path), content, dict(_lines(node)))


def _lines(root: yaml.Node | None) -> Iterator[tuple[Place, int]]:
    """Yield each value's place and line; raises ValueError for a key that stands twice."""
    waiting: list[tuple[Place, yaml.Node]] = [] if root is None else [((), root)]
    for seen, (place, node) in enumerate(_growing(waiting)):
        if seen > MAX_VALUES or len(place) > MAX_DEPTH:
            raise ValueError(f"it holds over {MAX_VALUES} values, or over {MAX_DEPTH} levels")
        if isinstance(node, yaml.SequenceNode):
            waiting += [((*place, number), part) for number, part in enumerate(node.value)]
            yield from (
                ((*place, number), part.start_mark.line + 1)
                for number, part in enumerate(node.value)
            )
        elif isinstance(node, yaml.MappingNode):
            yield from _mapping(place, node, waiting)


def _growing(waiting: list[tuple[Place, yaml.Node]]) -> Iterator[tuple[Place, yaml.Node]]:
    while waiting:
        yield waiting.pop()


def _mapping(
    place: Place, node: yaml.MappingNode, waiting: list[tuple[Place, yaml.Node]]
) -> Iterator[tuple[Place, int]]:
    first: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        name = str(key.value)
        if name in first and name != "<<":
            raise ValueError(
                f"the key {name!r} stands twice, on line {first[name]} and line {line}"
            )
        first[name] = line
        waiting.append(((*place, name), value))
        yield (*place, name), line

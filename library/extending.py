"""A document that extends another: what the two say together, and on which line."""

from collections.abc import Mapping
from typing import Any

from library.documents import Document
from library.faults import Place

_ADD = "_add"


def leads_to_an_end(document: Document, link: str, known: Mapping[str, Document]) -> bool:
    """Whether following a link from document to document meets known ones only, none twice."""
    met: list[str] = []
    other = _link(document, link)
    while other is not None:
        if other not in known or other in met or known[other] is document:
            return False
        met.append(other)
        other = _link(known[other], link)
    return True


def merged(document: Document, known: Mapping[str, Document]) -> Document:
    """Return a document as it reads with what it extends; lines are known for its own values.

    Mappings merge, everything else replaces, a key that ends in `_add` appends to the list, and
    the days of one channel's week replace those before: two weeks cannot be mixed.
    """
    own = dict(_mapping(document))
    own.pop("schema", None)
    base_id = own.pop("extends", None)
    if base_id is None:
        return Document(document.where, own, document.lines)
    base = merged(known[base_id], known).content
    lines = {_moved(place, base): line for place, line in document.lines.items()}
    return Document(document.where, _merge(base, own, ()), lines)


def _link(document: Document, link: str) -> str | None:
    value = _mapping(document).get(link)
    return None if value is None else str(value)


def _mapping(document: Document) -> dict[str, Any]:
    return document.content if isinstance(document.content, dict) else {}


def _merge(base: Any, own: Any, place: Place) -> Any:  # noqa: ANN401 - documents are any shape
    is_week = len(place) > 1 and place[0] == "windows"
    if is_week or not (isinstance(base, dict) and isinstance(own, dict)):
        return own
    both = dict(base)
    for key, value in own.items():
        name = str(key).removesuffix(_ADD)
        if name != key and isinstance(value, list):
            both[name] = [*base.get(name, []), *value]
        else:
            both[key] = _merge(base.get(key), value, (*place, key))
    return both


def _moved(place: Place, base: Any) -> Place:  # noqa: ANN401 - documents are any shape
    """Return where a value of one's own stands after merging: what is appended comes later."""
    moved: list[str | int] = []
    before = 0
    for part in place:
        if isinstance(part, int):
            moved.append(part + before)
            base = None
        else:
            name = part.removesuffix(_ADD)
            base = base.get(name) if isinstance(base, dict) else None
            before = len(base) if name != part and isinstance(base, list) else 0
            moved.append(name)
    return tuple(moved)

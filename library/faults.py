"""What a validation found, as sentences for the person who wrote the document."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_SHOULD: Final = " should be "
_PLAINLY: Final = (
    (re.compile(r"a valid dictionary( or instance of \w+)?"), "a mapping"),
    (re.compile(r"a valid (tuple|list)"), "a list"),
    (re.compile(r"a valid string"), "text"),
    (re.compile(r"a valid integer.*"), "a whole number"),
    (re.compile(r"a valid date.*"), "a day like 2026-01-31"),
    (re.compile(r"greater than or equal to"), "at least"),
    (re.compile(r"less than or equal to"), "at most"),
    (re.compile(r"have timezone info"), "name its offset, e.g. 2026-02-01T09:00:00+01:00"),
)
"""What a writer of YAML calls the things that a validator calls by their Python names."""

Place = tuple[str | int, ...]
"""The keys that lead to a value in a document, e.g. `("steps", 3, "at")`."""

OWN_PLACE: Final = re.compile(r"([\w*-]+(?:\.[\w*-]+)*): ")
"""A rule over a whole model names the field itself, for it has no place of its own."""


def sentences(
    error: ValidationError, content: object, model: type[BaseModel] | None = None
) -> list[tuple[Place, str]]:
    """Return the place and the words of every fault; what may be written instead is one fault."""
    found: dict[Place, list[str]] = {}
    for details in error.errors(include_url=False):
        if _is_echo(details):
            continue
        for line in _words(details, content, model).splitlines():
            place, words = _own_place(_place(details, content), line, content)
            found.setdefault(place, []).append(words)
    told = [(place, sentence) for place, words in found.items() for sentence in _joined(words)]
    return [
        (place, words)
        for place, words in told
        if not (_SHOULD in words and any(_lies_in(other, place) for other in found))
    ]


def _is_echo(details: ErrorDetails) -> bool:
    """Whether a list is called too short only because its items are faulty themselves."""
    given = details["input"]
    return details["type"] == "too_short" and isinstance(given, list | tuple) and bool(given)


def _lies_in(other: Place, place: Place) -> bool:
    return len(other) > len(place) and other[: len(place)] == place


def _joined(words: list[str]) -> Iterator[str]:
    """Join what one value was held against: it is wrong once, however many forms it may have.

    A form that says in a sentence of its own what would be right speaks for all of them.
    """
    told = [one for one in words if _SHOULD not in one]
    either = list(dict.fromkeys(one for one in words if _SHOULD in one))
    if either and not told:
        yield " or ".join([either[0], *(one.rpartition(_SHOULD)[2] for one in either[1:])])
    yield from told


def _place(details: ErrorDetails, content: object) -> Place:
    """Return where a fault is in the document: the validator's names for its choices left out."""
    place: list[str | int] = []
    last = len(details["loc"]) - 1
    for number, part in enumerate(details["loc"]):
        if _holds(content, part):
            content = content[part]  # type: ignore[index]
            place.append(part)
        elif number == last and details["type"] == "missing":
            place.append(part)
    return tuple(place)


def _holds(content: object, part: str | int) -> bool:
    if isinstance(content, Mapping):
        return part in content
    return isinstance(content, list) and isinstance(part, int) and part < len(content)


def _own_place(place: Place, words: str, content: object) -> tuple[Place, str]:
    """Move the place to the field that a sentence names, where the document has it."""
    named = OWN_PLACE.match(words)
    for part in place:
        content = content[part] if _holds(content, part) else None  # type: ignore[index]
    if named is None:
        return place, words
    steps: list[str | int] = []
    for text in named[1].split("."):
        part = int(text) if text.isdigit() and isinstance(content, list) else text
        if not _holds(content, part):
            return place, words
        steps.append(part)
        content = content[part]  # type: ignore[index]
    return (*place, *steps), words[named.end() :]


def _words(details: ErrorDetails, content: object, model: type[BaseModel] | None) -> str:
    given = details["input"]
    match details["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return f"is not known here{_instead(_place(details, content), model)}"
        case "union_tag_invalid" | "union_tag_not_found":
            return _of_no_kind(details)
        case "string_type" if isinstance(given, int | float):
            return f"{given!r} is not text; write it in quotes"
        case "value_error":
            return str(details.get("ctx", {}).get("error", details["msg"]))
    return _should(given, details["msg"])


def _should(given: object, words: str) -> str:
    """Turn `Input should be ...` into a sentence about what was given."""
    if not words.startswith("Input should "):
        return f"{words[:1].lower()}{words[1:]}"
    for form, plain in _PLAINLY:
        words = form.sub(plain, words)
    near = get_close_matches(str(given), re.findall(r"'([^']+)'", words), n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return f"{_shown(given)} {words.removeprefix('Input ')}{hint}"


def _of_no_kind(details: ErrorDetails) -> str:
    about = details.get("ctx", {})
    field = str(about.get("discriminator", "")).strip("'")
    if "tag" not in about:
        return f"{field}: is missing; it says what this is"
    kinds = re.findall(r"'([^']+)'", str(about["expected_tags"]))
    return f"{field}: {about['tag']!r} is not known{_nearest(str(about['tag']), kinds)}"


def _shown(given: object) -> str:
    if isinstance(given, Mapping):
        return "a mapping"
    if isinstance(given, list | tuple):
        return "a list"
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:60]}..."  # noqa: PLR2004 - fits beside a sentence


def _instead(place: Place, model: type[BaseModel] | None) -> str:
    """Suggest the nearest known key, or name them all."""
    return _nearest(str(place[-1]), sorted(_known(place[:-1], model))) if model and place else ""


def _nearest(given: str, known: list[str]) -> str:
    if near := get_close_matches(given, known, n=1):
        return f"; did you mean {near[0]}?"
    return f"; there are {', '.join(known)}" if known else ""


def _known(place: Place, model: type[BaseModel]) -> set[str]:
    models = {model}
    for part in place:
        fields = (
            field.annotation
            for one in models
            for name, field in one.model_fields.items()
            if part in {name, field.alias}
        )
        models = {found for field in fields for found in _models(field)} or models
    return {field.alias or name for one in models for name, field in one.model_fields.items()}


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)

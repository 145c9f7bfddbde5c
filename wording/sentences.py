"""Filling values into sentences, and noting which of them were shown.

A sentence sees its values and nothing else, in a sandbox; text from outside is a value there and is
never read as a template. Nothing is escaped here: sentences are plain text, and the layouts make
markup of it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from jinja2 import DictLoader, StrictUndefined, Template, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from schemas.errors import InputRefusedError

_ALONE: Final = re.compile(r"^[ \t]*((?:\{%(?:(?!%\}).)*%\})+)[ \t]*\n", re.MULTILINE)
"""A line of nothing but `{% %}`: it is no line of the text, and must not part two paragraphs."""


class Value(str):
    """A text that knows its name, so that having shown it can be noted."""

    __slots__ = ("name", "seen")
    name: str
    seen: set[str]

    @classmethod
    def of(cls, name: str, text: str, seen: set[str]) -> "Value":
        """Make the value of that name, which notes itself in `seen` when it is shown."""
        value = cls(text)
        value.name, value.seen = name, seen
        return value


def fill(sentence: str, values: Mapping[str, object], where: str) -> str:
    """Return the sentence with its values; raises InputRefusedError naming `where` it stands."""
    try:
        return _compiled(sentence).render(values)
    except TemplateError as error:
        raise InputRefusedError(f"{where} cannot be filled in: {error}") from error


@lru_cache(maxsize=4096)
def names_in(sentence: str) -> frozenset[str]:
    """Return the names of all values a sentence may show; none for one that does not read."""
    try:
        return frozenset(meta.find_undeclared_variables(_ENVIRONMENT.parse(sentence)))
    except TemplateError:
        return frozenset()  # filling it says what is wrong


def _note(value: object) -> object:
    if isinstance(value, Value) and value:
        value.seen.add(value.name)
    return value


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        loader=DictLoader({}),
        undefined=StrictUndefined,
        autoescape=False,
        finalize=_note,
    )
    made.globals.clear()  # a sentence gets its values and nothing else
    return made


_ENVIRONMENT = _environment()


@lru_cache(maxsize=4096)
def _compiled(sentence: str) -> Template:
    return _ENVIRONMENT.from_string(_ALONE.sub(r"\1", sentence))

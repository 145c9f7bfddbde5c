"""Saying words: finds a word in its layers, fills it, and notes that it was said."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from babel.core import Locale

from schemas.customer import Channel
from schemas.errors import InputRefusedError
from schemas.template_files import TemplateSheet, Tone
from wording import catalogue, formatting
from wording.catalogue import TEMPLATES, Layer
from wording.facts import Facts, Letterhead
from wording.sentences import Value, fill
from wording.values import values

MILDEST: Final[tuple[Tone, ...]] = ("friendly", "firm", "formal")
"""Which tone an unnamed one is: the first of these that the template has."""


@dataclass(frozen=True)
class Writer:
    """Says the words of one message; `seen` holds the names of all words and values shown so far.

    Contact rules ask for disclosures by name. A word or a value that discloses something is called
    as they call it, so what was shown is what was disclosed.
    """

    sheet: TemplateSheet
    layers: tuple[Layer, ...]
    values: dict[str, object]
    tag: str
    locale: Locale
    set_in_french: bool
    seen: set[str] = field(default_factory=set)

    def say(self, name: str) -> str:
        """Return a word, filled; raises InputRefusedError when it is missing or cannot be."""
        text = self.maybe(name)
        if text is None:
            raise InputRefusedError(f"{self.layers[2].where}: the word {name!r} is missing")
        return text

    def maybe(self, name: str) -> str | None:
        """Return a word, filled; None when there is no such word."""
        for layer in self.layers:
            if name in layer.words:
                text = fill(layer.words[name], self.values, f"{layer.where}: {name}")
                return self._said(name, text)
        return None

    def value(self, name: str) -> str:
        """Return a value for showing it outside of a sentence."""
        value = self.values[name]
        if isinstance(value, Value) and value:
            value.seen.add(name)
        return str(value)

    def prose(self, name: str) -> tuple[str, ...]:
        """Return a word as paragraphs."""
        return tuple(formatting.paragraphs(self.say(name)))

    def line(self, name: str) -> str:
        """Return a word as one harmless line."""
        return formatting.one_line(self.say(name))

    def money(self, minor: int, currency: str) -> str:
        """Write a sum for the reader."""
        return formatting.money(minor, currency, self.locale)

    def _said(self, name: str, text: str) -> str:
        if text.strip():
            self.seen.add(name)
        return formatting.french_spaces(text) if self.set_in_french else text


def writer(
    template: str, channel: Channel, letterhead: Letterhead, facts: Facts, folder: Path = TEMPLATES
) -> Writer:
    """Return the writer of a message; raises InputRefusedError for a channel or tone it lacks."""
    sheet = catalogue.sheet(template, folder)
    if channel not in sheet.channels:
        raise InputRefusedError(
            f"template {template!r} cannot be written as {channel}; "
            f"it can as {', '.join(sheet.channels)}"
        )
    tone = _tone(template, sheet, facts.tone)
    language, tag = catalogue.language_for(template, facts.language, folder)
    locale, seen = formatting.locale_of(tag, language), set[str]()
    return Writer(
        sheet=sheet,
        layers=tuple(catalogue.layers(template, language, channel, tone, folder)),
        values=values(letterhead, facts, locale, seen),
        tag=tag,
        locale=locale,
        # an unbreakable blank would double the price of a text message, and a voice reads none
        set_in_french=language.split("-")[0] == "fr" and channel in {"email", "letter"},
        seen=seen,
    )


def _tone(template: str, sheet: TemplateSheet, wanted: str) -> Tone:
    there: Iterator[Tone] = (tone for tone in MILDEST if tone in sheet.tones)
    for tone in there:
        if wanted in {tone, ""}:
            return tone
    raise InputRefusedError(
        f"template {template!r} has no tone {wanted!r}; it has {', '.join(sheet.tones)}"
    )

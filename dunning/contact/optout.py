"""Does this text say stop? Exact words act at once; anything like them goes to a person."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date
from typing import Literal

from schemas.jurisdiction import Pack

OptedOut = Literal["channel", "all", "review"]


def is_opt_out(text: str, packs: Iterable[Pack]) -> OptedOut | None:
    """Return what a reply asks for: its channel or all to stop, a person's look, or nothing.

    A reply that is one of the keywords, whatever its case, accents and punctuation, stops what the
    pack says. One that merely contains a keyword or a hinting phrase is for a person to read.
    The packs are whole ones: those pinned in a case carry no words.
    """
    said = _plain(text)
    found: OptedOut | None = None
    for pack in packs:
        if pack.optout is None:
            continue
        words = {_plain(word) for word in pack.optout.keywords}
        if said in words:
            return pack.optout.effect
        hints = words | {_plain(phrase) for phrase in pack.optout.phrases}
        if any(f" {hint} " in f" {said} " for hint in hints):
            found = "review"
    return found


def closed_with(channels: Collection[str], day: date, packs: Iterable[Pack]) -> frozenset[str]:
    """Return every channel that an opt-out of these, made on that day of the debtor's, closes."""
    closed = set(channels)
    for pack in packs:
        rule = pack.optout.together if pack.optout else None
        if rule is not None and rule.in_force(day) and not closed.isdisjoint(rule.channels):
            closed |= set(rule.channels)
    return frozenset(closed)


def _plain(text: str) -> str:
    """Return the words alone: lower case, no accents, no punctuation, single spaces."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", bare.replace("'", "").replace("\u2019", "")))

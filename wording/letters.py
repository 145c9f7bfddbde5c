"""Letters: a page set as a PDF to print, and the manifest that tells a print shop how to post it.

The PDF is made by typst, with the fonts that come with it; no system library and no system font is
asked. The same page always gives the same bytes.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import typst

from schemas.template_files import BASE
from wording.catalogue import TEMPLATES
from wording.facts import Facts, Letterhead
from wording.page import Page, compose

Postage = Literal["standard", "registered"]

MANIFEST: Final = "dunning-letter/1"
WINDOW: Final = {"page": 1, "left_mm": 25, "top_mm": 45, "width_mm": 85, "height_mm": 45}
"""Where the recipient's address stands: the field of DIN 5008, form B, cut to the left margin."""

_PAGE_TREE: Final = re.compile(rb"/Type/Pages/Count (\d+)")

_EPOCH: Final = 0
"""The PDF's creation date: none, for the time of writing would change the bytes."""


@dataclass(frozen=True)
class Letter:
    """One letter as PDF, how many pages it has, and in which language it is written."""

    pdf: bytes
    pages: int
    language: str
    seen: frozenset[str]


def render_letter(
    template: str, letterhead: Letterhead, facts: Facts, folder: Path = TEMPLATES
) -> Letter:
    """Write the letter; raises InputRefusedError for an unknown template, tone or value."""
    page = compose(template, "letter", letterhead, facts, folder)
    pdf = typeset(page)
    return Letter(pdf, pages_of(pdf), page.language, page.seen)


def typeset(page: Page) -> bytes:
    """Set a page as PDF; the same page always gives the same bytes."""
    return typst.compile(
        _layout(), font_paths=_fonts(), sys_inputs=_inputs(page), format="pdf", timestamp=_EPOCH
    )


def pages_of(pdf: bytes) -> int:
    """Return how many pages a PDF of ours has, from the root of its page tree."""
    # typst can be asked as well, but keeps what it computed for an answer for ever
    found = _PAGE_TREE.search(pdf)
    if found is None:
        raise ValueError("this is no PDF that typst wrote")
    return int(found[1])


def manifest(name: str, letter: Letter, key: str, customer: str, at: datetime) -> bytes:
    """Return the print-and-post manifest of a stored letter, as JSON.

    It names the recipient by id and by the place of the address on the page: the address itself is
    printed there and need not be kept twice. `at` is case time.
    """
    postage: Postage = "standard"
    document = {
        "schema": MANIFEST,
        "key": key,
        "document": name,
        "sha256": hashlib.sha256(letter.pdf).hexdigest(),
        "pages": letter.pages,
        "language": letter.language,
        "recipient": {"customer": customer, "address_block": WINDOW},
        "postage": postage,
        "created_at": at.isoformat(),
    }
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()


def _inputs(page: Page) -> dict[str, str]:
    said = asdict(page)
    del said["seen"]
    return {"page": json.dumps(said, ensure_ascii=False)}


def _layout() -> bytes:
    return (TEMPLATES / BASE / "letter.typ").read_bytes()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)

"""A letter is a PDF of the same bytes each time, and a manifest that tells how to post it."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import typst

from schemas.errors import InputRefusedError
from starter.template_lint import LANGUAGES
from wording import letters
from wording.facts import Facts, Letterhead
from wording.page import compose

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


def drawn(template: str, letterhead: Letterhead, facts: Facts) -> list[bytes]:
    """Draw a letter as one picture a page."""
    page = compose(template, "letter", letterhead, facts)
    pictures = typst.compile(
        letters._layout(), font_paths=letters._fonts(), sys_inputs=letters._inputs(page),
        format="png", ppi=20,
    )  # fmt: skip
    assert isinstance(pictures, list)
    return pictures


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_letter_has_the_same_bytes(
    language: str, letterhead: Letterhead, facts: Facts
) -> None:
    facts = replace(facts, language=language)
    first = letters.render_letter("final-notice", letterhead, facts)
    assert first.pdf.startswith(b"%PDF-1.7")
    assert letters.render_letter("final-notice", letterhead, facts) == first


def test_other_words_are_other_bytes(letterhead: Letterhead, facts: Facts) -> None:
    first = letters.render_letter("final-notice", letterhead, facts)
    other = letters.render_letter("final-notice", letterhead, replace(facts, tone="formal"))
    assert other.pdf != first.pdf


def test_a_long_letter_goes_on_over_as_many_pages_as_it_needs(
    letterhead: Letterhead, facts: Facts
) -> None:
    short = letters.render_letter("statement", letterhead, facts)
    many = replace(facts, charges=facts.charges * 90)
    long = letters.render_letter("statement", letterhead, many)
    assert short.pages == 2
    assert long.pages > 4
    assert long.pages == len(drawn("statement", letterhead, many))
    assert short.pages == len(drawn("statement", letterhead, facts))


def test_an_address_of_too_many_lines_does_not_leave_the_window(
    letterhead: Letterhead, facts: Facts
) -> None:
    address = "\n".join(f"line {number}" for number in range(40))
    letter = letters.render_letter("reminder", letterhead, replace(facts, customer_address=address))
    assert letter.pages == 2


def test_a_letter_names_no_moment_of_writing(letterhead: Letterhead, facts: Facts) -> None:
    pdf = letters.typeset(compose("reminder", "letter", letterhead, facts))
    assert b"CreationDate" not in pdf
    assert b"CreateDate" not in pdf


def test_a_template_without_a_letter_is_refused(letterhead: Letterhead, facts: Facts) -> None:
    with pytest.raises(InputRefusedError, match="'pre-due' cannot be written as letter"):
        letters.render_letter("pre-due", letterhead, facts)


def test_the_manifest_says_how_to_post_the_letter_and_holds_no_address(
    letterhead: Letterhead, facts: Facts
) -> None:
    letter = letters.render_letter("final-notice", letterhead, replace(facts, language="de-AT"))
    manifest = letters.manifest("letters/a/1.pdf", letter, "a:1:1:final:letter", "C-1", NOW)
    assert json.loads(manifest) == {
        "schema": "dunning-letter/1",
        "key": "a:1:1:final:letter",
        "document": "letters/a/1.pdf",
        "sha256": hashlib.sha256(letter.pdf).hexdigest(),
        "pages": letter.pages,
        "language": "de-AT",
        "recipient": {"customer": "C-1", "address_block": letters.WINDOW},
        "postage": "standard",
        "created_at": "2026-04-01T09:00:00+00:00",
    }
    assert b"Muster" not in manifest

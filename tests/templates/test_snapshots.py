"""Every message, kept as files to be read; UPDATE_SNAPSHOTS=1 writes them anew.

A file holds a template in one language: all its tones on all its channels. A letter says what the
email says (`test_renderings` holds that), and markup is kept for one message of each layout.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from starter.template_lint import LANGUAGES
from tests.templates.every import about
from wording import catalogue, rendering
from wording.facts import Facts, Letterhead

SNAPSHOTS = Path(__file__).parent / "snapshots"
WORDS = [(template, language) for template in catalogue.templates() for language in LANGUAGES]


def every_channel(template: str, language: str, letterhead: Letterhead) -> Iterator[str]:
    sheet = catalogue.sheet(template)
    for tone in sheet.tones:
        facts = about(language, tone)
        yield f"######## {tone}"
        if "email" in sheet.channels:
            email = rendering.render_email(template, letterhead, facts)
            yield f"{email.subject}\n\n{email.text.strip()}"
        if "sms" in sheet.channels:
            yield f"#### sms\n{rendering.render_sms(template, letterhead, facts).text}"
        if "call" in sheet.channels:
            for business in (True, False):
                heard = replace(facts, business=business)
                said = rendering.render_call(template, letterhead, heard).text.strip()
                yield f"#### call, {'business' if business else 'consumer'}\n{said}"


@pytest.mark.parametrize(("template", "language"), WORDS)
def test_what_a_template_says_is_as_it_was(
    template: str, language: str, letterhead: Letterhead
) -> None:
    said = "\n\n".join(every_channel(template, language, letterhead)) + "\n"
    assert_kept(f"{template}.{language}.txt", said)


def test_the_markup_of_an_email_is_as_it_was(letterhead: Letterhead, facts: Facts) -> None:
    html = rendering.render_email("final-notice", letterhead, replace(facts, language="de")).html
    assert_kept("final-notice.de.html", html)


def assert_kept(name: str, written: str) -> None:
    kept = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        kept.write_text(written, encoding="utf-8", newline="\n")
    assert written == kept.read_text(encoding="utf-8"), "if meant so: UPDATE_SNAPSHOTS=1 pytest"


def test_no_snapshot_is_left_over() -> None:
    there = {file.name for file in SNAPSHOTS.iterdir()}
    assert there == {f"{template}.{language}.txt" for template, language in WORDS} | {
        "final-notice.de.html"
    }

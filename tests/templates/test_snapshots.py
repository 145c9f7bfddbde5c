"""A few renderings, kept as files to be read; UPDATE_SNAPSHOTS=1 writes them anew."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from activities import rendering
from activities.rendering import Facts, Letterhead

SNAPSHOTS = Path(__file__).parent / "snapshots"
Writer = Callable[[Letterhead, Facts], str]


def _email_text(template: str) -> Writer:
    def write(letterhead: Letterhead, facts: Facts) -> str:
        email = rendering.render_email(template, letterhead, facts)
        return f"{email.subject}\n\n{email.text}"

    return write


CASES: dict[str, tuple[str, str, Writer]] = {
    "reminder-friendly.en.txt": ("en", "friendly", _email_text("reminder")),
    "reminder-firm.de.txt": ("de", "firm", _email_text("reminder")),
    "final-notice.fr.txt": ("fr", "formal", _email_text("final-notice")),
    "reminder-friendly.de.html": (
        "de",
        "friendly",
        lambda head, facts: rendering.render_email("reminder", head, facts).html,
    ),
    "final-notice-letter.de.html": (
        "de",
        "formal",
        lambda head, facts: rendering.render_letter("final-notice", head, facts),
    ),
    "reminder-sms.fr.txt": (
        "fr",
        "firm",
        lambda head, facts: rendering.render_sms("reminder", head, facts) + "\n",
    ),
    "payment-call.en.xml": (
        "en",
        "",
        lambda head, facts: rendering.render_call("payment-call", head, facts),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_rendering_is_as_it_was(name: str, letterhead: Letterhead, facts: Facts) -> None:
    language, tone, write = CASES[name]
    written = write(letterhead, replace(facts, language=language, tone=tone))
    kept = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        kept.write_text(written, encoding="utf-8", newline="\n")
    assert written == kept.read_text(encoding="utf-8"), "if meant so: UPDATE_SNAPSHOTS=1 pytest"


def test_no_snapshot_is_left_over() -> None:
    assert {file.name for file in SNAPSHOTS.iterdir()} == set(CASES)

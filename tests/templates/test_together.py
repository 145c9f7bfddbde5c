"""A message about several invoices names them all, in every language and on every channel."""

from dataclasses import replace

import pytest

from starter.template_lint import LANGUAGES
from wording import letters, rendering
from wording.facts import Facts, Letterhead
from wording.page import compose
from wording.sample import FACTS, TOGETHER


def several(language: str, *, business: bool = True) -> Facts:
    return replace(FACTS, language=language, together=TOGETHER, business=business)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", ["pre-due", "reminder", "default-notice", "final-notice"])
def test_it_lists_every_invoice_with_day_and_sum_then_the_total(
    template: str, language: str, letterhead: Letterhead
) -> None:
    facts = several(language)
    parts = compose(template, "email", letterhead, facts).parts
    rows = parts[2].rows
    assert [row.cells[0].split()[-1] for row in rows[:-1]] == ["INV-1", "INV-2", "INV-3"]
    assert rows[-1].strong
    email = rendering.render_email(template, letterhead, facts)
    for text in (email.text, email.html):
        assert all(cell in text for row in rows for cell in row.cells)
    assert rows[-1].cells[-1] in parts[1].paragraphs[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_lists_them_as_well(language: str, letterhead: Letterhead) -> None:
    alone = letters.render_letter("reminder", letterhead, replace(FACTS, language=language))
    together = letters.render_letter("reminder", letterhead, several(language))
    assert together.seen - alone.seen >= {"together_total", "together_count"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_says_how_many_and_no_sum(language: str, letterhead: Letterhead) -> None:
    sms = rendering.render_sms("reminder", letterhead, several(language))
    assert "together_count" in sms.seen
    assert "together_total" not in sms.seen


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("business", [True, False])
def test_a_call_says_how_many_only_where_nobody_else_can_hear(
    language: str, letterhead: Letterhead, *, business: bool
) -> None:
    call = rendering.render_call("payment-call", letterhead, several(language, business=business))
    assert ("together_count" in call.seen) is business


def test_a_hostile_invoice_id_stays_one_line_of_text(letterhead: Letterhead) -> None:
    bad = replace(TOGETHER[0], invoice="<b>INV\n9</b>")
    email = rendering.render_email("reminder", letterhead, replace(FACTS, together=(bad,)))
    assert "<b>" not in email.html
    assert "INV 9" in email.html

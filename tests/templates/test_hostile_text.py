"""Text from outside stays text: no markup, no template, no second header, no broken document."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from wording import letters, rendering
from wording.facts import Facts, Letterhead

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}{% for x in y %}",
    "Ada\r\nBcc: everyone@evil.example",
    "Ada\u2028Bcc: x\x00\x0b\x1b",
    "\u202egnirts\ufffe & \ud800 ]]>",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("template", ["reminder", "final-notice"])
def test_markup_in_any_field_is_shown_and_never_meant(
    template: str, text: str, letterhead: Letterhead, facts: Facts
) -> None:
    facts = replace(
        facts,
        customer_name=text,
        customer_address=text,
        invoice=text,
        reference=text,
        language="fr",
    )
    email = rendering.render_email(template, letterhead, facts)
    assert "<script" not in email.html
    assert "<img" not in email.html
    assert email.html.encode()  # a lone surrogate would not pass
    assert "\x00" not in email.text + email.html


@pytest.mark.parametrize("text", HOSTILE)
def test_a_subject_and_a_text_message_are_one_line(
    text: str, letterhead: Letterhead, facts: Facts
) -> None:
    letterhead = replace(letterhead, creditor_name=text)
    facts = replace(facts, invoice=text, reference=text)
    subject = rendering.render_email("reminder", letterhead, facts).subject
    for line in (subject, rendering.render_sms("reminder", letterhead, facts).text):
        assert len(line.splitlines()) == 1
        assert line.isprintable()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_call_stays_well_formed(text: str, letterhead: Letterhead, facts: Facts) -> None:
    letterhead = replace(letterhead, creditor_name=text, contact_phone=text)
    twiml = rendering.render_call("payment-call", letterhead, replace(facts, reference=text)).text
    root = ET.fromstring(twiml)  # noqa: S314 - written by us a line ago
    assert {element.tag for element in root.iter()} == {"Response", "Say", "Pause"}


TYPST = [
    "#panic()",
    '#read("/etc/passwd")',
    "$ x $ *bold* _it_ `raw` @ref <label> \\ // gone",
    '#import "@preview/cetz:0.3.0"',
    *HOSTILE,
]


@pytest.mark.parametrize("text", TYPST)
def test_no_text_of_a_letter_is_read_as_markup(
    text: str, letterhead: Letterhead, facts: Facts
) -> None:
    letterhead = replace(letterhead, creditor_name=text, creditor_address=text)
    facts = replace(facts, customer_name=text, customer_address=text, reference=text)
    letter = letters.render_letter("final-notice", letterhead, facts)
    assert letter.pdf.startswith(b"%PDF")


def test_template_syntax_in_a_name_is_printed_as_it_is(
    letterhead: Letterhead, facts: Facts
) -> None:
    facts = replace(facts, customer_name="{{7*7}}")
    assert "Dear {{7*7}}," in rendering.render_email("reminder", letterhead, facts).text


def test_names_with_letters_of_any_script_stay_whole(letterhead: Letterhead, facts: Facts) -> None:
    facts = replace(facts, customer_name="Zoë O\u2019Neil & Søns 東京")
    email = rendering.render_email("reminder", letterhead, facts)
    assert "Dear Zoë O\u2019Neil & Søns 東京," in email.text
    assert "Dear Zoë O\u2019Neil &amp; Søns 東京," in email.html


def test_the_invoice_is_quoted_in_the_pay_link(letterhead: Letterhead, facts: Facts) -> None:
    facts = replace(facts, invoice='A/1 ?x="ü"')
    email = rendering.render_email("reminder", letterhead, facts)
    link = "https://pay.creditor.example/A%2F1%20%3Fx%3D%22%C3%BC%22"
    assert link in email.text
    assert f'href="{link}"' in email.html


def test_without_a_name_the_greeting_is_still_polite(letterhead: Letterhead, facts: Facts) -> None:
    greetings = {
        "en": "Dear customer,",
        "de": "Guten Tag,",
        "fr": "Madame, Monsieur,",
        "nl": "Beste klant,",
    }
    for language, greeting in greetings.items():
        nameless = replace(facts, language=language, customer_name=None)
        assert rendering.render_email("reminder", letterhead, nameless).text.startswith(greeting)

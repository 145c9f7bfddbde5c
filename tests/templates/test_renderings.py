"""Every template, language, channel and tone says what it must, and nothing it must not."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from schemas.errors import InputRefusedError
from schemas.template_files import WAYS
from starter.template_lint import LANGUAGES
from tests.templates.every import Message, about, messages, page
from wording import catalogue, rendering
from wording.facts import Facts, Letterhead, Movement
from wording.page import Page, compose

OPEN = {"en": "€977.71", "de": "977,71\xa0€", "fr": "977,71\xa0€", "nl": "€\xa0977,71"}
DUE = {"en": "March 1, 2026", "de": "1. März 2026", "fr": "1er mars 2026", "nl": "1 maart 2026"}
AMOUNT = re.compile(r"-?€\xa0?-?[\d.,]+|-?[\d.,\u202f]+\xa0€")
VOID = {"meta", "br"}
SHIPPED = (
    "card-expiring", "card-update", "cure-notice", "default-notice", "final-notice",
    "handoff-notice", "instalment-due", "payment-call", "payment-failed", "plan-ended",
    "plan-offer", "pre-due", "promise-reminder", "reminder", "restored", "statement", "suspended",
    "suspension-warning",
)  # fmt: skip
# Latin without the letters that would make a text message twice as dear
GSM = re.compile(r"[A-Za-z0-9 @£$¥èéùìòÇ\nØøÅåÆæßÉ!\"#¤%&'()*+,\-./:;<=>?¡ÄÖÑÜ§¿äöñüà_]*")


class Balance(HTMLParser):
    """Notes the open tags and the language; a tag closed out of turn is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the tag, and that it is open if it has to be closed."""
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost tag, which must be this one."""
        assert self.open.pop() == tag


def balanced(html: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Balance()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader.seen


def test_every_template_is_there_in_every_language() -> None:
    assert catalogue.templates() == SHIPPED
    for template in SHIPPED:
        assert catalogue.languages(template) == tuple(sorted(LANGUAGES))


@pytest.mark.parametrize("message", messages("email"), ids=str)
def test_nothing_is_left_unfilled_in_text_or_html(message: Message, letterhead: Letterhead) -> None:
    template, language, tone = message
    email = rendering.render_email(template, letterhead, about(language, tone))
    for text in (email.subject, email.text, email.html):
        assert not re.search(r"\{\{|\}\}|\{%|%\}|\{#|None|Undefined|\{pages?\}", text)
        assert "Example Trading Ltd" in text


@pytest.mark.parametrize("message", messages("email"), ids=str)
def test_text_and_html_carry_the_same_words_and_amounts(
    message: Message, letterhead: Letterhead
) -> None:
    template, language, tone = message
    email = rendering.render_email(template, letterhead, about(language, tone))
    html = unescape(email.html)
    assert AMOUNT.findall(html) == AMOUNT.findall(email.text)
    for part in page(message, "email").parts:
        for paragraph in (part.title, *part.paragraphs, *(way.text for way in part.ways)):
            assert paragraph in email.text
            assert paragraph in html


@pytest.mark.parametrize("message", messages("email"), ids=str)
def test_html_is_well_formed_tells_its_language_and_loads_nothing(
    message: Message, letterhead: Letterhead
) -> None:
    template, language, tone = message
    html = rendering.render_email(template, letterhead, about(language, tone)).html
    tags = balanced(html)
    assert ("html", {"lang": language}) in tags
    assert not {"img", "script", "link", "iframe", "form", "style"} & {tag for tag, _ in tags}
    assert "max-width:600px" in html


@pytest.mark.parametrize("message", sorted({*messages("email")} & {*messages("letter")}), ids=str)
def test_a_letter_says_what_the_email_says(message: Message) -> None:
    letter, email = page(message, "letter"), page(message, "email")
    assert letter == replace(email, optout="", seen=letter.seen)
    assert letter.seen == email.seen - {"optout_way"}


@pytest.mark.parametrize("message", messages("letter"), ids=str)
def test_nothing_but_name_and_address_stands_in_the_window(message: Message) -> None:
    assert page(message, "letter").recipient == ("Ada Muster", "Musterweg 2", "12345 Musterstadt")


@pytest.mark.parametrize("message", messages("email"), ids=str)
def test_every_message_shows_how_to_pay_dispute_and_reach_a_person(message: Message) -> None:
    seen = page(message, "email").seen
    assert {"how_to_pay", "how_to_dispute", "wrong_person", "contact_way", "reference"} <= seen


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reminder_shows_every_way_out(language: str) -> None:
    assert set(WAYS) <= page(("reminder", language, "friendly"), "email").seen


@pytest.mark.parametrize("message", messages("sms"), ids=str)
def test_a_text_message_is_short_names_the_creditor_first_and_shows_the_way_out(
    message: Message, letterhead: Letterhead
) -> None:
    template, language, tone = message
    sms = rendering.render_sms(template, letterhead, about(language, tone)).text
    assert sms.startswith("Example Trading Ltd: ")
    assert "STOP" in sms
    assert "https://pay.creditor.example/INV-1" in sms
    assert "+15005550006" in sms
    assert not AMOUNT.search(sms)
    assert GSM.fullmatch(sms)
    assert len(sms) <= 2 * 153


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_shown_is_not_disclosed(language: str) -> None:
    assert "amount_open" in page(("reminder", language, "firm"), "email").seen
    assert "amount_open" not in page(("restored", language, "formal"), "email").seen
    assert "plan_offer" in page(("final-notice", language, "formal"), "email").seen
    assert "plan_offer" not in page(("reminder", language, "firm"), "email").seen


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tone_changes_the_wording_and_not_the_figures(language: str) -> None:
    friendly, firm, formal = (
        page(("reminder", language, tone), "email") for tone in ("friendly", "firm", "formal")
    )
    assert table(friendly) == table(firm) == table(formal)
    assert len({friendly.parts[0], firm.parts[0], formal.parts[0]}) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_that_announces_costs_names_sum_term_and_consequence(
    language: str, letterhead: Letterhead, facts: Facts
) -> None:
    told = rendering.render_email(
        "default-notice", letterhead, replace(facts, language=language)
    ).text
    plain = rendering.render_email(
        "default-notice", letterhead, replace(facts, language=language, announced_minor=0)
    ).text
    fourteen = r"fourteen days|vierzehn Tage|quatorze jours|veertien dagen"
    assert re.search(fourteen, told)
    assert re.search(r"146[.,]66", told)
    assert not re.search(fourteen, plain)
    assert not re.search(r"146[.,]66", plain)


def test_a_statement_shows_every_line_in_order_of_time_and_ends_with_what_is_open() -> None:
    rows = table(page(("statement", "en", "formal"), "email"))
    assert [row[0] for row in rows] == [
        "January 30, 2026", "March 4, 2026", "March 6, 2026", "March 9, 2026", "March 12, 2026",
        "March 20, 2026", "", "",
    ]  # fmt: skip
    assert [row[-1] for row in rows] == [
        "€1,234.50", "-€300.00", "€200.00", "€40.00", "-€100.00", "€3.21", "-€100.00", "€977.71",
    ]  # fmt: skip


def test_movements_that_do_not_explain_what_was_paid_are_not_shown(
    letterhead: Letterhead, facts: Facts
) -> None:
    facts = replace(facts, movements=(Movement("payment", 19999, facts.today),))
    text = rendering.render_email("statement", letterhead, facts).text
    assert "199.99" not in text
    assert "Paid or credited so far: -€200.00" in text


def test_a_plan_is_not_offered_without_a_schedule(letterhead: Letterhead, facts: Facts) -> None:
    with pytest.raises(InputRefusedError, match="shows a schedule, and the case has no payment p"):
        rendering.render_email("plan-offer", letterhead, replace(facts, plan=None))


@pytest.mark.parametrize(
    ("template", "lacking", "value"),
    [
        ("handoff-notice", "agency", "agency_name"),
        ("suspension-warning", "effective_on", "effective_date"),
    ],
)
def test_a_message_is_refused_rather_than_sent_with_a_hole(
    template: str, lacking: str, value: str, letterhead: Letterhead, facts: Facts
) -> None:
    without: Facts = replace(facts, **{lacking: None})  # type: ignore[arg-type]
    with pytest.raises(InputRefusedError, match=f"'{value}' is undefined"):
        rendering.render_email(template, letterhead, without)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", ["payment-failed", "card-update", "card-expiring"])
@pytest.mark.parametrize("tone", ["friendly", "firm", "formal"])
def test_a_card_of_which_nothing_is_known_is_spoken_of_all_the_same(
    template: str, language: str, tone: str, letterhead: Letterhead, facts: Facts
) -> None:
    bare = replace(facts, language=language, tone=tone, card=None)
    parts = compose(template, "email", letterhead, bare).parts
    prose = " ".join(paragraph for part in parts for paragraph in part.paragraphs)
    assert "4242" not in prose
    assert not re.search(r" [.,]|  |[.,;][A-Za-z]", prose)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("business", [True, False])
def test_a_call_is_xml_and_says_first_that_it_is_automated(
    language: str, business: bool, letterhead: Letterhead, facts: Facts
) -> None:
    facts = replace(facts, language=language, business=business)
    twiml = rendering.render_call("payment-call", letterhead, facts).text
    root = ET.fromstring(twiml)  # noqa: S314 - written by us a line ago
    said = [(verb.get("language", ""), verb.text or "") for verb in root.iter("Say")]
    assert root.tag == "Response"
    assert {tag for tag, _ in said} == {
        f"{language}-{'US' if language == 'en' else language.upper()}"
    }
    first = said[0][1].split(". ")[0]
    assert re.search(
        r"automated call|automatischer Anruf|appel automatique|automatisch tele", first
    )
    assert "Example Trading Ltd" in first
    assert twiml.count("1 5 0 0 5 5 5 0 0 0 6") == 2
    assert root.find("Pause") is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_speaks_of_the_invoice_only_in_business(
    language: str, letterhead: Letterhead, facts: Facts
) -> None:
    facts = replace(facts, language=language)
    told = rendering.render_call("payment-call", letterhead, facts)
    kept = rendering.render_call("payment-call", letterhead, replace(facts, business=False))
    assert "R E F - 7" in told.text
    assert OPEN[language] in told.text
    assert DUE[language] in told.text
    for call in (told, kept):
        assert "Ada" not in call.text
    assert "R E F" not in kept.text
    assert not re.search(r"invoice|Rechnung|factu|977|2026|open|offen|€", kept.text)
    assert kept.seen >= {"creditor_name", "callback_number"}
    assert "amount_open" not in kept.seen


def table(of: Page) -> list[tuple[str, ...]]:
    """Return the cells of the one table of a page."""
    (rows,) = [part.rows for part in of.parts if part.rows]
    return [row.cells for row in rows]

"""Every template, language, channel and tone says what it must, and nothing it must not."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from activities import rendering
from activities.rendering import Facts, Letterhead

LETTERS = [
    (template, language, tone)
    for template in rendering.templates()
    for language, tones in rendering.tones(template).items()
    for tone in tones
]
CALLS = list(rendering.available("payment-call"))
OPEN = {"en": "€977.71", "de": "977,71\xa0€", "fr": "977,71\xa0€"}
DUE = {"en": "March 1, 2026", "de": "1. März 2026", "fr": "1er mars 2026"}
PAY_UNTIL = {"en": "April 15, 2026", "de": "15. April 2026", "fr": "15 avril 2026"}
DISPUTE = {"en": "Dispute the invoice", "de": "Der Rechnung widersprechen", "fr": "Contester la"}
AMOUNT = re.compile(r"€\xa0?[\d.,]+|[\d.,\u202f]+\xa0€")
VOID = {"meta", "br"}

# what may stand in a subject, a text message or the window of an envelope tells no stranger of debt
INDISCREET = re.compile(
    r"overdue|unpaid|debt|owe|reminder|notice|final|open amount|arrear|"
    r"überfällig|fällig|mahnung|erinnerung|schuld|offen|inkasso|"
    r"impay|retard|rappel|relance|dette|avis|recouvrement|€|EUR|977",
    re.IGNORECASE,
)
# nothing here advertises, threatens, or speaks as a collector would
UNWANTED = re.compile(
    r"debt collector|lawsuit|\bsue\b|court|legal action|bailiff|credit bureau|"
    r"discount|special offer|newsletter|follow us|download our|new products|upgrade|"
    r"gericht|klage|anwalt|schufa|vollstreckung|angebote|rabatt|empfehlen sie|"
    r"tribunal|huissier|poursuite|avocat|promotion|offre spéciale|nouveautés|remise",
    re.IGNORECASE,
)
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


def everything(template: str, letterhead: Letterhead, facts: Facts) -> dict[str, str]:
    email = rendering.render_email(template, letterhead, facts)
    return {
        "subject": email.subject,
        "text": email.text,
        "html": email.html,
        "sms": rendering.render_sms(template, letterhead, facts),
        "letter": rendering.render_letter(template, letterhead, facts),
    }


def test_the_shipped_templates_are_complete() -> None:
    assert rendering.templates() == ("final-notice", "payment-call", "reminder")
    for template in ("reminder", "final-notice"):
        written = ("email", "sms", "letter")
        assert rendering.available(template) == dict.fromkeys(("de", "en", "fr"), written)
    assert rendering.tones("reminder") == dict.fromkeys(("de", "en", "fr"), ("firm", "friendly"))
    assert rendering.tones("final-notice") == dict.fromkeys(("de", "en", "fr"), ("formal",))
    assert rendering.available("payment-call") == dict.fromkeys(("de", "en", "fr"), ("call",))


@pytest.mark.parametrize(("template", "language", "tone"), LETTERS)
def test_nothing_is_left_unfilled_and_nothing_unwanted_is_said(
    template: str, language: str, tone: str, letterhead: Letterhead, facts: Facts
) -> None:
    facts = replace(facts, language=language, tone=tone)
    for text in everything(template, letterhead, facts).values():
        assert not re.search(r"\{\{|\}\}|\{%|%\}|\{#|None|Undefined", text)
        assert not UNWANTED.search(text)
        assert "Example Trading Ltd" in text


@pytest.mark.parametrize(("template", "language", "tone"), LETTERS)
def test_email_and_letter_disclose_what_they_must(
    template: str, language: str, tone: str, letterhead: Letterhead, facts: Facts
) -> None:
    texts = everything(template, letterhead, replace(facts, language=language, tone=tone))
    words = (OPEN[language], DUE[language], PAY_UNTIL[language], DISPUTE[language], "REF-7")
    ways = ("billing@creditor.example", "+15005550006", "https://pay.creditor.example/INV-1")
    for text in (texts["text"], unescape(texts["html"]), unescape(texts["letter"])):
        for word in (*words, *ways, "1 Example Street", "Ada Muster", "INV-1"):
            assert word in text


@pytest.mark.parametrize(("template", "language", "tone"), LETTERS)
def test_text_html_and_letter_carry_the_same_amounts(
    template: str, language: str, tone: str, letterhead: Letterhead, facts: Facts
) -> None:
    texts = everything(template, letterhead, replace(facts, language=language, tone=tone))
    amounts = AMOUNT.findall(texts["text"])
    assert len(amounts) >= 7  # original, paid, two charges, set aside, open, and in the prose
    assert AMOUNT.findall(unescape(texts["html"])) == amounts
    assert AMOUNT.findall(unescape(texts["letter"])) == amounts


@pytest.mark.parametrize(("template", "language", "tone"), LETTERS)
def test_subject_text_message_and_envelope_are_discreet(
    template: str, language: str, tone: str, letterhead: Letterhead, facts: Facts
) -> None:
    texts = everything(template, letterhead, replace(facts, language=language, tone=tone))
    window = texts["letter"].split('<div class="window">')[1].split("</div>")[0]
    title = texts["html"].split("<title>")[1].split("</title>")[0]
    for text in (texts["subject"], texts["sms"], window, title):
        assert not INDISCREET.search(text), text
    assert "Musterweg 2<br>12345 Musterstadt" in window
    assert "INV-1" in texts["subject"]


@pytest.mark.parametrize(("template", "language", "tone"), LETTERS)
def test_a_text_message_is_short_and_shows_the_way_out(
    template: str, language: str, tone: str, letterhead: Letterhead, facts: Facts
) -> None:
    sms = rendering.render_sms(template, letterhead, replace(facts, language=language, tone=tone))
    assert sms.startswith("Example Trading Ltd:")
    assert "STOP" in sms
    assert "https://pay.creditor.example/INV-1" in sms
    assert "+15005550006" in sms
    assert GSM.fullmatch(sms)
    assert len(sms) <= 2 * 153


@pytest.mark.parametrize(("template", "language", "tone"), LETTERS)
def test_html_is_well_formed_tells_its_language_and_loads_nothing(
    template: str, language: str, tone: str, letterhead: Letterhead, facts: Facts
) -> None:
    texts = everything(template, letterhead, replace(facts, language=language, tone=tone))
    for html in (texts["html"], texts["letter"]):
        tags = balanced(html)
        assert ("html", {"lang": language}) in tags
        assert not {"img", "script", "link", "iframe", "form"} & {tag for tag, _ in tags}
    assert "max-width:600px" in texts["html"]
    assert "<style" not in texts["html"]


@pytest.mark.parametrize("language", OPEN)
def test_a_final_notice_says_what_follows_and_offers_a_plan(
    language: str, letterhead: Letterhead, facts: Facts
) -> None:
    facts = replace(facts, language=language, tone="formal")
    text = rendering.render_email("final-notice", letterhead, facts).text
    assert re.search(r"collection partner|Inkassopartner|partenaire de recouvrement", text)
    assert re.search(r"payment plan|Zahlungsplan|échéancier", text)
    assert re.search(r"If you dispute|Rechnung ganz oder teilweise widersprechen|contestez", text)
    assert re.search(r"Fee|Gebühr|Frais", text)
    assert re.search(r"Interest|Zinsen|Intérêts", text)


@pytest.mark.parametrize("language", OPEN)
def test_a_tone_changes_the_wording_and_not_the_facts(
    language: str, letterhead: Letterhead, facts: Facts
) -> None:
    texts = [
        rendering.render_email("reminder", letterhead, replace(facts, language=language, tone=tone))
        for tone in ("friendly", "firm")
    ]
    friendly, firm = (set(email.text.splitlines()) for email in texts)
    rows = {line for line in friendly if line.startswith("  ")}
    assert rows == {line for line in firm if line.startswith("  ")}
    assert friendly != firm


@pytest.mark.parametrize("language", CALLS)
@pytest.mark.parametrize("business", [True, False])
def test_a_call_is_xml_and_says_first_that_it_is_automated(
    language: str, business: bool, letterhead: Letterhead, facts: Facts
) -> None:
    facts = replace(facts, language=language, business=business)
    twiml = rendering.render_call("payment-call", letterhead, facts)
    root = ET.fromstring(twiml)  # noqa: S314 - written by us a line ago
    said = [(verb.get("language", ""), verb.text or "") for verb in root.iter("Say")]
    assert root.tag == "Response"
    assert {tag for tag, _ in said} == {
        f"{language}-{'US' if language == 'en' else language.upper()}"
    }
    first = said[0][1].split(". ")[0]
    assert re.search(r"automated call|automatischer Anruf|appel automatique", first)
    assert "Example Trading Ltd" in first
    assert twiml.count("1 5 0 0 5 5 5 0 0 0 6") == 2
    assert root.find("Pause") is not None


@pytest.mark.parametrize("language", CALLS)
def test_a_call_speaks_of_the_invoice_only_in_business(
    language: str, letterhead: Letterhead, facts: Facts
) -> None:
    facts = replace(facts, language=language)
    told = rendering.render_call("payment-call", letterhead, facts)
    kept = rendering.render_call("payment-call", letterhead, replace(facts, business=False))
    assert "R E F - 7" in told
    assert OPEN[language] in told
    assert DUE[language] in told
    for text in (told, kept):
        assert "Ada" not in text
    assert "R E F" not in kept
    assert not re.search(r"invoice|Rechnung|facture|977|2026|open|offen|€", kept)

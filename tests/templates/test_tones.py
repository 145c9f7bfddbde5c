"""Every template speaks in three tones: each in words of its own, all of the same matter."""

import re
from dataclasses import replace
from typing import Final, get_args

import pytest

from schemas.customer import Channel
from schemas.template_files import Tone
from starter.template_lint import LANGUAGES
from tests.templates.every import about, page
from wording import catalogue, rendering
from wording.facts import Letterhead
from wording.page import compose

TONES: Final[tuple[Tone, ...]] = get_args(Tone)
BINDING: Final = {
    "pay_within", "consequences", "plan_offer", "dispute_stays", "default_terms",
    "no_charge_statement",
}  # fmt: skip
"""What has legal weight, and must not differ by tone."""

NAMED: Final = {
    "default-notice": {
        "en": "formal call to pay|formally call on you to pay",
        "de": "unsere Mahnung|mahnen wir",
        "fr": "vaut mise en demeure|vous mettons en demeure",
        "nl": "onze aanmaning|manen wij u aan",
    },
    "final-notice": {
        "en": "final notice",
        "de": "letzte Mahnung",
        "fr": "dernier avis",
        "nl": "laatste aanmaning",
    },
    "plan-ended": {
        "en": "has ended",
        "de": "beendet",
        "fr": "pris fin",
        "nl": "beëindigd",
    },
}
"""What a message must call itself, however kindly, to be that message."""


def having(channel: Channel) -> list[tuple[str, str]]:
    """Return template and language of whatever can be said on a channel."""
    return [
        (template, language)
        for template in catalogue.templates()
        if channel in catalogue.sheet(template).channels
        for language in LANGUAGES
    ]


@pytest.mark.parametrize("template", catalogue.templates())
def test_a_shipped_template_has_all_three_tones(template: str) -> None:
    assert catalogue.sheet(template).tones == TONES == ("friendly", "firm", "formal")


@pytest.mark.parametrize(("template", "language"), having("email"))
def test_each_tone_opens_an_email_in_words_of_its_own(template: str, language: str) -> None:
    opened = {page((template, language, tone), "email").parts[0] for tone in TONES}
    assert len(opened) == len(TONES)


@pytest.mark.parametrize(("template", "language"), having("sms"))
def test_each_tone_writes_a_text_message_in_words_of_its_own(
    template: str, language: str, letterhead: Letterhead
) -> None:
    sent = {rendering.render_sms(template, letterhead, about(language, tone)) for tone in TONES}
    assert len({one.text for one in sent}) == len(TONES)
    assert len({one.seen for one in sent}) == 1


@pytest.mark.parametrize(("template", "language"), having("call"))
def test_a_tone_is_heard_in_business_and_never_by_a_consumer(
    template: str, language: str, letterhead: Letterhead
) -> None:
    def said(*, business: bool) -> set[str]:
        facts = (replace(about(language, tone), business=business) for tone in TONES)
        return {rendering.render_call(template, letterhead, one).text for one in facts}

    assert len(said(business=True)) == len(TONES)
    assert len(said(business=False)) == 1


@pytest.mark.parametrize(("template", "language"), having("email"))
def test_a_tone_shows_the_same_sums_days_and_disclosures(template: str, language: str) -> None:
    friendly, firm, formal = (page((template, language, tone), "email") for tone in TONES)
    assert friendly.seen == firm.seen == formal.seen
    assert friendly.subject == firm.subject == formal.subject


@pytest.mark.parametrize("template", [*catalogue.templates(), "_base"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_has_legal_weight_is_worded_once_for_all_tones(template: str, language: str) -> None:
    for tone, words in catalogue.words(template, language).tones.items():
        assert not BINDING & words.keys(), f"{template}/{language}.yaml: tones.{tone}"


@pytest.mark.parametrize("template", NAMED)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tone", TONES)
def test_a_message_says_in_every_tone_what_it_is(template: str, language: str, tone: Tone) -> None:
    lead = " ".join(page((template, language, tone), "email").parts[0].paragraphs)
    assert re.search(NAMED[template][language], lead)


@pytest.mark.parametrize(
    ("language", "greeting"),
    [
        ("en", "Dear customer,"),
        ("de", "Sehr geehrte Damen und Herren,"),
        ("fr", "Madame, Monsieur,"),
        ("nl", "Geachte heer, mevrouw,"),
    ],
)
def test_a_formal_letter_greets_a_debtor_without_a_name_formally(
    language: str, greeting: str, letterhead: Letterhead
) -> None:
    nameless = replace(about(language, "formal"), customer_name=None)
    assert compose("default-notice", "letter", letterhead, nameless).greeting == greeting

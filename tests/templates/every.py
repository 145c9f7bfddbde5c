"""Every message there is, for tests that must hold for all of them."""

from dataclasses import replace
from typing import Literal

from schemas.customer import Channel
from schemas.template_files import Tone
from starter.template_lint import LANGUAGES
from wording import catalogue
from wording.facts import Facts
from wording.page import Page, compose
from wording.sample import FACTS, LETTERHEAD

Message = tuple[str, str, Tone]


def messages(channel: Channel) -> list[Message]:
    """Return template, language and tone of every message on a channel."""
    return [
        (template, language, tone)
        for template in catalogue.templates()
        if channel in catalogue.sheet(template).channels
        for language in LANGUAGES
        for tone in catalogue.sheet(template).tones
    ]


def about(language: str, tone: Tone) -> Facts:
    """Return the invented case, to be told in this language and tone."""
    return replace(FACTS, language=language, tone=tone)


def page(message: Message, channel: Literal["email", "letter"]) -> Page:
    """Compose a message."""
    template, language, tone = message
    return compose(template, channel, LETTERHEAD, about(language, tone))

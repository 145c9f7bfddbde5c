"""What is wrong with templates, before anybody gets to read them.

Every template is written for an invented case that has everything, in each language, channel and
tone, and looked at: what it shows, what it must not say, what it forgets to disclose.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import yaml

from schemas.customer import Channel
from schemas.errors import InputRefusedError
from schemas.template_files import BASE, TemplateSheet, Tone
from wording import catalogue, rendering
from wording.catalogue import TEMPLATES
from wording.page import compose
from wording.sample import FACTS, LETTERHEAD
from wording.sentences import names_in
from wording.values import names

Required = Mapping[str, Iterable[str]]
"""Message type (or `"*"`, for every type) to the ids it must disclose, as contact rules say it."""

List = Literal["marketing", "threats", "debt"]

LANGUAGES: Final = ("en", "de", "fr", "nl")
LISTS: Final = "unwanted.yaml"
AMOUNTS: Final = frozenset({"amount_open", "original_amount", "announced_costs", "total"})
IN_A_TEXT: Final = frozenset({"creditor_name", "contact_way", "optout_way"})
"""What a text message has room to disclose; the page behind its link says the rest."""


@dataclass(frozen=True)
class Written:
    """What one message came to: all its text, what any bystander can read of it, what it shows."""

    text: str
    exposed: str
    seen: frozenset[str]


def lint_templates(
    required: Required | None = None,
    languages: Iterable[str] = LANGUAGES,
    only: Iterable[str] | None = None,
    *,
    sms_amounts: bool = False,
    folder: Path = TEMPLATES,
) -> tuple[str, ...]:
    """Return every fault of the templates (`only`: of these), each naming file and what is wrong.

    `required` says what must be disclosed (jurisdictions differ: lint with each one's), `languages`
    which languages must be there, `sms_amounts` whether a text message may name an amount.
    """
    faults = (
        fault
        for template in (catalogue.templates(folder) if only is None else only)
        for language in languages
        for fault in _faults(folder, template, language, required or {}, sms_amounts=sms_amounts)
    )
    return tuple(dict.fromkeys(faults))


def must_disclose(required: Required, template: str, channel: Channel) -> frozenset[str]:
    """Return what a message of a template must disclose on a channel.

    A call may be overheard: it discloses what a voicemail does and nothing else.
    """
    if channel == "call":
        return frozenset(required.get("voicemail", ()))
    every = {*required.get("*", ()), *required.get(template.replace("-", "_"), ())}
    if channel == "sms":
        return frozenset(every & IN_A_TEXT)
    return frozenset(every - {"optout_way"} if channel == "letter" else every)


def _faults(
    folder: Path, template: str, language: str, required: Required, *, sms_amounts: bool
) -> Iterator[str]:
    where = f"templates/{template}/{language}.yaml"
    if language not in catalogue.languages(template, folder):
        yield f"{where}: is missing; {template!r} has no words in {language!r}"
        return
    yield from _unknown_values(folder, template, language)
    for channel, tone in _ways(catalogue.sheet(template, folder)):
        said = f"{where}: {channel}, {tone}"
        try:
            written = _write(folder, template, language, channel, tone)
        except InputRefusedError as error:
            yield str(error)
            continue
        for id_ in sorted(must_disclose(required, template, channel) - written.seen):
            yield f"{said}: does not disclose {id_!r}"
        yield from _unwanted(folder, said, language, written)
        if channel == "sms" and not sms_amounts and (named := AMOUNTS & written.seen):
            yield f"{said}: names an amount ({', '.join(sorted(named))}); a text shows none"


def _ways(sheet: TemplateSheet) -> Iterator[tuple[Channel, Tone]]:
    return ((channel, tone) for channel in sheet.channels for tone in sheet.tones)


def _unknown_values(folder: Path, template: str, language: str) -> Iterator[str]:
    known = names()
    for name in (template, BASE):
        for where, word, sentence in catalogue.sentences(name, language, folder):
            for unknown in sorted(names_in(sentence) - known):
                yield f"{where}: {word}: there is no value {unknown!r}"


def _write(folder: Path, template: str, language: str, channel: Channel, tone: Tone) -> Written:
    facts = replace(FACTS, language=language, tone=tone)
    if channel == "sms":
        sms = rendering.render_sms(template, LETTERHEAD, facts, folder)
        return Written(sms.text, sms.text, sms.seen)
    if channel == "call":
        call = rendering.render_call(template, LETTERHEAD, facts, folder)
        kept = rendering.render_call(template, LETTERHEAD, replace(facts, business=False), folder)
        return Written(call.text, kept.text, kept.seen)
    page = compose(template, channel, LETTERHEAD, facts, folder)
    return Written(rendering.plain_text(page), f"{page.subject}\n{page.title}", page.seen)


def _unwanted(folder: Path, said: str, language: str, written: Written) -> Iterator[str]:
    reveals = "says to any bystander that there is a debt"
    kinds: tuple[tuple[List, str, str], ...] = (
        ("marketing", written.text, "advertises"),
        ("threats", written.text, "threatens"),
        ("debt", written.exposed, reveals),
    )
    for kind, text, verdict in kinds:
        for word in dict.fromkeys(_pattern(folder, kind, language).findall(text)):
            yield f"{said}: {verdict}: {word!r}"


@lru_cache(maxsize=64)
def _pattern(folder: Path, kind: List, language: str) -> re.Pattern[str]:
    file = folder / LISTS
    lists = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
    words = (str(word).strip() for word in lists.get(kind, {}).get(language, []))
    forms = (re.escape(word.removesuffix("*")) + r"\w*" * word.endswith("*") for word in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms) or '(?!)'})(?!\w)", re.IGNORECASE)

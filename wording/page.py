"""Composing what an email or a letter says, as plain text in order; the layouts only set it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from wording import formatting
from wording.catalogue import TEMPLATES
from wording.facts import Facts, Letterhead
from wording.tables import TABLES, Row, together
from wording.writer import Writer, writer


@dataclass(frozen=True)
class WayOut:
    """One thing the reader can do now; `url` is empty where there is no address for it."""

    name: str
    text: str
    url: str


@dataclass(frozen=True)
class Part:
    """One stretch of a message: a title if it has one, then prose, a table or the ways out."""

    title: str
    paragraphs: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    ways: tuple[WayOut, ...] = ()


@dataclass(frozen=True)
class Sender:
    """Who writes, as it stands under the message; `dial` is the phone number without blanks."""

    name: str
    address: tuple[str, ...]
    email: str
    phone: str
    dial: str


@dataclass(frozen=True)
class Page:
    """What one email or letter says, all of it plain text; `seen` names all that it shows.

    `recipient` is all that may stand in the window of an envelope; `title` may be read by anybody.
    """

    language: str
    title: str
    subject: str
    day: str
    sender: Sender
    recipient: tuple[str, ...]
    heading: str
    greeting: str
    parts: tuple[Part, ...]
    closing: str
    button: str
    pay_url: str
    optout: str
    page_words: str
    colon: str
    seen: frozenset[str]


def compose(
    template: str,
    channel: Literal["email", "letter"],
    letterhead: Letterhead,
    facts: Facts,
    folder: Path = TEMPLATES,
) -> Page:
    """Say a message; raises InputRefusedError naming what is unknown, missing or misspelt."""
    words = writer(template, channel, letterhead, facts, folder)
    return Page(
        language=words.tag,
        title=words.line("title"),
        subject=words.line("subject"),
        day=words.value("today"),
        sender=_sender(words, letterhead),
        recipient=(*_name(words), *formatting.lines(facts.customer_address)),
        heading=words.line("heading"),
        greeting=words.line("greeting"),
        parts=tuple(_parts(words, facts)),
        closing=words.line("closing"),
        button=words.line("pay_button"),
        pay_url=words.value("pay_url"),
        optout=words.line("optout_way") if channel == "email" else "",
        page_words=words.line("page_words"),
        colon=words.say("colon"),
        seen=frozenset(words.seen),
    )


def _name(words: Writer) -> tuple[str, ...]:
    name = words.value("customer_name")
    return (name,) if name else ()


def _sender(words: Writer, letterhead: Letterhead) -> Sender:
    address = tuple(formatting.lines(letterhead.creditor_address))
    if address:
        words.seen.add("postal_address")
    phone = words.value("contact_phone")
    return Sender(
        name=words.value("creditor_name"),
        address=address,
        email=words.value("contact_email"),
        phone=phone,
        dial="".join(sign for sign in phone if sign in "+0123456789"),
    )


def _parts(words: Writer, facts: Facts) -> Iterator[Part]:
    """Yield the parts in the sheet's order; after the first, which invoices it is all about."""
    for number, name in enumerate(words.sheet.parts):
        if number == 1 and facts.together:
            yield _part(words, facts, "together")
            yield Part("", rows=together(words, facts))
        yield _part(words, facts, name)


def _part(words: Writer, facts: Facts, name: str) -> Part:
    title = formatting.one_line(words.maybe(f"{name}_title") or "")
    if name in TABLES:
        return Part(title, rows=TABLES[name](words, facts))
    if name == "ways":
        return Part(title, ways=tuple(_way(words, way) for way in words.sheet.ways))
    return Part(title, paragraphs=words.prose(name))


def _way(words: Writer, name: str) -> WayOut:
    url = words.value("pay_url") if name == "how_to_pay" else ""
    return WayOut(words.line(f"{name}_title"), words.line(name), url)

"""Turns the facts of one case into an email, a text message or a call; letters are in `letters`.

What is said lies in `templates/`, in words; how it is set lies in `templates/_base/`, one layout a
form. Layouts see composed plain text and escape it: words never become markup.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from schemas.template_files import BASE
from wording import formatting
from wording.catalogue import TEMPLATES
from wording.facts import Facts, Letterhead
from wording.page import Page, compose
from wording.writer import writer


@dataclass(frozen=True)
class RenderedEmail:
    """One email; each of `text` and `html` is complete without the other, `subject` is one line.

    `seen` names the words and values it shows, the disclosures among them.
    """

    subject: str
    text: str
    html: str
    seen: frozenset[str]


@dataclass(frozen=True)
class RenderedLine:
    """A text message or the TwiML of a call, and the words and values it shows."""

    text: str
    seen: frozenset[str]


def render_email(
    template: str, letterhead: Letterhead, facts: Facts, folder: Path = TEMPLATES
) -> RenderedEmail:
    """Write the email; raises InputRefusedError for an unknown template, tone or value."""
    page = compose(template, "email", letterhead, facts, folder)
    return RenderedEmail(page.subject, plain_text(page), _html(page), page.seen)


def render_sms(
    template: str, letterhead: Letterhead, facts: Facts, folder: Path = TEMPLATES
) -> RenderedLine:
    """Write the text message, one line, the creditor first; raises as `render_email` does."""
    words = writer(template, "sms", letterhead, facts, folder)
    several = ("together",) if facts.together else ()
    said = (words.line(name) for name in ("sms", *several, "contact_way", "optout_way"))
    text = f"{words.value('creditor_name')}: {' '.join(said)}"
    return RenderedLine(formatting.one_line(text), frozenset(words.seen))


def render_call(
    script: str, letterhead: Letterhead, facts: Facts, folder: Path = TEMPLATES
) -> RenderedLine:
    """Write what the call says, as TwiML; raises as `render_email` does.

    The matter is spoken of only when `facts.business` says that no stranger can hear of it. What
    else is said is a limited-content message: who calls, and how to call back (12 CFR 1006.2(j)).
    """
    words = writer(script, "call", letterhead, facts, folder)
    several = ("together",) if facts.together else ()
    matter = ("matter", *several, "call_ways") if facts.business else ()
    said = [words.line(name) for name in ("opening", *matter, "call_back", "again", "goodbye")]
    text = _set("call.twiml.j2", {"voice": words.line("voice"), "said": said})
    return RenderedLine(text, frozenset(words.seen))


def plain_text(page: Page) -> str:
    """Set a page as plain text, complete in itself."""
    return _set("email.txt.j2", {"page": page})


def _html(page: Page) -> str:
    return _set("email.html.j2", {"page": page})


def _set(layout: str, values: Mapping[str, object]) -> str:
    return formatting.tidy(_layouts().get_template(layout).render(values))


@lru_cache(maxsize=1)
def _layouts() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES / BASE),
        undefined=StrictUndefined,
        autoescape=lambda name: name is None or not name.endswith(".txt.j2"),
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.clear()  # a layout gets its page and nothing else
    return made

"""Turns the facts of one case into an email, a text message, a letter or a call.

The wording lies in `templates/<template>/<language>/`, one file a channel, and for templates with a
tone one file a tone in `tones/`; what every message has in common stands once in
`templates/_base/`. A template sees what `formatting.values` lists and nothing else, in a sandbox;
text from outside is a value there and is never read as a template.
"""

import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from activities import formatting
from activities.formatting import CHARGE_KINDS, ChargeLine, Facts, Letterhead
from schemas.customer import Channel
from schemas.errors import InputRefusedError
from schemas.template_files import FILES, LAST_RESORT

__all__ = [
    "CHARGE_KINDS", "TEMPLATES", "ChargeLine", "Facts", "Letterhead", "RenderedEmail", "available",
    "environment", "render_call", "render_email", "render_letter", "render_sms", "templates",
    "tones",
]  # fmt: skip

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"

MILDEST = ("friendly", "formal")
"""Which tone an unnamed one is: the first of these that the template has."""


@dataclass(frozen=True)
class RenderedEmail:
    """One email; each of `text` and `html` is complete without the other, `subject` is one line."""

    subject: str
    text: str
    html: str


def render_email(
    template: str, letterhead: Letterhead, facts: Facts, folder: Path = TEMPLATES
) -> RenderedEmail:
    """Write the email; raises InputRefusedError for an unknown template, tone or variable."""
    place = _choose(template, "email", facts, folder)
    subject, text, html = (_fill(place, file, letterhead, facts) for file in FILES["email"])
    return RenderedEmail(formatting.one_line(subject), text, html)


def render_sms(
    template: str, letterhead: Letterhead, facts: Facts, folder: Path = TEMPLATES
) -> str:
    """Write the text message, one line; raises as `render_email` does."""
    place = _choose(template, "sms", facts, folder)
    return formatting.one_line(_fill(place, "sms.txt.j2", letterhead, facts))


def render_letter(
    template: str, letterhead: Letterhead, facts: Facts, folder: Path = TEMPLATES
) -> str:
    """Write the letter as one HTML page to print; raises as `render_email` does."""
    return _fill(_choose(template, "letter", facts, folder), "letter.html.j2", letterhead, facts)


def render_call(script: str, letterhead: Letterhead, facts: Facts, folder: Path = TEMPLATES) -> str:
    """Write what the call says, as TwiML; raises as `render_email` does.

    The debt is spoken of only when `facts.business` says that no stranger can hear of it.
    """
    return _fill(_choose(script, "call", facts, folder), "call.twiml.j2", letterhead, facts)


def templates(folder: Path = TEMPLATES) -> tuple[str, ...]:
    """Return the names of all templates and call scripts."""
    return tuple(name for name in _folders(folder) if not name.startswith("_"))


def available(template: str, folder: Path = TEMPLATES) -> dict[str, tuple[Channel, ...]]:
    """Return the channels a template has, by language; InputRefusedError for an unknown one."""
    return {
        language: tuple(
            channel
            for channel, files in FILES.items()
            if all((folder / template / language / file).is_file() for file in files)
        )
        for language in _languages(template, folder)
    }


def tones(template: str, folder: Path = TEMPLATES) -> dict[str, tuple[str, ...]]:
    """Return the tones a template has, by language; none where the wording has no tone."""
    return {
        language: tuple(
            sorted(file.stem for file in (folder / template / language / "tones").glob("*.j2"))
        )
        for language in _languages(template, folder)
    }


@lru_cache(maxsize=8)
def environment(folder: Path = TEMPLATES) -> ImmutableSandboxedEnvironment:
    """Return the one Jinja2 environment of a templates folder; files are read once a process."""
    shared = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=_is_markup,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shared.globals.clear()  # a template gets its values and nothing else
    shared.filters["paragraphs"] = formatting.paragraphs
    shared.filters["spelled"] = formatting.spelled
    return shared


@dataclass(frozen=True)
class _Place:
    """Which files one message is written from; `tag` is the language the reader is told of."""

    folder: Path
    template: str
    language: str
    tag: str
    tone: str

    @property
    def names(self) -> dict[str, object]:
        """What the shared layouts need to find the words and the tone of this message."""
        return {
            "language": self.tag,
            "tone": self.tone,
            "words_file": f"_base/{self.language}/words.j2",
            "tone_file": f"{self.template}/{self.language}/tones/{self.tone}.j2",
        }


def _choose(template: str, channel: Channel, facts: Facts, folder: Path) -> _Place:
    channels, toned = available(template, folder), tones(template, folder)
    for language, tag in _chain(facts.language):
        tone = _tone(facts.tone, toned.get(language, ()))
        if channel in channels.get(language, ()) and tone is not None:
            return _Place(folder, template, language, tag, tone)
    expected = [folder / template / LAST_RESORT / file for file in FILES[channel]]
    if any(toned.values()):
        expected.append(folder / template / LAST_RESORT / "tones" / f"{facts.tone}.j2")
    raise InputRefusedError(
        f"template {template!r} cannot be written as {channel} in {facts.language!r} "
        f"with tone {facts.tone!r}, nor in {LAST_RESORT!r}: "
        f"expected {', '.join(map(str, expected))}"
    )


def _chain(tag: str) -> Iterator[tuple[str, str]]:
    """Yield (folder, tag) from the exact language over its parent to the last resort."""
    tag = tag.replace("_", "-")
    yield tag, tag
    yield tag.split("-")[0], tag
    yield LAST_RESORT, LAST_RESORT


def _tone(wanted: str, there: tuple[str, ...]) -> str | None:
    if not there:
        return ""
    if wanted:
        return wanted if wanted in there else None
    return next((tone for tone in MILDEST if tone in there), there[0])


def _languages(template: str, folder: Path) -> tuple[str, ...]:
    # looked up among the names that are there, so that no name can lead out of the folder
    if template not in templates(folder):
        raise InputRefusedError(
            f"template {template!r} is unknown: expected a folder {folder / template}; "
            f"there are {', '.join(templates(folder)) or 'none'}"
        )
    return tuple(
        language
        for language in _folders(folder / template)
        if (folder / "_base" / language / "words.j2").is_file()
    )


def _folders(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.name for path in folder.glob("*/")))


def _fill(place: _Place, file: str, letterhead: Letterhead, facts: Facts) -> str:
    locale = formatting.locale_of(place.tag, place.language)
    values = {**formatting.values(letterhead, facts, locale), **place.names}
    name = f"{place.template}/{place.language}/{file}"
    try:
        text = formatting.tidy(environment(place.folder).get_template(name).render(values))
    except TemplateError as error:
        raise InputRefusedError(
            f"the template {_file_of(error, name)} cannot be filled in: {error}"
        ) from error
    return formatting.french_spaces(text) if _set_in_french(place, file) else text


def _set_in_french(place: _Place, file: str) -> bool:
    # an unbreakable blank would double the price of a text message, and a voice does not read it
    return place.language.split("-")[0] == "fr" and file.startswith(("email", "letter"))


def _file_of(error: TemplateError, entry: str) -> str:
    # Jinja2 rewrites the traceback to template files: the last one is where it went wrong
    frames = traceback.extract_tb(error.__traceback__)
    named = [f"{frame.filename}:{frame.lineno}" for frame in frames if frame.filename[-3:] == ".j2"]
    return named[-1] if named else entry


def _is_markup(name: str | None) -> bool:
    return name is None or name.endswith((".html.j2", ".twiml.j2"))

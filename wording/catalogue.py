"""Finding templates and their words on disk; each file is read and checked once a process."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from schemas.customer import Channel
from schemas.errors import InputRefusedError
from schemas.template_files import BASE, LAST_RESORT, SHEET, TemplateSheet, Tone, WordFile

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_Model = TypeVar("_Model", bound=BaseModel)
_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def templates(folder: Path = TEMPLATES) -> tuple[str, ...]:
    """Return the names of all templates and call scripts."""
    return tuple(sorted(file.parent.name for file in folder.glob(f"*/{SHEET}")))


def sheet(template: str, folder: Path = TEMPLATES) -> TemplateSheet:
    """Return how a template is built; raises InputRefusedError for an unknown or faulty one."""
    # one plain name, so that it cannot lead out of the folder
    if not _NAME.fullmatch(template) or not (folder / template / SHEET).is_file():
        raise InputRefusedError(
            f"template {template!r} is unknown: expected a file {folder / template / SHEET}; "
            f"there are {', '.join(templates(folder)) or 'none'}"
        )
    return _sheet(folder / template / SHEET)


def languages(template: str, folder: Path = TEMPLATES) -> tuple[str, ...]:
    """Return the languages in which a template, and what all templates share, is worded."""
    sheet(template, folder)
    files = (folder / template).glob("*.yaml")
    shared = {file.stem for file in (folder / BASE).glob("*.yaml")}
    return tuple(sorted(file.stem for file in files if file.stem in shared))


def words(template: str, language: str, folder: Path = TEMPLATES) -> WordFile:
    """Return the words of a template (or of `BASE`) in a language that it has."""
    return _words(folder / template / f"{language}.yaml")


class Layer(NamedTuple):
    """Some words, and where they stand."""

    where: str
    words: dict[str, str]


def layers(
    template: str, language: str, channel: Channel, tone: Tone, folder: Path = TEMPLATES
) -> Iterator[Layer]:
    """Yield where a word is looked up, the nearest first: the template, then what all share.

    Within each, what is said in a channel comes first, then in a tone, then always.
    """
    for name in (template, BASE):
        file, where = words(name, language, folder), f"templates/{name}/{language}.yaml"
        yield Layer(f"{where}: channels.{channel}", file.channels.get(channel, {}))
        yield Layer(f"{where}: tones.{tone}", file.tones.get(tone, {}))
        yield Layer(where, file.words)


def sentences(
    template: str, language: str, folder: Path = TEMPLATES
) -> Iterator[tuple[str, str, str]]:
    """Yield every sentence of a word file: where it stands, its name, and the sentence."""
    file, where = words(template, language, folder), f"templates/{template}/{language}.yaml"
    places: dict[str, dict[str, str]] = {where: file.words}
    places |= {f"{where}: channels.{name}": said for name, said in file.channels.items()}
    places |= {f"{where}: tones.{name}": said for name, said in file.tones.items()}
    for place, said in places.items():
        yield from ((place, name, sentence) for name, sentence in said.items())


def language_for(template: str, wanted: str, folder: Path = TEMPLATES) -> tuple[str, str]:
    """Return the language to write in and the tag to write sums and days by.

    From the exact tag over its parent to `LAST_RESORT`; raises InputRefusedError when even that is
    missing.
    """
    there = languages(template, folder)
    for language, tag in _chain(wanted.replace("_", "-")):
        if language in there:
            return language, tag
    raise InputRefusedError(
        f"template {template!r} has no words in {wanted!r}, nor in {LAST_RESORT!r}: "
        f"expected {folder / template / LAST_RESORT}.yaml"
    )


def _chain(tag: str) -> Iterator[tuple[str, str]]:
    yield tag, tag
    yield tag.partition("-")[0], tag
    yield LAST_RESORT, LAST_RESORT


@lru_cache(maxsize=256)
def _sheet(path: Path) -> TemplateSheet:
    return _read(path, TemplateSheet)


@lru_cache(maxsize=512)
def _words(path: Path) -> WordFile:
    return _read(path, WordFile)


def _read(path: Path, model: type[_Model]) -> _Model:
    try:
        return model.model_validate(yaml.load(path.read_text(encoding="utf-8"), _Loader))  # noqa: S506 - a safe loader
    except OSError as error:
        raise InputRefusedError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}" if mark else f"{path}"
        raise InputRefusedError(f"{where}: is not valid YAML") from error
    except ValidationError as error:
        faults = "; ".join(_fault(one["loc"], one["msg"]) for one in error.errors())
        raise InputRefusedError(f"{path}: {faults}") from error


def _fault(where: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(map(str, where)) or 'the file'}: {message}"

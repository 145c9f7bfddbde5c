"""Reads a column map from its YAML file; every error is one sentence with file and field."""

import re
from difflib import get_close_matches
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.errors import InputRefusedError
from starter.ledger.column_map import ColumnMap, Columns, Defaults

_OWN_FIELD = re.compile(r"[a-z_.]+: ")
"""A validator of the whole map names the field itself, for it has no place of its own."""

_KEYS = {
    (): list(ColumnMap.model_fields),
    ("columns",): list(Columns.model_fields),
    ("defaults",): list(Defaults.model_fields),
}


def load_column_map(path: Path) -> ColumnMap:
    """Read a column map.

    Raises InputRefusedError for a file that is not there, is not YAML, is not a mapping, or does
    not say what a column map must say.
    """
    document = _document(path)
    if not isinstance(document, dict):
        raise InputRefusedError(f"{path}: a column map is a YAML mapping with a key `columns`")
    try:
        return ColumnMap.model_validate(document)
    except ValidationError as error:
        raise InputRefusedError(f"{path}: {_sentence(error)}") from error


def _document(path: Path) -> object:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise InputRefusedError(f"{path} does not exist") from error
    except OSError as error:
        raise InputRefusedError(f"{path} cannot be read: {error.strerror}") from error
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise InputRefusedError(f"{path}{line}: is not YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise InputRefusedError(f"{path}: is not YAML: {reason}") from error


def _sentence(error: ValidationError) -> str:
    """Say the first thing that is wrong, and how many more there are."""
    first, *others = error.errors()
    more = f" (and {len(others)} more)" if others else ""
    return f"{_problem(first)}{more}"


def _problem(error: ErrorDetails) -> str:
    place = ".".join(str(part) for part in error["loc"] if part != "[key]")
    match error["type"]:
        case "missing":
            return f"{place}: is missing"
        case "extra_forbidden":
            return f"{place}: is not a key of a column map{_instead(error['loc'])}"
        case "string_type":
            return f"{place}: is {error['input']!r}, not text: write it in quotes"
        case "value_error":
            sentence = str(error["ctx"]["error"])
            return sentence if _OWN_FIELD.match(sentence) else f"{place}: {sentence}"
    return f"{place}: {error['msg'][:1].lower()}{error['msg'][1:]}"


def _instead(location: tuple[int | str, ...]) -> str:
    """Suggest the nearest key, or name them all."""
    keys = _KEYS.get(tuple(str(part) for part in location[:-1]), [])
    near = get_close_matches(str(location[-1]), keys, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(keys)}"

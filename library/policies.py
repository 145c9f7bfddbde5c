"""Finding policies: shipped ones by id, others by path, or a document inline."""

import json
from pathlib import Path

import yaml
from pydantic import ValidationError

from dunning.inbox import explain
from schemas.errors import InputRefusedError
from schemas.policy import Policy
from starter.template_check import check_templates

SHIPPED = Path(__file__).resolve().parent.parent / "policies"


class _Loader(yaml.SafeLoader):
    """Keeps decimals and dates as text: no amount passes through a float, no day is guessed."""


def _as_written(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


for _tag in ("float", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _as_written)


def find_policy(named: str | dict[str, object]) -> Policy:
    """Return the policy of that id, path or inline document.

    Raises InputRefusedError naming the file and every faulty field; the ids of the shipped
    policies are listed when there is none of that name.
    """
    if isinstance(named, dict):
        return _checked(named, "the inline policy")
    path = Path(named)
    if path.suffix in {".yaml", ".yml", ".json"} or "/" in named:
        return load_policy(path)
    path = SHIPPED / f"{named}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.yaml")))
        raise InputRefusedError(
            f"there is no policy {named!r}; shipped are {known}, or give a path"
        )
    return load_policy(path)


def usable_policy(named: str) -> Policy:
    """Return a policy whose templates exist as well; raises as `find_policy` does."""
    policy = find_policy(named)
    check_templates(policy, f"policy {named}")
    return policy


def load_policy(path: Path) -> Policy:
    """Return the policy in a file; raises InputRefusedError as `find_policy` does."""
    return _checked(read_document(path), str(path))


def read_document(path: Path) -> object:
    """Return what a YAML or JSON file holds; raises InputRefusedError naming file and line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputRefusedError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputRefusedError(f"{path}: is not UTF-8 text") from error
    try:
        return _json(text) if path.suffix == ".json" else _yaml(text)
    except json.JSONDecodeError as error:
        where = f"{path}, line {error.lineno}"
        raise InputRefusedError(f"{where}: is not valid JSON: {error.msg}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}" if mark else f"{path}"
        problem = getattr(error, "problem", None) or "not readable"
        raise InputRefusedError(f"{where}: is not valid YAML: {problem}") from error
    except (ValueError, RecursionError) as error:
        raise InputRefusedError(f"{path}: cannot be read: {error}") from error


def _json(text: str) -> object:
    return json.loads(text, parse_float=str, parse_constant=str)


def _yaml(text: str) -> object:
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - it is a SafeLoader


def _checked(document: object, where: str) -> Policy:
    if not isinstance(document, dict):
        raise InputRefusedError(f"{where}: a policy is a mapping with `id` and `steps`")
    try:
        return Policy.model_validate(document)
    except ValidationError as error:
        raise InputRefusedError(f"{where}: {explain(error)}") from error

"""Checking a document as what it is: policy, assignment, law, rates, scenario, column map."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from library.assignments import SCHEMA as ASSIGNMENT
from library.assignments import choose, find_assignment
from library.documents import DocumentRefusedError, fault_at, read_document, read_model
from library.jurisdictions import SCHEMA as CONTACT_RULES
from library.jurisdictions import load_pack
from schemas.charging import ChargePack
from schemas.errors import InputRefusedError
from schemas.rates import RateTable
from starter.ledger.map_file import load_column_map
from starter.scenarios import load_scenario
from starter.usable import Checked, check_policy

_POLICY: Final = "dunning-policy/1"
_SHEETS: Final = {".csv", ".tsv", ".txt"}


class Verdict(NamedTuple):
    """What the check of one file found, and the version of a document that has one."""

    found: Checked
    version: str


def check_document(path: Path, jurisdictions: Sequence[str] | None = None) -> Verdict:
    """Check a file and return all that was found; never raises.

    A policy is held against the contact rules of these jurisdictions, None: of the places it is
    for.
    """
    try:
        kind = _kind(path)
        if kind != _POLICY:
            return Verdict(Checked(None, (), ()), _VERSIONS[kind](path))
    except DocumentRefusedError as error:
        return Verdict(Checked(None, error.faults, ()), "")
    except InputRefusedError as error:
        return Verdict(Checked(None, (str(error),), ()), "")
    found = check_policy(path, jurisdictions)
    return Verdict(found, found.policy.hash if found.policy else "")


def _kind(path: Path) -> str:
    """Return the schema a document names; one that names none is known by its keys."""
    if path.suffix.lower() in _SHEETS:
        raise InputRefusedError(
            f"{path}: a ledger is checked with its column map: `dunning simulate --ledger {path} "
            "--map MAP --policy ID` names every row that cannot be taken"
        )
    document = read_document(path)
    content = document.content if isinstance(document.content, dict) else {}
    named = str(content.get("schema", ""))
    if named in _VERSIONS:
        return named
    if "steps" in content:
        return _POLICY
    if not named:
        return next((kind for key, kind in _BY_KEY.items() if key in content), _POLICY)
    known = ", ".join(sorted({_POLICY, *_VERSIONS} - set(_BY_KEY.values())))
    raise DocumentRefusedError(
        (fault_at(document, ("schema",), f"{named!r} is not known; there are {known}"),)
    )


def _of_charges(path: Path) -> str:
    return read_model(path, ChargePack, "a charge pack is a mapping with `id` and `laws`").version


def _of_rates(path: Path) -> str:
    shape = "a rate table is a mapping with `id`, `name`, `source` and `rates`"
    read_model(path, RateTable, shape)
    return ""


def _of_scenario(path: Path) -> str:
    """Check the policy it names too; that an assignment gives it none is no fault."""
    scenario = load_scenario(path)
    chosen = choose(scenario.policy, scenario.invoice, scenario.customer.facts)
    return chosen.policy.hash if chosen.policy else ""


def _of_map(path: Path) -> str:
    load_column_map(path)
    return ""


_VERSIONS: Final[dict[str, Callable[[Path], str]]] = {
    ASSIGNMENT: lambda path: find_assignment(path).assignment.hash,
    CONTACT_RULES: lambda path: load_pack(path).version,
    "statutory-charges/1": _of_charges,
    "reference-rates/1": _of_rates,
    "scenario": _of_scenario,
    "map": _of_map,
}
"""How each kind of document but a policy is checked, and what its version is, if it has one."""

_BY_KEY: Final = {"invoice": "scenario", "events": "scenario", "columns": "map"}
"""What a document is that names no schema, by a key of it."""

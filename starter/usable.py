"""Is a policy fit for use? Asked before a case can meet a fault in it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from dunning.lints.findings import Finding
from dunning.lints.policy import lint
from dunning.lints.words import TemplateFacts
from library.charge_packs import pack_for
from library.documents import Document, DocumentRefusedError, fault_at, read_document
from library.faults import Place
from library.jurisdictions import packs_for
from library.jurisdictions import shipped as shipped_packs
from library.policies import policy_path
from library.salvage import Salvaged, salvage
from schemas.charging import ChargePack
from schemas.customer import CustomerFacts, DebtorKind
from schemas.errors import InputRefusedError
from schemas.jurisdiction import Pack
from schemas.policy import Policy
from schemas.steps import Step, Variant
from schemas.template_files import BASE
from wording.catalogue import TEMPLATES, languages, sheet, templates

Told = tuple[Place, str]
"""Where something was found in a document, and what."""


class Checked(NamedTuple):
    """A policy file after its check: the policy, if it reads, and every finding as a line."""

    policy: Policy | None
    faults: tuple[str, ...]
    warnings: tuple[str, ...]


def usable_policy(named: str) -> Policy:
    """Return a policy in which nothing is at fault, its templates included.

    Raises InputRefusedError as `find_policy` does, or with every fault that was found.
    """
    found = check_policy(policy_path(named))
    if found.policy is None or found.faults:
        raise DocumentRefusedError(found.faults)
    return found.policy


def check_policy(
    path: Path, jurisdictions: Sequence[str] | None = None, folder: Path = TEMPLATES
) -> Checked:
    """Check a policy file in every way, and return all that was found; never raises.

    It is held against the contact rules of these jurisdictions, None: of the places it is for.
    """
    try:
        document = read_document(path)
        read = salvage(document)
    except InputRefusedError as error:
        return Checked(None, tuple(str(error).splitlines()), ())
    try:
        found = _found(read, jurisdictions, folder)
    except InputRefusedError as error:  # of what the policy is held against
        outside = str(error).splitlines()
        return Checked(None, (*_in_order(document, read.faults), *outside), ())
    faults = [*read.faults, *(told for told, is_fault in found if is_fault)]
    warnings = [told for told, is_fault in found if not is_fault]
    policy = None if read.faults else read.policy
    return Checked(policy, _in_order(document, faults), _in_order(document, warnings))


def _found(
    read: Salvaged, jurisdictions: Sequence[str] | None, folder: Path
) -> list[tuple[Told, bool]]:
    """Return what the lints say of the parts of a policy that read, and whether it is a fault.

    Of a step that is not what it says, only a fault of a field that is counts.
    """
    if read.policy is None:
        return []
    findings = lint(
        read.policy,
        templates=template_facts(folder),
        languages=shipped_languages(folder),
        packs=_packs(read.policy, jurisdictions),
        charge_packs=_charge_packs(read.policy, jurisdictions),
        in_order=read.is_in_order,
    )
    numbers = {step.id: number for number, step in enumerate(read.policy.steps)}
    return [
        ((_place(one, numbers), one.words), one.is_fault)
        for one in findings
        if one.step is None
        or not read.is_aside(numbers[one.step], one.field if one.is_fault else None)
    ]


def _place(finding: Finding, numbers: Mapping[str, int]) -> Place:
    where: Place = () if finding.step is None else ("steps", numbers[finding.step])
    return (*where, finding.field)


def _in_order(document: Document, told: Iterable[Told]) -> tuple[str, ...]:
    """Return what was found as sentences, by the lines they are about."""
    placed = sorted(told, key=lambda one: document.line(one[0]) or 0)
    return tuple(fault_at(document, *one) for one in placed)


def _debtors(policy: Policy) -> list[CustomerFacts]:
    """Return one debtor of each kind and country a policy is for; no country stands for any."""
    kinds: tuple[DebtorKind, ...] = policy.for_.debtors or ("consumer", "business")
    places = policy.for_.countries or (None,)
    return [
        CustomerFacts(id="anyone", kind=kind, country=place) for place in places for kind in kinds
    ]


def _packs(policy: Policy, named: Sequence[str] | None) -> list[Pack]:
    """Return the contact rules a policy may meet."""
    found = {pack.id: pack for one in _debtors(policy) for pack in packs_for(one, named)}
    return list(found.values())


def _charge_packs(policy: Policy, named: Sequence[str] | None) -> list[ChargePack]:
    """Return the law on charges a policy may meet, as far as it is known of a country."""
    found = {pack.id: pack for pack in (pack_for(one, named) for one in _debtors(policy))}
    return [pack for pack in found.values() if pack.country is not None]


def known_packs(text: str | None) -> tuple[str, ...] | None:
    """Read the packs named on a command line: None as it is, `none` as no pack at all.

    Raises InputRefusedError for an unknown one.
    """
    if text is None:
        return None
    packs = tuple(part.strip() for part in text.split(",") if part.strip() not in {"", "none"})
    packs_for(CustomerFacts(id="anyone"), packs)
    return packs


def must_show() -> dict[str, frozenset[str]]:
    """Return what a message of each type must disclose, wherever it goes."""
    packs = shipped_packs().values()
    kinds = {kind for pack in packs for kind in pack.disclose}
    return {
        kind: frozenset(one for pack in packs for one in pack.disclose.get(kind, ()))
        for kind in sorted(kinds)
    }


def templates_of(policy: Policy) -> set[str]:
    """Return the templates and scripts a policy names that are there."""
    shapes: list[Step | Variant] = [
        *policy.steps,
        *(one for step in policy.steps for one in step.variants.values()),
    ]
    named = {shape.template for shape in shapes} | {shape.script for shape in shapes}
    return {name for name in templates() if name in named}


def template_facts(folder: Path = TEMPLATES) -> dict[str, TemplateFacts]:
    """Return what there is of every template; raises InputRefusedError for a faulty one."""
    return {name: _facts(name, folder) for name in templates(folder)}


def _facts(name: str, folder: Path) -> TemplateFacts:
    built = sheet(name, folder)
    return TemplateFacts(
        channels=frozenset(built.channels),
        tones=built.tones,
        languages=frozenset(languages(name, folder)),
        pays="ways" in built.parts and "how_to_pay" in built.ways,
    )


def shipped_languages(folder: Path = TEMPLATES) -> frozenset[str]:
    """Return the languages in which a debtor may be written to: those of the shared words."""
    return frozenset(file.stem for file in (folder / BASE).glob("*.yaml"))

"""Is a policy fit for use? Asked before a case can meet a fault in it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from dunning.lints.findings import Finding
from dunning.lints.policy import lint
from dunning.lints.words import TemplateFacts
from library.charge_packs import pack_for
from library.documents import Document, DocumentRefusedError, checked, fault_at, read_document
from library.faults import Place
from library.jurisdictions import packs_for
from library.jurisdictions import shipped as shipped_packs
from library.policies import SHAPE, policy_path
from schemas.charging import ChargePack
from schemas.customer import CustomerFacts, DebtorKind
from schemas.errors import InputRefusedError
from schemas.jurisdiction import Pack
from schemas.policy import Policy
from schemas.steps import Step, Variant
from schemas.template_files import BASE
from wording.catalogue import TEMPLATES, languages, sheet, templates


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
        policy = checked(document, Policy, SHAPE)
        facts = template_facts(folder)
        packs, laws = _packs(policy, jurisdictions), _charge_packs(policy, jurisdictions)
    except DocumentRefusedError as error:
        return Checked(None, error.faults, ())
    except InputRefusedError as error:
        return Checked(None, (str(error),), ())
    found = lint(
        policy, templates=facts, languages=shipped_languages(folder), packs=packs, charge_packs=laws
    )
    placed = sorted(
        ((*_placed(document, one), one.is_fault) for one in found),
        key=lambda told: document.line(told[0]) or 0,
    )
    return Checked(
        policy,
        tuple(fault_at(document, place, words) for place, words, is_fault in placed if is_fault),
        tuple(
            fault_at(document, place, words) for place, words, is_fault in placed if not is_fault
        ),
    )


def _placed(document: Document, finding: Finding) -> tuple[Place, str]:
    content = document.content
    steps = content.get("steps", ()) if isinstance(content, dict) else ()
    ids = [step.get("id") for step in steps]
    where: Place = () if finding.step is None else ("steps", ids.index(finding.step))
    return (*where, finding.field), finding.words


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

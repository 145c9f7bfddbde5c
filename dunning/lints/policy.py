"""Every lint of a policy in one call.

A policy that reads (`schemas/policy.py`) may still hand a case off too early, skip a step for ever
or name a message that was never written. A fault keeps it from being used; a warning is shown.
"""

from collections.abc import Iterable, Mapping

from dunning.lints.charges import charges
from dunning.lints.conditions import conditions, idle
from dunning.lints.consequences import consequences
from dunning.lints.findings import Finding
from dunning.lints.places import places
from dunning.lints.timing import timing
from dunning.lints.words import TemplateFacts, words
from schemas.charging import ChargePack
from schemas.jurisdiction import Pack
from schemas.policy import Policy


def lint(
    policy: Policy,
    *,
    templates: Mapping[str, TemplateFacts] | None = None,
    languages: frozenset[str] = frozenset(),
    packs: Iterable[Pack] = (),
    charge_packs: Iterable[ChargePack] = (),
    in_order: bool = True,
) -> tuple[Finding, ...]:
    """Return everything that is wrong or doubtful in a policy, faults first.

    `templates` says what there is of each template (None: not looked at), `languages` in which of
    them a debtor may have to be written to; `packs` and `charge_packs` are the contact rules and
    the law on charges where the policy is used. Without `in_order` only what is judged step by step
    is looked at: a policy with a faulty step has no calendar.
    """
    found = [*charges(policy, charge_packs)]
    if in_order:
        found += [
            *timing(policy),
            *conditions(policy),
            *idle(policy),
            *consequences(policy),
            *places(policy, packs),
        ]
    if templates is not None:
        found += words(policy, templates, languages)
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: not finding.is_fault))

"""Lints of charges: a policy by itself asks for no more than the law of its places grants.

The engine asks for less in any case, or for nothing; a policy that counts on more does not do what
it says.
"""

from collections.abc import Iterable, Iterator

from dunning.charges.statutory import denied
from dunning.lints.findings import Finding, warning
from schemas.charging import ChargePack, ChargeRule, Law, What
from schemas.interest import Fixed
from schemas.policy import Policy
from schemas.steps import Step


def charges(policy: Policy, packs: Iterable[ChargePack]) -> Iterator[Finding]:
    """Warn of charges that a place denies, and of rates and caps above its own."""
    for pack in {pack.id: pack for pack in packs}.values():
        for law in pack.laws:
            if not policy.for_.debtors or set(policy.for_.debtors) & set(law.debtors):
                for step in policy.steps:
                    if step.charge is not None:
                        yield from _above(step, step.charge, law, pack)


def _above(step: Step, rule: ChargeRule, law: Law, pack: ChargePack) -> Iterator[Finding]:
    if (words := denied(pack, law, _what(rule))) is not None:
        yield warning(step.id, "charge", words)
    elif (most := _highest_rate(rule, law)) is not None:
        words = f"{pack.id}: the rate is above {most.percent} percent a {most.per}"
        yield warning(step.id, "charge", words)
    if rule.cap is not None and law.total_cap is not None and rule.cap > law.total_cap:
        words = f"{pack.id}: all charges together may be {law.total_cap}% of principal at most"
        yield warning(step.id, "charge", words)


def _what(rule: ChargeRule) -> What:
    if rule.interest is not None:
        return "interest" if rule.interest.rate == "statutory" else "contract_interest"
    return rule.statutory or "fee"


def _highest_rate(rule: ChargeRule, law: Law) -> Fixed | None:
    """Return the highest rate of a law when the agreed one is above it; one that floats is not."""
    agreed = rule.interest.rate if rule.interest else None
    most = law.max_rate.rate if law.max_rate else None
    if isinstance(agreed, Fixed) and isinstance(most, Fixed) and agreed.yearly > most.yearly:
        return most
    return None

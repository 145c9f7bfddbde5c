"""Lints of charges: a policy by itself asks for no more than the law of its places grants.

The engine asks for less in any case, or for nothing; a policy that counts on more does not do what
it says.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from dunning.charges.caps import threshold
from dunning.charges.statutory import denied
from dunning.lints.findings import Finding, warning
from schemas.charging import ChargePack, ChargeRule, Law, What
from schemas.interest import Fixed
from schemas.money import plain, to_minor
from schemas.policy import Policy
from schemas.scales import Scale
from schemas.steps import Step


def charges(policy: Policy, packs: Iterable[ChargePack]) -> Iterator[Finding]:
    """Warn of charges that a place denies, and of rates, fees and caps above its own."""
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
    if law.fee_ceiling is not None and (words := _too_dear(rule, law.fee_ceiling, law)):
        yield warning(step.id, "charge", f"{pack.id}: {words}")
    if rule.cap is not None and law.total_cap is not None and rule.cap > law.total_cap:
        words = f"{pack.id}: all charges together may be {law.total_cap}% of principal at most"
        yield warning(step.id, "charge", words)


def _too_dear(rule: ChargeRule, ceiling: Scale, law: Law) -> str | None:
    """Say that the least a fee comes to is more than the law lets any debt bear."""
    least, most = threshold(rule.flat or rule.min, ceiling.currency), _most(ceiling)
    if least is None or most is None or least <= most:
        return None
    who = " or ".join(law.debtors).replace("_", " ")
    least_text, most_text = (plain(minor, ceiling.currency) for minor in (least, most))
    words = f"the fee of {least_text} {ceiling.currency} is above {most_text}"
    return f"{words}, the most a {who} may be asked for ({ceiling.cite})"


def _most(scale: Scale) -> int | None:
    """Return the highest sum of a scale in minor units, None when it grows with the debt."""
    if scale.max is not None:
        return to_minor(scale.max, scale.currency)
    if scale.bands[-1].percent:
        return None
    sums = (
        band.fixed + ((band.end or band.over) - band.over) * band.percent / 100
        for band in scale.bands
    )
    return to_minor(max(*sums, scale.min or Decimal(0)), scale.currency)


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

"""Fees and statutory sums: what a step would post now, or the reason why it posts nothing."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from dunning.calendar import local_day
from dunning.charges.balance import balance, entries
from dunning.charges.caps import cap, room, threshold
from dunning.charges.rates import Missing
from dunning.charges.segments import rounded
from dunning.charges.statutory import (
    NO_PACK,
    denied,
    law_of,
    named_scale,
    pack_of,
    scale_of,
    waits_for,
)
from schemas.case import Case
from schemas.charging import Base, Charge, ChargeRule, Law
from schemas.money import plain
from schemas.scales import Scale
from schemas.steps import Step

CAP_REACHED = "the cap on charges is reached"
NOTHING_OPEN = "nothing is open that it could be taken of"
Inputs = dict[str, str]


def fee(case: Case, step: Step, key: str, at: datetime) -> Charge | str:
    """Return the fee a step would post now, or the reason why there is none.

    The law is that of the day. A missing sum for the currency stops the charge. Limits apply in
    this order: smallest and largest fee, ceiling of the law, what a lump sum already covers, cap on
    all charges of the case, waiver of what is too small.
    """
    rule = step.charge
    if rule is None or rule.interest is not None:
        return "the step names no charge"
    law = law_of(case)
    if isinstance(law, str):
        return law
    law = law and law.on(local_day(case, at))
    inputs = _forbidden(case, rule, law, at) or _inputs(case, rule, law)
    if isinstance(inputs, str):
        return inputs
    inputs |= _limits(case, rule, law)
    minor = amount(inputs)
    if minor <= 0:
        return _why_nothing(inputs)
    if minor < (threshold(rule.min_charge, case.currency) or 0):
        return f"{plain(minor, case.currency)} is below the smallest charge of the policy"
    return Charge(
        key=key,
        kind="statutory" if rule.statutory else "fee",
        on=local_day(case, at),
        at=at,
        minor=minor,
        ground=_ground(rule, law),
        inputs=inputs,
        posting=rule.posting,
        tax_code=rule.tax_code,
    )


def missing_rate(case: Case) -> str:
    """Return the reason of a fee stopped because the policy knows no sum in the currency."""
    return f"the policy states no fee in {case.currency}"


def needs_number(case: Case, reason: str | Missing) -> bool:
    """Whether a charge was stopped because a number is missing, which a person must fill in."""
    return (
        isinstance(reason, Missing)
        or reason == missing_rate(case)
        or reason.startswith("the rate table")
    )


def _forbidden(case: Case, rule: ChargeRule, law: Law | None, at: datetime) -> str | None:
    kind = "statutory" if rule.statutory else "fee"
    once = rule.once_per == "invoice" or kind == "statutory"
    if law is not None and kind == "fee":
        once = once or law.fee_once_per == "invoice"
    if once and any(_is_like(charge, rule) for charge in case.charges):
        return "it is charged once per invoice, and it was"
    if law is None:
        return NO_PACK if rule.statutory else None
    if not rule.statutory and (pack := pack_of(case)) and (why := denied(pack, law, "fee")):
        return why
    needed = law.fee_needs
    if rule.statutory:
        needed = law.costs_need if rule.statutory == "collection_costs" else None
    first = waits_for(case, needed)
    if isinstance(first, str):
        return first
    if first is not None and local_day(case, at) < first:
        return f"the law leaves free days before it: not before {first}"
    return None


def _is_like(charge: Charge, rule: ChargeRule) -> bool:
    if rule.statutory:
        return charge.inputs.get("statutory") == rule.statutory
    return charge.kind == "fee"


def _inputs(case: Case, rule: ChargeRule, law: Law | None) -> Inputs | str:
    if rule.statutory:
        return _statutory_inputs(case, rule, law)
    if rule.percent is not None:
        of = rule.of or "open_principal"
        found = {"percent": str(rule.percent), "of": of, "principal": str(_base(case, of))}
        for name, sums in (("min", rule.min), ("max", rule.max)):
            if (limit := threshold(sums, case.currency)) is not None:
                found[name] = str(limit)
        return found
    flat = threshold(rule.flat, case.currency)
    return missing_rate(case) if flat is None else {"flat": str(flat)}


def _statutory_inputs(case: Case, rule: ChargeRule, law: Law | None) -> Inputs | str:
    pack = pack_of(case)
    if pack is None or law is None or rule.statutory is None:
        return NO_PACK
    scale = scale_of(pack, law, rule.statutory, case.currency)
    if isinstance(scale, str):
        return scale
    debt = _late_debt(case) if rule.statutory == "lump_sum" else _open(case)
    if debt <= 0:
        return NOTHING_OPEN
    found = {"statutory": rule.statutory, "principal": str(debt), "scale": _kept(scale)}
    if rule.gross_up is None:
        return found
    if not scale.grosses_up:
        return f"{pack.id}: nothing may be added for VAT ({scale.cite})"
    return found | {"gross_up": str(rule.gross_up)}


def _kept(scale: Scale) -> str:
    return scale.model_dump_json(exclude_defaults=True)


def _open(case: Case) -> int:
    return max(balance(case).principal, 0)


def _late_debt(case: Case) -> int:
    """Return what was open when the invoice fell due: a lump sum is for the delay, not the rest."""
    in_time = (
        minor
        for day, *_, part, minor in entries(case)
        if part == "corrected" or (part == "payment" and day <= case.invoice.due_on)
    )
    return case.invoice.amount.minor - sum(in_time)


def _base(case: Case, of: Base) -> int:
    match of:
        case "original":
            return case.invoice.amount.minor
        case "open_principal":
            return _open(case)
        case "overdue_principal":
            return max(_open(case) - balance(case).disputed, 0)


def _limits(case: Case, rule: ChargeRule, law: Law | None) -> Inputs:
    found: Inputs = {}
    if (pack := pack_of(case)) is not None and law is not None:
        found["pack"] = f"{pack.id} {pack.version}"
        found |= _limits_of_law(case, rule, law)
    percent = cap(rule, law)
    if (left := room(case, percent, case.charges)) is not None:
        found |= {"cap": f"{percent}%", "room": str(left)}
    return found


def _limits_of_law(case: Case, rule: ChargeRule, law: Law) -> Inputs:
    found: Inputs = {}
    ceiling = law.fee_ceiling
    if ceiling is not None and not rule.statutory and ceiling.currency == case.currency:
        charged = sum(charge.minor for charge in case.charges if charge.kind == "fee")
        most = ceiling.minor(_open(case))
        found["ceiling"] = str(max(most - charged, 0))
    if law.lump_sum is not None and law.lump_sum.credits_costs:
        found["covered"] = str(_covered(case, is_lump_sum=rule.statutory == "lump_sum"))
    return found


def _covered(case: Case, *, is_lump_sum: bool) -> int:
    """Return what of a fee a lump sum already covers, or of a lump sum the fees (BGB 288(5)).

    The debtor owes the larger of the two, so the first posted counts towards the second.
    """
    lump = sum(_gross(one) for one in case.charges if one.inputs.get("statutory") == "lump_sum")
    fees = sum(_gross(one) for one in case.charges if one.kind == "fee")
    return fees if is_lump_sum else max(lump - fees, 0)


def _gross(charge: Charge) -> int:
    return charge.minor + int(charge.inputs.get("covered", 0))


def amount(inputs: Inputs) -> int:
    """Return the fee or statutory sum that these inputs give, in minor units."""
    minor = _before_limits(inputs)
    minor = max(minor, int(inputs["min"])) if "min" in inputs else minor
    for limit in ("max", "ceiling"):
        minor = min(minor, int(inputs[limit])) if limit in inputs else minor
    minor -= int(inputs.get("covered", 0))
    return min(minor, int(inputs["room"])) if "room" in inputs else minor


def _before_limits(inputs: Inputs) -> int:
    if "flat" in inputs:
        return int(inputs["flat"])
    principal = int(inputs["principal"])
    if "percent" in inputs:
        return rounded(principal * Fraction(inputs["percent"]) / 100, "HALF_UP")
    vat = Decimal(inputs["gross_up"]) if "gross_up" in inputs else None
    return Scale.model_validate_json(inputs["scale"]).minor(principal, vat)


def _why_nothing(inputs: Inputs) -> str:
    if inputs.get("room") == "0":
        return CAP_REACHED
    if inputs.get("ceiling") == "0":
        return "the ceiling of the law on fees is reached"
    if int(inputs.get("covered", 0)):
        return "what was charged before covers it"
    return NOTHING_OPEN


def _ground(rule: ChargeRule, law: Law | None) -> str:
    scale = named_scale(law, rule.statutory) if law and rule.statutory else None
    return scale.cite if scale else rule.ground

"""How interest runs for a case: the policy's rule, completed and bounded by the law."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dunning.charges.accrual import Pause, Terms
from dunning.charges.balance import payment_order
from dunning.charges.caps import cap, room
from dunning.charges.daycount import ONE_DAY
from dunning.charges.rates import Rates
from dunning.charges.statutory import NO_PACK, denied, law_of, pack_of, waits_for
from schemas.case import Case
from schemas.charging import ChargePack, ChargeRule, Law
from schemas.interest import (
    Compounding,
    DayCount,
    Fixed,
    InterestRule,
    Reference,
    Rounding,
)


@dataclass(frozen=True, slots=True)
class Agreed:
    """The rate that applies, its ground, how it is computed, and its ceilings and floors."""

    rate: Fixed | Reference
    ground: str
    daycount: DayCount = "ACT/365"
    compounding: Compounding = "none"
    rounding: Rounding = "HALF_UP"
    ceilings: tuple[Fixed | Reference, ...] = ()
    floors: tuple[Fixed | Reference, ...] = ()


def terms_of(
    case: Case, rule: ChargeRule, pauses: Sequence[Pause] = ()
) -> tuple[Terms, Agreed] | str:
    """Return how interest runs by a rule of the policy, or the reason why none does.

    The law decides who may be charged and from when; a policy that asks for statutory interest
    takes rate and manner from the charge pack, a contract's rate is bounded by it.
    """
    interest, law = rule.interest, law_of(case)
    if interest is None:
        return "the step names no interest"
    if isinstance(law, str):
        return law
    agreed = _agreed(case, rule.ground, interest, law)
    first = waits_for(case, law.interest_needs) if law else None
    if isinstance(agreed, str) or isinstance(first, str):
        return agreed if isinstance(agreed, str) else str(first)
    after = _after(case, interest, first)
    costs = [one for one in case.charges if one.kind != "interest"]
    terms = Terms(
        after=after,
        rates=Rates(
            agreed.rate,
            after + ONE_DAY,
            case.rules.rates if case.rules else (),
            agreed.ceilings,
            agreed.floors,
        ),
        daycount=interest.daycount or agreed.daycount,
        compounding=interest.compounding or agreed.compounding,
        rounding=interest.rounding or agreed.rounding,
        by_month=isinstance(agreed.rate, Fixed) and agreed.rate.per == "started_month",
        room=room(case, cap(rule, law), costs),
        order=_order(case, rule),
        pauses=tuple(pauses),
    )
    return terms, agreed


def _order(case: Case, rule: ChargeRule) -> tuple[str, ...]:
    # interest that is not owed takes nothing of a payment before the principal does
    order = payment_order(case)
    return order if rule.posting == "on_issue" else tuple(p for p in order if p != "interest")


def last_day_in_time(case: Case, interest: InterestRule) -> date:
    """Return the last day on which money comes in time: the due date and the days of grace."""
    return case.invoice.due_on + timedelta(days=interest.grace_days)


def _after(case: Case, interest: InterestRule, first: date | None) -> date:
    shifts = interest.grace_mode == "shift"
    after = last_day_in_time(case, interest) if shifts else case.invoice.due_on
    return max(after, first - ONE_DAY) if first else after


def _agreed(case: Case, ground: str, interest: InterestRule, law: Law | None) -> Agreed | str:
    pack = pack_of(case)
    own = (Fixed(percent=interest.max_rate),) if interest.max_rate is not None else ()
    if interest.rate != "statutory":
        ceilings = _ceilings(case, pack, law)
        if isinstance(ceilings, str):
            return ceilings
        floors = (law.min_rate.rate,) if law and law.min_rate else ()
        return Agreed(interest.rate, ground, ceilings=own + ceilings, floors=floors)
    if pack is None or law is None:
        return NO_PACK
    if law.interest is None:
        return denied(pack, law, "interest") or f"the charge pack {pack.id} grants no interest"
    granted = law.interest
    return Agreed(
        granted.rate, granted.cite, granted.daycount, granted.compounding, granted.rounding, own
    )


def _ceilings(
    case: Case, pack: ChargePack | None, law: Law | None
) -> tuple[Fixed | Reference, ...] | str:
    """Return the highest rates the law lets a contract ask for, or why it lets it ask for none."""
    if pack is None or law is None:
        return ()
    if (reason := denied(pack, law, "contract_interest")) is not None:
        return reason
    found = [law.max_rate.rate] if law.max_rate else []
    if law.subdivision_rates is not None:
        place = case.customer.subdivision or "a customer of unknown subdivision"
        state = place.rpartition("-")[2]  # NY, also when it is written US-NY
        if state not in law.subdivision_rates:
            return (
                f"the rate table of highest rates knows none for {state}; add it to "
                f"subdivision_rates in jurisdictions/charges/{pack.id}.yaml"
            )
        found.append(Fixed(percent=law.subdivision_rates[state]))
    return tuple(found)

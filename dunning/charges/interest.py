"""Interest of a case: from its facts, its policy and its law to the lines a step would post.

Each time, the lines that ought to stand are computed anew from all that is known. Lines that were
posted and still hold stay; from the first that does not, what was posted is reversed line by line
and posted anew. So a payment that was taken back, a late booking or a credit note corrects the
interest exactly, and every line can be computed again from its own inputs. The rule of the step
that posts holds for the whole claim: a case has one rule of interest.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dunning.calendar import local_day
from dunning.charges.accrual import Claim, Line, Movement, Pause, Terms, accrue
from dunning.charges.balance import entries
from dunning.charges.caps import threshold
from dunning.charges.daycount import ONE_DAY
from dunning.charges.rates import Missing, MissingRateError
from dunning.charges.segments import written
from dunning.charges.statutory import pack_of
from dunning.charges.terms import Agreed, last_day_in_time, terms_of
from schemas.case import Case
from schemas.charging import Charge, ChargeRule
from schemas.money import plain

NOTHING_NEW = "no interest has accrued since the last line"
CORRECTS = "corrects"


def interest_lines(
    case: Case, rule: ChargeRule, now: datetime, key: str, pauses: Sequence[Pause] = ()
) -> tuple[Charge, ...] | Missing | str:
    """Return the lines that bring the interest of a case up to today, which counts as well.

    One line ends on the value date of each payment, so that the payment is allocated rightly; the
    last ends today and carries `key`. Reversals of posted lines come first. `pauses` are the days
    on which nothing accrues. A rate that is not known stops the charge (`Missing`); else a reason
    when there is nothing to post.
    """
    found = terms_of(case, rule, pauses)
    if isinstance(found, str):
        return found
    posting = _Posting(case, rule, *found, now, key)
    if (first := posting.first_day) > posting.today:
        return f"no interest is asked for before {first}"
    try:
        return posting.lines() or posting.why_nothing()
    except MissingRateError as error:
        return error.missing


@dataclass(frozen=True)
class _Posting:
    case: Case
    rule: ChargeRule
    terms: Terms
    agreed: Agreed
    now: datetime
    key: str

    @property
    def today(self) -> date:
        return local_day(self.case, self.now)

    @property
    def in_time(self) -> date:
        assert self.rule.interest is not None  # noqa: S101 - there are no terms without it
        return last_day_in_time(self.case, self.rule.interest)

    @property
    def first_day(self) -> date:
        return max(self.terms.after, self.in_time) + ONE_DAY

    def lines(self) -> tuple[Charge, ...]:
        posted = in_force(self.case)
        wanted = self._wanted(one.on for one in posted)
        standing = _standing(posted, wanted)
        if standing < len(posted):  # a day on which only a wrong line ended is no posting day
            wanted = self._wanted(one.on for one in posted[:standing])
        reversals = [self._reversal(charge) for charge in posted[standing:]]
        new = wanted[standing:]
        return (*reversals, *(self._charge(line, is_last=line is new[-1]) for line in new))

    def _wanted(self, stated: Iterable[date]) -> tuple[Line, ...]:
        days: Collection[date] = frozenset(stated)
        lines = accrue(claim_of(self.case, self.in_time), self.terms, self.today, days)
        return lines if sum(line.minor for line in lines) >= self._least else ()

    @property
    def _least(self) -> int:
        return threshold(self.rule.min_charge, self.case.currency) or 0

    def why_nothing(self) -> str:
        if in_force(self.case) or not self._least:
            return NOTHING_NEW
        least = plain(self._least, self.case.currency)
        return f"the interest stays below the smallest charge of {least}"

    def _reversal(self, charge: Charge) -> Charge:
        inputs = {CORRECTS: charge.key, "posted": str(charge.minor)}
        changes = {"key": f"{charge.key}:reversed", "at": self.now, "minor": -charge.minor}
        return charge.model_copy(update=changes | {"inputs": inputs})

    def _charge(self, line: Line, *, is_last: bool) -> Charge:
        pack = pack_of(self.case)
        inputs = {
            "segments": written(line.segments),
            "daycount": self.terms.daycount,
            "rounding": self.terms.rounding,
        }
        if pack is not None:
            inputs["pack"] = f"{pack.id} {pack.version}"
        if line.room is not None:
            inputs["room"] = str(line.room)
        return Charge(
            key=self.key if is_last else f"{self.key}:{line.through}",
            kind="interest",
            on=line.through,
            at=self.now,
            minor=line.minor,
            ground=self.agreed.ground,
            inputs=inputs,
            posting=self.rule.posting,
            tax_code=self.rule.tax_code,
        )


def _standing(posted: Sequence[Charge], wanted: Sequence[Line]) -> int:
    """Return how many of the posted lines, from the first on, are what they ought to be."""
    for number, charge in enumerate(posted):
        if number == len(wanted) or not _is_posted_as(wanted[number], charge):
            return number
    return len(posted)


def _is_posted_as(line: Line, charge: Charge) -> bool:
    same_parts = written(line.segments) == charge.inputs.get("segments")
    return (line.through, line.minor) == (charge.on, charge.minor) and same_parts


def in_force(case: Case) -> tuple[Charge, ...]:
    """Return the interest lines that were posted and not reversed, by the day they end on."""
    reversed_keys = {one.inputs.get(CORRECTS) for one in case.charges}
    lines = [one for one in case.charges if one.kind == "interest" and CORRECTS not in one.inputs]
    standing = (one for one in lines if one.key not in reversed_keys)
    return tuple(sorted(standing, key=lambda one: one.on))


def claim_of(case: Case, in_time: date) -> Claim:
    """Return the principal and its movements; what corrects the invoice lowers it from the start.

    Money valued up to `in_time` counts as paid when the invoice fell due.
    """
    principal = case.invoice.amount.minor
    movements: list[Movement] = []
    for valued_on, *_, part, minor in entries(case):
        day = case.invoice.due_on if valued_on <= in_time else valued_on
        match part:
            case "void":
                return Claim(0)
            case "corrected":
                principal -= minor
            case "payment" | "fee" if minor:  # a payment that was taken back posts nothing
                movements.append(Movement(day, part, minor))
            case "given up":
                movements.append(Movement(day, "reduction", minor))
    return Claim(principal, tuple(movements))

"""What the law of the debtor's place grants, forbids and asks for before a charge.

Its numbers are in `jurisdictions/charges/`; a case carries the one pack that was chosen for it. A
charge that the law forbids, or whose precondition is missing, comes back as the reason why.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dunning.agenda import UNREACHED, outcome_of
from dunning.calendar import add_business_days, holidays, local_day
from dunning.facts import events_of
from schemas.case import Case
from schemas.charging import ChargePack, Law, Needed, StatutorySum, What
from schemas.customer import DebtorKind
from schemas.scales import Scale
from schemas.signals import ContactMade

ANY_MESSAGE = "*"
_WRITTEN = frozenset({"email", "sms", "letter"})
NO_PACK = "no charge pack is chosen for the case, so no law is known that grants the charge"
_THIRD = 3
_WORDS = {
    "interest": "statutory interest",
    "contract_interest": "interest by contract",
    "lump_sum": "lump sum",
    "collection_costs": "collection costs",
    "fee": "fee",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that went out, on a day of the debtor's calendar."""

    message: str
    on: date
    by: str


def law_of(case: Case) -> Law | str | None:
    """Return the law for the debtor; None when no pack is chosen, a reason when it is silent."""
    pack = pack_of(case)
    if pack is None:
        return None
    law = pack.law(case.customer.kind)
    return law or f"the charge pack {pack.id} says nothing of a debtor who is {case.customer.kind}"


def pack_of(case: Case) -> ChargePack | None:
    """Return the charge pack pinned in the case."""
    return None if case.rules is None else case.rules.charges


def denied(pack: ChargePack, law: Law, what: What) -> str | None:
    """Return the rule that forbids a charge, None when there is none."""
    if (source := law.denies.get(what)) is None:
        return None
    debtors = " or ".join(law.debtors).replace("_", " ")
    return f"{pack.id}: no {_WORDS[what]} against a {debtors} ({source.cite})"


def statutory_sum(
    pack: ChargePack,
    debtor: DebtorKind,
    what: StatutorySum,
    principals: Sequence[int],
    currency: str,
    vat: Decimal | None = None,
) -> int | str:
    """Return a sum of law for invoices claimed together, in minor units, or why there is none.

    `principals` are the open principals; the scale says whether each bears its own sum (EUR 40,
    CJEU C-585/20) or their total does (BW 6:96(7)). `vat` is the percentage a creditor who cannot
    reclaim VAT adds.
    """
    law = pack.law(debtor)
    if law is None:
        return f"the charge pack {pack.id} says nothing of a debtor who is {debtor}"
    scale = scale_of(pack, law, what, currency)
    if isinstance(scale, str):
        return scale
    if vat is not None and not scale.grosses_up:
        return f"{pack.id}: nothing may be added to the {_WORDS[what]} for VAT ({scale.cite})"
    debts = [sum(principals)] if scale.per == "letter" else principals
    return sum(scale.minor(debt, vat) for debt in debts)


def scale_of(pack: ChargePack, law: Law, what: StatutorySum, currency: str) -> Scale | str:
    """Return the scale of a statutory sum, or why there is none.

    A sum in another currency is not converted: no statute here says at which rate.
    """
    if (reason := denied(pack, law, what)) is not None:
        return reason
    scale = named_scale(law, what)
    if scale is None:
        return f"the charge pack {pack.id} grants no {_WORDS[what]}"
    if scale.currency != currency:
        return f"{pack.id}: the {_WORDS[what]} is a sum in {scale.currency}, not in {currency}"
    return scale


def named_scale(law: Law, what: StatutorySum) -> Scale | None:
    """Return the scale the law has for a statutory sum."""
    return law.lump_sum if what == "lump_sum" else law.collection_costs


def waits_for(case: Case, needed: Needed | None) -> date | str | None:
    """Return the first day a charge is allowed by the messages sent; None when none is needed.

    Only what went out after the due date counts: before it there is nothing to remind of. A reason
    when no such message has gone out.
    """
    if needed is None:
        return None
    closed = holidays(case)
    found = [
        first_charge_day(needed, sent.on, sent.by, closed)
        for sent in sent_messages(case)
        if sent.on > case.invoice.due_on and {ANY_MESSAGE, sent.message} & set(needed.messages)
    ]
    wanted = "message" if ANY_MESSAGE in needed.messages else " or ".join(needed.messages)
    return (
        min(found) if found else f"no {wanted} has gone out, which must come first ({needed.cite})"
    )


def sent_messages(case: Case) -> Iterator[Sent]:
    """Yield what was written to the debtor, by the type of its step; what did not arrive is not.

    What a person wrote counts when it stands in for a step.
    """
    for record in case.records:
        arrived = outcome_of(case, record.key) not in UNREACHED
        if record.result == "done" and record.do in _WRITTEN and arrived:
            step = case.policy.step(record.step)
            message = step.message_type if step else record.step
            yield Sent(message, local_day(case, record.at), record.do)
    for made in events_of(case, ContactMade):
        step = case.policy.step(made.satisfies) if made.satisfies else None
        if step is not None and made.channel in _WRITTEN:
            yield Sent(step.message_type, local_day(case, made.at), made.channel)


def first_charge_day(
    needed: Needed, sent_on: date, by: str, closed: frozenset[date] = frozenset()
) -> date:
    """Return the first day with charges after a message: the free days come before it.

    Sent on 6 July by email, fourteen free days begin on the 7th: charges from the 21st on.
    """
    if by == "letter" and needed.post_third_working_day:
        begins = add_business_days(sent_on, _THIRD, closed)
    else:
        travels = needed.post_days if by == "letter" else 0
        begins = sent_on + timedelta(days=travels + 1)
    return begins + timedelta(days=needed.free_days)

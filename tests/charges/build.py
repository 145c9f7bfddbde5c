"""Cases with charges in few words, without the engine that takes steps."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dunning.charges.fees import fee
from dunning.charges.interest import interest_lines
from dunning.charges.rates import Missing
from library import charge_packs, rates
from schemas.case import Case, StepRecord
from schemas.charging import Charge, ChargePack, ChargeRule
from schemas.customer import CustomerFacts, DebtorKind
from schemas.invoice import Invoice
from schemas.money import to_minor
from schemas.policy import Policy
from schemas.rates import RateTable
from schemas.rulebook import Rulebook
from schemas.signals import EVENT, AnyEvent
from schemas.steps import Step

Document = dict[str, Any]
BERLIN = ZoneInfo("Europe/Berlin")
ALL_RATES = tuple(rates.shipped().values())


def moment(day: str, hour: int = 9) -> datetime:
    """Return that hour of a day written `2026-04-01`, in Berlin."""
    return datetime.combine(date.fromisoformat(day), time(hour), tzinfo=BERLIN)


def sum_of(amount: str, currency: str = "EUR") -> Document:
    return {"amount": amount, "currency": currency}


def policy(**rest: object) -> Policy:
    steps = [
        {"id": "reminder", "at": "due+1d", "do": ["email"], "template": "reminder"},
        {"id": "notice", "at": "due+8d", "do": ["letter"], "template": "default-notice"},
    ]
    return Policy.model_validate({"id": "test", "steps": steps} | rest)


def case(  # noqa: PLR0913 - a case has that many sides
    amount: str = "1000.00",
    currency: str = "EUR",
    *,
    due: str = "2026-04-01",
    law: str | ChargePack | None = None,
    debtor: DebtorKind = "business",
    tables: Sequence[RateTable] = ALL_RATES,
    events: Sequence[AnyEvent] = (),
    charges: Sequence[Charge] = (),
    state: str | None = None,
    **rest: object,
) -> Case:
    """Return a case; `law` names a shipped charge pack, None leaves the case without law."""
    pack = charge_packs.shipped()[law] if isinstance(law, str) else law
    return Case(
        creditor="acme",
        invoice=Invoice.model_validate(
            {"id": "INV-1", "issued_on": due, "due_on": due, "amount": sum_of(amount, currency)}
        ),
        customer=CustomerFacts(id="C-1", kind=debtor, time_zone="Europe/Berlin", subdivision=state),
        policy=policy(**rest),
        opened_at=moment(due),
        rules=Rulebook(charges=pack, rates=tuple(tables)),
        events=tuple(sorted(events, key=lambda one: (one.at, one.id))),
        charges=tuple(charges),
    )


def event(kind: str, name: str, day: str, **fields: object) -> AnyEvent:
    return EVENT.validate_python({"type": kind, "id": name, "at": moment(day), **fields})


def paid(name: str, day: str, amount: str, currency: str = "EUR", **rest: object) -> AnyEvent:
    return event("payment_received", name, day, amount=sum_of(amount, currency), **rest)


def credit(name: str, day: str, amount: str, **rest: object) -> AnyEvent:
    return event("credit_issued", name, day, amount=sum_of(amount), **rest)


def sent(begun: Case, step: str, day: str, do: str = "email") -> Case:
    """Return the case after a message of its policy went out on that day."""
    record = StepRecord(step=step, do=do, result="done", at=moment(day), amount_due=0)
    return begun.model_copy(update={"records": (*begun.records, record)})


def happened(begun: Case, *events: AnyEvent) -> Case:
    """Return the case after further events became known."""
    known = sorted((*begun.events, *events), key=lambda one: (one.at, one.id))
    return begun.model_copy(update={"events": tuple(known)})


def rule(rate: object = "12", *, ground: str = "contract", **rest: object) -> ChargeRule:
    """Return a rule for interest: `interest` fields first, limits under their own names."""
    outer = {"cap", "min_charge", "posting", "tax_code"}
    limits = {name: value for name, value in rest.items() if name in outer}
    inner = {name: value for name, value in rest.items() if name not in outer}
    return ChargeRule.model_validate(
        {"interest": {"rate": rate, **inner}, "ground": ground, **limits}
    )


def stated(
    begun: Case, by: ChargeRule, day: str, key: str = "", pauses: Sequence[Any] = ()
) -> Case:
    """Return the case after a step posted its interest on that day, if there was any."""
    found = interest_lines(begun, by, moment(day), key or f"i:{day}", pauses)
    if isinstance(found, str):
        return begun
    assert not isinstance(found, Missing), found.reason
    return begun.model_copy(update={"charges": (*begun.charges, *found)})


def interest(begun: Case, by: ChargeRule, day: str, pauses: Sequence[Any] = ()) -> int:
    """Return the interest in minor units that stands after a statement of that day."""
    charges = stated(begun, by, day, pauses=pauses).charges
    return sum(one.minor for one in charges if one.kind == "interest")


def charge(
    begun: Case, day: str = "2026-05-01", key: str = "fee", **fields: object
) -> Charge | str:
    """Return the fee that a step with these charge fields would post on that day."""
    document = {"id": "late-fee", "at": "due+8d", "do": ["fee"], "charge": fields}
    return fee(begun, Step.model_validate(document), key, moment(day))


def charged(begun: Case, day: str = "2026-05-01", key: str = "fee", **fields: object) -> Case:
    """Return the case after that fee was posted."""
    found = charge(begun, day, key, **fields)
    assert isinstance(found, Charge), found
    return begun.model_copy(update={"charges": (*begun.charges, found)})


def minor(amount: str, currency: str = "EUR") -> int:
    return to_minor(Decimal(amount), currency)

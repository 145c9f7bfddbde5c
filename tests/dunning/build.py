"""Cases, policies and events in few words; every moment is Berlin time unless it says otherwise."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dunning.apply import happened
from dunning.calendar import zone_of
from dunning.moves import Act
from dunning.opening import new_case
from dunning.simulate import as_done, simulate
from schemas.case import Case
from schemas.customer import CustomerFacts
from schemas.effects import ChannelReceipt, Receipt
from schemas.invoice import Invoice
from schemas.policy import Policy
from schemas.signals import EVENT, AnyEvent

BERLIN = ZoneInfo("Europe/Berlin")
FAR = datetime(2027, 1, 1, tzinfo=BERLIN)

Document = dict[str, Any]


def at(text: str, zone: str = "Europe/Berlin") -> datetime:
    """Return a moment: `02-10` or `02-10 18:00` of 2026, or with the year written."""
    day, _, hour = text.partition(" ")
    full = day if len(day) > len("02-10") else f"2026-{day}"
    clock = time.fromisoformat(hour or "00:00")
    return datetime.combine(date.fromisoformat(full), clock, tzinfo=ZoneInfo(zone))


def sum_of(amount: str, currency: str = "EUR") -> Document:
    return {"amount": amount, "currency": currency}


def step(name: str, falls: str, do: str | list[str] = "email", **rest: object) -> Document:
    """Return a step with the template or script it needs."""
    dos = [do] if isinstance(do, str) else do
    needs: Document = {"id": name, "at": falls, "do": dos}
    if {"email", "sms", "letter"} & set(dos):
        needs["template"] = "reminder"
    if "call" in dos or "call" in str(rest.get("instead", "")):
        needs["script"] = "payment-call"
    if "fee" in dos:
        needs["charge"] = {"flat": {"EUR": "40.00"}, "ground": "contract"}
    return needs | rest


def policy(*steps: Document, **rest: object) -> Policy:
    return Policy.model_validate({"id": "test", "steps": list(steps), **rest})


LADDER = (
    step("first", "due+1d"),
    step("second", "due+8d"),
    step("third", "due+15d", "call"),
)
"""Three contacts: 1, 8 and 15 February, with an invoice that is due on 31 January."""


def case(
    rules: Policy | Sequence[Document] = LADDER,
    *,
    opened: str | None = "02-01",
    zone: str | None = "Europe/Berlin",
    due: str = "2026-01-31",
    issued: str = "2026-01-01",
    amount: str = "1000.00",
    currency: str = "EUR",
    **debtor: object,
) -> Case:
    """Return a fresh case; `opened` None opens it at the first moment a step is due.

    What else is named is a fact of the debtor, e.g. `segment="habitual-late"`.
    """
    chosen = rules if isinstance(rules, Policy) else policy(*rules)
    invoice = Invoice.model_validate(
        {"id": "INV-1", "issued_on": issued, "due_on": due, "amount": sum_of(amount, currency)}
    )
    facts = {"id": "C-1", "kind": "business", "time_zone": zone, **debtor}
    customer = CustomerFacts.model_validate(facts)
    return new_case("acme", invoice, customer, chosen, at(opened) if opened else None)


def event(kind: str, name: str, when: str, **fields: object) -> AnyEvent:
    return EVENT.validate_python({"type": kind, "id": name, "at": at(when), **fields})


def paid(name: str, when: str, amount: str = "1000.00", currency: str = "EUR") -> AnyEvent:
    return event("payment_received", name, when, amount=sum_of(amount, currency))


def taken_back(name: str, when: str, payment: str, amount: str | None = None) -> AnyEvent:
    part = {"amount": sum_of(amount)} if amount else {}
    return event("payment_reversed", name, when, payment=payment, **part)


def disputed(name: str, when: str, amount: str | None = None) -> AnyEvent:
    part = {"amount": sum_of(amount)} if amount else {}
    return event("dispute_opened", name, when, reason="goods", **part)


def resolved(
    name: str, when: str, dispute: str, result: str, amount: str | None = None
) -> AnyEvent:
    part = {"amount": sum_of(amount)} if amount else {}
    return event("dispute_resolved", name, when, dispute=dispute, result=result, **part)


def held(name: str, when: str, until: str | None = None) -> AnyEvent:
    end = {"until": at(until)} if until else {}
    return event("hold_placed", name, when, reason="operator", **end)


def released(name: str, when: str, hold: str) -> AnyEvent:
    return event("hold_released", name, when, hold=hold)


def planned(name: str, when: str, *parts: tuple[str, str]) -> AnyEvent:
    instalments = [{"due_on": f"2026-{day}", "amount": sum_of(amount)} for day, amount in parts]
    return event("plan_accepted", name, when, instalments=instalments)


def promised(name: str, when: str, pay_on: str, amount: str | None = None) -> AnyEvent:
    part = {"amount": sum_of(amount)} if amount else {}
    return event("promise_made", name, when, pay_on=f"2026-{pay_on}", **part)


def run(
    begun: Case,
    *events: AnyEvent,
    until: str | None = None,
    perform: Callable[[Act], Receipt] = as_done,
) -> Case:
    """Run a case with its events in the simulator, to the end or `until` a moment."""
    return simulate(begun, events, at(until) if until else None, perform)[0]


def told(begun: Case, *events: AnyEvent) -> Case:
    """Return the case after events alone, in the order given, no step taken."""
    for one in events:
        begun = happened(begun, one, begun.opened_at)
    return begun


def lines(ended: Case) -> list[str]:
    """Return what became of each step: `02-01 09:00 first done`, in the debtor's time."""
    zone = zone_of(ended)
    return [
        f"{record.at.astimezone(zone):%m-%d %H:%M} {record.step} {record.result}"
        for record in ended.records
    ]


def reasons(ended: Case) -> dict[str, str]:
    return {record.step: record.reason for record in ended.records if record.reason}


def outcome(ended: Case) -> str | None:
    return ended.closed.outcome if ended.closed else None


def answering(
    result: str, wait: timedelta | None = None, only: str = ""
) -> Callable[[Act], Receipt]:
    """Return a world that answers an effect (of the channel `only`) once so, then with done."""
    seen: set[str] = set()

    def perform(act: Act) -> Receipt:
        receipts = []
        for one in act.planned:
            odd = one.key not in seen and one.do.startswith(only)
            seen.add(one.key)
            end = at("02-03 12:00") if wait is None else at("02-01 09:00") + wait
            receipt = {"do": one.do, "key": one.key, "result": result if odd else "done"}
            if odd and result == "deferred":
                receipt["until"] = end.isoformat()
            receipts.append(ChannelReceipt.model_validate(receipt))
        return Receipt(receipts=tuple(receipts))

    return perform

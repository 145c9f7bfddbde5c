"""Cases and events that every test of the workflow starts from.

The debtor lives in Berlin and owes 1000.00 EUR since 31 January 2026; the case opens at the
midnight after. Moments are written as the debtor's clock shows them: `2026-02-10 18:00`.
"""

from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from dunning.opening import new_case
from library.policies import find_policy
from schemas.case import Case, CaseView
from schemas.customer import CustomerFacts
from schemas.invoice import Invoice
from schemas.policy import Policy
from schemas.signals import EVENT, AnyEvent

ZONE = ZoneInfo("Europe/Berlin")
OPENED = "2026-02-01 00:00"
_numbers = count(1)


def moment(written: str) -> datetime:
    """Return the moment at which the debtor's clock shows this."""
    return datetime.fromisoformat(written).replace(tzinfo=ZONE)


def money(amount: str, currency: str = "EUR") -> dict[str, str]:
    """Return a sum as senders write it."""
    return {"amount": amount, "currency": currency}


def a_case(
    policy: str | dict[str, object] | Policy = "net30-standard",
    amount: str = "1000.00",
    invoice: str | None = None,
) -> Case:
    """Return a fresh case under an invoice id of its own."""
    return new_case(
        "acme",
        Invoice.model_validate(
            {
                "id": invoice or f"INV-{next(_numbers)}",
                "issued_on": "2026-01-01",
                "due_on": "2026-01-31",
                "amount": money(amount),
            }
        ),
        CustomerFacts(id="C-1", kind="business", country="DE", time_zone="Europe/Berlin"),
        policy if isinstance(policy, Policy) else find_policy(policy),
        moment(OPENED),
    )


def an_event(type_: str, at: str, **fields: object) -> AnyEvent:
    """Return an event that happened at this moment; its id is its type unless one is given."""
    if isinstance(amount := fields.get("amount"), str):
        fields["amount"] = money(amount)
    return EVENT.validate_python({"type": type_, "id": type_, "at": moment(at), **fields})


def steps(view: CaseView) -> list[str]:
    """Return a timeline as lines that read: day and hour, step, channel, result."""
    return [f"{row.at:%m-%d %H:%M} {row.step} {row.do} {row.result}" for row in view.timeline]

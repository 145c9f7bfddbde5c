"""How a case begins: from an invoice, its customer and the policy chosen for it."""

from datetime import datetime

from dunning.schedule import first_moment
from schemas.case import Case, CaseClock, Entry
from schemas.customer import CustomerFacts
from schemas.invoice import Invoice
from schemas.policy import Policy


def new_case(
    creditor: str,
    invoice: Invoice,
    customer: CustomerFacts,
    policy: Policy,
    opened_at: datetime | None = None,
    clock: CaseClock | None = None,
) -> Case:
    """Return a fresh case; without `opened_at` it opens at the first moment a step is due."""
    case = Case(
        creditor=creditor,
        invoice=invoice,
        customer=customer,
        policy=policy,
        opened_at=opened_at or datetime.fromisoformat("1970-01-01T00:00:00+00:00"),
        clock=clock,
    )
    if opened_at is not None:
        return case
    return case.model_copy(update={"opened_at": first_moment(case)})


def beginning(case: Case) -> Entry:
    """Return the line of the trail that says how a case began."""
    detail = {
        "policy": case.policy.id,
        "policy_hash": case.policy.hash,
        "chosen": case.chosen,
        "segment": case.customer.segment or "",
    }
    told = {name: words for name, words in detail.items() if words}
    return Entry(id="opened", at=case.opened_at, kind="opened", detail=told)

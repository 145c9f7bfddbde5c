"""A scenario: one case with its history, as a document (`dunning simulate SCENARIO`)."""

from schemas.base import Frozen
from schemas.customer import Customer, Identifier
from schemas.inbound import Moment
from schemas.invoice import Invoice
from schemas.signals import AnyEvent


class Scenario(Frozen):
    """One case with its history. `opened_at` omitted: the first moment a step is due.

    `policy` may be an assignment as well, which chooses one. `jurisdictions: []` asks for no
    contact rules and no statutory charges.
    """

    policy: str | dict[str, object]
    invoice: Invoice
    customer: Customer
    jurisdictions: tuple[str, ...] | None = None
    opened_at: Moment | None = None
    events: tuple[AnyEvent, ...] = ()
    until: Moment | None = None
    creditor: Identifier = "scenario"

"""What the billing system is asked to do about an invoice.

It owns what the rules only wish for: the service, the stored card, the books of the creditor. A
request names ids, an amount and a moment; whoever it is about is known to the receiver by them.
"""

from typing import Literal

from pydantic import AwareDatetime, ConfigDict, Field

from schemas.base import Frozen
from schemas.customer import Identifier
from schemas.money import Amount

Deed = Literal["suspend", "restore", "retry_payment", "write_off"]


class BillingRequest(Frozen):
    """One request to the billing system (`dunning-request/1`).

    `key` stays the same however often the request is sent, so that the receiver does it once; `at`
    and `amount_open` may be newer when it is sent again. `at` is case time; `amount_open` is what
    may be asked of the debtor at that moment, without what is disputed.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    schema_: Literal["dunning-request/1"] = Field(default="dunning-request/1", alias="schema")
    key: str
    do: Deed
    creditor: Identifier
    invoice: Identifier
    customer: Identifier
    episode: int = Field(ge=1)
    step: Identifier
    at: AwareDatetime
    amount_open: Amount

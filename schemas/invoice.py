"""What is owed: one invoice, and a line of a statement of several."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import ValidationInfo, field_validator

from schemas.base import Frozen
from schemas.customer import Identifier
from schemas.money import PositiveAmount

ReceivableKind = Literal["invoice", "subscription", "fee"]


class Invoice(Frozen):
    """One invoice; `issued_on` and `due_on` are days of the debtor's calendar."""

    id: Identifier
    issued_on: date
    due_on: date
    amount: PositiveAmount
    kind: ReceivableKind = "invoice"

    @field_validator("due_on")
    @classmethod
    def _due_after_issue(cls, due_on: date, read: ValidationInfo) -> date:
        issued_on = read.data.get("issued_on")
        if issued_on is not None and due_on < issued_on:
            raise ValueError(f"due on {due_on} is before issued on {issued_on}")
        return due_on


@dataclass(frozen=True)
class OpenInvoice:
    """What is asked for about one invoice: minor units of the message's currency, due that day."""

    invoice: str
    due_on: date
    minor: int

"""What is owed: one invoice."""

from datetime import date
from typing import Literal, Self

from pydantic import model_validator

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

    @model_validator(mode="after")
    def _due_after_issue(self) -> Self:
        if self.due_on < self.issued_on:
            raise ValueError(f"due on {self.due_on} is before issued on {self.issued_on}")
        return self

"""An invented case that has everything a message can speak of; for previews and checks."""

from datetime import date
from typing import Final

from schemas.invoice import OpenInvoice
from wording.facts import (
    Card,
    ChargeLine,
    Facts,
    Instalment,
    Letterhead,
    Movement,
    Plan,
)

LETTERHEAD: Final = Letterhead(
    creditor_name="Example Trading Ltd",
    creditor_address="1 Example Street\nExampletown",
    contact_email="billing@creditor.example",
    contact_phone="+15005550006",
    pay_url="https://pay.creditor.example/{invoice}",
)

FACTS: Final = Facts(
    customer_name="Ada Muster",
    language="en",
    business=True,
    invoice="INV-1",
    issued_on=date(2026, 1, 30),
    due_on=date(2026, 3, 1),
    currency="EUR",
    original_minor=123450,
    paid_minor=20000,
    charges=(
        ChargeLine("fee", 4000, date(2026, 3, 9)),
        ChargeLine("interest", 321, date(2026, 3, 20)),
    ),
    open_minor=97771,
    days_overdue=31,
    tone="",
    today=date(2026, 4, 1),
    pay_until=date(2026, 4, 15),
    reference="REF-7",
    customer_address="Musterweg 2\n12345 Musterstadt",
    movements=(
        Movement("payment", 30000, date(2026, 3, 4)),
        Movement("returned", -20000, date(2026, 3, 6)),
        Movement("credit", 10000, date(2026, 3, 12)),
    ),
    announced_minor=14666,
    plan=Plan(
        instalments=(
            Instalment(date(2026, 4, 15), 32590),
            Instalment(date(2026, 5, 15), 32590),
            Instalment(date(2026, 6, 15), 32591),
        ),
        answer_until=date(2026, 4, 8),
    ),
    card=Card("4242", date(2026, 4, 30), date(2026, 4, 4)),
    agency="Beispiel Inkasso GmbH",
    effective_on=date(2026, 4, 16),
)
"""Every kind of line is in it: part paid, two charges, a part set aside; days of spring 2026."""

TOGETHER: Final = (
    OpenInvoice("INV-1", date(2026, 3, 1), 97771),
    OpenInvoice("INV-2", date(2026, 3, 8), 4250),
    OpenInvoice("INV-3", date(2026, 3, 15), 120000),
)
"""What the same message is about when it goes out for several invoices."""

"""One creditor and one case that every test of the templates starts from."""

from datetime import date

import pytest

from activities.rendering import ChargeLine, Facts, Letterhead


@pytest.fixture
def letterhead() -> Letterhead:
    return Letterhead(
        creditor_name="Example Trading Ltd",
        creditor_address="1 Example Street\nExampletown",
        contact_email="billing@creditor.example",
        contact_phone="+15005550006",
        pay_url="https://pay.creditor.example/{invoice}",
    )


@pytest.fixture
def facts() -> Facts:
    """Every kind of line is in it: part paid, two charges, a part set aside."""
    return Facts(
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
    )

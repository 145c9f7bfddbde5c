"""Sending and calling: what a debtor gets to read and hear."""

from dataclasses import dataclass

from sqlalchemy import Connection

from activities import rendering
from activities.effects import Prepared
from activities.formatting import ChargeLine, Facts, Letterhead
from activities.ports import Caller, DocumentStore, EmailSender, SmsSender
from schemas.customer import Customer
from schemas.effects import Effect, Planned
from schemas.errors import DeliveryRefusedError
from schemas.messages import Document, Email, PhoneCall, Sms
from store.debtors import Debt


@dataclass(frozen=True)
class Messenger:
    """Prepares emails, text messages, letters and calls from the shipped templates."""

    letterhead: Letterhead
    email: EmailSender
    sms: SmsSender
    caller: Caller
    documents: DocumentStore

    def prepare(self, _: Connection, debt: Debt, order: Effect, planned: Planned) -> Prepared:
        """Render one channel of a step; raises DeliveryRefusedError when nobody can be reached."""
        facts = facts_of(debt, order, planned.key)
        template = order.template or ""
        match planned.do:
            case "email":
                return self._email(template, facts, debt, planned.key)
            case "sms":
                return self._sms(template, facts, debt, planned.key)
            case "call":
                return self._call(template, facts, debt, planned.key)
            case "letter":
                return self._letter(template, facts, planned.key)
        raise DeliveryRefusedError(f"no message can be sent by {planned.do}")

    def _email(self, template: str, facts: Facts, debt: Debt, key: str) -> Prepared:
        to = _needed(debt.customer.email, "email address")
        made = rendering.render_email(template, self.letterhead, facts)
        email = Email(key=key, to=to, subject=made.subject, text=made.text, html=made.html)
        return Prepared(f"{made.subject}\n{made.text}", lambda: self.email.send_email(email))

    def _sms(self, template: str, facts: Facts, debt: Debt, key: str) -> Prepared:
        to = _needed(debt.customer.phone, "phone number")
        if debt.customer.consents.get("sms", "none") == "none":
            raise DeliveryRefusedError("the debtor has not agreed to text messages")
        sms = Sms(key=key, to=to, text=rendering.render_sms(template, self.letterhead, facts))
        return Prepared(sms.text, lambda: self.sms.send_sms(sms))

    def _call(self, script: str, facts: Facts, debt: Debt, key: str) -> Prepared:
        to = _needed(debt.customer.phone, "phone number")
        call = PhoneCall(
            key=key, to=to, twiml=rendering.render_call(script, self.letterhead, facts)
        )
        return Prepared(call.twiml, lambda: self.caller.place_call(call))

    def _letter(self, template: str, facts: Facts, key: str) -> Prepared:
        page = rendering.render_letter(template, self.letterhead, facts)
        name = f"letters/{key.replace(':', '/')}.html"
        letter = Document(name=name, body=page.encode(), content_type="text/html; charset=utf-8")
        return Prepared(page, lambda: self.documents.put(letter), repeatable=True)


def _needed(value: str | None, what: str) -> str:
    if not value:
        raise DeliveryRefusedError(f"the debtor has no {what}")
    return value


def _address(customer: Customer) -> str | None:
    town = " ".join(part for part in (customer.postal_code, customer.city) if part)
    return "\n".join(part for part in (customer.address, town) if part) or None


def facts_of(debt: Debt, order: Effect, key: str) -> Facts:
    """Return what a message is about; `reference` is what the debtor quotes to us."""
    today = order.today or order.at.date()
    return Facts(
        customer_name=debt.customer.name,
        customer_address=_address(debt.customer),
        language=debt.customer.language,
        business=debt.customer.kind in {"business", "public_body"},
        invoice=debt.invoice.id,
        issued_on=debt.invoice.issued_on,
        due_on=debt.invoice.due_on,
        currency=order.currency,
        original_minor=debt.invoice.amount.minor,
        paid_minor=order.paid_minor,
        charges=tuple(ChargeLine(one.kind, one.minor, one.on) for one in order.charges),
        open_minor=order.open_minor,
        days_overdue=(today - debt.invoice.due_on).days,
        tone=order.tone,
        today=today,
        pay_until=order.pay_until or today,
        reference=key.split(":")[1],
    )

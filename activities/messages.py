"""Sending and calling: what a debtor gets to read and hear."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from activities.claiming import Prepared
from activities.ports import Caller, DocumentStore, EmailSender, SmsSender
from activities.statement import movements
from schemas.customer import Customer
from schemas.effects import Effect, Planned
from schemas.errors import DeliveryRefusedError
from schemas.messages import Attachment, Document, Email, PhoneCall, Sent, Sms
from store import effect_ledger
from store.debtors import Debt
from wording import catalogue, letters, rendering
from wording.briefing import facts_of
from wording.facts import Facts, Letterhead

PDF = "application/pdf"


@dataclass(frozen=True)
class Message:
    """What one message is made from: its template, its facts, whom it goes to and its key."""

    template: str
    facts: Facts
    customer: Customer
    key: str


@dataclass(frozen=True)
class Messenger:
    """Prepares emails, text messages, letters and calls from the shipped templates."""

    letterhead: Letterhead
    email: EmailSender
    sms: SmsSender
    caller: Caller
    documents: DocumentStore
    agencies: Mapping[str, str] = field(default_factory=dict)
    """What debtors are told of an agency: its name, by the id that policies use."""

    def prepare(self, tx: Connection, debt: Debt, order: Effect, planned: Planned) -> Prepared:
        """Render one channel of a step; raises DeliveryRefusedError when nobody can be reached."""
        facts = replace(
            facts_of(debt.customer, debt.invoice, order, planned.key),
            movements=movements(tx, debt, order),
            together=debt.together,
            agency=self.agencies.get(order.agency),
        )
        message = Message(order.template or "", facts, debt.customer, planned.key)
        match planned.do:
            case "email":
                return self._email(message)
            case "sms":
                return self._sms(message)
            case "call":
                return self._call(message)
            case "letter":
                # a later attempt must write what an earlier one may have written in part
                begun = effect_ledger.first_tried(tx, planned.key) or order.at
                return self._letter(message, order.model_copy(update={"at": begun}))
        raise DeliveryRefusedError(f"no message can be sent by {planned.do}")

    def _email(self, message: Message) -> Prepared:
        to = _needed(message.customer.email, "email address")
        made = rendering.render_email(message.template, self.letterhead, message.facts)
        email = Email(
            key=message.key,
            to=to,
            subject=made.subject,
            text=made.text,
            html=made.html,
            attachments=self._enclosed(message),
        )
        content = f"{to}\n{made.subject}\n{made.text}"
        return Prepared(content, lambda: self.email.send_email(email))

    def _enclosed(self, message: Message) -> tuple[Attachment, ...]:
        if not catalogue.sheet(message.template).attach:
            return ()
        letter = letters.render_letter(message.template, self.letterhead, message.facts)
        return (Attachment(f"{message.facts.invoice}.pdf", letter.pdf, PDF),)

    def _sms(self, message: Message) -> Prepared:
        to = _needed(message.customer.phone, "phone number")
        if message.customer.consents.get("sms", "none") == "none":
            raise DeliveryRefusedError("the debtor has not agreed to text messages")
        made = rendering.render_sms(message.template, self.letterhead, message.facts)
        sms = Sms(key=message.key, to=to, text=made.text)
        return Prepared(
            f"{to}\n{sms.text}",
            lambda: self.sms.send_sms(sms),
            find=lambda since: self.sms.find_sms(sms, since),
        )

    def _call(self, message: Message) -> Prepared:
        to = _needed(message.customer.phone, "phone number")
        made = rendering.render_call(message.template, self.letterhead, message.facts)
        call = PhoneCall(key=message.key, to=to, twiml=made.text)
        return Prepared(
            f"{to}\n{call.twiml}",
            lambda: self.caller.place_call(call),
            find=lambda since: self.caller.find_calls(call, since),
        )

    def _letter(self, message: Message, order: Effect) -> Prepared:
        letter = letters.render_letter(message.template, self.letterhead, message.facts)
        name = f"letters/{message.key.replace(':', '/')}"
        manifest = letters.manifest(
            f"{name}.pdf", letter, message.key, message.customer.id, order.at
        )
        pdf = Document(f"{name}.pdf", letter.pdf, PDF)
        post = Document(f"{name}.json", manifest, "application/json")
        return Prepared(
            hashlib.sha256(letter.pdf).hexdigest(), self._store(pdf, post), repeatable=True
        )

    def _store(self, pdf: Document, post: Document) -> Callable[[], Sent]:
        def store() -> Sent:
            stored = self.documents.put(pdf)
            self.documents.put(post)  # last: where a manifest is, its letter can be printed
            return stored

        return store


def _needed(value: str | None, what: str) -> str:
    if not value:
        raise DeliveryRefusedError(f"the debtor has no {what}")
    return value

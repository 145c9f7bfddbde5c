"""The activities of a case, one verb each: send, call, charge, hand_off, ask, record.

Sync on purpose: boto3, the Twilio client and psycopg2 block. None is cancelled in the middle of a
call, for an effect cut short is an effect nobody knows the outcome of.
"""

import logging
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from temporalio import activity

from activities.claiming import Prepared
from activities.dossier import dossier
from activities.effects import carry_out
from activities.messages import Messenger
from activities.ports import Billing, DocumentStore
from activities.recall import recall
from library.cases import newer_rates
from schemas.billing import BillingRequest
from schemas.effects import Effect, Planned, Receipt
from schemas.errors import DeliveryRefusedError, InputRefusedError
from schemas.messages import Sent
from schemas.money import Amount
from store import audit_trail, case_book, charge_book, effect_ledger
from store.debtors import Debt

log = logging.getLogger("dunning.activities")


@dataclass(frozen=True)
class CaseActivities:
    """What a case can do to the world; whoever fulfils the ports is chosen by the worker."""

    engine: Engine
    messenger: Messenger
    documents: DocumentStore
    billing: Billing

    @activity.defn(name="send", no_thread_cancel_exception=True)
    def send(self, order: Effect) -> Receipt:
        """Send a step's emails, text messages and letters."""
        return carry_out(self.engine, order, self.messenger.prepare)

    @activity.defn(name="call", no_thread_cancel_exception=True)
    def call(self, order: Effect) -> Receipt:
        """Place a step's call; what becomes of it arrives later as `contact_outcome`."""
        return carry_out(self.engine, order, self.messenger.prepare)

    @activity.defn(name="charge", no_thread_cancel_exception=True)
    def charge(self, order: Effect) -> Receipt:
        """Post a step's fee, or its lines of interest, to the books."""
        return carry_out(self.engine, order, self._posting)

    @activity.defn(name="hand_off", no_thread_cancel_exception=True)
    def hand_off(self, order: Effect) -> Receipt:
        """Write the dossier that hands the case to collections, or the notice that recalls it."""
        return carry_out(self.engine, order, self._handing_over)

    @activity.defn(name="ask", no_thread_cancel_exception=True)
    def ask(self, order: Effect) -> Receipt:
        """Ask the billing system to suspend, restore, retry a payment or write off."""
        return carry_out(self.engine, order, self._asking)

    @activity.defn(name="record", no_thread_cancel_exception=True)
    def record(self, order: Effect) -> Receipt:
        """Book the journal and, when the case has ended, its outcome.

        Answers with the reference rates that were published since the case took its own in. A file
        of rates that does not read is logged: the books wait for nobody's typing mistake.
        """
        with self.engine.begin() as tx:
            audit_trail.book(tx, order, order.journal)
            if order.outcome is not None:
                key = (order.creditor, order.invoice, order.episode)
                case_book.ended(tx, key, order.at, order.outcome, order.view, order.state)
        try:
            return Receipt(rates=newer_rates(order.rates))
        except InputRefusedError as error:
            log.error("no newer rates for %s: %s", order.invoice, error)  # noqa: TRY400 - its words say all
            return Receipt()

    def _posting(self, _: Connection, __: Debt, order: Effect, planned: Planned) -> Prepared:
        if not order.charges:
            raise DeliveryRefusedError("the order names no charge")

        def post(tx: Connection) -> Sent:
            for charge in order.charges:
                charge_book.post(tx, order, charge)
            return Sent("books", planned.key)

        content = "\n".join(charge.model_dump_json() for charge in order.charges)
        return Prepared(content, post=post)

    def _handing_over(
        self, tx: Connection, debt: Debt, order: Effect, planned: Planned
    ) -> Prepared:
        # what is still unbooked belongs into the dossier's ledger
        audit_trail.book(tx, order, order.journal)
        # a later attempt must write what an earlier one may have written in part
        begun = effect_ledger.first_tried(tx, planned.key) or order.at
        order = order.model_copy(update={"at": begun})
        files = (recall(tx, order),) if planned.do == "recall" else dossier(tx, debt, order)

        def write() -> Sent:
            return [self.documents.put(file) for file in files][-1]

        content = "".join(file.body.decode() for file in files)
        return Prepared(content, write, repeatable=True)

    def _asking(self, _: Connection, __: Debt, order: Effect, planned: Planned) -> Prepared:
        request = BillingRequest.model_validate(
            {
                "key": planned.key,
                "do": planned.do,
                "creditor": order.creditor,
                "invoice": order.invoice,
                "customer": order.customer,
                "episode": order.episode,
                "step": order.step,
                "at": order.at,
                "amount_open": Amount.of(order.open_minor, order.currency),
            }
        )
        # the billing system does a request once, however often it is made
        return Prepared(
            request.model_dump_json(), lambda: self.billing.ask(request), repeatable=True
        )

"""The activities of a case, one verb each: send, call, charge, hand_off, record.

Sync on purpose: boto3, the Twilio client and psycopg2 block. None is cancelled in the middle of a
call, for an effect cut short is an effect nobody knows the outcome of.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from temporalio import activity

from activities.dossier import dossier
from activities.effects import Prepared, carry_out
from activities.messages import Messenger
from activities.ports import DocumentStore
from schemas.effects import Effect, Planned, Receipt
from schemas.errors import DeliveryRefusedError
from schemas.messages import Sent
from store import audit_trail, case_book, charge_book, effect_ledger
from store.debtors import Debt


@dataclass(frozen=True)
class CaseActivities:
    """What a case can do to the world; whoever fulfils the ports is chosen by the worker."""

    engine: Engine
    messenger: Messenger
    documents: DocumentStore

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
        """Post a step's fee to the books."""
        return carry_out(self.engine, order, self._posting)

    @activity.defn(name="hand_off", no_thread_cancel_exception=True)
    def hand_off(self, order: Effect) -> Receipt:
        """Write the dossier that hands the case to collections."""
        return carry_out(self.engine, order, self._handing_over)

    @activity.defn(name="record", no_thread_cancel_exception=True)
    def record(self, order: Effect) -> Receipt:
        """Book the journal and, when the case has ended, its outcome."""
        with self.engine.begin() as tx:
            audit_trail.book(tx, order, order.journal)
            if order.outcome is not None:
                key = (order.creditor, order.invoice, order.episode)
                case_book.ended(tx, key, order.at, order.outcome, order.view)
        return Receipt()

    def _posting(self, _: Connection, __: Debt, order: Effect, planned: Planned) -> Prepared:
        charge = next((one for one in order.charges if one.key == planned.key), None)
        if charge is None:
            raise DeliveryRefusedError("the order names no charge")

        def post() -> Sent:
            with self.engine.begin() as tx:
                charge_book.post(tx, order, charge)
            return Sent("books", charge.key)

        return Prepared(charge.model_dump_json(), post, repeatable=True)

    def _handing_over(
        self, tx: Connection, debt: Debt, order: Effect, planned: Planned
    ) -> Prepared:
        # what is still unbooked belongs into the dossier's ledger
        audit_trail.book(tx, order, order.journal)
        # a later attempt must write what an earlier one may have written in part
        begun = effect_ledger.first_tried(tx, planned.key) or order.at
        files = dossier(tx, debt, order.model_copy(update={"at": begun}))

        def write() -> Sent:
            return [self.documents.put(file) for file in files][-1]

        content = "".join(file.body.decode() for file in files)
        return Prepared(content, write, repeatable=True)

"""The one process to run: settings -> clients -> activities -> worker.

`python worker.py` checks first that Temporal, the search attributes and the books are there, says
so in one line, and works until SIGTERM or SIGINT; then it lets running effects come to their end.
"""

import asyncio
import hashlib
import logging
import os
import secrets
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.worker import Worker

from activities.case_activities import CaseActivities
from activities.messages import Messenger
from activities.ports import EmailSender
from activities.sweep_activities import SweepActivities
from providers import billing, s3, ses, twilio_client, webhook
from providers.s3 import S3Documents
from providers.ses import SesEmail
from providers.smtp import SmtpEmail
from providers.twilio_sms import TwilioSms
from providers.twilio_voice import TwilioCaller
from schemas.errors import DunningError, InputRefusedError, ServiceUnreachableError
from settings import Settings, settings
from starter.outbox import delivering
from store import engine as books
from temporal import search_attributes
from temporal.connect import connect
from temporal.farewell import leave
from temporal.plugin import DunningPlugin
from wording.facts import Letterhead
from workflows.invoice import InvoiceDunning
from workflows.sweep import OverdueSweep

log = logging.getLogger("dunning.worker")

TWILIO: str = Settings.model_fields["twilio_base_url"].default

GRACE = timedelta(seconds=65)
"""How long running activities get after SIGTERM: more than their start-to-close timeout."""


def letterhead(chosen: Settings) -> Letterhead:
    """Return who the messages are from."""
    return Letterhead(
        creditor_name=chosen.creditor_name,
        creditor_address=chosen.creditor_address,
        contact_email=chosen.contact_email,
        contact_phone=chosen.contact_phone,
        pay_url=chosen.pay_url,
    )


def email_sender(chosen: Settings) -> EmailSender:
    """Return the email provider the settings name."""
    if chosen.email_provider == "smtp":
        return SmtpEmail(chosen)
    return SesEmail(ses.connect(chosen), chosen.email_from)


def case_activities(chosen: Settings, engine: Engine) -> CaseActivities:
    """Return the activities of a case, each provider's client made once."""
    documents = S3Documents(s3.connect(chosen), chosen.dossier_bucket)
    twilio = twilio_client.connect(chosen)
    messenger = Messenger(
        letterhead=letterhead(chosen),
        email=email_sender(chosen),
        sms=TwilioSms(twilio, chosen.twilio_from, chosen.callback_url),
        caller=TwilioCaller(twilio, chosen.twilio_from, chosen.callback_url),
        documents=documents,
        agencies=chosen.agencies,
    )
    return CaseActivities(engine, messenger, documents, billing.connect(chosen))


def make_worker(client: Client, chosen: Settings, engine: Engine) -> Worker:
    """Return a worker with every workflow and activity of the project."""
    case = case_activities(chosen, engine)
    sweep = SweepActivities(engine, client, chosen.task_queue)
    return Worker(
        client,
        task_queue=chosen.task_queue,
        workflows=[InvoiceDunning, OverdueSweep],
        activities=[
            case.send,
            case.call,
            case.charge,
            case.hand_off,
            case.ask,
            case.record,
            sweep.open_overdue,
        ],
        activity_executor=ThreadPoolExecutor(chosen.activity_slots, "activity"),
        max_concurrent_activities=chosen.activity_slots,
        # short, for both stand in several events of every step
        identity=f"w{os.getpid()}-{secrets.token_hex(2)}",
        build_id=fingerprint(),
        # a worker that was killed holds its cached cases for this long
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        graceful_shutdown_timeout=GRACE,
    )


def fingerprint() -> str:
    """Return eight hex digits that change with the code workflows run."""
    here = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    for folder in ("workflows", "dunning", "schemas", "temporal"):
        for file in sorted((here / folder).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:8]


def check_sender(chosen: Settings) -> None:
    """Refuse to write to real people in an example's name.

    Raises InputRefusedError when a provider is the real one and the creditor is still the default.
    """
    is_real = chosen.aws_endpoint_url is None or chosen.twilio_base_url == TWILIO
    if is_real and chosen.creditor_name == Settings.model_fields["creditor_name"].default:
        raise InputRefusedError(
            "messages would go to real people in the name of an example: set "
            "DUNNING_CREDITOR_NAME, DUNNING_CREDITOR_ADDRESS, DUNNING_CONTACT_EMAIL, "
            "DUNNING_CONTACT_PHONE, DUNNING_EMAIL_FROM and DUNNING_PAY_URL"
        )


async def preflight(client: Client, engine: Engine) -> None:
    """Check what a case could not do without.

    An upsert of an unregistered search attribute would wedge every case, and a missing table every
    effect. Raises DunningError saying what is missing and which command brings it.
    """
    await asyncio.to_thread(books.check, engine)
    if absent := await search_attributes.missing(client):
        raise ServiceUnreachableError(
            f"Temporal's namespace {client.namespace!r} lacks the search attributes "
            f"{', '.join(absent)}; run `dunning temporal register`"
        )


async def work(chosen: Settings) -> None:
    """Work until SIGTERM or SIGINT, then let running effects come to their end."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    check_sender(chosen)
    log.info("billing system: %s", billing.connect(chosen).where)
    receiver = webhook.connect(chosen)
    client = await connect(plugins=[DunningPlugin()])
    engine = books.connect(chosen.database_url, chosen.database_pool)
    await preflight(client, engine)
    with delivering(engine, receiver):
        async with make_worker(client, chosen, engine):
            log.info("ready on task queue %r of namespace %r", chosen.task_queue, client.namespace)
            await stop.wait()
            log.info("stopping: running effects come to their end first")
    engine.dispose()


def main() -> int:
    """Run the worker; returns the exit code."""
    logging.basicConfig(
        level=os.environ.get("DUNNING_LOG_LEVEL", "INFO"),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    for chatty in ("boto3", "botocore", "twilio", "urllib3"):
        # they print whole requests, and with them names, addresses and phone numbers
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        asyncio.run(work(settings()))
    except DunningError as error:
        sys.stderr.write(f"worker: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    leave(main())

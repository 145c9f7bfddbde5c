"""The activities wired as a worker wires them, and ways to break their providers."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine
from types_boto3_s3 import S3Client

import worker
from activities.case_activities import CaseActivities
from providers import s3 as s3_page
from providers import ses
from providers.s3 import S3Documents
from providers.ses import SesEmail
from settings import Settings
from tests.activities.build import Debtor, enter, owe
from tests.activities.gathering import Several, open_case

WithEmailAt = Callable[[str], CaseActivities]
WithDocumentsAt = Callable[[str], CaseActivities]


@pytest.fixture(scope="session")
def activities(outside: Settings, engine: Engine) -> Iterator[CaseActivities]:
    """Every activity of a case, on moto and the Twilio fake."""
    made = worker.case_activities(outside, engine)
    messenger: Any = made.messenger  # its ports do not say how they are closed
    yield made
    messenger.email._client.close()
    messenger.documents._client.close()
    messenger.sms._client.http_client.session.close()


@pytest.fixture
def debtor(engine: Engine, creditor: str) -> Debtor:
    """Enter a German business that owes 1000.00 EUR and agreed to text messages."""
    return enter(engine, creditor)


@pytest.fixture(scope="session")
def s3(outside: Settings) -> Iterator[S3Client]:
    """Open a client of one's own to look at what is stored."""
    with closing(s3_page.connect(outside)) as client:
        yield client


@pytest.fixture
def with_email_at(outside: Settings, activities: CaseActivities) -> Iterator[WithEmailAt]:
    """Wire the activities with SES at another address."""
    made: list[Any] = []

    def at(url: str) -> CaseActivities:
        client = ses.connect(outside.model_copy(update={"aws_endpoint_url": url}), 5)
        made.append(client)
        email = SesEmail(client, outside.email_from)
        return replace(activities, messenger=replace(activities.messenger, email=email))

    yield at
    for client in made:
        client.close()


@pytest.fixture
def with_documents_at(outside: Settings, activities: CaseActivities) -> Iterator[WithDocumentsAt]:
    """Wire the activities with S3 at another address."""
    made: list[S3Client] = []

    def at(url: str) -> CaseActivities:
        made.append(s3_page.connect(outside.model_copy(update={"aws_endpoint_url": url}), 5))
        documents = S3Documents(made[-1], outside.dossier_bucket)
        messenger = replace(activities.messenger, documents=documents)
        return replace(activities, messenger=messenger, documents=documents)

    yield at
    for client in made:
        client.close()


@pytest.fixture
def several(engine: Engine, debtor: Debtor) -> Several:
    """Give the debtor so many invoices, each with an open case."""

    def given(count: int) -> list[int]:
        for number in range(1, count + 1):
            if number > 1:
                owe(engine, debtor.creditor, f"INV-{number}", amount_minor=number * 100_000)
            open_case(engine, debtor.creditor, f"INV-{number}")
        return list(range(1, count + 1))

    return given

"""Opening a case: once per invoice, whatever became of the first."""

from temporalio.client import Client

from temporal.cases import open_case
from tests.workflows.build import a_case
from tests.workflows.lead import handle_of

QUEUE = "nobody-works-here"


async def test_an_invoice_gets_one_case_however_often_it_is_opened(
    temporal_client: Client,
) -> None:
    case = a_case(invoice="INV-ONCE")
    assert await open_case(temporal_client, case, QUEUE)
    assert not await open_case(temporal_client, case, QUEUE)


async def test_an_invoice_whose_case_has_ended_gets_no_second_one(
    temporal_client: Client,
) -> None:
    case = a_case(invoice="INV-ENDED")
    assert await open_case(temporal_client, case, QUEUE)
    await handle_of(temporal_client, case).terminate()
    assert not await open_case(temporal_client, case, QUEUE)

"""What the billing system is asked to do: done there once, whatever is lost on the way."""

import base64
import json
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from activities.case_activities import CaseActivities
from fakes.billing import Answer, BillingFake
from fakes.broken import BrokenServer, closed_port, http_answer
from providers import billing
from schemas.effects import ChannelReceipt
from schemas.errors import ProviderUnavailableError
from schemas.messages import Sent
from settings import Settings
from tests.activities.build import (
    INVOICE,
    NOW,
    Debtor,
    effect,
    effects_of,
    key,
    order,
    trail,
)

SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four b").decode()
DEEDS = ("suspend", "restore", "retry_payment", "write_off")

WithBillingAt = Callable[[str], CaseActivities]


@pytest.fixture
def with_billing_at(activities: CaseActivities) -> WithBillingAt:
    """Wire the activities with a billing system at an address."""

    def at(url: str) -> CaseActivities:
        chosen = Settings(billing_url=url, billing_secret=SecretStr(SECRET))
        return replace(activities, billing=billing.connect(chosen, 0.3))

    return at


def ask(activities: CaseActivities, creditor: str, deed: str = "suspend") -> ChannelReceipt:
    (one,) = activities.ask(order(creditor, deed, template=None)).receipts
    return one


@pytest.mark.parametrize("deed", DEEDS)
def test_a_deed_is_asked_for_once_and_its_reference_kept(
    engine: Engine, debtor: Debtor, with_billing_at: WithBillingAt, deed: str
) -> None:
    with BillingFake(SECRET) as fake:
        receipts = [ask(with_billing_at(fake.url), debtor.creditor, deed) for _ in range(2)]
    (asked,) = fake.asked
    assert asked.content["do"] == deed
    assert asked.id == asked.content["key"] == key(debtor.creditor, deed)
    assert (receipts[0].result, receipts[0].reference) == ("done", "B-1")
    assert receipts[0] == receipts[1]
    row = effect(engine, key(debtor.creditor, deed))
    assert (row["state"], row["provider"], row["reference"]) == ("done", "billing", "B-1")
    assert [line["detail"]["result"] for line in trail(engine, debtor.creditor)] == ["done"]


def test_the_request_names_the_case_and_what_is_open_and_nobody(
    debtor: Debtor, with_billing_at: WithBillingAt
) -> None:
    ordered = order(debtor.creditor, "retry_payment", open_minor=64_050, template=None)
    with BillingFake(SECRET) as fake:
        with_billing_at(fake.url).ask(ordered)
    content = fake.asked[0].content
    assert content["amount_open"] == {"amount": "640.50", "currency": "EUR"}
    assert (content["invoice"], content["customer"], content["episode"]) == (INVOICE, "C-1", 1)
    assert content["at"] == "2026-02-01T09:00:00Z"
    told = (fake.asked[0].body.decode() + json.dumps(fake.asked[0].headers)).lower()
    assert not [word for word in debtor.secrets if word.lower() in told]


@pytest.mark.parametrize("lost", ["lost", "silence"])
def test_an_answer_lost_after_the_deed_is_asked_for_again_and_done_once(
    engine: Engine, debtor: Debtor, with_billing_at: WithBillingAt, lost: Answer
) -> None:
    with BillingFake(SECRET, [lost]) as fake:
        with pytest.raises(ProviderUnavailableError):
            ask(with_billing_at(fake.url), debtor.creditor)
        assert effect(engine, key(debtor.creditor, "suspend"))["state"] == "failed"
        again = ask(with_billing_at(fake.url), debtor.creditor)
    assert [asked.id for asked in fake.asked] == [key(debtor.creditor, "suspend")] * 2
    assert list(fake.done) == [key(debtor.creditor, "suspend")]
    assert (again.result, again.reference) == ("done", "B-1")


@pytest.mark.parametrize("status", [500, 502, 503, 429, 401])
def test_a_billing_system_that_cannot_now_is_asked_again(
    engine: Engine, debtor: Debtor, with_billing_at: WithBillingAt, status: int
) -> None:
    with BillingFake(SECRET, [status]) as fake:
        with pytest.raises(ProviderUnavailableError, match=str(status)):
            ask(with_billing_at(fake.url), debtor.creditor)
        assert ask(with_billing_at(fake.url), debtor.creditor).result == "done"
    assert len(fake.asked) == 2
    assert effect(engine, key(debtor.creditor, "suspend"))["reason"] is None


def test_a_billing_system_that_is_down_is_asked_again(
    engine: Engine, debtor: Debtor, with_billing_at: WithBillingAt
) -> None:
    with pytest.raises(ProviderUnavailableError):
        ask(with_billing_at(f"http://127.0.0.1:{closed_port()}/"), debtor.creditor)
    assert effect(engine, key(debtor.creditor, "suspend"))["state"] == "failed"


def test_a_refusal_is_final_and_keeps_its_sentence(
    engine: Engine, debtor: Debtor, with_billing_at: WithBillingAt
) -> None:
    with BillingFake(SECRET, [422], message="INV-1 belongs to no subscription") as fake:
        receipts = [ask(with_billing_at(fake.url), debtor.creditor) for _ in range(2)]
    assert len(fake.asked) == 1
    assert receipts[0] == receipts[1]
    assert receipts[0].result == "refused"
    assert receipts[0].reason == "billing: 422 INV-1 belongs to no subscription"
    assert effect(engine, key(debtor.creditor, "suspend"))["state"] == "refused"


def test_what_is_asked_for_again_later_is_told_what_is_open_by_then(
    debtor: Debtor, with_billing_at: WithBillingAt
) -> None:
    """A step is put off when its activity gave up; by then the debtor may have paid a part."""
    later = {"at": NOW + timedelta(minutes=15), "open_minor": 60_000}
    with BillingFake(SECRET, [500]) as fake:
        with suppress(ProviderUnavailableError):
            ask(with_billing_at(fake.url), debtor.creditor)
        ordered = order(debtor.creditor, "suspend", template=None, **later)
        with_billing_at(fake.url).ask(ordered)
    first, second = fake.asked
    assert first.id == second.id
    assert second.content["amount_open"]["amount"] == "600.00"
    assert second.content["at"] == "2026-02-01T09:15:00Z"


def test_a_killed_workers_request_is_made_again_at_once(
    engine: Engine, debtor: Debtor, with_billing_at: WithBillingAt
) -> None:
    class Killed:
        def ask(self, request: object) -> Sent:
            raise KeyboardInterrupt(request)

    with BillingFake(SECRET) as fake:
        live = with_billing_at(fake.url)
        with pytest.raises(KeyboardInterrupt):
            ask(replace(live, billing=Killed()), debtor.creditor)
        assert effect(engine, key(debtor.creditor, "suspend"))["state"] == "attempting"
        assert ask(live, debtor.creditor).result == "done"
    assert len(fake.asked) == 1


def test_without_a_billing_system_a_deed_is_refused_and_the_setting_named(
    activities: CaseActivities, debtor: Debtor
) -> None:
    refused = ask(activities, debtor.creditor)
    assert refused.result == "refused"
    assert "DUNNING_BILLING_URL" in (refused.reason or "")


def test_an_invoice_nobody_knows_is_not_asked_about(
    creditor: str, with_billing_at: WithBillingAt
) -> None:
    with BillingFake(SECRET) as fake:
        assert ask(with_billing_at(fake.url), creditor).result == "refused"
    assert fake.asked == []


def test_neither_the_secret_nor_an_answers_page_is_kept(
    engine: Engine, debtor: Debtor, with_billing_at: WithBillingAt
) -> None:
    page = f"<html>{debtor.name}, {debtor.email}: trace of a fault</html>"
    told = []
    for status in (422, 500):
        with BrokenServer(http_answer(status, page)) as broken:
            try:
                told.append(ask(with_billing_at(broken.url), debtor.creditor).model_dump_json())
            except ProviderUnavailableError as error:
                told.append("".join(traceback.format_exception(error)))
    told += [str(dict(row)) for row in effects_of(engine, debtor.creditor)]
    for word in (*debtor.secrets, SECRET, SECRET.removeprefix("whsec_")):
        assert word not in " ".join(told)

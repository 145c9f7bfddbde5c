"""What goes wrong on purpose: what the caller meets, and what was accepted all the same."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from fakes.billing import Asked, BillingFake
from fakes.faults import Fault, Faults, Plan, Trick, read_plan
from fakes.twilio import TwilioFake

SID = "AC" + "0" * 32
KEY = "chaos:INV 1:1:call:call"
CALL = {
    "To": "+4930123400",
    "From": "+15005550006",
    "Twiml": "<Response/>",
    "StatusCallback": "http://127.0.0.1:1/twilio/calls?key=chaos%3AINV%201%3A1%3Acall%3Acall",
}
ALWAYS = 100


def always(fault: Fault) -> Plan:
    return Plan(requests={fault: ALWAYS}, silence_seconds=30, late_seconds=0.1)


@pytest.fixture
async def fake() -> AsyncIterator[TwilioFake]:
    async with TwilioFake(account_sid=SID, auth_token="token", step_seconds=0) as fake:
        yield fake


async def place(fake: TwilioFake, patience: float = 20) -> int | str:
    """Ask for a call; return the status, or how the caller was let down."""
    url = f"{fake.url}/2010-04-01/Accounts/{SID}/Calls.json"
    timeout = aiohttp.ClientTimeout(total=patience)
    login = {"Authorization": aiohttp.encode_basic_auth(SID, "token")}
    async with aiohttp.ClientSession(timeout=timeout) as session:
        try:
            async with session.post(url, data=CALL, headers=login) as answer:
                return answer.status
        except TimeoutError:
            return "silence"
        except aiohttp.ClientError:
            return "reset"


async def accepted(fake: TwilioFake) -> list[str]:
    async with aiohttp.ClientSession() as session, session.get(f"{fake.url}/_fake/accepted") as got:
        return [one["key"] for one in await got.json()]


@pytest.mark.parametrize(
    ("fault", "met", "times"),
    [
        (Fault.ERROR, 500, 0),
        (Fault.BUSY, 429, 0),
        (Fault.DOWN, 503, 0),
        (Fault.DEAF, "silence", 0),
        (Fault.RESET, "reset", 0),
        (Fault.LOST, "reset", 1),
        (Fault.MUTE, "silence", 1),
        (Fault.ERROR_AFTER, 500, 1),
        (Fault.LATE, 201, 1),
    ],
)
async def test_a_call_meets_the_fault_and_counts_only_if_it_was_accepted(
    fake: TwilioFake, fault: Fault, met: int | str, times: int
) -> None:
    fake.faults.plan = always(fault)
    assert await place(fake, patience=1.5 if met == "silence" else 20) == met
    assert await accepted(fake) == [KEY] * times
    assert fake.faults.dealt == {f"request {fault}": 1}


async def test_a_plan_is_changed_over_http_and_a_wrong_one_is_refused(fake: TwilioFake) -> None:
    async with aiohttp.ClientSession() as session:
        address = f"{fake.url}/_fake/faults"
        async with session.post(address, data=always(Fault.DOWN).to_json()) as answer:
            assert answer.status == 200
        async with session.post(address, data='{"requests": {"fire": 1}}') as answer:
            assert (answer.status, (await answer.json())["message"]) == (
                400,
                "'fire' is not a valid Fault",
            )
    assert await place(fake) == 503


async def test_a_report_that_is_late_is_overtaken_and_one_may_come_twice(fake: TwilioFake) -> None:
    fake.faults.plan = Plan(reports={Trick.TWICE: ALWAYS})
    await place(fake)
    await fake.settled()
    assert len(fake.callbacks.posted) == 2
    fake.faults.plan = Plan(reports={Trick.LATE: ALWAYS}, late_seconds=0.05)
    await place(fake)
    await asyncio.gather(*fake._playing)
    assert len(fake.callbacks.posted) == 2
    await fake.settled()
    assert len(fake.callbacks.posted) == 3


def test_the_same_seed_draws_the_same_in_whatever_order_requests_come() -> None:
    plan = Plan(seed="7", requests={Fault.LOST: 30, Fault.ERROR: 30})
    forwards, backwards = Faults(plan), Faults(plan)
    names = [f"key-{number}" for number in range(60)]
    drawn = {name: [forwards.draw(name), forwards.draw(name)] for name in names}
    again = {name: [backwards.draw(name), backwards.draw(name)] for name in reversed(names)}
    assert drawn == again
    assert {one for both in drawn.values() for one in both} == {None, Fault.LOST, Fault.ERROR}


def test_a_plan_survives_being_written() -> None:
    plan = Plan("9", {Fault.LOST: 5}, {Trick.LATE: 7}, 21.5, 1.5)
    assert read_plan(plan.to_json()) == plan


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "JSON object"),
        ('{"sead": 1}', "'sead'"),
        ('{"requests": {"500": 60, "429": 60}}', "together at most 100"),
    ],
)
def test_a_plan_that_does_not_read_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_plan(text)


def test_a_billing_system_draws_its_faults_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BillingFake, "_is_signed", lambda *_: True)
    plan = Plan(requests={Fault.DOWN: ALWAYS})
    with BillingFake("c2VjcmV0", faults=plan) as fake:
        assert fake.take(_asked("a")) == 503
        assert fake.done == {}
        fake.faults.plan = Plan(requests={Fault.LOST: ALWAYS})
        assert fake.take(_asked("a")) == "lost"
        assert list(fake.done) == ["a"]


def _asked(name: str) -> Asked:
    return Asked("/dunning", {"webhook-id": name}, b"{}")

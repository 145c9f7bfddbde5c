"""Whatever dies or fails amid a message about several invoices, nothing is said twice or lost."""

from dataclasses import replace
from typing import Any, NoReturn

import pytest
from sqlalchemy import Engine, update
from types_boto3_s3 import S3Client

from activities.case_activities import CaseActivities
from schemas.errors import OutcomeUnknownError, ProviderUnavailableError
from schemas.messages import Email, Sent
from settings import Settings
from store import effect_ledger
from store.effect_ledger import StillAtWorkError
from store.tables import effects
from tests.activities.build import (
    Debtor,
    effects_of,
    emails_to,
    messages_to,
    objects,
)
from tests.activities.gathering import (
    LATER,
    Several,
    age,
    key_of,
    only,
    states,
    step,
    wait_together,
)


class Killed(BaseException):
    """Stands for the end of the process."""


PLACES = [
    "store.gatherings.waiting",
    "store.gatherings.join",
    "store.effect_ledger.claim",
    "store.bundles.claim_with",
    "store.effect_ledger.settle",
    "store.audit_trail.book",
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("place", PLACES)
def test_a_worker_that_dies_anywhere_sends_nothing_twice_and_loses_nothing(
    activities: CaseActivities,
    outside: Settings,
    engine: Engine,
    debtor: Debtor,
    several: Several,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    after: bool,
) -> None:
    numbers = several(3)
    wait_together(activities, debtor, numbers)
    kill(monkeypatch, place, after=after)
    with pytest.raises(Killed):
        activities.send(step(debtor.creditor, 1, at=LATER))
    monkeypatch.undo()
    sent = len(emails_to(outside, debtor.email))
    was_claimed = "attempting" in states(engine, debtor.creditor)
    if was_claimed:
        for number in numbers:
            with pytest.raises(StillAtWorkError):
                activities.send(step(debtor.creditor, number, at=LATER))
    age(engine, debtor.creditor)
    told = {only(activities, step(debtor.creditor, n, at=LATER)).result for n in numbers}
    assert told == ({"unknown"} if was_claimed else {"done"})
    assert len(emails_to(outside, debtor.email)) == (sent if was_claimed else 1)


def kill(patch: pytest.MonkeyPatch, place: str, *, after: bool) -> None:
    module, _, name = place.rpartition(".")
    real = getattr(__import__(module, fromlist=[name]), name)

    def dying(*given: Any, **more: Any) -> NoReturn:  # noqa: ANN401 - whatever it takes
        if after:
            real(*given, **more)
        raise Killed

    patch.setattr(place, dying)


class Answering:
    """A provider that answers as told, and counts what it was asked."""

    def __init__(self, error: Exception) -> None:
        """Answer with this error."""
        self.error, self.asked = error, 0

    def send_email(self, _: Email) -> Sent:
        """Refuse."""
        self.asked += 1
        raise self.error


def test_a_provider_that_is_down_frees_all_of_them(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor, several: Several
) -> None:
    numbers = several(3)
    wait_together(activities, debtor, numbers)
    down = Answering(ProviderUnavailableError("down"))
    broken = replace(activities, messenger=replace(activities.messenger, email=down))
    with pytest.raises(ProviderUnavailableError):
        broken.send(step(debtor.creditor, 1, at=LATER))
    assert states(engine, debtor.creditor) == ["failed"] * 3
    assert {row["bundle"] for row in effects_of(engine, debtor.creditor)} == {None}
    told = [only(activities, step(debtor.creditor, number, at=LATER)) for number in (2, 3, 1)]
    assert {one.result for one in told} == {"done"}
    assert len(emails_to(outside, debtor.email)) == 1


def test_an_answer_that_was_lost_is_unknown_for_all_of_them(
    activities: CaseActivities, engine: Engine, debtor: Debtor, several: Several
) -> None:
    numbers = several(3)
    wait_together(activities, debtor, numbers)
    lost = Answering(OutcomeUnknownError("lost"))
    broken = replace(activities, messenger=replace(activities.messenger, email=lost))
    told = [only(broken, step(debtor.creditor, number, at=LATER)).result for number in numbers]
    assert (told, lost.asked) == (["unknown"] * 3, 1)
    # the provider's own word settles all
    with engine.begin() as tx:
        lead = effects_of(engine, debtor.creditor)[0]["bundle"]
        keys = [key_of(debtor.creditor, f"INV-{number}") for number in numbers]
        assert effect_ledger.witnessed(tx, lead, "ses", "ref-1", "delivered") == tuple(keys)
    assert states(engine, debtor.creditor) == ["done"] * 3


def test_whoever_of_them_comes_first_asks_the_provider_about_a_lost_text(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor, several: Several
) -> None:
    numbers = several(3)
    wait_together(activities, debtor, numbers, do="sms")
    with pytest.MonkeyPatch.context() as patch:
        kill(patch, "store.effect_ledger.settle", after=False)
        with pytest.raises(Killed):
            activities.send(step(debtor.creditor, 1, "sms", at=LATER))
    age(engine, debtor.creditor)
    told = [only(activities, step(debtor.creditor, n, "sms", at=LATER)) for n in (3, 1, 2)]
    assert [one.result for one in told] == ["done"] * 3
    (text,) = messages_to(outside, debtor.phone)
    assert {one.reference for one in told} == {text["sid"]}


def test_a_letter_is_one_letter_even_when_it_is_stored_again(
    activities: CaseActivities,
    outside: Settings,
    debtor: Debtor,
    several: Several,
    s3: S3Client,
) -> None:
    numbers = several(3)
    wait_together(activities, debtor, numbers, do="letter")
    with pytest.MonkeyPatch.context() as patch:
        kill(patch, "store.effect_ledger.settle", after=False)
        with pytest.raises(Killed):
            activities.send(step(debtor.creditor, 2, "letter", at=LATER))
    told = [only(activities, step(debtor.creditor, n, "letter", at=LATER)) for n in (3, 1, 2)]
    assert [one.result for one in told] == ["done"] * 3
    assert len(objects(s3, outside, f"letters/{debtor.creditor}/")) == 2  # and its manifest


def test_a_key_that_was_used_for_another_request_holds_up_nobody(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor, several: Several
) -> None:
    numbers = several(3)
    wait_together(activities, debtor, numbers)
    down = Answering(ProviderUnavailableError("down"))
    broken = replace(activities, messenger=replace(activities.messenger, email=down))
    with pytest.raises(ProviderUnavailableError):
        broken.send(step(debtor.creditor, 1, at=LATER))
    other = update(effects).where(effects.c.key == key_of(debtor.creditor, "INV-2"))
    with engine.begin() as tx:
        tx.execute(other.values(request_hash="another"))
    with pytest.raises(StillAtWorkError):
        activities.send(step(debtor.creditor, 1, at=LATER))
    told = [only(activities, step(debtor.creditor, number, at=LATER)) for number in (2, 1, 3)]
    assert [one.result for one in told] == ["unknown", "done", "done"]
    assert len(emails_to(outside, debtor.email)) == 1

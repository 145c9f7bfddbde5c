"""The effect ledger: one claim at a time, and a memory of what became of each."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, RowMapping, func, update
from sqlalchemy.exc import IntegrityError

from schemas.effects import ChannelReceipt, Effect, Planned
from schemas.errors import DunningError
from store import effect_ledger
from store.effect_ledger import FRESH, Claim, Doubt, Prints, StillAtWorkError
from store.tables import effects
from tests.activities.build import NOW, effect, key, order


@pytest.fixture
def ordered(creditor: str) -> Effect:
    return order(creditor, "email")


def claim(engine: Engine, ordered: Effect, content: str = "hash", **how: bool) -> Any:  # noqa: ANN401 - a union
    with engine.begin() as tx:
        prints = Prints("request", content)
        return effect_ledger.claim(tx, ordered, ordered.planned[0], prints, **how)


def claimed(engine: Engine, ordered: Effect, content: str = "hash", **how: bool) -> Claim:
    made = claim(engine, ordered, content, **how)
    assert isinstance(made, Claim)
    return made


def settle(engine: Engine, made: Claim, state: str, **more: str) -> None:
    with engine.begin() as tx:
        effect_ledger.settle(tx, made, state, **more)


def row(engine: Engine, ordered: Effect) -> RowMapping:
    return effect(engine, ordered.planned[0].key)


def age(engine: Engine, ordered: Effect, by: timedelta) -> None:
    aged = update(effects).where(effects.c.key == ordered.planned[0].key)
    with engine.begin() as tx:
        tx.execute(aged.values(claimed_at=func.now() - by))


def test_the_first_claim_is_given_and_written_down(engine: Engine, ordered: Effect) -> None:
    made = claimed(engine, ordered)
    kept = row(engine, ordered)
    assert (kept["state"], kept["claim"], kept["content_hash"]) == (
        "attempting",
        made.token,
        "hash",
    )
    assert (kept["creditor"], kept["step"], kept["channel"]) == (
        ordered.creditor,
        "step-1",
        "email",
    )
    assert (kept["case_at"], kept["settled_at"]) == (NOW, None)


@pytest.mark.parametrize("state", ["done", "refused", "unknown"])
def test_a_settled_effect_is_told_and_never_claimed_again(
    engine: Engine, ordered: Effect, state: str
) -> None:
    settle(engine, claimed(engine, ordered), state, provider="ses", reference="id", reason="why")
    for repeatable in (False, True):
        told = claim(engine, ordered, "other", repeatable=repeatable)
        assert told == ChannelReceipt(
            do="email",
            key=ordered.planned[0].key,
            result=state,
            reference="id",
            reason="why",
        )
    assert row(engine, ordered)["content_hash"] == "hash"


def test_what_certainly_did_not_happen_may_be_claimed_again_with_other_content(
    engine: Engine, ordered: Effect
) -> None:
    first = claimed(engine, ordered)
    settle(engine, first, "failed", reason="down")
    later = ordered.model_copy(update={"at": NOW + timedelta(hours=1)})
    second = claimed(engine, later, "other")
    kept = row(engine, ordered)
    assert second.token != first.token
    assert (kept["state"], kept["content_hash"], kept["case_at"]) == (
        "attempting",
        "other",
        later.at,
    )
    assert (kept["reason"], kept["settled_at"]) == (None, None)


def test_what_is_repeated_keeps_the_moment_of_its_first_attempt(
    engine: Engine, ordered: Effect
) -> None:
    settle(engine, claimed(engine, ordered, repeatable=True), "failed")
    later = ordered.model_copy(update={"at": NOW + timedelta(hours=1)})
    claimed(engine, later, "other", repeatable=True)
    with engine.connect() as tx:
        assert effect_ledger.first_tried(tx, ordered.planned[0].key) == NOW


def test_nothing_is_known_of_an_effect_that_was_never_tried(engine: Engine, creditor: str) -> None:
    with engine.connect() as tx:
        assert effect_ledger.first_tried(tx, key(creditor, "email")) is None
        assert effect_ledger.before(tx, Planned(do="email", key=key(creditor, "email"))) is None


@pytest.mark.parametrize("spent", [timedelta(0), FRESH - timedelta(seconds=5)], ids=str)
def test_a_fresh_claim_of_another_is_awaited(
    engine: Engine, ordered: Effect, spent: timedelta
) -> None:
    claimed(engine, ordered)
    age(engine, ordered, spent)
    with pytest.raises(StillAtWorkError, match="was claimed moments ago"):
        claim(engine, ordered)
    assert row(engine, ordered)["state"] == "attempting"
    assert issubclass(StillAtWorkError, DunningError)


def test_a_stale_claim_is_a_doubt_of_one_worker_while_others_wait(
    engine: Engine, ordered: Effect
) -> None:
    first = claimed(engine, ordered, "words")
    began = row(engine, ordered)["began_at"]
    age(engine, ordered, FRESH)
    doubt = claim(engine, ordered)
    assert isinstance(doubt, Doubt)
    assert (doubt.since, doubt.content_hash) == (began, "words")
    assert doubt.claim.token != first.token
    with pytest.raises(StillAtWorkError):
        claim(engine, ordered)


def test_a_doubt_that_outlives_its_worker_still_looks_back_to_the_first_attempt(
    engine: Engine, ordered: Effect
) -> None:
    claimed(engine, ordered)
    for _ in range(2):
        age(engine, ordered, FRESH)
        doubt = claim(engine, ordered)
    assert doubt.since == row(engine, ordered)["began_at"]


def test_a_doubt_nobody_could_clear_up_is_unknown_and_stays_so(
    engine: Engine, ordered: Effect
) -> None:
    claimed(engine, ordered)
    age(engine, ordered, FRESH)
    with engine.begin() as tx:
        told = effect_ledger.before(tx, ordered.planned[0])
    assert told == claim(engine, ordered)
    assert told is not None
    assert told.result == row(engine, ordered)["state"] == "unknown"


def test_who_gives_up_a_lost_answer_lets_it_be_asked_for_in_a_moment(
    engine: Engine, ordered: Effect
) -> None:
    made = claimed(engine, ordered)
    with engine.begin() as tx:
        effect_ledger.leave_in_doubt(tx, made)
    with pytest.raises(StillAtWorkError):
        claim(engine, ordered)
    age(engine, ordered, FRESH)
    assert isinstance(claim(engine, ordered), Doubt)


def test_a_worker_believed_dead_that_answers_after_all_is_believed_where_nobody_knew(
    engine: Engine, ordered: Effect
) -> None:
    late = claimed(engine, ordered)
    age(engine, ordered, FRESH)
    with engine.begin() as tx:
        effect_ledger.before(tx, ordered.planned[0])
    settle(engine, late, "refused", reason="no")
    assert claim(engine, ordered).result == "unknown"
    settle(engine, late, "done", reference="id")
    assert claim(engine, ordered).result == "done"


@pytest.mark.parametrize("state", [None, "done", "failed", "unknown"])
def test_a_key_that_was_used_for_another_request_is_left_alone_and_both_are_named(
    engine: Engine, ordered: Effect, state: str | None
) -> None:
    made = claimed(engine, ordered)
    if state:
        settle(engine, made, state)
    kept = row(engine, ordered)
    with engine.begin() as tx:
        other = Prints("another request", "words")
        told = effect_ledger.claim(tx, ordered, ordered.planned[0], other, repeatable=True)
    assert isinstance(told, ChannelReceipt)
    assert told.result == "unknown"
    assert told.reason == (
        "the ledger holds request request under this key, and another requ is asked for: not done"
    )
    assert row(engine, ordered) == kept


def test_the_books_take_no_state_that_cannot_be(engine: Engine, ordered: Effect) -> None:
    made = claimed(engine, ordered)
    with pytest.raises(IntegrityError, match="ck_effects_state"):
        settle(engine, made, "perhaps")


def test_a_row_in_a_state_that_cannot_be_stops_the_effect() -> None:
    found: Any = {"request_hash": "request", "state": "perhaps"}
    told = effect_ledger._misfit(found, Prints("request", "words"))
    assert told == "the ledger's row is in the state 'perhaps', which cannot be: not done"


@pytest.mark.parametrize("state", [None, "failed", "unknown", "refused", "done"])
def test_a_providers_own_word_counts_whatever_we_believed(
    engine: Engine, ordered: Effect, state: str | None
) -> None:
    made = claimed(engine, ordered)
    if state:
        settle(engine, made, state, provider="twilio", reference="SM1")
    with engine.begin() as tx:
        assert effect_ledger.witnessed(tx, made.key, "twilio", "SM1", "delivered")
    kept = row(engine, ordered)
    assert (kept["state"], kept["reference"], kept["outcome"]) == ("done", "SM1", "delivered")
    settle(engine, made, "unknown")
    assert row(engine, ordered)["state"] == "done"


def test_a_word_about_a_key_nobody_claimed_is_not_taken(engine: Engine, creditor: str) -> None:
    with engine.begin() as tx:
        assert not effect_ledger.witnessed(tx, key(creditor, "sms"), "twilio", "SM1", "sent")


def test_references_that_some_effect_is_settled_with_are_known(
    engine: Engine, ordered: Effect
) -> None:
    mine = f"CA-{ordered.creditor}"
    settle(engine, claimed(engine, ordered), "done", reference=mine)
    with engine.connect() as tx:
        assert effect_ledger.known_references(tx, [mine, "CA-other"]) == {mine}
        assert effect_ledger.known_references(tx, []) == frozenset()


def test_a_repeatable_effect_is_taken_over_at_once_and_the_slow_one_settles_nothing(
    engine: Engine, ordered: Effect
) -> None:
    slow = claimed(engine, ordered, repeatable=True)
    quick = claimed(engine, ordered, repeatable=True)
    settle(engine, slow, "failed")
    assert row(engine, ordered)["state"] == "attempting"
    settle(engine, quick, "done")
    settle(engine, slow, "failed")
    assert row(engine, ordered)["state"] == "done"


def at_once(engine: Engine, ordered: Effect, workers: int) -> list[str]:
    """Claim from several threads in the same moment; say what each was told."""
    start = Barrier(workers)

    def one(_: int) -> str:
        start.wait(10)
        try:
            return type(claim(engine, ordered)).__name__
        except StillAtWorkError as error:
            return type(error).__name__

    with ThreadPoolExecutor(workers) as pool:
        return sorted(pool.map(one, range(workers)))


@pytest.mark.parametrize("earlier", [None, "failed"])
def test_of_many_who_claim_at_once_one_gets_it(
    engine: Engine, creditor: str, earlier: str | None
) -> None:
    for number in range(20):
        planned = Planned(do="email", key=key(creditor, "email", f"step-{number}"))
        ordered = order(creditor, planned=(planned,))
        if earlier:
            settle(engine, claimed(engine, ordered), earlier)
        assert at_once(engine, ordered, 4) == ["Claim"] + ["StillAtWorkError"] * 3


def test_a_claim_that_is_rolled_back_was_never_made(engine: Engine, ordered: Effect) -> None:
    with engine.connect() as tx:
        effect_ledger.claim(tx, ordered, ordered.planned[0], Prints("request", "hash"))
        tx.rollback()
    assert claimed(engine, ordered).key == ordered.planned[0].key


def test_the_longest_key_the_rules_can_make_fits(engine: Engine, creditor: str) -> None:
    longest = f"{creditor}:{'i' * 80}:123456:{'s' * 80}:handoff#10{'x' * 100}"
    planned = Planned(do="handoff", key=longest)
    made = claimed(engine, order(creditor, planned=(planned,)))
    assert effect(engine, longest)["claim"] == made.token

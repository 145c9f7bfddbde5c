"""Search attributes are brought up to date with the fewest updates."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.common import SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from dunning.apply import happened
from temporal import search_attributes as keys
from temporal.attributes import attributes, changed
from tests.workflows.build import a_case, an_event, moment

NOW = moment("2026-02-01 00:00")
CASE = a_case()
HELD = happened(CASE, an_event("hold_placed", "2026-02-01 00:00", reason="talks"), NOW)
PAID = happened(CASE, an_event("payment_received", "2026-02-01 00:00", amount="1000.00"), NOW)


def names(updates: list[SearchAttributeUpdate[Any]]) -> set[str]:
    return {update.key.name for update in updates}


def without(known: TypedSearchAttributes, name: str) -> TypedSearchAttributes:
    return TypedSearchAttributes([pair for pair in known if pair.key.name != name])


def test_a_new_case_sets_every_attribute() -> None:
    assert {pair.key.name for pair in attributes(CASE, NOW)} == {key.name for key in keys.ALL}


def test_attributes_that_are_up_to_date_need_no_update() -> None:
    assert changed(CASE, NOW, attributes(CASE, NOW)) == []


def test_an_empty_list_and_no_list_of_attention_are_the_same() -> None:
    known = without(attributes(CASE, NOW), keys.ATTENTION.name)
    assert changed(CASE, NOW, known) == []


def test_attention_that_is_over_is_withdrawn() -> None:
    known = without(attributes(CASE, NOW), keys.ATTENTION.name)
    flagged = TypedSearchAttributes([*known, SearchAttributePair(keys.ATTENTION, ["disputed"])])
    assert names(changed(CASE, NOW, flagged)) == {keys.ATTENTION.name}


def test_a_hold_changes_the_status_and_withdraws_the_next_action() -> None:
    updates = changed(HELD, NOW, attributes(CASE, NOW))
    assert names(updates) == {keys.STATUS.name, keys.NEXT_ACTION_AT.name}
    assert [update.value for update in updates if update.key == keys.NEXT_ACTION_AT] == [None]


def test_an_amount_that_falls_to_nothing_is_shown_as_nothing() -> None:
    updates = changed(PAID, NOW, attributes(CASE, NOW))
    assert [update.value for update in updates if update.key == keys.AMOUNT_DUE] == [0.0]


@pytest.mark.parametrize("late", [timedelta(milliseconds=1), timedelta(hours=2)])
def test_an_action_whose_announced_moment_has_come_is_no_news(late: timedelta) -> None:
    due: datetime = moment("2026-02-01 09:00")
    assert changed(CASE, due + late, attributes(CASE, NOW)) == []


def test_an_action_that_nobody_announced_is_news_even_when_it_is_due_now() -> None:
    due = moment("2026-02-01 09:00")
    known = without(attributes(CASE, NOW), keys.NEXT_ACTION_AT.name)
    assert names(changed(CASE, due, known)) == {keys.NEXT_ACTION_AT.name}

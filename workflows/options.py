"""One table: activity -> timeouts and retries.

Retries are short on purpose: after `schedule_to_close` the case decides anew on fresh facts, so
that a payment which came while a provider was down is not followed by a reminder. The effect
ledger, not the retry policy, sees to it that nothing happens twice. A cancelled case calls off what
waits for a retry, and waits for what is under way.
"""

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType

from schemas.effects import Verb


class Options(TypedDict):
    """The keyword arguments an activity is executed with."""

    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta | None
    retry_policy: RetryPolicy
    cancellation_type: ActivityCancellationType


_WAIT = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED


def _effect(seconds: int) -> Options:
    return {
        "start_to_close_timeout": timedelta(seconds=seconds),
        "schedule_to_close_timeout": timedelta(minutes=5),
        "retry_policy": RetryPolicy(maximum_interval=timedelta(seconds=20)),
        "cancellation_type": _WAIT,
    }


_BOOKS: Options = {
    "start_to_close_timeout": timedelta(seconds=30),
    # booking waits for PostgreSQL for as long as it takes: a case must not end unrecorded
    "schedule_to_close_timeout": None,
    "retry_policy": RetryPolicy(maximum_interval=timedelta(seconds=20)),
    "cancellation_type": _WAIT,
}

OPTIONS: dict[Verb, Options] = {
    "send": _effect(60),
    "call": _effect(60),
    "charge": _effect(30),
    "hand_off": _effect(60),
    "ask": _effect(60),
    "record": _BOOKS,
}

PUT_OFF = timedelta(minutes=15)
"""How long a step is put off when its activity did not come to an end."""

SWEEP: Options = {
    # a page takes seconds; a worker killed amid it must not keep the next sweep away for long
    "start_to_close_timeout": timedelta(minutes=1),
    "schedule_to_close_timeout": timedelta(hours=1),
    "retry_policy": RetryPolicy(maximum_interval=timedelta(seconds=20)),
    "cancellation_type": _WAIT,
}

MAX_JOURNAL = 50
"""How many entries one activity books: a payload holds two megabytes, an entry up to 16 kB."""

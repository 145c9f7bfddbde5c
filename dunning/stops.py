"""Stop flags: which channels each closes, and which of them stop the clock of interest as well.

A flag closes every channel, unless the contact packs of the case say less of it. An opt-out whose
scope is one channel closes that channel, and those the law closes with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dunning.calendar import local_day
from dunning.contact.optout import closed_with
from dunning.disputes import endings
from dunning.facts import events_of
from dunning.once import once
from schemas.case import Case
from schemas.inbound import LAST_YEAR
from schemas.signals import StopRequested

CHANNELS = frozenset({"email", "sms", "call", "call_auto", "letter"})
PAUSING = frozenset({"breathing_space", "insolvency", "deceased"})
"""Flags under which nothing accrues where no pack speaks of them."""
_ONE_CHANNEL = "channel:"


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop flag in force from `since` until `ends` (None: until somebody releases it).

    An opt-out closes the one channel that it names; other flags are of the whole case.
    """

    id: str
    flag: str
    since: datetime
    ends: datetime | None
    channels: frozenset[str]
    pauses: bool
    is_opt_out: bool

    def stands_at(self, now: datetime) -> bool:
        """Whether the flag stands; one we know of stands even if its moment is yet to come."""
        return self.ends is None or now < self.ends

    @property
    def closes_all(self) -> bool:
        """Whether it closes every channel, so that the whole case waits."""
        return self.channels >= CHANNELS


@once("events")
def stops(case: Case) -> tuple[Stop, ...]:
    """Return every stop flag the case ever had."""
    return tuple(_stops(case))


def _stops(case: Case) -> Iterator[Stop]:
    for event in events_of(case, StopRequested):
        ends = [at for at in (_until(event), endings(case).get(event.id)) if at is not None]
        blocked = _blocked(case, event)
        yield Stop(
            event.id,
            event.flag,
            event.at,
            min(ends, default=None),
            CHANNELS if "*" in blocked else blocked & CHANNELS,
            "charges" in blocked,
            event.scope.startswith(_ONE_CHANNEL),
        )


def _until(stop: StopRequested) -> datetime | None:
    forever = stop.until is None or stop.until.year > LAST_YEAR
    return None if forever else stop.until


def _blocked(case: Case, stop: StopRequested) -> frozenset[str]:
    packs = case.rules.packs if case.rules else ()
    if stop.scope.startswith(_ONE_CHANNEL):
        name = stop.scope.removeprefix(_ONE_CHANNEL)
        if name not in CHANNELS:  # one that we cannot read means everything
            return frozenset({"*"})
        # an opt-out of calls means a machine's calls as well
        one = {"call", "call_auto"} if name == "call" else {name}
        return closed_with(one, local_day(case, stop.at), packs)
    ruled = [pack.stops[stop.flag].block for pack in packs if stop.flag in pack.stops]
    if ruled:
        return frozenset(channel for block in ruled for channel in block)
    return frozenset({"*", "charges"} if stop.flag in PAUSING else {"*"})


def stopped_channels(case: Case, now: datetime) -> frozenset[str]:
    """Return the channels that stop flags close now; all of them while the whole case waits."""
    closed = (stop.channels for stop in stops(case) if stop.stands_at(now))
    return frozenset[str]().union(*closed)


def opted_out(case: Case, now: datetime) -> frozenset[str]:
    """Return the channels the debtor closed one by one, and keeps closed now."""
    standing = (stop for stop in stops(case) if stop.is_opt_out and stop.stands_at(now))
    return frozenset[str]().union(*(stop.channels for stop in standing))


def standing_flags(case: Case, now: datetime) -> frozenset[str]:
    """Return the stop flags of the whole case that stand now, by name."""
    return frozenset(
        stop.flag for stop in stops(case) if stop.stands_at(now) and not stop.is_opt_out
    )

"""How large a run is, and when what is killed: drawn from the seed before anything starts."""

import random
from dataclasses import dataclass
from typing import Literal

Blow = Literal["kill", "reset", "postgres", "temporal", "outage"]

OUTAGE_DAYS = 9
"""How long, by the cases' clock, no worker and no Temporal server is there."""
CALM_SECONDS = 8.0
"""How long the run is left alone at first, so that there are cases to be hit."""


@dataclass(frozen=True)
class Scale:
    """The size of a run.

    `day_ms` real milliseconds are a day of the cases. After a calm the blows fall within
    `storm_seconds`; what has not ended `drain_seconds` after them is counted as wedged.
    """

    cases: int
    day_ms: int
    workers: int
    storm_seconds: float
    drain_seconds: float
    kills: int
    restarts: int
    resets: int

    @property
    def spread_days(self) -> int:
        """Over how many days the invoices fall due, so that the storm meets cases of every age."""
        storm_days = self.storm_seconds * 1000 / self.day_ms
        return max(1, int(storm_days) - OUTAGE_DAYS)


FULL = Scale(
    cases=500,
    day_ms=6000,
    workers=3,
    storm_seconds=1200,
    drain_seconds=900,
    kills=200,
    restarts=5,
    resets=25,
)
SMALL = Scale(
    cases=40,
    day_ms=1000,
    workers=2,
    storm_seconds=30,
    drain_seconds=240,
    kills=8,
    restarts=1,
    resets=4,
)


@dataclass(frozen=True, order=True)
class Strike:
    """One blow, so many seconds after the run has begun; `aim` chooses whom it hits."""

    at: float
    blow: Blow
    aim: int


def strikes(seed: str, scale: Scale) -> list[Strike]:
    """Return every blow of a run in order; the same seed and size give the same ones."""
    drawn = random.Random(f"strikes/{seed}")  # noqa: S311 - repeatable, not secret
    times: dict[Blow, int] = {
        "kill": scale.kills,
        "reset": scale.resets,
        "postgres": scale.restarts,
        "temporal": scale.restarts,
        "outage": 1,
    }
    blows = [blow for blow, count in times.items() for _ in range(count)]
    return sorted(
        Strike(CALM_SECONDS + drawn.uniform(0, scale.storm_seconds), blow, drawn.randrange(1 << 30))
        for blow in blows
    )

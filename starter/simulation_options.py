"""What `dunning simulate` can be asked for, and what of it does not go together."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from schemas.errors import InputRefusedError

NEEDS = "give a SCENARIO, or --ledger with --map and --policy"


class Engine(StrEnum):
    """Who runs the cases: the pure simulator, or real workflows in skipped time."""

    PURE = "pure"
    TEMPORAL = "temporal"


@dataclass(frozen=True)
class Asked:
    """What one run of `dunning simulate` is asked for."""

    scenario: Path | None
    ledger: Path | None
    column_map: Path | None
    policy: str | None
    until: datetime | None
    engine: Engine
    calendar: bool
    diff: str | None
    html: Path | None
    svg: Path | None
    as_json: bool

    @property
    def draws(self) -> bool:
        """Whether charts are wanted."""
        return self.html is not None or self.svg is not None

    def check(self) -> None:
        """Raise InputRefusedError for options that do not go together, saying what would."""
        for sentence in self._contradictions():
            raise InputRefusedError(sentence)

    def _contradictions(self) -> Iterator[str]:
        if (self.scenario is None) == (self.ledger is None):
            yield NEEDS
        yield from self._of_a_scenario() if self.scenario is not None else self._of_a_ledger()
        if self.diff is not None and (self.calendar or self.draws):
            yield "--diff compares two policies; --calendar, --html and --svg show one: choose"

    def _of_a_scenario(self) -> Iterator[str]:
        if self.column_map is not None:
            yield "--map belongs to --ledger; a SCENARIO has no columns"
        if self.draws:
            yield "--html and --svg draw a ledger; for a SCENARIO there is --calendar"
        if self.engine is Engine.TEMPORAL:
            yield "--engine temporal runs a ledger; give --ledger"

    def _of_a_ledger(self) -> Iterator[str]:
        if self.column_map is None or self.policy is None:
            yield "--ledger needs --map and --policy"
        if self.engine is Engine.TEMPORAL and (self.calendar or self.diff or self.draws):
            yield "--engine temporal only counts; leave out --calendar, --diff, --html and --svg"

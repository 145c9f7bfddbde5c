"""What a chaos run came to, for people and for machines."""

from collections.abc import Iterator

from schemas.base import Frozen

MOST_SHOWN = 20


class Unknown(Frozen):
    """An effect of which nobody knew whether it had happened, and how that was resolved."""

    key: str
    arrived: bool
    became: str
    reason: str | None


class Report(Frozen):
    """A whole run; what is listed under `duplicates` to `money` must not be."""

    seed: str
    cases: int
    seconds: float
    outcomes: dict[str, int]
    blows: dict[str, int]
    workers_started: int
    faults: dict[str, int]
    effects: dict[str, int]
    arrived: int
    events: dict[str, int]
    unknowns: tuple[Unknown, ...]
    duplicates: tuple[str, ...]
    losses: tuple[str, ...]
    wedged: tuple[str, ...]
    money: tuple[str, ...]

    @property
    def unresolved(self) -> tuple[Unknown, ...]:
        """Unknowns that neither a provider nor a person has resolved."""
        return tuple(one for one in self.unknowns if one.became == "unknown")

    @property
    def is_exact(self) -> bool:
        """Whether nothing was lost, repeated, wedged or miscounted, and nothing left unknown."""
        return not (self.duplicates or self.losses or self.wedged or self.money or self.unresolved)


def lines(report: Report) -> Iterator[str]:
    """Yield the report for people."""
    yield f"chaos run, seed {report.seed}: {report.cases} cases in {report.seconds:.0f} s"
    yield f"outcomes: {_counts(report.outcomes)}"
    yield f"blows: {_counts(report.blows)}; workers started: {report.workers_started}"
    yield f"faults of the providers: {_counts(report.faults)}"
    yield f"effects due: {sum(report.effects.values())} ({_counts(report.effects)})"
    yield f"effects that arrived: {report.arrived}"
    yield f"events told: {sum(report.events.values())} ({_counts(report.events)})"
    yield f"unknowns: {len(report.unknowns)}, unresolved: {len(report.unresolved)}"
    for one in report.unknowns[:MOST_SHOWN]:
        did = "arrived" if one.arrived else "did not arrive"
        yield f"  {one.key} {did}; now {one.became}: {one.reason}"
    for name in ("duplicates", "losses", "wedged", "money"):
        found: tuple[str, ...] = getattr(report, name)
        yield f"{'money differences' if name == 'money' else name}: {len(found)}"
        yield from (f"  {one}" for one in found[:MOST_SHOWN])


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{times} {name}" for name, times in sorted(counts.items())) or "none"

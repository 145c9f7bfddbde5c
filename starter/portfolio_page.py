"""A portfolio run as a page to look at, and as charts to use elsewhere.

The page is one file that needs nothing from outside and no script; below each chart stands a table
with the same figures. Each currency has a section of its own.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dunning.aging import BUCKETS
from schemas.errors import InputRefusedError
from schemas.money import Amount, plain
from starter import charts
from starter.course import Figures, MoneyPeriod

PAGES = Path(__file__).resolve().parent / "pages"
RESULTS = ("done", "skipped", "refused", "deferred", "unknown")


@dataclass(frozen=True)
class Exhibit:
    """A chart, and the table that says the same in figures."""

    name: str
    title: str
    svg: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def drawing(self) -> Markup:
        """The chart for the page: its texts were escaped when it was drawn."""
        return Markup(self.svg)  # noqa: S704


@dataclass(frozen=True)
class Section:
    """What belongs together under one heading."""

    title: str
    exhibits: tuple[Exhibit, ...]
    totals: tuple[tuple[str, str], ...] = ()


def sections(figures: Figures) -> tuple[Section, ...]:
    """Return the page's sections: what was done, then the money of each currency."""
    done = tuple(_what_was_done(figures))
    money = (
        Section(
            title=f"Money in {code}",
            exhibits=tuple(_money(code, periods, figures.word)),
            totals=_totals(figures, code),
        )
        for code, periods in figures.money.items()
    )
    return (Section("What was done", done), *money)


def _totals(figures: Figures, code: str) -> tuple[tuple[str, str], ...]:
    sums, periods = figures.result.money[code], figures.money[code]
    came_in = plain(sum(_minor(row.came_in, code) for row in periods), code)
    return (
        (f"invoiced, {code}", sums.invoiced),
        (f"came in, {code}", came_in),
        (f"charged, {code}", sums.charged),
        (f"open at the end, {code}", sums.open),
    )


def page(figures: Figures) -> str:
    """Return the page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("portfolio.html.j2")
    return template.render(figures=figures, sections=sections(figures))


def write_page(figures: Figures, path: Path) -> None:
    """Write the page to a file; raises InputRefusedError when that cannot be written."""
    _write(path, page(figures))


def write_charts(figures: Figures, folder: Path) -> tuple[Path, ...]:
    """Write each chart as an SVG file, and the figures of all as `figures.json`."""
    drawn = [one for section in sections(figures) for one in section.exhibits]
    files = {f"{one.name}.svg": one.svg for one in drawn}
    files["figures.json"] = figures.model_dump_json(indent=1) + "\n"
    for name, text in files.items():
        _write(folder / name, text)
    return tuple(folder / name for name in files)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputRefusedError(f"{path}: cannot be written: {error.strerror}") from error


def _what_was_done(figures: Figures) -> Iterator[Exhibit]:
    word, labels = figures.word, [str(row.since) for row in figures.sends]
    series = {
        channel: [row.channels[channel] for row in figures.sends] for channel in figures.channels
    }
    title = f"Sends per {word}, by channel"
    rows = (
        (str(row.since), str(row.until), *(str(row.channels[name]) for name in figures.channels))
        for row in figures.sends
    )
    yield Exhibit(
        name="sends",
        title=title,
        svg=charts.stacked_bars(title, labels, series),
        head=("from", "to", *figures.channels),
        rows=tuple(rows),
    )
    yield _steps(figures)
    yield _outcomes(figures)


def _steps(figures: Figures) -> Exhibit:
    counted = Counter[tuple[str, str]]()
    for row in figures.steps:
        counted[row.step, row.result] += row.times
    names = list(dict.fromkeys(row.step for row in figures.steps))
    found = [result for result in RESULTS if any(counted[name, result] for name in names)]
    series = {result: [counted[name, result] for name in names] for result in found}
    title = "Steps, by what became of them"
    return Exhibit(
        name="steps",
        title=title,
        svg=charts.lying_bars(title, names, series),
        head=("step", "result", "cases", "reason"),
        rows=tuple(
            (row.step, row.result, str(row.times), row.reason or "") for row in figures.steps
        ),
    )


def _outcomes(figures: Figures) -> Exhibit:
    outcomes = sorted(figures.result.outcomes.items(), key=lambda row: (-row[1], row[0]))
    title = "Outcomes of the cases"
    return Exhibit(
        name="outcomes",
        title=title,
        svg=charts.lying_bars(
            title, [name for name, _ in outcomes], {"cases": [n for _, n in outcomes]}
        ),
        head=("outcome", "cases"),
        rows=tuple((name, str(times)) for name, times in outcomes),
    )


def _money(code: str, periods: tuple[MoneyPeriod, ...], word: str) -> Iterator[Exhibit]:
    yield _aging(code, periods)
    yield _came_in(code, periods, word)
    yield _so_far(code, periods)


def _aging(code: str, periods: tuple[MoneyPeriod, ...]) -> Exhibit:
    ages = {
        f"{bucket} days" if bucket[0].isdigit() else bucket: [
            _minor(row.aging[bucket], code) for row in periods
        ]
        for bucket in BUCKETS
    }
    title, ends = f"Open in {code}, by days overdue", [str(row.until) for row in periods]
    return Exhibit(
        name=f"aging-{code}",
        title=title,
        svg=charts.stacked_areas(title, ends, ages, partial(plain, currency=code), charts.AGES),
        head=("at the end of", *BUCKETS, "open"),
        rows=tuple((str(row.until), *row.aging.values(), row.open) for row in periods),
    )


def _came_in(code: str, periods: tuple[MoneyPeriod, ...], word: str) -> Exhibit:
    series = {"came in": [_minor(row.came_in, code) for row in periods]}
    title, begins = f"Came in per {word}, in {code}", [str(row.since) for row in periods]
    write, colours = partial(plain, currency=code), charts.COLOURS[2:]
    return Exhibit(
        name=f"came-in-{code}",
        title=title,
        svg=charts.stacked_bars(title, begins, series, write, colours),
        head=("from", "to", "came in", "charged"),
        rows=tuple((str(row.since), str(row.until), row.came_in, row.charged) for row in periods),
    )


def _so_far(code: str, periods: tuple[MoneyPeriod, ...]) -> Exhibit:
    write, ends = partial(plain, currency=code), [str(row.until) for row in periods]
    came_in = list(accumulate(_minor(row.came_in, code) for row in periods))
    series = {"came in so far": came_in, "open": [_minor(row.open, code) for row in periods]}
    title = f"Came in so far and still open, in {code}"
    return Exhibit(
        name=f"money-{code}",
        title=title,
        svg=charts.lines(title, ends, series, write),
        head=("at the end of", "came in so far", "open"),
        rows=tuple(
            (end, write(total), row.open)
            for end, total, row in zip(ends, came_in, periods, strict=True)
        ),
    )


def _minor(text: str, currency: str) -> int:
    return Amount.model_validate({"amount": text, "currency": currency}).minor

"""The page and the charts of a portfolio run: the figures of the JSON, and nothing from outside."""

import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.simulation.conftest import HEAD, Simulate

SVG = "{http://www.w3.org/2000/svg}"


class Page(HTMLParser):
    """Reads a page: its tables by the id of their figure, its text, and all it refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.drawings: list[str] = []
        self.refers_to: list[str] = []
        self.tags: set[str] = set()
        self._figure = ""
        self._cell: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where we are."""
        found = dict(attrs)
        self.tags.add(tag)
        self.refers_to += [
            str(found[name]) for name in ("src", "href", "xlink:href") if name in found
        ]
        match tag:
            case "figure":
                self._figure = found["id"] or ""
                self.tables[self._figure] = []
            case "svg":
                self.drawings.append(self._figure)
            case "tr":
                self.tables[self._figure].append([])
            case "td" | "th":
                self._cell = ""

    def handle_endtag(self, tag: str) -> None:
        """Keep a cell that is complete."""
        if tag in {"td", "th"} and self._cell is not None:
            self.tables[self._figure][-1].append(self._cell)
            self._cell = None

    def handle_data(self, data: str) -> None:
        """Add to the cell we are in."""
        if self._cell is not None:
            self._cell += data


@pytest.fixture
def page(simulate: Simulate, tmp_path: Path) -> Page:
    code, _, err = simulate("--html", tmp_path / "out" / "page.html")
    assert (code, err.startswith("wrote ")) == (0, True)
    return Page((tmp_path / "out" / "page.html").read_text())


def test_every_chart_has_a_table_below_it_with_the_same_figures(page: Page) -> None:
    assert page.drawings == [
        *("sends", "steps", "outcomes"),
        *("aging-EUR", "came-in-EUR", "money-EUR"),
        *("aging-JPY", "came-in-JPY", "money-JPY"),
    ]
    assert all(len(page.tables[name]) > 1 for name in page.drawings)


def test_the_sends_of_the_page_are_those_of_the_calendar(page: Page, simulate: Simulate) -> None:
    calendar = json.loads(simulate("--calendar", "--json")[1])
    head, *rows = page.tables["sends"]
    assert head == ["from", "to", *calendar["channels"]]
    shown = {
        since: {name: int(n) for name, n in zip(head[2:], counts, strict=True) if n != "0"}
        for since, _, *counts in rows
    }
    assert {day: counts for day, counts in shown.items() if counts} == {
        day["on"]: day["channels"] for day in calendar["days"]
    }


def test_steps_outcomes_and_money_of_the_page_are_those_of_the_json(
    page: Page, simulate: Simulate
) -> None:
    result = json.loads(simulate("--json")[1])
    done = {step: int(times) for step, how, times, _ in page.tables["steps"][1:] if how == "done"}
    assert done == {step: times for step, times in result["steps"].items() if times}
    assert {name: int(n) for name, n in page.tables["outcomes"][1:]} == result["outcomes"]
    for code, sums in result["money"].items():
        assert page.tables[f"aging-{code}"][-1][-1] == sums["open"]
        assert page.tables[f"money-{code}"][-1][-1] == sums["open"]


def test_the_money_of_each_currency_stands_alone_and_exact(page: Page) -> None:
    days = {row[0]: row[1:] for row in page.tables["aging-EUR"][1:]}
    assert days["2026-01-29"] == ["1020.50", "0.00", "0.00", "0.00", "0.00", "1020.50"]
    assert days["2026-01-31"] == ["1000.00", "0.00", "0.00", "0.00", "0.00", "1000.00"]
    assert days["2026-02-09"] == ["0.00", "1040.00", "0.00", "0.00", "0.00", "1040.00"]
    assert days["2026-02-10"] == ["0.00", "40.00", "0.00", "0.00", "0.00", "40.00"]
    assert page.tables["aging-JPY"][-1][1:] == ["0", "0", "5500", "0", "0", "5500"]
    came_in = {row[0]: row[2:] for row in page.tables["came-in-EUR"][1:] if row[2:] != ["0.00"] * 2}
    assert came_in == {
        "2026-01-30": ["20.50", "0.00"],
        "2026-02-08": ["0.00", "40.00"],
        "2026-02-10": ["1000.00", "0.00"],
    }


def test_what_the_policy_writes_off_is_open_neither_on_the_page_nor_in_the_json(
    simulate: Simulate, tmp_path: Path
) -> None:
    policy = tmp_path / "gone.yaml"
    policy.write_text("id: gone\nsteps: [{id: gone, at: due+20d, do: write_off}]\n")
    _, out, _ = simulate("--html", tmp_path / "page.html", "--json", policy=str(policy))
    result, page = json.loads(out), Page((tmp_path / "page.html").read_text())
    assert result["outcomes"] == {"paid": 2, "written_off": 1}
    assert result["money"]["JPY"]["open"] == "0"
    assert page.tables["aging-JPY"][-1] == ["2026-02-20", "0", "0", "0", "0", "0", "0"]


def test_skipped_steps_are_told_with_their_reason(page: Page) -> None:
    assert ["handoff", "skipped", "1", "open amount below 7000"] in page.tables["steps"]


def test_the_page_needs_nothing_from_outside_and_no_script(
    simulate: Simulate, tmp_path: Path
) -> None:
    simulate("--html", tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    page = Page(text)
    assert page.refers_to == []
    assert not {"script", "link", "img", "iframe"} & page.tags
    assert set(re.findall(r"https?://[^\"'\s<)]+", text)) == {"http://www.w3.org/2000/svg"}
    assert "url(" not in text
    assert "@import" not in text


def test_the_same_run_draws_the_same_page(simulate: Simulate, tmp_path: Path) -> None:
    one, two = tmp_path / "one.html", tmp_path / "two.html"
    simulate("--html", one)
    simulate("--html", two)
    assert one.read_bytes() == two.read_bytes()


def test_each_chart_is_an_svg_of_its_own_that_says_what_it_shows(
    simulate: Simulate, tmp_path: Path
) -> None:
    code, _, _ = simulate("--svg", tmp_path / "charts")
    drawn = sorted((tmp_path / "charts").glob("*.svg"))
    assert (code, len(drawn)) == (0, 9)
    for path in drawn:
        root = ET.fromstring(path.read_text())  # noqa: S314 - we have just drawn it
        title = root.find(f"{SVG}title")
        assert root.get("role") == "img"
        assert title is not None
        assert title.text


def test_the_figures_are_written_beside_the_charts(simulate: Simulate, tmp_path: Path) -> None:
    _, out, _ = simulate("--svg", tmp_path, "--json")
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["result"] == json.loads(out)
    assert (figures["first"], figures["word"]) == ("2026-01-01", "day")


def test_names_from_the_ledger_cannot_become_markup(simulate: Simulate, ledger: Path) -> None:
    bad = ledger.parent / "<b>ledger&amp;.csv"
    bad.write_text(HEAD + "A1,A,2026-01-01,2026-01-31,<script>,EUR,\n")
    _, _, _ = simulate("--ledger", bad, "--html", ledger.parent / "page.html")
    text = (ledger.parent / "page.html").read_text()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;ledger&amp;amp;.csv" in text


def test_a_ledger_without_a_row_still_gives_a_page(simulate: Simulate, ledger: Path) -> None:
    ledger.write_text(HEAD)
    code, _, _ = simulate("--html", ledger.parent / "page.html")
    assert code == 0
    assert "Nothing to show" in (ledger.parent / "page.html").read_text()


def test_the_page_ends_where_the_run_does(simulate: Simulate, tmp_path: Path) -> None:
    simulate("--svg", tmp_path, "--until", "2026-02-05T12:00:00+00:00")
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert date.fromisoformat(figures["last"]) == date(2026, 2, 5)
    assert figures["money"]["EUR"][-1]["aging"]["1-30"] == "1000.00"


def test_a_place_that_cannot_be_written_is_named(simulate: Simulate, ledger: Path) -> None:
    code, _, err = simulate("--html", ledger / "page.html")
    assert code == 2
    assert "page.html: cannot be written" in err


def test_few_things_are_counted_in_whole_numbers(simulate: Simulate, tmp_path: Path) -> None:
    simulate("--svg", tmp_path)
    ticks = re.findall(r"<title>(\d+)</title>", (tmp_path / "outcomes.svg").read_text())
    assert len(ticks) > 1
    assert len(ticks) == len(set(ticks))

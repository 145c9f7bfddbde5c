"""Charts as SVG: no script, no font and no address from outside, the same bytes every time.

Money is drawn in whole minor units and written with its decimals, so no sum becomes a float.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence

import pygal
from pygal.graph.graph import Graph
from pygal.style import Style

# pygal leaves a finder of the old kind behind, which makes every later failing import warn
sys.meta_path[:] = [one for one in sys.meta_path if type(one).__module__ != pygal.__name__]

COLOURS = ("#2563a8", "#e08a1e", "#4b9b6a", "#b6413a", "#7b5ea7", "#5f7285", "#c2a83e", "#3fa7b5")
"""Told apart by most colour-blind readers as well; tables say the same in figures."""

AGES = ("#9db8d2", "#f0cf65", "#e79f3c", "#d2622f", "#9c2b2b")
"""The five buckets of aging, from not due to the oldest."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

_SCRIPTS = re.compile(r"<!--.*?-->|<script.*?</script>|<script[^>]*/>", re.DOTALL)
_FIGURE = re.compile(
    r'<desc class="value">([^<]*)</desc>(?:<desc class="[xy] centered">[^<]*</desc>)*'
    r'<desc class="x_label">([^<]*)</desc>'
)
"""What pygal's script would read to say on hover: a title says it without a script."""

MOST_LABELS = 14
"""As many dates as can be read beside each other."""

Series = Mapping[str, Sequence[int]]
Write = Callable[[int], str]


def stacked_bars(
    title: str,
    labels: Sequence[str],
    series: Series,
    write: Write = str,
    colours: Sequence[str] = (),
) -> str:
    """Return bars that stand on one another, one for each label."""
    chart = pygal.StackedBar(**_options(title, labels, write, colours or COLOURS))
    return _drawn(chart, title, series)


def stacked_areas(
    title: str, labels: Sequence[str], series: Series, write: Write, colours: Sequence[str]
) -> str:
    """Return areas that lie on one another, for sums that stand over time."""
    options = _options(title, labels, write, colours) | {"fill": True, "show_dots": False}
    return _drawn(pygal.StackedLine(**options), title, series)


def lines(title: str, labels: Sequence[str], series: Series, write: Write) -> str:
    """Return one line for each series."""
    options = _options(title, labels, write, COLOURS) | {
        "show_dots": len(labels) == 1,
        "stroke_style": {"width": 2.5},
    }
    return _drawn(pygal.Line(**options), title, series)


def lying_bars(title: str, labels: Sequence[str], series: Series) -> str:
    """Return bars that lie, for few things with long names; the first label is on top."""
    backwards = {name: list(reversed(values)) for name, values in series.items()}
    options = _options(title, list(reversed(labels)), str, COLOURS) | {
        "height": 124 + 34 * len(labels),
        "x_label_rotation": 0,
        "show_minor_x_labels": True,
        "show_y_guides": False,
    }
    return _drawn(pygal.HorizontalStackedBar(**options), title, backwards)


def _options(
    title: str, labels: Sequence[str], write: Write, colours: Sequence[str]
) -> dict[str, object]:
    every = max(1, -(-len(labels) // MOST_LABELS))
    return {
        "title": title,
        "x_labels": list(labels),
        "x_labels_major": [label for place, label in enumerate(labels) if place % every == 0],
        "show_minor_x_labels": every == 1,
        "x_label_rotation": 30 if len(labels) > MOST_LABELS // 2 else 0,
        "value_formatter": lambda value: write(round(value)),
        "style": _style(colours),
        "width": 960,
        "height": 380,
        "js": [],
        "legend_at_bottom": True,
        "legend_at_bottom_columns": 6,
        "include_x_axis": True,
        "show_x_guides": False,
        "order_min": 0,  # counts and minor units are whole
        "margin": 14,
        "margin_bottom": 28,  # the legend hangs below its place
        "no_data_text": "Nothing to show",
        "disable_xml_declaration": True,
    }


def _style(colours: Sequence[str]) -> Style:
    return Style(
        background="transparent",
        plot_background="transparent",
        foreground="#3a4754",
        foreground_strong="#1c2733",
        foreground_subtle="#c9d2da",
        guide_stroke_color="#e1e7ec",
        major_guide_stroke_color="#e1e7ec",
        guide_stroke_dasharray="0",
        major_guide_stroke_dasharray="0",
        font_family=FONT,
        title_font_size=17,
        label_font_size=12,
        major_label_font_size=12,
        legend_font_size=13,
        no_data_font_size=20,
        opacity="0.95",
        opacity_hover="1",
        transition="0s",
        colors=tuple(colours),
    )


def _drawn(chart: Graph, title: str, series: Series) -> str:
    chart.uuid = re.sub(r"\W+", "-", title.lower())  # styles are bound to it: one for each title
    for name, values in series.items():
        chart.add(name, list(values))
    drawn = _SCRIPTS.sub("", str(chart.render(is_unicode=True)))
    drawn = _FIGURE.sub(r"<title>\2: \1</title>", drawn)
    return drawn.replace("<svg ", '<svg role="img" ', 1)

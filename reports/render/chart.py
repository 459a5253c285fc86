"""Small charts as SVG that stands in the page itself: no script, no font, no reference to anything outside.

Colours are the page's (classes, not attributes), so that a chart prints and reads as the text around it.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from markupsafe import Markup

from agent import locale
from reports.document import Spark, Strip

WIDTH, HEIGHT, _EDGE = 120, 28, 2


def spark(chart: Spark) -> Markup:
    """A line over the period, with gaps where nothing was measured, and the limit as a dashed line where it is near."""
    values = [value for value in chart.spark if value is not None]
    if not values:
        return Markup('<span class="none">–</span>')
    low = chart.low if chart.low is not None else min(values)
    high = chart.high if chart.high is not None else max(max(values), chart.limit or 0)
    reach = (high - low) or 1.0

    def place(index: int, value: float) -> tuple[float, float]:
        across = index / max(1, len(chart.spark) - 1) * WIDTH
        share = min(1.0, max(0.0, (value - low) / reach))
        return round(across, 1), round(HEIGHT - _EDGE - share * (HEIGHT - 2 * _EDGE), 1)

    lines = Markup("").join(_line([place(index, value) for index, value in run]) for run in _runs(chart.spark))
    limit = Markup("")
    if chart.limit is not None and low < chart.limit <= high:
        across = place(0, chart.limit)[1]
        limit = Markup('<line class="limit" x1="0" x2="{}" y1="{}" y2="{}"/>').format(WIDTH, across, across)
    title = f"{locale.number(min(values), 1)} – {locale.number(max(values), 1)}"
    return Markup('<svg class="spark" viewBox="0 0 {} {}" role="img"><title>{}</title>{}{}</svg>').format(
        WIDTH, HEIGHT, title, limit, lines
    )


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    for measured, run in groupby(enumerate(values), key=lambda each: each[1] is not None):
        if measured:
            yield [(index, value) for index, value in run if value is not None]


def _line(points: list[tuple[float, float]]) -> Markup:
    if len(points) == 1:
        return Markup('<circle cx="{}" cy="{}" r="1.2"/>').format(*points[0])
    drawn = " ".join(f"{across},{down}" for across, down in points)
    floor = HEIGHT - _EDGE
    area = f"{points[0][0]},{floor} {drawn} {points[-1][0]},{floor}"
    return Markup('<polygon points="{}"/><polyline points="{}"/>').format(area, drawn)


def strip(chart: Strip, language: str) -> Markup:
    """The period as a bar. What lasted too short to be seen is drawn wide enough to be."""
    whole = sum(length for _what, length in chart.strip)
    if not whole:
        return Markup('<span class="none">–</span>')
    across, pieces = 0.0, []
    for what, length in chart.strip:
        width = 1000 * length / whole
        title = f"{locale.word(what, language)} {locale.say('{time:duration}', language, time=length)}"
        piece = Markup('<rect class="{}" x="{:.1f}" width="{:.1f}" height="10"><title>{}</title></rect>')
        pieces.append((what != "up", piece.format(what, across, max(width, 4.0 if what != "up" else width), title)))
        across += width
    drawn = Markup("").join(piece for _raised, piece in sorted(pieces, key=lambda each: each[0]))
    return Markup('<svg class="strip" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img">{}</svg>').format(
        drawn
    )

"""A document as one HTML file: its style inside, no script, nothing fetched; every value escaped."""

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from agent import locale
from agent.locale import Text
from reports.document import Cell, Document, Kind, Spark, Strip
from reports.render import chart

_MUTED = Markup('<span class="none">–</span>')
_MARKS = {"pass": "✓", "warn": "!", "fail": "✗", "not_applicable": "–", "not_checked": "?"}
_NUMERIC = {Kind.NUMBER, Kind.PERCENT, Kind.USAGE, Kind.CELSIUS, Kind.RATE, Kind.DURATION, Kind.CHANGE}


def render(document: Document, language: str = "en") -> str:
    """The whole page, in `en` or `zh_CN`."""
    return _environment().get_template("document.html.j2").render(_context(document, language))


def body(document: Document, language: str = "en") -> Markup:
    """What stands inside `<body>`, for a page that brings the `style` itself."""
    return Markup(_environment().get_template("body.html.j2").render(_context(document, language)))  # noqa: S704


def style() -> Markup:
    return Markup(_read("report.css"))  # noqa: S704 - our own file


def _context(document: Document, language: str) -> dict[str, Any]:
    language = locale.match(language)

    def said(text: Text) -> str:
        return locale.say(text.text, language, document.timezone, **text.values)

    return {
        "document": document,
        "language": language,
        "_": locale.words(language),
        "said": said,
        "show": lambda cell, kind, unit="": show(cell, kind, language, document.timezone, unit),
        "numeric": lambda kind: kind in _NUMERIC,
        "word": lambda code: locale.word(code, language),
        "moment": lambda at: locale.say("{at:moment}", language, document.timezone, at=at),
        "style": style(),
    }


def show(cell: Cell, kind: Kind, language: str, timezone: str, unit: str = "") -> Markup:
    """A cell, as its kind is written in the language."""
    if cell is None or cell == "":
        return _MUTED
    if isinstance(cell, Text):
        return escape(locale.say(cell.text, language, timezone, **cell.values)) or _MUTED
    if isinstance(cell, Spark):
        return chart.spark(cell)
    if isinstance(cell, Strip):
        return chart.strip(cell, language)
    if kind is Kind.MARK:
        told = (cell, locale.word(str(cell), language), _MARKS.get(str(cell), "?"))
        return Markup('<span class="mark {}" title="{}">{}</span>').format(*told)
    if kind in (Kind.STATUS, Kind.SEVERITY):
        return Markup('<span class="badge {}">{}</span>').format(cell, locale.word(str(cell), language))
    if isinstance(cell, str):
        return escape(_worded(cell, kind, language, timezone))
    return escape(_figure(float(cell), kind, language) + (f" {unit}" if unit else ""))


def _worded(cell: str, kind: Kind, language: str, timezone: str) -> str:
    if kind is Kind.WORD:
        return locale.word(cell, language)
    if kind is Kind.MOMENT:
        return locale.say("{at:short}", language, timezone, at=cell)
    if kind is Kind.DAY:
        return locale.say("{at:day}", language, timezone, at=cell)
    return cell


def _figure(value: float, kind: Kind, language: str) -> str:
    if kind is Kind.PERCENT:
        return locale.percent(value, language)
    if kind is Kind.USAGE:
        return locale.percent(value, language, 1)
    if kind is Kind.CELSIUS:
        return f"{locale.number(value, 1)} °C"
    if kind is Kind.RATE:
        return locale.quantity(value, "bit/s")
    if kind is Kind.DURATION:
        return locale.say("{time:duration}", language, time=value) if value else "0"
    if kind is Kind.CHANGE:
        return ("+" if value > 0 else "") + locale.number(round(value, 1)).replace("-", "−") if value else "±0"
    return locale.number(value)


def _read(name: str) -> str:
    return files("reports.render").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )

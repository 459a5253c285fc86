"""A message laid out: as plain text, as a page for a mail reader (inline styles, no pictures, fit for a telephone), and
as one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from agent import locale
from agent.locale import N_

SHORTEST_LINE = 140  # characters of what goes where there is little room, before the address
_COLOURS = {"P1": "#b3261e", "P2": "#c2410c", "P3": "#8a6100", "P4": "#0b6b7d"}
_OTHER = "#3b4252"
_WEB = ("https://", "http://")
_BODY = (
    "margin:0;padding:0;background:#f3f4f6;color:#1a1a1a;font:15px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif"
)
_CARD = "max-width:640px;margin:0 auto;padding:20px 16px;background:#ffffff;border-top:6px solid {colour}"
_HEAD = "margin:0 0 12px;font-size:18px;line-height:1.35;overflow-wrap:anywhere"
_LABEL = "text-align:left;vertical-align:top;padding:4px 12px 4px 0;color:#555;font-weight:600;width:28%"
_VALUE = "vertical-align:top;padding:4px 0;overflow-wrap:anywhere;word-break:break-word"
_QUIET = "color:#666;font-size:13px"
_BUTTON = (
    "display:inline-block;margin:4px 8px 4px 0;padding:9px 16px;border-radius:6px;background:#1f4e8c;"
    "color:#ffffff;text-decoration:none;font-weight:600"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of a list, and what is said of it in small print."""

    text: str
    note: str = ""
    code: bool = False  # a command: set in type of one width
    address: str = ""  # where to read on


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """All worded already. `links` are labels and addresses."""

    headline: str
    language: str
    severity: str = ""
    rows: Sequence[tuple[str, str]] = ()
    list_title: str = ""
    items: Sequence[Item] = ()
    closing: str = ""
    links: Sequence[tuple[str, str]] = ()


def text(letter: Letter) -> str:
    parts = [[letter.headline]]
    parts.append([f"{label}: {value}" for label, value in letter.rows])
    if letter.items:
        parts.append([f"{letter.list_title}:", *(line for item in letter.items for line in _lines(item))])
    parts.append([letter.closing] if letter.closing else [])
    parts.append([f"{label}: {address}" for label, address in letter.links])
    parts.append(["netcase"])
    return "\n\n".join("\n".join(part) for part in parts if part)


def _lines(item: Item) -> list[str]:
    return [f"  {item.text}", *(f"      {more}" for more in (item.note, item.address) if more)]


def html(letter: Letter) -> str:
    cells = "".join(
        f'<tr><th style="{_LABEL}">{escape(label)}</th><td style="{_VALUE}">{escape(value)}</td></tr>'
        for label, value in letter.rows
    )
    body = [f'<h1 style="{_HEAD}">{escape(letter.headline)}</h1>']
    if cells:
        body.append(f'<table role="presentation" style="border-collapse:collapse;width:100%">{cells}</table>')
    if letter.items:
        body.append(f'<h2 style="margin:18px 0 6px;font-size:15px">{escape(letter.list_title)}</h2>')
        body.append(f'<ul style="margin:0;padding:0 0 0 18px">{"".join(map(_item, letter.items))}</ul>')
    if letter.closing:
        body.append(f'<p style="margin:16px 0">{escape(letter.closing)}</p>')
    if buttons := "".join(map(_link, letter.links)):
        body.append(f'<p style="margin:16px 0">{buttons}</p>')
    body.append(f'<p style="margin:20px 0 0;{_QUIET}">netcase</p>')
    card = _CARD.format(colour=_COLOURS.get(letter.severity, _OTHER))
    return (
        f'<!doctype html><html lang="{escape(letter.language.replace("_", "-"))}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"></head>'
        f'<body style="{_BODY}"><div style="{card}">{"".join(body)}</div></body></html>'
    )


def _item(item: Item) -> str:
    face = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px;" if item.code else ""
    note = f'<br><span style="{_QUIET}">{escape(item.note)}</span>' if item.note else ""
    words = f'<span style="{face}">{escape(item.text)}</span>'
    if item.address.startswith(_WEB):
        words = f'<a href="{escape(item.address)}" style="color:#1f4e8c">{words}</a>'
    return f'<li style="padding:2px 0;overflow-wrap:anywhere">{words}{note}</li>'


def _link(link: tuple[str, str]) -> str:
    """Only addresses of the web become links: whatever else came in stays text."""
    label, address = link
    if not address.startswith(_WEB):
        return f"{escape(label)}: {escape(address)} "
    return f'<a href="{escape(address)}" style="{_BUTTON}">{escape(label)}</a>'


def short(subject: str, links: Sequence[tuple[str, str]] = ()) -> str:
    """For SMS and chat: the subject, cut, and the first address."""
    line = subject if len(subject) <= SHORTEST_LINE else subject[: SHORTEST_LINE - 1] + "…"
    address = next((address for _, address in links), "")
    return f"{line} {address}".strip()


def of_evidence(rows: Sequence[tuple[str, str, str, int, int]], language: str) -> list[Item]:
    """Of (device, command, state, bytes, secrets that were struck out)."""
    ngettext = locale.plurals(language)
    items = []
    for device, command, state, size, secrets in rows:
        parts = [device, locale.word(state, language)]
        parts += [locale.quantity(size, "B")] if size else []
        if secrets:
            struck = ngettext("{n} secret struck out", "{n} secrets struck out", secrets)
            parts.append(struck.replace("{n}", str(secrets)))
        items.append(Item(text=command, note=" · ".join(parts), code=True))
    return items


EVIDENCE = N_("Evidence")
THE_CASE = N_("The case")

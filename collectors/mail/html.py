"""The text of an HTML mail. Nothing in it is followed, fetched or run; it becomes plain text and nothing else.

A scanner of our own, because it must take as long as the text is: html.parser is quadratic in what a stranger may send.
"""

import re
from html import unescape

LONGEST = 1 << 20  # characters that are looked at
_UNSEEN = ("script", "style", "head", "title", "template", "svg", "math", "object", "iframe", "noscript")
_NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9:]{0,20})")
_HEAD_IS_OVER = re.compile("</head|<body")  # its end may be left out (HTML, 13.1.2.4)
_BREAKS = frozenset(
    ("br", "p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr", "blockquote")
)
_CELLS = frozenset(("td", "th"))


def text(page: str) -> str:
    page = page[:LONGEST]
    lowered = page.lower() if len(page.lower()) == len(page) else page
    parts: list[str] = []
    place = 0
    while place < len(page):
        tag = page.find("<", place)
        if tag < 0:
            parts.append(_words(page[place:]))
            break
        parts.append(_words(page[place:tag]))
        place = _past(page, lowered, tag, parts)
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _words(text: str) -> str:
    """Between tags a line break is a blank."""
    return unescape(text.replace("\n", " ").replace("\r", " "))


def _past(page: str, lowered: str, tag: int, parts: list[str]) -> int:
    """Where the text goes on after the tag (or comment) that begins there; its line breaks are put into `parts`."""
    if page.startswith("<!--", tag):
        return _after(page, "-->", tag + 4)
    if page.startswith(("<!", "<?"), tag):
        return _after(page, ">", tag)
    name = _NAME.match(page, tag + 1)
    if name is None:
        parts.append("<")
        return tag + 1
    word = name[1].lower()
    if word in _UNSEEN and page[tag + 1] != "/":
        if word == "head" and (over := _HEAD_IS_OVER.search(lowered, tag)):
            return over.start()
        ends = lowered.find(f"</{word}", tag)
        return len(page) if ends < 0 else _after(page, ">", ends)
    if word in _BREAKS:
        parts.append("\n")
    elif word in _CELLS:
        parts.append(" ")
    return _after(page, ">", tag)


def _after(page: str, what: str, start: int) -> int:
    found = page.find(what, start)
    return len(page) if found < 0 else found + len(what)

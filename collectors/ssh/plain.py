"""Tells, of many lines at once, whether a person would see them as they came: most of what devices print is so."""

_PRINTED = bytes({*range(0x20, 0x7F), *b"\t\r\n"})  # no erasures, no colours, no more than ASCII
_PAGERS = ("more", "press any key")


def lines(raw: bytes) -> str | None:
    """The text of whole lines, each with its end, as `terminal.line` makes of each; None where one needs more."""
    if raw.translate(None, _PRINTED):
        return None
    text = raw.decode("ascii").replace("\r\r\n", "\r\n").replace("\r\n", "\n")
    if "\r" in text:
        return None
    lower = text.lower()
    if any(pager in lower for pager in _PAGERS):
        return None
    trailing = " \n" in text or "\t\n" in text
    return "\n".join(map(str.rstrip, text.split("\n"))) if trailing else text

"""What devices send as text is hostile until it has gone through here: decoded, bounded, without control characters."""

_HIDDEN = [0x00AD, 0x061C, 0xFEFF, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x206A)]
_CONTROL = [*range(0x20), *range(0x7F, 0xA0)]
_ONE_LINE = dict.fromkeys(_CONTROL, " ") | dict.fromkeys(_HIDDEN, "")
_LINES = {code: to for code, to in _ONE_LINE.items() if code not in (0x09, 0x0A)}


def decode(raw: bytes) -> str:
    """UTF-8, else GB 18030 (Chinese devices), else Latin-1. A character cut off at the end is let go."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start >= len(raw) - 3 and error.reason in _CUT:
                return raw[: error.start].decode(encoding)
    return raw.decode("latin-1")


_CUT = ("unexpected end of data", "incomplete multibyte sequence")


def one_line(text: str, limit: int) -> str:
    """At most `limit` characters, control characters as spaces, invisible and direction-changing ones gone."""
    text = text[:limit]
    return (text if text.isprintable() else text.translate(_ONE_LINE)).strip()


def lines(text: str) -> str:
    """As `one_line`, but unbounded and with its line feeds and tabs."""
    return text if text.isprintable() else text.translate(_LINES)

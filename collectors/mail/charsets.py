"""Bytes of a mail to text, by the character set that they are in rather than the one that they are said to be in."""

import re

# What mails name, and what it is read with: the wider set of the same family (a page that says GB2312 holds GBK, one
# that says ISO-8859-1 holds Windows-1252). Only these: Python's own list has codecs that are no character sets.
_KNOWN = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8", "utf-8-sig"), "utf-8"),
    **dict.fromkeys(
        ("us-ascii", "ascii", "ansi_x3.4-1968", "iso-8859-1", "latin1", "latin-1", "windows-1252"), "cp1252"
    ),
    **dict.fromkeys(("cp1252", "iso-8859-15", "x-unknown", "unknown-8bit", "default", "8bit", "binary"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "gb_2312-80", "x-gbk", "cp936", "euc-cn", "gb18030-2000"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "cp950", "big5hkscs"), "big5hkscs"),
    **dict.fromkeys(
        ("iso-2022-jp", "iso-2022-jp-1", "iso-2022-jp-2", "csiso2022jp", "iso-2022-jp-ms"), "iso2022_jp_ext"
    ),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "cp932", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-jp",), "euc_jp"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "cp949", "ksc5601"), "cp949"),
    **dict.fromkeys(("iso-2022-kr",), "iso2022_kr"),
    **dict.fromkeys(("hz-gb-2312", "hz"), "hz"),
    **dict.fromkeys(("utf-16", "utf-16le", "utf-16be"), "utf-16"),
    **{f"iso-8859-{n}": f"iso8859_{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 16)},
    **{f"windows-125{n}": f"cp125{n}" for n in (0, 1, 3, 4, 5, 6, 7, 8)},
    **dict.fromkeys(("koi8-r",), "koi8_r"),
    **dict.fromkeys(("koi8-u",), "koi8_u"),
}
_GB = re.compile(rb"(?:[\x00-\x7f]|[\xa1-\xf7][\xa1-\xfe])*")
_JIS = re.compile(rb"\x1b(?:\$[@B]|\(J)")
_SMALL = 4  # bytes beyond ASCII that any two sets may share by chance


def text(raw: bytes, said: str = "") -> str:
    """Never fails: what no set can read becomes U+FFFD."""
    for codec in _candidates(raw, _KNOWN.get(said.strip().strip("\"'").lower()[:40], "")):
        try:
            return raw.decode(codec)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("utf-8", "replace")


def _candidates(raw: bytes, said: str) -> list[str]:
    """UTF-8 before all else where it fits, for hardly any other text does by chance."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ["utf-16"]
    if raw.isascii():
        found = said if said in {"hz", "iso2022_kr"} else ""
        return ["iso2022_jp_ext"] if _JIS.search(raw[:4096]) else [found, "ascii"] if found else ["ascii"]
    beyond = sum(byte > 0x7F for byte in raw[:4096])
    chinese = beyond >= _SMALL and _GB.fullmatch(raw) is not None
    if said in ("", "utf-8", "cp1252"):
        return ["utf-8", *(["gb18030"] if chinese else []), said or "cp1252", "gb18030"]
    return [*(["utf-8"] if beyond > _SMALL else []), said, *(["gb18030"] if chinese else []), "cp1252"]

"""Making the catalogues, in development: `.po` files to one `.mo` a language, and what is missing in them.

Babel is imported here and only here. Everything is written in a fixed order with a fixed header, so that the same words
give the same bytes.
"""

import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path

from agent.locale.catalogue import LANGUAGES

_PLURALS = {"en": "nplurals=2; plural=(n != 1);", "zh_CN": "nplurals=1; plural=0;"}
_KEYWORDS = {"_": None, "N_": None, "Text": None, "ngettext": (1, 2), "say": None, "gettext": None}
_PLACES = re.compile(r"\{\w+(:\w+)?\}")  # a text of nothing but places needs no wording
Entries = dict[str, str]  # as they stand in a .mo: context \x04 id [\0 plural id] → text [\0 text]


def read(directory: Path) -> Entries:
    """All `.po` files of a language. ValueError when two of them word one msgid differently."""
    from babel.messages.pofile import read_po

    entries: Entries = {}
    for path in sorted(directory.glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
        for message in catalogue:
            if not message.id or not message.string or message.fuzzy:
                continue
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            texts = [message.string] if isinstance(message.string, str) else list(message.string)
            key = (f"{message.context}\x04" if message.context else "") + "\0".join(ids)
            said = "\0".join(texts)
            if entries.setdefault(key, said) != said:
                raise ValueError(f"{path}: {key!r} is worded differently in another file of {directory.name}")
    return entries


def to_mo(entries: Entries, language: str) -> bytes:
    """The GNU gettext binary format (gettext manual, §10.3), without a hash table."""
    header = f"Language: {language}\nContent-Type: text/plain; charset=UTF-8\nPlural-Forms: {_PLURALS[language]}\n"
    pairs = [(key.encode(), text.encode()) for key, text in sorted({"": header, **entries}.items())]
    start = 28 + 16 * len(pairs)
    ids = b"".join(key + b"\0" for key, _ in pairs)
    tables, offset = [b"", b""], start
    for side, base in ((0, start), (1, start + len(ids))):
        offset = base
        for pair in pairs:
            tables[side] += struct.pack("<II", len(pair[side]), offset)
            offset += len(pair[side]) + 1
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + tables[0] + tables[1] + ids + b"".join(text + b"\0" for _, text in pairs)


def compile_all(root: Path) -> tuple[str, ...]:
    for language in LANGUAGES:
        directory = root / "agent" / "locale" / language
        (directory / "netcase.mo").write_bytes(to_mo(read(directory), language))
    return LANGUAGES


def used(root: Path) -> dict[str, list[str]]:
    """Every msgid that code, templates and checklists say, with where they say it."""
    found: dict[str, list[str]] = {}
    for path in sorted((*root.glob("agent/**/*"), *root.glob("reports/**/*"))):
        for text in _said_in(path):
            found.setdefault(text, []).append(str(path.relative_to(root)))
    return found


def _said_in(path: Path) -> Iterator[str]:
    from babel.messages.extract import extract

    if path.suffix == ".py":
        method = "python"
    elif path.suffix in {".j2", ".html"}:
        method = "jinja2.ext:babel_extract"
    elif path.suffix == ".yaml" and "checklists" in path.parts:
        yield from _said_in_checklist(path)
        return
    else:
        return
    with path.open("rb") as file:
        options = {"trimmed": "true", "silent": "false"} if method != "python" else {}
        for _line, message, _comments, _context in extract(method, file, _KEYWORDS, (), options):
            text = message if isinstance(message, str) else message[0] if message else ""
            if any(letter.isalpha() for letter in _PLACES.sub("", text or "")):
                yield text


def _said_in_checklist(path: Path) -> Iterator[str]:
    import yaml

    body = yaml.safe_load(path.read_text(encoding="utf-8"))
    yield str(body["title"])
    for item in body["items"]:
        for key in ("title", "advice"):
            if item.get(key):
                yield str(item[key])


def untranslated(root: Path, language: str = "zh_CN") -> dict[str, list[str]]:
    known = {key.split("\0")[0] for key in read(root / "agent" / "locale" / language)}
    return {text: places for text, places in used(root).items() if text not in known}


def stub(text: str) -> str:
    return f'msgid {json.dumps(text, ensure_ascii=False)}\nmsgstr ""'

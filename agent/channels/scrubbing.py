"""Keys that stand in addresses never come out again: not in an error, not in a log, not on a case."""

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

LONGEST = 300
STRUCK = "…"
_SHORTEST = 5  # characters of a part that may be a key; what is shorter would strike out ordinary words
_PARTS = re.compile(r"[/:@?&=;,#+%\s]+")


def parts_of(url: str) -> frozenset[str]:
    """All of a URL that may be a key, as it stands there and decoded; the host name and the port are none."""
    try:
        split = urlsplit(url)
        plain = {split.scheme, split.hostname or "", str(split.port or "")}
    except ValueError:
        plain = set()
    found = {url, unquote(url), *_PARTS.split(url), *_PARTS.split(unquote(url))}
    whole = url.partition("://")[2]
    found |= {whole, unquote(whole)}
    return frozenset(part for part in found if len(part) >= _SHORTEST and part not in plain)


def scrub(text: str, secrets: Iterable[str]) -> str:
    """One bounded line without any of the secrets, the longest struck out first."""
    for secret in sorted(secrets, key=len, reverse=True):
        if secret:
            text = text.replace(secret, STRUCK)
    flat = " ".join("".join(c if c.isprintable() else " " for c in text.encode("utf-8", "replace").decode()).split())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + STRUCK

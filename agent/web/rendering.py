"""From a template and its values to a page in the visitor's language."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from agent import locale
from agent.cases.case import Severity
from agent.faults.fault import FaultKind
from agent.web.auth import Gate

COOKIE = "netcase_lang"
_YEAR_S = 365 * 24 * 3600
_NAMES = {"en": "English", "zh_CN": "中文"}


def language(request: Request) -> str:
    """`?lang=` before the cookie before Accept-Language; one of `locale.LANGUAGES`."""
    for wanted in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if wanted:
            return locale.match(wanted)
    return locale.match(request.headers.get("accept-language", ""))


class Pages:
    """The templates. Times are shown on the clock of `timezone`."""

    def __init__(self, timezone: str, now: Callable[[], datetime], version: str = "", gate: Gate | None = None) -> None:
        self.timezone = timezone
        self._gate = gate or Gate()
        self._now = now
        self._templates = Environment(
            loader=PackageLoader("agent.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["version"] = version
        self._templates.filters["reword"] = _reword

    def render(self, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        tongue = language(request)
        text = self._templates.get_template(template).render(
            **self._words(tongue),
            path=request.url.path,
            query=partial(_query, request),
            languages=[(code, _NAMES[code], _query(request, lang=code)) for code in locale.LANGUAGES],
            signed_in=self._gate.visitor(request, self._now()),
            may_sign_in=bool(self._gate.keys),
            form_token=self._gate.form_token(request, self._now()),
            **values,
        )
        response = HTMLResponse(text, status)
        response.headers["content-language"] = tongue.replace("_", "-")
        response.headers["vary"] = "Accept-Language, Cookie"
        if request.query_params.get("lang"):
            response.set_cookie(COOKIE, tongue, max_age=_YEAR_S, httponly=True, samesite="lax")
        return response

    def _words(self, tongue: str) -> dict[str, Any]:
        """What every template may call to word things."""
        now = self._now()
        return {
            "_": locale.words(tongue),
            "lang": tongue,
            "now": now,
            "timezone": self.timezone,
            "say": lambda text, /, **values: locale.say(text, tongue, self.timezone, **values),
            "reword": lambda sentence: _reword(sentence, tongue),
            "ngettext": lambda one, many, n, /, **values: _place(locale.plurals(tongue)(one, many, n), n=n, **values),
            "word": lambda code: locale.word(str(code), tongue),
            "head": lambda code: _capital(locale.word(str(code), tongue)),
            "plain": _plain,
            "moment": lambda at: locale.moment(at, tongue, self.timezone),
            "seconds": lambda at: f"{locale.moment(at, tongue, self.timezone)}:{at.second:02d}",
            "short": lambda at: locale.moment(at, tongue, self.timezone, year=False),
            "duration": lambda length: locale.duration(_length(length), tongue),
            "ago": lambda at: locale.duration(now - at, tongue),
            "percent": lambda value, digits=2: locale.percent(value, tongue, digits),
            "number": locale.number,
            "quantity": locale.quantity,
        }


def _length(value: timedelta | float) -> timedelta:
    return value if isinstance(value, timedelta) else timedelta(seconds=value)


_PREFIXED = re.compile(r"(\w+)(: | )(.+)", re.DOTALL)


def _reword(sentence: str, tongue: str) -> str:
    """A timeline says a severity before its reason ("P2: the whole of …") and a kind before its subject."""
    said = locale.reword(sentence, tongue)
    found = _PREFIXED.fullmatch(said)
    if found and found[1] in set(Severity):
        return f"{found[1]}{found[2]}{locale.reword(found[3], tongue)}"
    if found and found[1] in set(FaultKind):
        return f"{locale.word(found[1], tongue)}{found[2]}{locale.reword(found[3], tongue)}"
    return said


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(text: str) -> str:
    """What a device sent, with its control and direction characters made visible."""
    return "".join(c if c.isprintable() or c == "\n" else "\u00b7" for c in text)


def _place(text: str, **values: Any) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def _query(request: Request, **changes: Any) -> str:
    """The page's own address with some parameters changed (None: left out)."""
    query = {**request.query_params, **changes}
    kept = {name: str(value) for name, value in query.items() if value not in {None, ""}}
    return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path

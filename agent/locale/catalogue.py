"""The catalogues: one `.mo` a language, read once, and the choice of a language."""

import gettext
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from io import BytesIO

LANGUAGES = ("en", "zh_CN")


def N_(text: str) -> str:  # noqa: N802 - gettext's customary name for "marked here, worded later"
    return text


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    data = files("agent.locale").joinpath(language, "netcase.mo").read_bytes()
    return gettext.GNUTranslations(BytesIO(data))


def match(wanted: str) -> str:
    """The language we have for a tag (`zh`, `zh-Hans-CN`, `en_GB`) or an Accept-Language header; English if none."""
    choices = []
    for place, choice in enumerate(wanted.split(",")[:50]):
        tag, _, weight = choice.strip().partition(";q=")
        try:
            choices.append((-float(weight or 1), place, tag.strip().lower()))
        except ValueError:
            continue
    for _weight, _place, tag in sorted(choices):
        if tag[:2] in {"zh", "en"}:
            return "zh_CN" if tag.startswith("zh") else "en"
    return "en"


def words(language: str) -> Callable[[str], str]:
    """The translating function of a language; what it does not know stays English."""
    catalogue = _catalogue(match(language))
    return lambda text: catalogue.gettext(text) if text else ""  # gettext answers "" with the catalogue's header


def plurals(language: str) -> Callable[[str, str, int], str]:
    """ngettext of a language: (text for one, text for many, how many)."""
    return _catalogue(match(language)).ngettext


def word(code: str, language: str) -> str:
    """An enum's value as people say it: `cpu_high` is "high CPU". A code without words loses its underscores."""
    said = _catalogue(match(language)).pgettext("word", code)
    return said if said != code else words(language)(code.replace("_", " "))

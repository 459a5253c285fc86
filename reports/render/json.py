"""A document as JSON, for programs: the numbers as they are, and every text in one language beside its msgid."""

import json
from collections.abc import Mapping
from typing import Any

from agent import locale
from reports import document as documents
from reports.document import Document


def render(document: Document, language: str = "en") -> str:
    """`documents.from_json` reads it back; what is `said` is there for the reader and is not needed for that."""
    body = {"language": locale.match(language), **documents.to_json(document)}
    return json.dumps(_said(body, language, document.timezone), ensure_ascii=False, indent=1) + "\n"


def _said(body: Any, language: str, timezone: str) -> Any:
    if isinstance(body, list):
        return [_said(each, language, timezone) for each in body]
    if not isinstance(body, Mapping):
        return body
    if body.keys() == {"text", "values"}:
        msgid = body["text"]
        return {**body, "said": locale.say(msgid, language, timezone, **body["values"])}
    return {key: _said(value, language, timezone) for key, value in body.items()}

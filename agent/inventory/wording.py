"""What pydantic found, in words for the person who wrote the inventory. What was written is never repeated here."""

import re
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from agent.inventory.problems import Path, Problems


def explain(error: ValidationError, model: type[BaseModel] | None, at: Path, problems: Problems) -> None:
    """Note every error of validating `model` with what stands at `at`. A model of None has no keys to suggest."""
    if error.error_count() > 2_000:
        problems.add(at, f"has {error.error_count()} errors", "Check the indentation")
        return
    for detail in error.errors(include_url=False):
        inner = tuple(step for step in detail["loc"] if step != "[key]")
        if detail["type"] == "extra_forbidden":
            unknown_key(at + inner, list(_fields(model, inner[:-1])), problems)
        elif detail["type"] == "missing":
            field = _fields(model, inner[:-1]).get(str(inner[-1]))
            problems.add(at + inner, "is missing", f"Write {inner[-1]}: {_lower(field)}")
        elif detail["type"] in ("enum", "literal_error"):
            _choice(detail, at + inner, problems)
        else:
            message, advice = _words(detail)
            problems.add(at + inner, message, advice)


def unknown_key(path: Path, known: list[str], problems: Problems) -> None:
    problems.add(path, "unknown key", options=known, wrote=str(path[-1]))


def _fields(model: type[BaseModel] | None, loc: Path) -> dict[str, FieldInfo]:
    """The fields of the model at `loc` inside `model`."""
    for step in loc:
        if model is not None and step in model.model_fields:
            model = _inside(model.model_fields[str(step)].annotation) or model
    return dict(model.model_fields) if model is not None else {}


def _lower(field: FieldInfo | None) -> str:
    """The first sentence that describes a field, to stand within another."""
    text = field.description or "" if field is not None else ""
    text = re.split(r"[.;:]", text)[0]
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _inside(annotation: Any) -> type[BaseModel] | None:
    """The model in `list[Contact]`, `dict[Level, Sla]`, `Smtp | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        if found := _inside(argument):
            return found
    return None


def _choice(detail: ErrorDetails, path: Path, problems: Problems) -> None:
    options = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
    written = detail["input"]
    what = "unknown key" if "[key]" in detail["loc"] else "is none of the words that may stand here"
    problems.add(path, what, options=options, wrote=written if isinstance(written, str) else "")


_WORDS = {
    "string_type": ("must be text", "Write one value, in quotes if it holds a colon"),
    "string_too_short": ("is empty", "Write something"),
    "string_too_long": ("is longer than {max_length} characters", "Shorten it"),
    "list_type": ("must be a list", "Write it in brackets: [a, b]"),
    "too_short": ("has fewer than {min_length} entries", "Write at least {min_length}"),
    "too_long": ("has more than {max_length} entries", "Write at most {max_length}"),
    "greater_than": ("is too small", "Write more than {gt:g}"),
    "greater_than_equal": ("is too small", "Write at least {ge:g}"),
    "less_than": ("is too large", "Write less than {lt:g}"),
    "less_than_equal": ("is too large", "Write at most {le:g}"),
    "finite_number": ("must be a number", "Write digits, such as 90 or 99.95"),
}


def _words(detail: ErrorDetails) -> tuple[str, str]:
    kind, ctx = detail["type"], detail.get("ctx", {})
    if kind == "wrong":
        return ctx["message"], ctx["advice"]
    if kind in _WORDS:
        message, advice = _WORDS[kind]
        return message.format(**ctx), advice.format(**ctx)
    if kind.startswith("int_"):
        return "must be a whole number", "Write digits, such as 161"
    if kind.startswith("float_"):
        return "must be a number", "Write digits, such as 90 or 99.95"
    if kind.startswith(("model_", "dict_")):
        return "must be a map of keys and values", "Write key: value, one a line, indented below it"
    return detail["msg"], ""

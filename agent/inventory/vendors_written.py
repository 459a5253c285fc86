"""Vendors and the replacing of hardware as they are written in an inventory."""

# ruff: noqa: RUF012 - pydantic gives every model a default of its own

import re
from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from agent.inventory.fields import Duration, Email, Text, wrong
from agent.inventory.problems import Problems, shown
from agent.inventory.section import Section
from agent.inventory.vendors import Form, Minimum, Replacing, TooLarge, Vendor

Level = Literal["P1", "P2", "P3", "P4"]
_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s?(KB|MB|GB)", re.ASCII | re.IGNORECASE)
_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9}
_LEAST, _MOST = 10**5, 10**12
_PLACES = frozenset({"case", "reference", "device", "customer"})
_NAMING = re.compile(r"[A-Za-z0-9._-]|\{([a-z]+)\}", re.ASCII)
_NAMING_ADVICE = "Write letters, digits, . _ - and the places {case} {reference} {device} {customer}"


def size(value: object) -> int:
    advice = "Write a number and a unit: 500KB, 250MB or 2GB"
    if not isinstance(value, str):
        raise wrong("must be a size", advice)
    match = _SIZE.fullmatch(value.strip())
    if match is None:
        raise wrong(f"{shown(value)!r} is no size", advice)
    octets = round(float(match[1]) * _UNITS[match[2].upper()])
    if not _LEAST <= octets <= _MOST:
        raise wrong(f"{shown(value)} cannot be an upload limit", "Write 100KB to 1000GB")
    return octets


def naming(value: object) -> str:
    if not isinstance(value, str):
        raise wrong("must be a file name", _NAMING_ADVICE)
    text, at = value.strip(), 0
    while at < len(text):
        match = _NAMING.match(text, at)
        if match is None:
            raise wrong(f"{shown(text)!r} cannot be a file name", _NAMING_ADVICE)
        if match[1] and match[1] not in _PLACES:
            raise wrong(f"{{{match[1]}}} is no place of a file name", _NAMING_ADVICE)
        at = match.end()
    if "{case}" not in text and "{reference}" not in text:
        raise wrong("the name would be the same for every case", "Write {case} or {reference} into it")
    if text.startswith("."):
        raise wrong("a file name cannot begin with a dot", _NAMING_ADVICE)
    return text


def portal(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not re.fullmatch(r"https?://[^\s<>\"']{1,500}", text) or not text.isprintable():
        raise wrong("must be the address of a web page", "Write it as https://support.example.net/")
    return text


Size = Annotated[
    int,
    BeforeValidator(size),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(KB|MB|GB)$", "examples": ["250MB", "2GB"]}),
]
Naming = Annotated[str, BeforeValidator(naming), WithJsonSchema({"type": "string", "examples": ["{reference}_{case}"]})]
Portal = Annotated[str, BeforeValidator(portal), WithJsonSchema({"type": "string", "pattern": r"^https?://"})]


class WrittenMinimum(Section):
    part: Text
    """The part number."""
    at: Text
    """A site, or headquarters."""
    least: Annotated[int, Field(ge=1, le=10_000)]
    """So many should be in stock."""


class WrittenReplacing(Section):
    healthy_after: Duration | None = None
    """A replaced part is healthy after so long without a fault of its device, once it was seen."""
    return_within: Annotated[int, Field(ge=1, le=365)] | None = None
    """Working days in which the failed part goes back, from the installation of the new one."""
    remind_before: Annotated[int, Field(ge=0, le=30)] | None = None
    """Working days before that, in which the engineer is reminded."""
    remind_every: Annotated[int, Field(ge=1, le=30)] | None = None
    """Working days between reminders once it is late."""
    vendor_grace: Duration | None = None
    """A vendor's overdue update is escalated after so long."""
    minimum_stock: list[WrittenMinimum] = []
    """How many spare parts should lie where; fewer are a warning."""


def replacing(written: WrittenReplacing) -> Replacing:
    said = {
        key: value
        for key in written.model_fields_set
        if key != "minimum_stock" and (value := getattr(written, key)) is not None
    }
    minimums = tuple(Minimum(part=each.part, location=each.at, least=each.least) for each in written.minimum_stock)
    return Replacing(**said, minimum_stock=minimums)


class WrittenVendor(Section):
    title: Text = ""
    """The name as it stands in cases and mails."""
    email: Email | None = None
    """The address of their technical assistance centre."""
    phone: Text = ""
    """Its telephone number, in quotes."""
    portal: Portal | None = None
    """The web page on which cases are opened."""
    contract: Text = ""
    """The contract or support number under which they help us."""
    severities: dict[Level, Text] = {}
    """Their words for P1 to P4."""
    updates: dict[Level, Duration] = {}
    """How often they tell news, for P1 to P4; left out: 1h, 4h, 1d, 3d."""
    largest_upload: Size | None = None
    """The largest file that they take."""
    too_large: TooLarge | None = None
    """A larger bundle is split into numbered archives, or its largest files are left out; both are told."""
    form: Form | None = None
    """What they take: zip or tar.gz."""
    naming: Naming | None = None
    """How an upload is called, with the places {case} {reference} {device} {customer}."""


def vendor(name: str, written: WrittenVendor) -> Vendor:
    said = {key: value for key in written.model_fields_set if (value := getattr(written, key)) is not None}
    return Vendor(name=name, **said)


def check(written: WrittenReplacing | None, known: Collection[str], problems: Problems) -> None:
    """`known` are the locations that there are."""
    for index, minimum in enumerate(written.minimum_stock if written else ()):
        if minimum.at not in known:
            at = ("policies", "rma", "minimum_stock", index, "at")
            problems.add(at, f"unknown location {shown(minimum.at)!r}", options=known, wrote=minimum.at)

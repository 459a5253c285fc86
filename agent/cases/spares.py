"""Spare parts: which there are, where each lies, and what may become of it.

A part is known by its serial number, which stands in one place only: on a shelf, promised to an RMA, in a device, or
on its way back.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from agent.errors import RefusedError
from agent.inventory.vendors import HEADQUARTERS as HEADQUARTERS
from agent.inventory.vendors import Minimum

VENDOR = "vendor:"
_SERIAL = re.compile(r"[A-Z0-9][A-Z0-9._/#+-]{1,63}")
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/#+()-]{0,63}")
LONGEST_NOTE = 300


class SpareState(StrEnum):
    IN_STOCK = "in_stock"
    RESERVED = "reserved"  # for an RMA
    IN_USE = "in_use"  # it runs in a device
    DEFECTIVE = "defective"  # taken out of a device, and not sent back yet
    RETURNED = "returned"  # sent back


class Source(StrEnum):
    """Where a replacement comes from, in the order in which it is looked for."""

    SITE = "site"
    HEADQUARTERS = "headquarters"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """`location` is a site's name, `headquarters`, or `vendor:` and a vendor's name."""

    serial: str
    part: str  # the part number; what a request is matched with
    model: str = ""
    location: str
    state: SpareState = SpareState.IN_STOCK
    rma: int = 0  # the RMA for which it is reserved, or by which it came to where it is
    note: str = ""
    changed: datetime

    @property
    def source(self) -> Source:
        return source_of(self.location)


def source_of(location: str) -> Source:
    if location == HEADQUARTERS:
        return Source.HEADQUARTERS
    return Source.VENDOR if location.startswith(VENDOR) else Source.SITE


def serial_number(text: str) -> str:
    """As it is kept and compared: in capitals, without blanks around. Raises RefusedError."""
    found = text.strip().upper()
    if not _SERIAL.fullmatch(found):
        raise RefusedError(
            f"{_shown(text)} cannot be a serial number: write 2 to 64 letters and digits as printed on the part"
        )
    return found


def part_number(text: str) -> str:
    """Raises RefusedError."""
    found = " ".join(text.split())
    if not _PART.fullmatch(found):
        raise RefusedError(
            f"{_shown(text)} cannot be a part number: write 1 to 64 letters, digits and . _ / # + ( ) -"
            " as printed on the part"
        )
    return found


def place(text: str, sites: Collection[str], vendors: Collection[str]) -> str:
    """A location that there is. Raises RefusedError, which says what there is."""
    found = text.strip()
    if found == HEADQUARTERS or found in sites or (found.startswith(VENDOR) and found[len(VENDOR) :] in vendors):
        return found
    known = [HEADQUARTERS, *sorted(sites), *(f"{VENDOR}{name}" for name in sorted(vendors))]
    more = ", …" if len(known) > _NAMED else ""
    raise RefusedError(f"{_shown(text)} is no location: write one of {', '.join(known[:_NAMED])}{more}")


_NAMED = 12


def _shown(text: str) -> str:
    return repr("".join(c if c.isprintable() else "�" for c in text[:60]))


def fits(spare: Spare, part: str) -> bool:
    """By part number or model, whatever the case of their letters."""
    wanted = part.casefold()
    return wanted in {spare.part.casefold(), spare.model.casefold()}


def nearest(stock: Iterable[Spare], part: str, site: str) -> list[Spare]:
    """Those that can be promised for the part, in the order in which they should be: of the site itself, then of
    headquarters, then what a vendor keeps for us; among those the one that lies there longest."""
    found = [
        spare
        for spare in stock
        if spare.state is SpareState.IN_STOCK
        and fits(spare, part)
        and (spare.source is not Source.SITE or spare.location == site)
    ]
    order = list(Source)
    return sorted(found, key=lambda spare: (order.index(spare.source), spare.changed, spare.serial))


def moved(spare: Spare, location: str, note: str, now: datetime) -> Spare:
    """To another shelf, or back into stock. Raises RefusedError for one that is promised or runs in a device."""
    if spare.state in (SpareState.RESERVED, SpareState.IN_USE):
        held = f" for RMA-{spare.rma:06d}" if spare.rma else ""
        raise RefusedError(f"{spare.serial} is {spare.state.replace('_', ' ')}{held}: it cannot be moved by hand")
    return replace(spare, location=location, state=SpareState.IN_STOCK, rma=0, note=note or spare.note, changed=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many of a part lie at a location; `least` is how many should be in stock, 0: nothing is asked for."""

    part: str
    location: str
    states: Mapping[SpareState, int]
    least: int = 0

    @property
    def in_stock(self) -> int:
        return self.states.get(SpareState.IN_STOCK, 0)

    @property
    def low(self) -> bool:
        return self.in_stock < self.least


def count(stock: Iterable[Spare], minimums: Iterable[Minimum] = ()) -> tuple[Count, ...]:
    """By part and location, sorted; a part of which there should be some is counted where there is none."""
    found: dict[tuple[str, str], Counter[SpareState]] = {}
    named: dict[str, str] = {}
    for spare in stock:
        part = named.setdefault(spare.part.casefold(), spare.part)
        found.setdefault((part, spare.location), Counter())[spare.state] += 1
    least = {}
    for minimum in minimums:
        key = named.setdefault(minimum.part.casefold(), minimum.part), minimum.location
        found.setdefault(key, Counter())
        least[key] = minimum.least
    return tuple(
        Count(part=part, location=location, states=dict(states), least=least.get((part, location), 0))
        for (part, location), states in sorted(found.items())
    )

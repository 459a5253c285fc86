"""Whether a device said beforehand that it was asked to restart, which is another thing than a crash."""

import re
from collections.abc import Iterable
from datetime import timedelta

from agent.observation import Event

BEFORE = timedelta(minutes=20)  # a reload that is asked for is written down at once; a chassis takes long to come up
_ASKED = re.compile(
    r"\b(reload|reboot|restart|shutdown)\w*\b.{0,120}?\b(request|command|initiated|issued|by (user|admin|console))"
    r"|\b(request|command|initiated|issued|user \S{1,64})\b.{0,120}?\b(reload|reboot|restart)",
    re.IGNORECASE,
)
_SHOWN = 120  # characters


def announced(events: Iterable[Event]) -> str:
    """The line in which the device says that it was asked to restart; empty where none does."""
    lines = (event.text[:2_000] for event in sorted(events, key=lambda event: event.arrived, reverse=True))
    return next((line[:_SHOWN] for line in lines if _ASKED.search(line)), "")

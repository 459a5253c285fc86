"""The last gate before a connection is made: only commands on the platform's list, and nothing that could be two."""

import re
from collections.abc import Mapping
from functools import cache

from agent.errors import RefusedError
from collectors.ssh import commands

# Whatever the list says, these never go to a device: line ends and other controls, separators, redirections,
# substitutions, escapes, and anything beyond ASCII. A pipe may only stand where the list itself has it.
_FORBIDDEN = re.compile(r"[^\x20-\x7e]|[;&<>`$\\!?*#(){}'~]")
_PARAMETERS: Mapping[str, str] = {"interface": r"[A-Za-z][\w./:@-]{0,62}", "peer": r"[0-9A-Fa-f.:]{2,45}"}


def check(platform: str, line: str) -> None:
    """Raises RefusedError when the command is not one that the platform's list lets through."""
    found = _FORBIDDEN.search(line)
    if found:
        raise RefusedError(f"Refused: {found[0]!r} may not stand in a command that only reads.")
    if not any(pattern.fullmatch(line) for pattern in _allowed(platform)):
        raise RefusedError(f"Refused: “{line[:100]}” is not on {platform}'s list of commands that only read.")


def checked(platform: str, topic: str, parameters: Mapping[str, str]) -> commands.Command:
    """The topic's command, filled in and let through. Raises RefusedError."""
    command = commands.command(platform, topic, parameters)
    for line in command.lines:
        check(platform, line)
    return command


@cache
def _allowed(platform: str) -> tuple[re.Pattern[str], ...]:
    """One pattern a template: its own words exactly, its parameters by their form."""
    templates = {t for topic in commands.of(platform).topics.values() for t in (*topic.run, *topic.ipv6)}
    return tuple(re.compile(_pattern(template), re.ASCII) for template in sorted(templates))


def _pattern(template: str) -> str:
    parts = re.split(r"\{(\w+)\}", template)
    return "".join(_PARAMETERS[part] if n % 2 else re.escape(part) for n, part in enumerate(parts))

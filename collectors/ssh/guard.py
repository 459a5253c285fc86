"""The last gate before a connection is made: only commands on the platform's list, and nothing that could be two.

Three locks, of which each alone would do: no sign that a device or a shell reads as more than a word, the words of one
template of the list exactly, and every parameter of the form that the platform's data allows.
"""

import re
from collections.abc import Mapping
from functools import cache

from agent.errors import RefusedError
from collectors.ssh import commands

# Whatever the list says, these never go to a device: line ends and other controls, separators, redirections,
# substitutions, escapes, help, and anything beyond ASCII. A pipe may only stand where the list itself has it.
_FORBIDDEN = re.compile(r"[^\x20-\x7e]|[;&<>`$\\!?*#(){}\[\]'~^%]")
_ANYTHING = {"interface": r"([\w./:@ -]{1,64})", "peer": r"([0-9A-Fa-f.:]{2,45})"}
_LONGEST = 200


def check(platform: str, line: str) -> None:
    """Raises RefusedError when the command is not one that the platform's list lets through."""
    found = _FORBIDDEN.search(line)
    if found:
        raise RefusedError(f"Refused: {found[0]!r} may not stand in a command that only reads.")
    if len(line) > _LONGEST or not any(_lets_through(platform, line, *allowed) for allowed in _allowed(platform)):
        raise RefusedError(f"Refused: “{line[:100]}” is not on {platform}'s list of commands that only read.")


def checked(platform: str, topic: str, parameters: Mapping[str, str]) -> commands.Command:
    """The topic's command, filled in and let through. Raises RefusedError."""
    command = commands.command(platform, topic, parameters)
    for line in command.lines:
        check(platform, line)
    return command


def _lets_through(platform: str, line: str, pattern: re.Pattern[str], names: tuple[str, ...]) -> bool:
    found = pattern.fullmatch(line)
    if not found:
        return False
    try:
        return all(commands.parameter(platform, name, found[n]) == found[n] for n, name in enumerate(names, 1))
    except RefusedError:
        return False


@cache
def _allowed(platform: str) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    """One pattern a template, its own words exactly, with the names of what was filled in."""
    templates = {t for topic in commands.of(platform).topics.values() for t in (*topic.run, *topic.ipv6)}
    parts = [re.split(r"\{(\w+)\}", template) for template in sorted(templates)]
    return tuple((re.compile(_pattern(part), re.ASCII), tuple(part[1::2])) for part in parts)


def _pattern(parts: list[str]) -> str:
    return "".join(_ANYTHING[part] if n % 2 else re.escape(part) for n, part in enumerate(parts))

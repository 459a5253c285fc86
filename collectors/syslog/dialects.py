"""The vendors' ways to mark a message, from `data/dialects.yaml`, whose head explains them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import yaml

from agent.observation import SyslogSeverity

HEAD = 256  # characters in which a tag must begin


@dataclass(frozen=True, slots=True)
class Dialect:
    has: tuple[str, ...]  # one of them stands in the line
    tag: re.Pattern[str]
    mnemonic: str
    key: str
    levels: Mapping[str, SyslogSeverity] = field(default_factory=dict)
    severity: SyslogSeverity | None = None
    priority_wins: bool = False
    words: int = 2

    def severity_of(self, level: str, sent: SyslogSeverity | None) -> SyslogSeverity | None:
        """`sent` is the priority's, None where the line has none. Of several words (`error,critical`) the worst."""
        told = [self.levels[word] for word in level.split(",") if word in self.levels]
        if self.severity is not None:
            return self.severity
        if not told or (sent is not None and self.priority_wins):
            return sent
        return min(told, key=lambda severity: severity.level)


def tags(line: str) -> Iterator[tuple[Dialect, re.Match[str]]]:
    """Every dialect whose tag stands in the line."""
    for dialect in dialects():
        if any(word in line for word in dialect.has):
            match = dialect.tag.search(line, 0, HEAD * 4)
            if match is not None and match.start() < HEAD:
                yield dialect, match


@cache
def dialects() -> tuple[Dialect, ...]:
    document = yaml.safe_load(resources.files("collectors.syslog").joinpath("data/dialects.yaml").read_text("utf-8"))
    return tuple(_dialect(**entry) for entry in document)


def _dialect(
    *,
    dialect: str,  # noqa: ARG001  # for the reader of the file
    has: str | list[str],
    tag: str,
    mnemonic: str,
    key: str,
    levels: Mapping[str, str] | None = None,
    severity: str = "",
    priority: str = "",
    words: int = 2,
) -> Dialect:
    return Dialect(
        (has,) if isinstance(has, str) else tuple(has),
        re.compile(tag, re.ASCII),
        mnemonic,
        key,
        {word: SyslogSeverity(to) for word, to in (levels or {}).items()},
        SyslogSeverity(severity) if severity else None,
        priority == "wins",
        words,
    )

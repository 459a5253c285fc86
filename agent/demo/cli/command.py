"""How a typed line finds its answer: words may be shortened as far as they stay clear, `*` takes an argument."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.demo.fabric import Fabric
from agent.demo.state import Box, Port

PLANTED = "demo-planted-secret"  # stands in what devices print, so that scrubbing can be seen


@dataclass(frozen=True, slots=True)
class View:
    """What a command sees: the device, the network around it, the time."""

    box: Box
    whole: Fabric
    now: float
    privileged: bool = True

    @property
    def clock(self) -> datetime:
        """The device's own."""
        return datetime.fromtimestamp(self.box.clock(self.now), UTC)

    def uptime(self) -> tuple[int, int, int, int]:
        """(weeks, days, hours, minutes)."""
        minutes = int(self.box.uptime(self.now) // 60)
        return minutes // 10080, minutes // 1440 % 7, minutes // 60 % 24, minutes % 60

    def port(self, name: str) -> Port | None:
        """By ifName or ifDescr, in any case, with or without spaces."""
        wanted = name.lower().replace(" ", "")
        ports = self.box.ports.values()
        return next((port for port in ports if wanted in (port.name.lower(), port.descr.lower())), None)


Answer = Callable[[View, list[str]], str]
Commands = tuple[tuple[str, Answer], ...]


def find(commands: Commands, line: str) -> tuple[Answer, list[str]] | None:
    """The first command that the words fit, and what stood for its `*`s. A trailing `*` may take several words."""
    words = line.split()
    for pattern, answer in commands:
        taken = _fits(pattern.split(), words)
        if taken is not None:
            return answer, taken
    return None


def _fits(pattern: list[str], words: list[str]) -> list[str] | None:
    if len(words) < len(pattern) or (len(words) > len(pattern) and pattern[-1] != "*"):
        return None
    taken = []
    for position, wanted in enumerate(pattern):
        word = words[position]
        if wanted == "*":
            last = position == len(pattern) - 1
            taken.append(" ".join(words[position:]) if last else word)
        elif len(word) < min(2, len(wanted)) or not wanted.startswith(word.lower()):
            return None
    return taken


def filtered(text: str, pipes: Iterable[str]) -> str:
    """`| include X`, `| exclude X`, `| begin X`, `| match X`, `| count`; others leave the text as it is."""
    for pipe in pipes:
        verb, _, argument = pipe.strip().partition(" ")
        lines, wanted = text.splitlines(), argument.strip().strip('"').lower()
        if wanted and verb[:3] in ("inc", "mat"):
            text = "".join(line + "\n" for line in lines if any(part in line.lower() for part in wanted.split("|")))
        elif wanted and verb[:3] == "exc":
            text = "".join(line + "\n" for line in lines if wanted not in line.lower())
        elif wanted and verb[:3] == "beg":
            first = next((number for number, line in enumerate(lines) if wanted in line.lower()), len(lines))
            text = "".join(line + "\n" for line in lines[first:])
        elif verb == "count":
            text = f"Count: {len(lines)} lines\n"
    return text


def mac(octets: bytes, form: str) -> str:
    """`dot`: 0200.5e00.0001, `colon`: 02:00:5e:00:00:01, `dash`: 0200-5e00-0001."""
    hexed = octets.hex()
    if form == "colon":
        return ":".join(hexed[n : n + 2] for n in range(0, 12, 2))
    return {"dot": ".", "dash": "-"}[form].join(hexed[n : n + 4] for n in range(0, 12, 4))


def rates(port: Port, now: float) -> tuple[int, int]:
    """(in, out) in bits per second now."""
    seconds = 5.0
    taken = ((flow.read(now) - flow.read(now - seconds)) * 8 / seconds for flow in (port.in_octets, port.out_octets))
    received, sent = (max(0, int(it)) for it in taken)
    return received, sent


def since(seconds: float) -> str:
    """As routing tables print a time: 00:04:05, 3d04h, 2w5d."""
    hours = int(seconds // 3600)
    if hours >= 168:
        return f"{hours // 168}w{hours // 24 % 7}d"
    return (
        f"{hours:02d}:{int(seconds) // 60 % 60:02d}:{int(seconds) % 60:02d}"
        if hours < 24
        else f"{hours // 24}d{hours % 24:02d}h"
    )

"""The levels, and what decides between them. Each rule says a level and why; the most severe one is the answer.

Severity never falls when more is lost: no rule looks at what is not there.
"""

from collections.abc import Iterator

from agent.cases.case import Severity
from agent.cases.severity.inputs import Inputs, Port
from agent.faults.fault import FaultKind
from agent.inventory.device import Role

Said = tuple[Severity, str]
NAMED = 5  # names in a sentence; of more it says how many


def level(inputs: Inputs) -> Said:
    """The most severe of what the rules say; of the same severity the first."""
    return min(_said(inputs), key=lambda said: said[0])


def _said(inputs: Inputs) -> Iterator[Said]:
    yield from _customers(inputs)
    yield from _sites(inputs)
    yield from _devices(inputs)
    yield from _parts(inputs)
    if not inputs.lost:
        yield _nothing_lost(inputs)
    elif inputs.by_kind < Severity.P3:
        yield inputs.by_kind, f"{_words(inputs.kind)} is {inputs.by_kind} by kind"


def _customers(inputs: Inputs) -> Iterator[Said]:
    paralysed = sorted(who for who, lost in inputs.taken.items() if inputs.owned(who) == lost > 1)
    if paralysed:
        yield Severity.P1, f"every device of {several(paralysed)} is lost: the whole system is paralysed"
    if inputs.kind is FaultKind.MASS_OUTAGE:
        yield Severity.P1, "large parts of the network are down at once"
    lost, owned = inputs.taken.get(inputs.worst, 0), inputs.owned(inputs.worst)
    if lost > 1 and 100 * lost >= inputs.land.policy.large_share_pct * owned:
        yield Severity.P2, f"{lost} of {owned} devices of {inputs.worst} are lost"


def _sites(inputs: Inputs) -> Iterator[Said]:
    if inputs.dark:
        yield Severity.P2, f"the whole of site {several(inputs.dark)} is cut off"


def _devices(inputs: Inputs) -> Iterator[Said]:
    if inputs.doubled:
        yield Severity.P2, f"{several(inputs.doubled)} is lost, and so is what stands in for it"
    by_level: dict[Severity, list[str]] = {}
    for name in inputs.bare:
        by_level.setdefault(inputs.loss(name), []).append(name)
    for severity, names in sorted(by_level.items()):
        if severity in {Severity.P1, Severity.P2}:
            yield severity, f"{several(names)} carries others, and nothing stands in for it"
        elif severity is Severity.P3:
            yield severity, f"{several(names)} is lost; the system as a whole still works"
        else:
            yield severity, f"{several(names)} is lost outside the hours of its contract"
    if inputs.spared:
        yield Severity.P3, f"{several(inputs.spared)} is lost, a redundant device stands in: redundancy lost"


def _parts(inputs: Inputs) -> Iterator[Said]:
    """The last of its sort: what it is for goes with it."""
    parts, name = inputs.parts, inputs.device.name
    if parts is not None and parts.left == 0:
        severity = min(inputs.by_kind, Severity.P2 if parts.outside else inputs.loss(name))
        yield severity, f"{_words(parts.kind)}: none of {parts.total} of {name} is left"


def _nothing_lost(inputs: Inputs) -> Said:
    parts, severity = inputs.parts, inputs.by_kind
    if inputs.witnessed:
        return severity, f"the neighbours of {inputs.device.name} still see it: the way to it is lost, not the device"
    if parts is not None and parts.left:
        text = f"{_words(parts.kind)}: {parts.left} of {parts.total} of {inputs.device.name} are left: redundancy lost"
        return severity, text
    if inputs.port is Port.LINK:
        return severity, "a link is down and another way is left: redundancy lost"
    if inputs.port is Port.EDGE:
        least = severity if inputs.kind in inputs.land.policy.kinds else Severity.P4
        return least, "an interface that carries no link between devices is down"
    if inputs.kind is FaultKind.DEVICE_RESTARTED and carries(inputs):
        return min(severity, Severity.P3), f"a {inputs.role(inputs.device.name)} device restarted"
    return severity, f"{_words(inputs.kind)} cuts nothing off; {severity} by kind"


def carries(inputs: Inputs) -> bool:
    """Whether the device carries others: its loss would be more than a device's."""
    return backbone(inputs, inputs.role(inputs.device.name))


def backbone(inputs: Inputs, role: Role) -> bool:
    return inputs.land.policy.roles.get(role, Severity.P3) < Severity.P3


def several(names: list[str] | tuple[str, ...]) -> str:
    if len(names) <= NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"


def _words(code: str) -> str:
    return code.replace("_", " ")

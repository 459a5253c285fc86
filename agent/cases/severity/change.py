"""What would have raised or lowered a severity: the decision with one input changed, worked out and not guessed."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from agent.cases.case import Severity
from agent.cases.severity import consequence
from agent.cases.severity.consequence import several
from agent.cases.severity.inputs import Inputs, Port
from agent.inventory.device import Role

Lost = Callable[[frozenset[str]], frozenset[str]]
"""What is lost when these devices are, too."""


@dataclass(frozen=True, slots=True)
class Change:
    """`what` is the input that is another, `inputs` how it would all be then."""

    what: str
    condition: str
    inputs: Inputs


def would_change(inputs: Inputs, severity: Severity, lost_with: Lost) -> Iterator[tuple[Severity, Change]]:
    """Those that come to another severity, and to which; the same condition once."""
    told: set[str] = set()
    for change in candidates(inputs, lost_with):
        then = consequence.level(change.inputs)[0]
        if then is not severity and change.condition not in told:
            told.add(change.condition)
            yield then, change


def candidates(inputs: Inputs, lost_with: Lost) -> Iterator[Change]:
    """Every input, as far as it could go either way."""
    yield from _more_lost(inputs, lost_with)
    yield from _less_lost(inputs)
    yield from _redundancy(inputs)
    yield from _parts(inputs)
    yield from _port(inputs)
    yield from _roles(inputs)
    yield from _hours(inputs)


def _with(inputs: Inputs, lost: frozenset[str]) -> Inputs:
    return replace(inputs, lost=inputs.lost | lost, gone=inputs.gone | lost)


def _without(inputs: Inputs, *answering: str) -> Inputs:
    back = frozenset(answering)
    return replace(inputs, lost=inputs.lost - back, gone=inputs.gone - back)


# ---------------------------------------------------------------- what is lost


def _more_lost(inputs: Inputs, lost_with: Lost) -> Iterator[Change]:
    device = inputs.device
    if who := _nearest_to_paralysed(inputs):
        owned, now = inputs.land.customers[who], inputs.taken.get(who, 0)
        condition = f"if all {len(owned)} devices of {who} were lost (now {now})"
        yield Change("lost", condition, _with(inputs, lost_with(owned)))
    if site := _nearest_to_dark(inputs):
        condition = f"if all of site {site} were cut off"
        yield Change("lost", condition, _with(inputs, lost_with(inputs.land.sites[site])))
    if mates := frozenset(mate for mate in device.redundant_with if mate not in inputs.gone):
        them = mates | ({device.name} if device.name in inputs.lost else frozenset())
        condition = f"if {several(sorted(mates))} were lost as well"
        yield Change("lost", condition, _with(inputs, lost_with(them)))
    if device.name not in inputs.lost:
        condition = f"if {device.name} itself were lost"
        yield Change("lost", condition, _with(inputs, lost_with(frozenset({device.name}))))


def _nearest_to_paralysed(inputs: Inputs) -> str:
    """The customer who has lost the largest share of several devices, but not all; of those that it touches."""
    share = {
        who: inputs.taken.get(who, 0) / inputs.owned(who)
        for who in (*inputs.taken, inputs.device.customer)
        if inputs.owned(who) > max(1, inputs.taken.get(who, 0))
    }
    return max(sorted(share), key=lambda who: share[who], default="")


def _nearest_to_dark(inputs: Inputs) -> str:
    """The same of sites; where nothing is lost, the device's own."""
    touched = {inputs.land.devices[name].site for name in inputs.lost} or {inputs.device.site}
    left = {site: len(inputs.land.sites[site] - inputs.gone) for site in touched - set(inputs.dark)}
    return min(sorted(left), key=lambda site: left[site], default="")


def _less_lost(inputs: Inputs) -> Iterator[Change]:
    """None of it; or one device less of what is lost as a whole."""
    if not inputs.lost:
        return
    if inputs.device.name not in inputs.lost:
        yield Change("lost", "if no device were lost by it", _without(inputs, *inputs.lost))
    if inputs.dark:
        one = [min(inputs.land.sites[site] & inputs.lost) for site in inputs.dark]
        yield Change("lost", _one_of_each(one, inputs.dark, "site"), _without(inputs, *one))
    lost, owned = inputs.taken.get(inputs.worst, 0), inputs.owned(inputs.worst)
    if whole := sorted(who for who, count in inputs.taken.items() if inputs.owned(who) == count):
        one = [min(inputs.land.customers[who]) for who in whole]
        yield Change("lost", _one_of_each(one, whole, "customer"), _without(inputs, *one))
    mine = sorted(name for name in inputs.lost if inputs.land.devices[name].customer == inputs.worst)
    few = max(1, math.ceil(inputs.land.policy.large_share_pct * owned / 100) - 1)
    if lost > few:
        condition = f"if no more than {few} of {owned} devices of {inputs.worst} were lost"
        yield Change("lost", condition, _without(inputs, *mine[few:]))


def _one_of_each(devices: Sequence[str], wholes: Sequence[str], what: str) -> str:
    if len(wholes) > 1:
        return f"if one device of each of {len(wholes)} {what}s still answered"
    return f"if {devices[0]} of {what} {wholes[0]} still answered"


# ---------------------------------------------------------------- what stands in


def _redundancy(inputs: Inputs) -> Iterator[Change]:
    if inputs.bare:
        condition = "if a redundant device stood in (`redundant_with` in the inventory)"
        yield Change("redundancy", condition, replace(inputs, spare=inputs.lost))


def _parts(inputs: Inputs) -> Iterator[Change]:
    parts = inputs.parts
    if parts is None:
        return
    word, name = parts.kind.replace("_", " "), inputs.device.name
    if parts.left:
        condition = f"if the others of {name} failed, too ({word})"
        yield Change("parts", condition, replace(inputs, parts=replace(parts, left=0)))
    else:
        condition = f"if another one of {name} were in order ({word})"
        yield Change("parts", condition, replace(inputs, parts=replace(parts, left=1, total=max(parts.total, 2))))


def _port(inputs: Inputs) -> Iterator[Change]:
    if inputs.port is Port.EDGE:
        yield Change("port", "if it carried a link between devices", replace(inputs, port=Port.LINK))
    elif inputs.port is Port.LINK:
        yield Change("port", "if it carried no link between devices", replace(inputs, port=Port.EDGE))


# ---------------------------------------------------------------- who, and when


def _roles(inputs: Inputs) -> Iterator[Change]:
    """The roles of the devices that are lost with nothing in their place; of the device itself where none is."""
    names = inputs.bare or (inputs.device.name,)
    policy = inputs.land.policy
    by_level: dict[str, list[Role]] = {}
    for role in Role:
        by_level.setdefault(policy.roles.get(role, Severity.P3), []).append(role)
    for roles in by_level.values():
        if all(inputs.role(name) in roles for name in names):
            continue
        words = ", ".join(roles)
        then = replace(inputs, roles=dict.fromkeys(names, roles[0]))
        yield Change("role", f"if {several(names)} had another role: {words}", then)


def _hours(inputs: Inputs) -> Iterator[Change]:
    when = "outside the hours of the contract" if inputs.covered else "within the hours of the contract"
    yield Change("hours", f"if it were {when}", replace(inputs, covered=not inputs.covered))

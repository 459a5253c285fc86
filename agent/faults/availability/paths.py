"""Could one place reach another? Which stretches of a period some path led between them, past what was down.

A sweep over the moments at which a device or a link of the network changed; between two of them nothing changes, so
the answer is exact. At each moment a thing is up, down, planned or unobserved, and the answer is

    up          some path runs over what is up only
    unobserved  else some path runs over what is up or was not seen: it may have carried, or not
    planned     else some path runs over what is up or in planned work: without the work it would have carried
    unobserved  else some path runs over what is up, planned or not seen
    down        else: there is none, whatever the unseen was

A device that does not answer is down as its history has it. Where nothing that was up led from the agent to it, its
silence is explained, and nobody knows: in the sweep such a device is hidden. That it would have carried is not
claimed, so what hangs on it is unobserved; that work between it and the agent is the reason is believed.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain, groupby, pairwise

from agent.faults.availability import Division, Span, union
from agent.inventory.topology import Topology

UP, DOWN, PLANNED, UNOBSERVED, HIDDEN = "up", "down", "planned", "unobserved", "hidden"
_KINDS = (UP, DOWN, PLANNED, UNOBSERVED)
_UP = frozenset({UP})
_VERDICTS = (  # in their order: what a path may run over, and what it then means
    (frozenset({UP, UNOBSERVED, HIDDEN}), UNOBSERVED),
    (frozenset({UP, PLANNED, HIDDEN}), PLANNED),
    (frozenset({UP, PLANNED, UNOBSERVED, HIDDEN}), UNOBSERVED),
)
_NOT_DOWN = _VERDICTS[-1][0]

_MOST_KEPT = 1_000_000  # things, in states whose verdict is remembered

Thing = tuple[str, str]  # ("device", its name) or ("link", its key)
Change = tuple[datetime, Thing, str]
Step = tuple[Thing, str] | None  # over which link, from which device; None: it began there


def reach(
    net: Topology,
    devices: Mapping[str, Division],
    links: Mapping[str, Division],
    ends: tuple[Collection[str], Collection[str]],
    period: Span,
) -> Division:
    """When any device of the one end could reach any of the other.

    `links` by key; one that is missing there carries whenever its devices are up, for nothing watches it. So do
    `devices` that are missing.
    """
    found: dict[str, list[Span]] = {kind: [] for kind in _KINDS}
    sweep = _Sweep(net, ends)
    things = chain(
        ((("device", name), division) for name, division in devices.items()),
        ((("link", key), division) for key, division in links.items()),
    )
    changes = sorted(_changes(things), key=lambda change: change[0])
    moments = [(at, list(group)) for at, group in groupby(changes, key=lambda change: change[0])]
    marks = [(period.start, []), *moments, (period.end, [])]
    for (at, group), (until, _) in pairwise(marks):
        verdict = sweep.after(group)
        if at < until:
            found[verdict].append(Span(max(at, period.start), min(until, period.end)))
    return Division(*(union(found[kind]) for kind in _KINDS))


def _changes(things: Iterable[tuple[Thing, Division]]) -> Iterable[Change]:
    """Every piece of every division tells by its beginning; the end of one is the beginning of another."""
    for thing, division in things:
        for kind, spans in zip(
            _KINDS, (division.up, division.down, division.planned, division.unobserved), strict=True
        ):
            for span in spans:
                yield span.start, thing, kind


class _Sweep:
    """The network at one moment after the other. Only what is not up is held."""

    def __init__(self, net: Topology, ends: tuple[Collection[str], Collection[str]]) -> None:
        self._net, self._from, self._to = net, tuple(ends[0]), tuple(ends[1])
        self._steps: dict[str, list[tuple[Thing, str]]] = {name: [] for name in net.devices}
        for link in net.links:
            over = ("link", link.key)
            self._steps[link.a].append((over, link.b))
            self._steps[link.b].append((over, link.a))
        self._odd: dict[Thing, str] = {}
        self._way: frozenset[Thing] = frozenset()  # the last path that was up
        self._verdict = ""
        self._known: dict[frozenset[tuple[Thing, str]], str] = {}

    def after(self, changes: Iterable[Change]) -> str:
        touched = set()
        for _, thing, kind in changes:
            if kind == UP:
                self._odd.pop(thing, None)
            else:
                self._odd[thing] = kind
            touched.add(thing)
        if self._verdict == UP and self._way.isdisjoint(touched & self._odd.keys()):
            return UP
        self._verdict = self._decide()
        return self._verdict

    def _decide(self) -> str:
        way = self._path(self._odd, _UP)
        if way is not None:
            self._way = way
            return UP
        state = frozenset(self._odd.items())
        if state not in self._known:
            if len(self._known) * len(state) > _MOST_KEPT:
                self._known.clear()
            self._known[state] = self._without_a_way()
        return self._known[state]

    def _without_a_way(self) -> str:
        silent = [thing for thing, kind in self._odd.items() if thing[0] == "device" and kind == DOWN]
        if self._path(self._odd | dict.fromkeys(silent, HIDDEN), _NOT_DOWN) is None:
            return DOWN  # the links alone see to that
        odd = self._odd | dict.fromkeys(self._hidden(silent), HIDDEN)
        odd |= dict.fromkeys(self._between_the_hidden(odd), HIDDEN)
        return next((verdict for over, verdict in _VERDICTS if self._path(odd, over) is not None), DOWN)

    def _path(self, odd: Mapping[Thing, str], over: frozenset[str]) -> frozenset[Thing] | None:
        """The things on a path between the ends over things in these states; None where there is none.

        From both ends in turn, so that an end that is cut off is found out at once, however large the rest is.
        """
        left, right = (dict.fromkeys(self._begin(end, odd, over)) for end in (self._from, self._to))
        both = next((name for name in left if name in right), None)
        if both is not None:
            return frozenset({("device", both)})
        came: list[dict[str, Step]] = [dict(left), dict(right)]
        for found in zip(self._walk(left, odd, over), self._walk(right, odd, over), strict=False):
            for place, (name, step) in enumerate(found):
                came[place][name] = step
                if name in came[1 - place]:
                    return frozenset(self._walked(came[0], name) | self._walked(came[1], name))
        return None

    def _begin(self, end: Iterable[str], odd: Mapping[Thing, str], over: frozenset[str]) -> list[str]:
        return [name for name in end if odd.get(("device", name), UP) in over]

    def _walk(self, begin: Iterable[str], odd: Mapping[Thing, str], over: frozenset[str]) -> Iterator[tuple[str, Step]]:
        """Each further device that is reached over things in these states, and the step by which it was."""
        queue = list(begin)
        seen = set(queue)
        for here in queue:
            for link, there in self._steps[here]:
                if there not in seen and odd.get(link, UP) in over and odd.get(("device", there), UP) in over:
                    seen.add(there)
                    queue.append(there)
                    yield there, (link, here)

    def _walked(self, came: Mapping[str, Step], end: str) -> set[Thing]:
        things: set[Thing] = {("device", end)}
        step = came[end]
        while step is not None:
            link, end = step
            things |= {link, ("device", end)}
            step = came[end]
        return things

    def _hidden(self, silent: Iterable[Thing]) -> Iterable[Thing]:
        """Those of the silent devices to which nothing that was up led from the agent."""
        begin = self._begin(self._net.attached_to & self._net.devices.keys(), self._odd, _UP)
        seen = {*begin, *(name for name, _ in self._walk(begin, self._odd, _UP))}
        for thing in silent:
            ways = (there for link, there in self._steps[thing[1]] if self._odd.get(link, UP) == UP)
            if not self._net.entered_directly(thing[1]) and not any(there in seen for there in ways):
                yield thing

    def _between_the_hidden(self, odd: Mapping[Thing, str]) -> Iterable[Thing]:
        """Links that nobody saw since one end is hidden and the other is not up either: their silence is explained."""
        for (what, name), kind in odd.items():
            for link, there in self._steps[name] if what == "device" and kind == HIDDEN else ():
                if odd.get(link) == UNOBSERVED and odd.get(("device", there), UP) != UP:
                    yield link

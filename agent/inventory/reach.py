"""What failures take away: the nodes to which nothing leads any more, and the pieces into which a network falls.

Graph arithmetic over names. A tree of shortest ways is grown once; what a failure can take away then lies below it in
that tree, so that a small failure is looked at in its own corner, however large the network is.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

Edge = tuple[str, str]  # the neighbour, the link's key


@dataclass(frozen=True)
class Reach:
    """`edges` by node, both directions; the way in is through any of `entries`."""

    edges: Mapping[str, Sequence[Edge]]
    entries: Collection[str]

    @cached_property
    def _tree(self) -> dict[str, Edge]:
        """Of each node that is reached the one before it and the link between; ("", "") of an entry. Nearest first."""
        before: dict[str, Edge] = dict.fromkeys(sorted(self.entries), ("", ""))
        queue = deque(before)
        while queue:
            here = queue.popleft()
            for there, key in self.edges.get(here, ()):
                if there not in before:
                    before[there] = (here, key)
                    queue.append(there)
        return before

    @cached_property
    def _below(self) -> dict[str, list[str]]:
        below: dict[str, list[str]] = {name: [] for name in self._tree}
        for name, (before, _) in self._tree.items():
            if before:
                below[before].append(name)
        return below

    @cached_property
    def _entered_by(self) -> dict[str, list[str]]:
        """The nodes that the tree enters by a link, by its key."""
        found: dict[str, list[str]] = {}
        for name, (_, key) in self._tree.items():
            found.setdefault(key, []).append(name)
        return found

    @cached_property
    def whole(self) -> frozenset[str]:
        """What is reached while nothing is broken."""
        return frozenset(self._tree)

    @cached_property
    def distance(self) -> dict[str, int]:
        """Links between the way in and each node that is reached."""
        distance: dict[str, int] = {}
        for name, (before, _) in self._tree.items():
            distance[name] = distance[before] + 1 if before else 0
        return distance

    def way(self, name: str) -> list[Edge]:
        """One shortest way to a node: (node, the link by which it is entered), the entry first; empty: there is none.

        What every way leads over, this one leads over.
        """
        way = []
        while name in self._tree:
            before, key = self._tree[name]
            way.append((name, key))
            name = before
        return way[::-1]

    def lost_by(self, dead: Collection[str], cut: Collection[str]) -> frozenset[str]:
        """What is not reached any more when these nodes are dead and these links (keys) cut, the dead themselves too.

        Looks only at what lies below the failures in the tree, and at its links.
        """
        tops = [name for name in dead if name in self._tree]
        tops += [name for key in cut for name in self._entered_by.get(key, ()) if key]
        in_doubt = self._all_below(tops)
        back: deque[str] = deque()
        for name in in_doubt:
            if name not in dead and any(
                there in self._tree and there not in in_doubt and key not in cut for there, key in self.edges[name]
            ):
                back.append(name)
        found = set(back)
        while back:
            for there, key in self.edges[back.popleft()]:
                if there in in_doubt and there not in found and there not in dead and key not in cut:
                    found.add(there)
                    back.append(there)
        return frozenset(in_doubt - found)

    def _all_below(self, tops: Iterable[str]) -> set[str]:
        seen, stack = set(tops), list(tops)
        while stack:
            below = [name for name in self._below[stack.pop()] if name not in seen]
            seen.update(below)
            stack += below
        return seen

    def pieces(
        self, nodes: Iterable[str], without: Collection[str] = (), cut: Collection[str] = ()
    ) -> Iterator[list[str]]:
        """The connected parts of `nodes`, when nothing leads over the nodes `without` nor over the links `cut`."""
        left = {name: None for name in nodes if name not in without}
        seen: set[str] = set()
        for start in left:
            if start in seen:
                continue
            seen.add(start)
            piece = [start]
            for here in piece:
                for there, key in self.edges.get(here, ()):
                    if there in left and there not in seen and key not in cut:
                        seen.add(there)
                        piece.append(there)
            yield piece

"""The given topologies as graphs, and what can be seen of a failure from where the agent sits: graph arithmetic alone,
with nothing of the product in it, so that it can be held against the product."""

import random
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

_XML = "{http://graphml.graphdrawing.org/xmlns}"

# A node by its name, a link by its number.
Failure = str | int
Picture = tuple[frozenset[str], frozenset[tuple[str, int]]]  # silent nodes; (node, link) of ends that are seen down


@dataclass(frozen=True)
class Graph:
    """Parallel links are links of their own. The agent enters each connected part at its node of most links, so a node
    without any link is watched by itself."""

    name: str
    nodes: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    loops: int = 0  # links from a node to itself, which are left out: they lead nowhere

    @cached_property
    def links_of(self) -> dict[str, list[tuple[int, str]]]:
        """(link, the node at its other end), by node."""
        found: dict[str, list[tuple[int, str]]] = {name: [] for name in self.nodes}
        for number, (a, b) in enumerate(self.links):
            found[a].append((number, b))
            found[b].append((number, a))
        return found

    @cached_property
    def entries(self) -> tuple[str, ...]:
        return tuple(max(part, key=lambda n: (len(self.links_of[n]), n)) for part in self._parts())

    def _parts(self) -> Iterator[set[str]]:
        seen: set[str] = set()
        for node in self.nodes:
            if node not in seen:
                part = self._spread({node}, frozenset())
                seen |= part
                yield part

    def _spread(self, start: Iterable[str], broken: frozenset[Failure]) -> set[str]:
        seen = set(start)
        stack = list(seen)
        while stack:
            for link, there in self.links_of[stack.pop()]:
                if there not in seen and there not in broken and link not in broken:
                    seen.add(there)
                    stack.append(there)
        return seen

    # ------------------------------------------------------------ failures

    @cached_property
    def singles(self) -> tuple[Failure, ...]:
        return (*range(len(self.links)), *self.nodes)

    def picture(self, broken: frozenset[Failure]) -> Picture:
        """Whoever is reached tells which of his links are down; the others are silent, or dead: nobody can tell."""
        reached = self._spread((e for e in self.entries if e not in broken), broken)
        down = {
            (node, link)
            for node, link in self._ends(broken)
            if node in reached and (link in broken or self._other(link, node) in broken)
        }
        return frozenset(self.nodes) - reached, frozenset(down)

    def _ends(self, broken: frozenset[Failure]) -> Iterator[tuple[str, int]]:
        for failure in broken:
            if isinstance(failure, int):
                yield from ((node, failure) for node in self.links[failure])
            else:
                yield from ((there, link) for link, there in self.links_of[failure])

    def _other(self, link: int, node: str) -> str:
        a, b = self.links[link]
        return b if node == a else a

    @cached_property
    def _pictures(self) -> dict[Picture, list[Failure]]:
        found: dict[Picture, list[Failure]] = {}
        for single in self.singles:
            found.setdefault(self.picture(frozenset({single})), []).append(single)
        return found

    def fewest(self, broken: frozenset[Failure]) -> int:
        """How few failures, of links or nodes, look the same as these one or two."""
        picture = self.picture(broken)
        if picture == (frozenset(), frozenset()):
            return 0
        return 1 if picture in self._pictures else len(broken)

    def is_right(self, told: frozenset[Failure], broken: frozenset[Failure]) -> bool:
        """A right answer looks exactly as the truth does and names no failure too many: what cannot be told apart from
        where the agent sits (a leaf that died, and its only link cut) nobody can ask for."""
        return len(told) == self.fewest(broken) and self.picture(told) == self.picture(broken)

    def all_silent(self, broken: frozenset[Failure]) -> bool:
        return len(self.picture(broken)[0]) == len(self.nodes)

    def pairs(self, chance: random.Random, most: int) -> list[frozenset[Failure]]:
        """Some pairs of failures, or all where there are no more than that."""
        count = len(self.singles) * (len(self.singles) - 1) // 2
        if count <= most:
            return [frozenset(pair) for pair in combinations(self.singles, 2)]
        found: set[frozenset[Failure]] = set()
        while len(found) < most:
            found.add(frozenset(chance.sample(self.singles, 2)))
        return sorted(found, key=lambda pair: sorted(map(str, pair)))


def read(path: Path) -> Graph:
    """A GraphML file, by node id: labels are told twice. Refuses a document type, where entities could be declared."""
    text = path.read_bytes()
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise ValueError(f"{path.name} declares a document type")
    graph = ET.fromstring(text).find(f"{_XML}graph")
    assert graph is not None
    nodes = tuple(f"n{node.get('id')}" for node in graph.findall(f"{_XML}node"))
    told = [(f"n{edge.get('source')}", f"n{edge.get('target')}") for edge in graph.findall(f"{_XML}edge")]
    links = tuple((a, b) for a, b in told if a != b)
    return Graph(path.stem, nodes, links, len(told) - len(links))

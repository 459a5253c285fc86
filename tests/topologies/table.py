"""Every failure of a topology against the truth, and the table of what came out.

`python -m tests.topologies.table [NAME …]` prints it for some topologies, or for all.
"""

import os
import random
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import ROOT
from tests.topologies.graph import Failure, Graph, read
from tests.topologies.watch import Told, Watch

SEEDS = (1, 2, 3)
SMALLEST_WHOLE = 3  # devices: where all of them are silent the agent cannot tell a dead way in from its own connection


@dataclass
class Row:
    """`wrong` counts what was wrong, in words; an answer that is wrong in two ways counts once."""

    graph: Graph
    right: Counter[str] = field(default_factory=Counter)  # by "single" and "double"
    asked: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, watch: Watch, broken: frozenset[Failure], seed: int) -> None:
        told = watch.tell(broken, seed)
        size = "single" if len(broken) == 1 else "double"
        what = mistake(watch, broken, told)
        self.asked[size] += 1
        self.right[size] += not what
        if what:
            self.wrong[what] += 1
            self.examples.append(f"{self.graph.name} {sorted(map(str, broken))} seed {seed}: {what}: {told.keys}")

    def __str__(self) -> str:
        graph = self.graph
        parallel = len(graph.links) - len({frozenset(link) for link in graph.links})
        alone = sum(not links for links in graph.links_of.values())
        remarks = [f"{n} {word}" for n, word in ((parallel, "parallel"), (alone, "alone"), (graph.loops, "loops")) if n]
        counts = (
            f"{self.right[size]}/{self.asked[size]}" if self.asked[size] else "-" for size in ("single", "double")
        )
        single, double = counts
        wrong = ", ".join(f"{count} {what}" for what, count in sorted(self.wrong.items()))
        about = f"{len(graph.nodes)} nodes, {len(graph.links)} links" + "".join(f", {each}" for each in remarks)
        return f"{graph.name:<36} {about:<52} {single:>10} {double:>10}  {wrong}".rstrip()


def mistake(watch: Watch, broken: frozenset[Failure], told: Told) -> str:
    """Empty where the answer is right, and no case was opened that turned out to be another one's symptom."""
    graph = watch.graph
    if len(told.opened) > len(told.cases):
        return "a case for a symptom"
    if graph.all_silent(broken) and len(graph.nodes) >= SMALLEST_WHOLE:
        return "" if told.keys == ["mass|network"] else "not told that all is lost"
    answer, fewest = watch.answer(told), graph.fewest(broken)
    if len(told.cases) != fewest:
        return "too many cases" if len(told.cases) > fewest else "too few cases"
    return "" if answer is not None and graph.is_right(answer, broken) else "another root"


def folder() -> Path:
    """Where the given topologies lie; read there, never copied."""
    return Path(os.environ.get("NETCASE_TOPOLOGIES") or ROOT.parent / "shared" / "topologies") / "graphml"


def examined(graph: Graph, singles: int | None = None, doubles: int = 20) -> Row:
    """All single failures, or so many; and so many double ones at each of three seeds."""
    row, watch = Row(graph), Watch(graph)
    some = list(graph.singles)
    if singles is not None and singles < len(some):
        some = random.Random(graph.name).sample(some, singles)
    for failure in some:
        row.add(watch, frozenset({failure}), SEEDS[0])
    for seed in SEEDS:
        for pair in graph.pairs(random.Random(f"{graph.name} {seed}"), doubles):
            row.add(watch, pair, seed)
    return row


def totals(rows: Iterable[Row]) -> Row:
    whole = Row(Graph("all", (), ()))
    for row in rows:
        whole.right += row.right
        whole.asked += row.asked
        whole.wrong += row.wrong
        whole.examples += row.examples
    return whole


def share(row: Row, size: str) -> float:
    return row.right[size] / row.asked[size]


def summary(rows: list[Row]) -> str:
    whole = totals(rows)
    lines = [str(row) for row in rows]
    for size in ("single", "double"):
        if whole.asked[size]:
            lines.append(f"{size}: {whole.right[size]} of {whole.asked[size]} right, {share(whole, size):.3%}")
    lines += [f"{count} times {what}" for what, count in sorted(whole.wrong.items())]
    return "\n".join([f"{'topology':<36} {'':<52} {'single':>10} {'double':>10}  wrong", *lines])


def main(names: list[str]) -> None:
    rows = []
    for path in sorted(folder().glob("*.graphml")):
        if not names or path.stem in names:
            rows.append(examined(read(path)))
            print(rows[-1], flush=True)
    print("\n".join([*summary(rows).splitlines()[1 + len(rows) :], *totals(rows).examples]))


if __name__ == "__main__":
    main(sys.argv[1:])

"""Every sentence that a decision uttered in a story is known to the catalogue, so that no page mixes languages."""

import re

from agent import locale
from agent.ports import Store
from tests.acceptance.test_one_problem_one_case import campus
from tests.story import Story


def test_every_reason_and_every_line_of_the_timeline_has_chinese_words(store: Store) -> None:
    story = Story(store, campus()).run(minutes=3)
    story.kill("dist1").run(minutes=3)
    story.revive("dist1").run(minutes=15)
    story.cut("core2", "branch").run(minutes=4)
    story.network.deaf.add("acc1")
    story.run(minutes=4)
    sentences = set()
    with store.begin() as tx:
        for case in tx.cases():
            sentences |= {entry.text for entry in tx.timeline(case.number)}
            for decision in tx.decisions(case.name):
                sentences |= {*decision.reasons, *decision.would_change}
            sentences |= {fault.because for fault in tx.faults(case=case.number)}
        sentences |= {fault.reason for fault in tx.faults()} | {fault.suppressed for fault in tx.faults()}
    english = {s for s in sentences if s and not re.search(r"[\u4e00-\u9fff]", locale.reword(s, "zh_CN"))}
    assert len(sentences) > 25
    assert english == set()

import pytest

from agent.errors import UsageError
from agent.inspection import checklist
from agent.inspection.verdicts import JUDGES

GOOD = """
name: small
title: Small
period_days: 7
items:
  - {id: clock, title: Clock, source: ssh, topic: clock, thresholds: {warn_s: 1, fail_s: 2}, advice: Set it.}
"""


def test_the_quarterly_inspection_has_twenty_items_and_each_has_its_judge():
    quarterly = checklist.shipped("quarterly")
    assert len(quarterly.items) == 20
    assert {item.id for item in quarterly.items} == set(JUDGES)
    assert all(item.advice and item.title for item in quarterly.items)


def test_what_must_be_asked_over_ssh_follows_from_the_checklist():
    assert checklist.topics(checklist.shipped()) == ("redundancy", "clock", "configuration_saved")
    assert checklist.topics(checklist.parse(GOOD)) == ("clock",)


@pytest.mark.parametrize(
    "text",
    [
        "- a list",
        "name: [",
        GOOD.replace("period_days: 7", ""),
        GOOD.replace("source: ssh", "source: telepathy"),
        GOOD.replace("topic: clock, ", ""),
        GOOD.replace("warn_s: 1", "warn_s: soon"),
    ],
)
def test_a_checklist_that_is_wrong_says_so(text):
    with pytest.raises(UsageError, match="checklist cannot be read"):
        checklist.parse(text)


def test_a_checklist_that_nobody_ships_is_answered_with_those_there_are():
    with pytest.raises(UsageError, match="quarterly"):
        checklist.shipped("yearly")

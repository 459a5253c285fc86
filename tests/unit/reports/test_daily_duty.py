"""The daily report on times ahead in which nobody can be called."""

import contextlib
from dataclasses import replace
from datetime import timedelta

from agent.inventory.customers import Person
from agent.inventory.teams import Level, Team, Weekend
from reports import daily
from reports.document import Tone
from reports.render import html
from tests import fakes_reports as history


def house(*levels: Level):
    people = {"ann": Person(name="Ann", email="ann@example.net"), "mute": Person(name="Mute")}
    return replace(history.inventory(), people=people, teams={"tac": Team(name="tac", levels=levels)})


def report(tmp_path, inventory, day=history.DAY):
    with contextlib.closing(history.story(tmp_path)) as store, store.begin() as tx:
        return daily.build(tx, inventory, day, history.MORNING)


def duty(document):
    items = document.section("actions").items
    return [(item.what.values, item.why.text, item.tone) for item in items if "on call" in item.what.text]


def test_a_gap_ahead_is_something_to_do(tmp_path):
    found = report(tmp_path, house(Level(weekend=Weekend(people=("ann",))), Level(always="mute"), Level(always="ann")))
    levels = [(values["level"], why, tone) for values, why, tone in duty(found)]
    nobody = "nobody is on call from {starts:short} until {ends:short}"
    assert {(level, why) for level, why, _ in levels} == {
        (1, nobody),
        (2, "{person} is on call and has no channel, from {starts:short} until {ends:short}"),
    }
    assert Tone.BAD in {tone for _, _, tone in levels}
    assert "为 tac 第 1 级安排值班人" in html.render(found, "zh_CN")


def test_a_rota_that_is_whole_asks_for_nothing(tmp_path):
    assert duty(report(tmp_path, house(Level(always="ann")))) == []


def test_a_report_on_a_day_long_past_tells_nothing_of_what_is_ahead_now(tmp_path):
    assert duty(report(tmp_path, house(Level()), history.DAY - timedelta(days=1))) == []

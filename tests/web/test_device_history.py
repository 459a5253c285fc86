"""A device's page shows what is usual as a band, and what its history shows as sentences."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from agent.faults.availability import Span
from agent.faults.trends import baseline
from agent.faults.trends.hour import HOUR, Hour
from agent.metrics import Metrics
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from agent.pipeline import Pipeline
from agent.storage.engine import open_store
from agent.web import chart, site
from tests.story import device, inventory
from tests.web.conftest import Files, reports

NOW = datetime(2026, 3, 30, 2, 30, tzinfo=UTC)
DISK, CPU = Subject("core1", ComponentKind.STORAGE, "flash:"), Subject("core1", ComponentKind.CPU, "1")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("history")
    store, watched = open_store(f"sqlite:///{folder}/netcase.db"), inventory([device("core1")], [], ["core1"])
    watched = replace(watched, sites={name: replace(s, timezone="Asia/Shanghai") for name, s in watched.sites.items()})
    with store.begin() as tx:
        for number in range(28 * 24):
            at = NOW - (28 * 24 - number) * HOUR
            told = (Observation(CPU, Fact.USAGE, 20 + number % 24), Observation(DISK, Fact.USED, 30 + number / 16))
            tx.keep(Batch("core1", Tier.HEALTH, at, told))
        tx.cover("core1", "reachability", NOW - timedelta(days=1), HOUR)
    working = 1
    while working:
        with store.begin() as tx:
            working = tx.roll_up(NOW)
    Pipeline(store, watched).study("core1", NOW)
    metrics = Metrics(CollectorRegistry(), "0.1.0")
    app = site.create(store, watched, Files(folder / "evidence"), metrics, lambda: NOW, reports)
    yield TestClient(app, base_url="http://localhost")
    store.close()


def test_what_is_usual_is_a_band_behind_the_curve(page: TestClient) -> None:
    shown = page.get("/devices/core1?lang=en").text
    assert shown.count('<polygon class="usual"') == 1
    assert "What is usual at this hour of the week" in shown


def test_what_history_shows_is_said_in_both_languages(page: TestClient) -> None:
    english, chinese = (page.get(f"/devices/core1?lang={language}").text for language in ("en", "zh_CN"))
    assert "% a day over 28 days: 95 % in about 1" in english
    assert "what is usual is known of 1 readings, over 29 days" in english
    assert "28 天来每天" in chinese
    assert "已掌握 1 项读数的常态" in chinese


def test_the_band_goes_along_the_upper_and_back_along_the_lower_edge() -> None:
    hours = [Hour(NOW - n * HOUR, 12, 50, 40, 60) for n in range(1, 24 * 21)]
    usual = baseline.learn(hours, UTC)
    assert usual is not None
    points = chart.band(usual, UTC, Span(NOW - 2 * HOUR, NOW), 0, 100).split()
    assert [point.split(",")[1] for point in points] == ["40.0"] * (len(points) // 2) + ["60.0"] * (len(points) // 2)
    assert points[0].startswith("0.0,") and points[-1].startswith("0.0,")

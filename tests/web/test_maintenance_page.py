"""The pages about maintenance: what goes on, what comes, what did not come back, in both languages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from agent.faults import leftovers, upkeep
from agent.inventory import windows
from agent.inventory.windows import FOREVER, Window
from agent.metrics import Metrics
from agent.storage.engine import open_store
from agent.web import site
from tests.web import network
from tests.web.conftest import Files, reports

HOUR = timedelta(hours=1)
HOSTILE = "<script>swap</script> & co"
OVER = Window(
    name=HOSTILE, starts=network.NOW - 5 * HOUR, ends=network.NOW - 3 * HOUR, reason="change 4711",
    devices=frozenset({"bj-core-1"}),
)  # fmt: skip
GOES_ON = Window(
    name="fibre", starts=network.NOW - HOUR, ends=network.NOW + HOUR,
    components=frozenset({"bj-core-1/interface:Gi0/1"}),
)  # fmt: skip
NIGHTLY = Window(
    name="nightly", starts=network.NOW + HOUR, ends=FOREVER, every="daily 02:00", lasts=HOUR, timezone="Asia/Shanghai",
    sites=frozenset({"beijing"}),
)  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("maintenance")
    store = open_store(f"sqlite:///{folder}/netcase.db")
    (each,) = windows.occurrences(OVER, OVER.starts, OVER.ends)
    before = {"bj-core-1": {"version": "17.6"}, "bj-core-1/interface:Gi0/9": {"state": "up", "speed": "1000000000"}}
    after = {"bj-core-1": {"version": "17.9"}, "bj-core-1/interface:Gi0/9": {"state": "up", "speed": "100000000"}}
    changes = leftovers.compare(before, after)
    progress = upkeep.took(upkeep.begun(each, ("bj-core-1",)), ("bj-core-1",), each.starts)
    done = upkeep.finished(upkeep.compared(progress, "bj-core-1", 1, 1), network.NOW)
    with store.begin() as tx:
        tx.save_document(upkeep.OCCURRENCE, upkeep.key(each), each.starts, upkeep.pack(done))
        body = {"changes": upkeep.pack_changes(changes), "left": upkeep.pack_changes(changes[:1])}
        tx.save_document(upkeep.PICTURE, upkeep.picture_key(each, "bj-core-1"), each.starts, body)
        tx.save_window(GOES_ON)
    known = replace(network.inventory(), windows=(OVER, NIGHTLY))
    metrics = Metrics(CollectorRegistry(), "0.1.0")
    app = site.create(store, known, Files(folder / "evidence"), metrics, lambda: network.NOW, reports)
    yield TestClient(app, base_url="http://localhost")
    store.close()


def page(client: TestClient, address: str, lang: str = "en", **query: str) -> str:
    answer = client.get(address, params={"lang": lang, **query})
    assert answer.status_code == 200
    assert "<script>swap" not in answer.text
    return answer.text


@pytest.mark.parametrize(("lang", "head"), [("en", "Did not come back"), ("zh_CN", "未恢复")])
def test_windows_stand_where_they_are_in_time(client: TestClient, lang: str, head: str) -> None:
    shown = page(client, "/maintenance", lang)
    places = [shown.index(name) for name in (">fibre<", ">nightly<", "change 4711")]
    assert places == sorted(places)
    assert head in shown
    assert "daily 02:00" in shown


def test_a_window_shows_what_is_another_than_before_and_what_did_not_come_back_first(client: TestClient) -> None:
    shown = page(client, "/maintenance/window", name=HOSTILE)
    assert shown.index("1 Gbit/s") < shown.index("100 Mbit/s") < shown.index("17.6") < shown.index("17.9")
    assert "Did not come back: 1." in shown
    assert "对比" in page(client, "/maintenance/window", "zh_CN", name=HOSTILE)


def test_a_time_of_a_window_is_chosen_by_its_beginning(client: TestClient) -> None:
    coming = windows.coming(NIGHTLY, network.NOW)
    assert coming
    assert "Begins" in page(client, "/maintenance/window", name="nightly", at=coming.starts.isoformat())
    for query in ({"name": "nobody"}, {"name": "nightly", "at": "soon"}):
        assert client.get("/maintenance/window", params=query).status_code == 404


def test_the_page_of_a_device_says_when_it_is_and_was_in_maintenance(client: TestClient) -> None:
    shown = page(client, "/devices/bj-core-1")
    assert "In maintenance until" in shown
    assert "Was in maintenance from" in shown
    assert "maintenance from" not in page(client, "/devices/sh-edge-1")

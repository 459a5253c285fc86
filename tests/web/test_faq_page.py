"""The pages of what was learned, in both languages; what customers and devices wrote stands in them as text."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from agent.cases import faq
from agent.cases.case import Case
from agent.cases.faq import FaqState, Written
from agent.cases.mirror import Mirror, MirrorState
from agent.metrics import Metrics
from agent.pipeline import learning
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket
from agent.storage.engine import SqlStore, open_store
from agent.web import site
from tests.web import network
from tests.web.conftest import Files, reports

ENTRY = Written(
    title="站点中断：上联光缆被挖断",
    symptom="分支全部设备不可达。",
    cause="施工挖断光缆。",
    fix="1. 联系运营商抢修\n2. 启用备用链路 <script>alert('fix')</script>",
    language="zh_CN",
)


def fill(store: SqlStore, files: Files, folder: Path) -> Case:
    """The story, a case before it that is like it, and an entry that was learned from that."""
    case = network.fill(store, files, folder)
    inventory = network.inventory()
    with store.begin() as tx:
        signed = learning.sign(tx, inventory, case)
        entry = learning.keep(tx, faq.first(ENTRY, signed, case, "li-na", network.NOW), "")
        entry = learning.keep(tx, faq.moved(entry, FaqState.PUBLISHED, "maria", network.NOW), "checked")
        learning.learn(Desk(tx, inventory, network.NOW), Docket(case, tx.timeline(case.number)))
        tx.faq_helped(case.number, entry.number, network.NOW, "li-na")
    return case


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Case]]:
    folder = tmp_path_factory.mktemp("faq")
    store, files = open_store(f"sqlite:///{folder}/netcase.db"), Files(folder / "evidence")
    case = fill(store, files, folder)
    metrics = Metrics(CollectorRegistry(), "0.1.0")
    made = site.create(store, network.inventory(), files, metrics, lambda: network.NOW, reports)
    yield TestClient(made, base_url="http://localhost", raise_server_exceptions=False), case
    store.close()


@pytest.mark.parametrize(("lang", "heading"), [("en", "Seen before"), ("zh_CN", "以前见过")])
def test_a_case_shows_the_entry_of_its_kind_with_why_and_that_it_helped(
    told: tuple[TestClient, Case], lang: str, heading: str
) -> None:
    client, case = told
    page = client.get(f"/cases/{case.number}?lang={lang}")
    assert page.status_code == 200
    assert heading in page.text
    assert "FAQ-000001" in page.text
    assert ENTRY.title in page.text
    assert ("helped on 1 case" if lang == "en" else "对 1 个工单有帮助") in page.text
    assert f"netcase case helped {case.name} FAQ-000001" in page.text
    assert "<script>alert('fix')" not in page.text


@pytest.mark.parametrize("lang", ["en", "zh_CN"])
@pytest.mark.parametrize("address", ["/faq", "/faq?state=published", "/faq?q=光缆", "/faq/1"])
def test_every_page_of_the_entries_is_there_in_both_languages(
    told: tuple[TestClient, Case], address: str, lang: str
) -> None:
    client, _ = told
    page = client.get(address, params={"lang": lang} if "?" not in address else None, headers={"accept-language": lang})
    assert page.status_code == 200
    assert ENTRY.title in page.text
    assert "<script>alert('fix')" not in page.text


@pytest.mark.parametrize("address", ["/faq/2", "/faq/99999999999999999999", "/faq/0"])
def test_an_entry_that_is_not_there_is_not_found(told: tuple[TestClient, Case], address: str) -> None:
    client, _ = told
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("q", ['"', "'; DROP", "fan AND", "%", "\ud7ff", "<script>alert(1)</script>", "x" * 200])
def test_no_search_breaks_the_page(told: tuple[TestClient, Case], q: str) -> None:
    client, _ = told
    page = client.get("/faq", params={"q": q})
    assert page.status_code == 200
    assert "<script>alert(1)" not in page.text


def test_a_site_without_entries_says_how_one_is_written(client: TestClient) -> None:
    page = client.get("/faq?lang=en")
    assert "No FAQ entries: netcase faq write CASE makes one." in page.text


@pytest.mark.parametrize(("lang", "said"), [("en", "In other systems"), ("zh_CN", "在其他系统中")])
def test_a_case_shows_where_else_it_stands_and_what_went_wrong(tmp_path: Path, lang: str, said: str) -> None:
    store, files = open_store(f"sqlite:///{tmp_path}/netcase.db"), Files(tmp_path / "evidence")
    case = network.fill(store, files, tmp_path)
    mirror = Mirror(
        case=case.number,
        bridge="desk",
        state=MirrorState.FAILED,
        at=network.NOW,
        checked=network.NOW,
        theirs="42",
        name="<script>alert(1)</script>",
        link="javascript:alert(2)",
        said="answered 422 <script>alert(3)</script>",
    )
    with store.begin() as tx:
        tx.save_mirror(mirror)
        tx.save_mirror(replace(mirror, bridge="other", link="https://desk.example.net/42", state=MirrorState.IN_STEP))
    metrics = Metrics(CollectorRegistry(), "0.1.0")
    made = site.create(store, network.inventory(), files, metrics, lambda: network.NOW, reports)
    page = TestClient(made, base_url="http://localhost").get(f"/cases/{case.number}?lang={lang}").text
    store.close()
    assert said in page
    assert "answered 422 &lt;script&gt;" in page
    assert 'href="https://desk.example.net/42"' in page
    assert "javascript:" not in page
    assert "<script>alert" not in page


def test_a_program_is_told_what_is_like_a_case_and_where_else_it_stands(told: tuple[TestClient, Case]) -> None:
    client, case = told
    body = client.get(f"/api/v1/cases/{case.number}").json()
    assert [(each["name"], each["sort"], each["helped"]) for each in body["similar"]] == [("FAQ-000001", "faq", 1)]
    assert body["similar"][0]["reason"].startswith("same kind")
    assert body["mirrors"] == []

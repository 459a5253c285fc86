"""What a case page, the API and the reports' page tell of vendors, RMAs and stock; the bundle to download."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from agent.app import bundle
from agent.app.compose import Memory
from agent.cases.case import Case
from agent.cases.rma import Rma, RmaState
from agent.cases.spares import Spare
from agent.cases.vendor import Handover
from agent.inventory.policies import Policies
from agent.inventory.vendors import Minimum, Replacing, Vendor
from agent.metrics import Metrics
from agent.storage.engine import open_store
from agent.storage.evidence import FileEvidence
from agent.web import site
from tests.web import network
from tests.web.conftest import reports

HOUR = timedelta(hours=1)
NOW = network.NOW


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Case]]:
    folder = tmp_path_factory.mktemp("hardware")
    store, files = open_store(f"sqlite:///{folder}/netcase.db"), FileEvidence(folder / "evidence")
    known = network.inventory()
    vendors = {"maker": Vendor(name="maker", title="Maker <TAC>")}
    minimum = Minimum(part="PSU", location="headquarters", least=2)
    policies = replace(Policies(), rma=Replacing(minimum_stock=(minimum,)), daily_report=known.policies.daily_report)
    known = replace(known, vendors=vendors, policies=policies)
    case = network.fill(store, files, Path(folder))
    _hardware(store, case)
    memory = Memory(store, files, folder)
    app = site.create(
        store,
        known,
        files,
        Metrics(CollectorRegistry(), "0.1.0"),
        lambda: NOW,
        reports,
        bundles=lambda number: bundle.of_case(memory, known, number),
    )
    yield TestClient(app, base_url="http://localhost", raise_server_exceptions=False), case
    store.close()


def _hardware(store, case: Case) -> None:  # type: ignore[no-untyped-def]
    late = Handover(
        case=case.number,
        vendor="maker",
        reference=network.HOSTILE,
        severity="Sev A",
        contact=network.HOSTILE,
        opened=NOW - 9 * HOUR,
        opened_by="li",
        last=NOW - 9 * HOUR,
        due=NOW - HOUR,
    )
    owed = Rma(
        case=case.number,
        device="bj-core-1",
        part="PSU",
        serial_out="OLD1",
        fault=network.HOSTILE,
        requested=NOW - 99 * HOUR,
        requested_by="li",
        warning="the contract is expired; the device tells no such serial number",
    )
    with store.begin() as tx:
        tx.save_handover(late)
        found = tx.open_rma(owed)
        healthy = replace(
            found,
            state=RmaState.HEALTHY,
            serial_in="NEW1",
            serial_seen=network.HOSTILE,
            source="site",
            location="beijing",
            return_due=NOW - HOUR,
        )
        tx.save_rma(healthy, found.state)
        tx.save_spares([Spare(serial="S1", part="PSU", location="headquarters", changed=NOW)])
        tx.save_document("rma", "2026-02", NOW, {})


def test_the_case_page_tells_what_the_vendor_owes_and_what_is_replaced(told: tuple[TestClient, Case]) -> None:
    client, case = told
    page = client.get(f"/cases/{case.number}?lang=en").text
    for said in ("Maker &lt;TAC&gt;", "Sev A", "late by 1 h", "RMA-000001", "OLD1", "NEW1", "the contract is expired"):
        assert said in page
    assert network.HOSTILE not in page
    chinese = client.get(f"/cases/{case.number}?lang=zh_CN").text
    for said in ("逾期 1 小时", "换下序列号", "运行正常", "合同状态：已到期", "设备没有报告这个序列号"):
        assert said in chinese


def test_the_case_page_of_a_case_without_any_says_nothing_of_it(client: TestClient, case: Case) -> None:
    page = client.get(f"/cases/{case.number}?lang=en").text
    assert "Replaced hardware" not in page
    assert 'id="vendor"' not in page


def test_the_bundle_is_one_archive_to_download(told: tuple[TestClient, Case]) -> None:
    client, case = told
    answer = client.get(f"/cases/{case.number}/bundle")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="{case.name}.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert "manifest.json" in archive.namelist()
        assert any(name.startswith("evidence/") for name in archive.namelist())
    assert client.get(f"/cases/{case.number}/bundle").content == answer.content


@pytest.mark.parametrize(
    "path",
    [
        "/cases/999/bundle",
        "/cases/99999999999/bundle",
        "/reports/rma/2026-13",
        "/reports/rma/2099-01",
        "/reports/rma/x",
    ],
)
def test_what_is_not_there_is_not_found(told: tuple[TestClient, Case], path: str) -> None:
    assert told[0].get(path).status_code == 404


def test_the_api_tells_rmas_spares_stock_and_vendors(told: tuple[TestClient, Case]) -> None:
    client, case = told
    (found,) = client.get("/api/v1/rmas").json()
    assert (found["name"], found["case"], found["state"], found["serial_in"]) == (
        "RMA-000001",
        case.name,
        "healthy",
        "NEW1",
    )
    assert client.get("/api/v1/rmas/1").json() == found
    assert client.get("/api/v1/rmas/9").status_code == 404
    assert client.get("/api/v1/rmas?device=nope").json() == []
    assert client.get("/api/v1/spares?part=psu").json()[0]["serial"] == "S1"
    assert client.get("/api/v1/spares?state=in_use").json() == []
    assert client.get("/api/v1/stock?low=true").json() == [
        {"part": "PSU", "location": "headquarters", "in_stock": 1, "least": 2, "low": True}
    ]
    assert client.get("/api/v1/vendors").json()[0]["vendor"] == "maker"
    whole = client.get(f"/api/v1/cases/{case.number}").json()
    assert ([each["name"] for each in whole["rmas"]], [each["vendor"] for each in whole["vendors"]]) == (
        ["RMA-000001"],
        ["maker"],
    )


def test_the_metrics_tell_what_is_owed_and_what_runs_low(told: tuple[TestClient, Case]) -> None:
    page = told[0].get("/metrics").text
    assert 'netcase_spares_in_stock{part="PSU",location="headquarters"} 1.0' in page
    assert 'netcase_spares_wanted{part="PSU",location="headquarters"} 2.0' in page
    assert "netcase_vendor_updates_overdue 1.0" in page
    assert "netcase_rma_returns_overdue 1.0" in page


def test_the_monthly_lists_are_on_the_reports_page(told: tuple[TestClient, Case]) -> None:
    client, _ = told
    assert "/reports/rma/2026-02?lang=zh_CN" in client.get("/reports?lang=en").text
    assert "rma 2026-02-01 zh_CN html" in client.get("/reports/rma/2026-02?lang=zh_CN").text

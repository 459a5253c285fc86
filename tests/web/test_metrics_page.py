"""`/metrics`: the network's state, what the reference says of it, and a real Prometheus that reads it."""

import asyncio
import contextlib
import gzip
import json
import re
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from agent.errors import StoreError
from agent.metrics import Metrics
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from agent.storage.engine import open_store
from agent.web import metrics_page
from agent.web.metrics_page import MetricsPage, render
from agent.web.snapshot import Seen, Told, snapshot
from tests.conftest import program
from tests.web import network

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(text)
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def value(text: str, name: str, **labels: str) -> float | None:
    return samples(text).get((name, tuple(sorted(labels.items()))))


def test_the_page_shows_the_network_as_it_is(client, case):
    page = client.get("/metrics").text
    place = {"customer": "acme", "site": "shanghai", "role": "edge"}
    assert value(page, "netcase_device_up", device="sh-edge-1", **place) == 0
    assert value(page, "netcase_device_observed", device="sz-fw-1") == 0
    assert not re.search(r'netcase_device_up\{[^}]*"sz-fw-1"', page), "unobserved is neither up nor down"
    assert value(page, "netcase_device_availability_ratio", device="bj-core-1") == 1
    assert 0.9 < value(page, "netcase_device_availability_ratio", device="sh-edge-1") < 1
    assert value(page, "netcase_interface_up", device="bj-core-1", interface="Gi0/1") == 1
    assert value(page, "netcase_interface_up", device="bj-core-1", interface="Gi0/4") == 0
    assert value(page, "netcase_interface_enabled", device="bj-core-1", interface="Gi0/3") == 0
    assert value(page, "netcase_bgp_peer_up", device="bj-core-1", peer="192.0.2.9") == 1
    assert value(page, "netcase_cpu_usage_ratio", device="bj-core-1", cpu="CPU 0") == 0.4
    assert value(page, "netcase_memory_used_ratio", device="bj-core-1", memory="Processor") == 0.625
    assert value(page, "netcase_temperature_celsius", device="bj-core-1", sensor="Inlet") == 31.5
    assert value(page, "netcase_storage_used_ratio", device="bj-core-1", storage="bootflash") == 0.935
    assert value(page, "netcase_memory_used_ratio", device="bj-core-1", memory="bootflash") is None
    light = {"device": "bj-core-1", "sensor": "Gi0/1 receive power", "unit": "dBm"}
    assert value(page, "netcase_sensor_value", **light) == -18.5
    supervisor = {"kind": "redundancy", "component": "peer supervisor"}
    assert value(page, "netcase_component_ok", device="bj-core-1", **supervisor) == 0
    assert value(page, "netcase_component_ok", device="bj-core-1", kind="stack", component="member 2") == 1
    assert value(page, "netcase_ospf_neighbour_up", device="bj-core-1", neighbour="192.0.2.13") == 1
    assert value(page, "netcase_ospf_neighbour_up", device="bj-core-1", neighbour="192.0.2.17") == 0
    assert value(page, "netcase_round_trip_seconds", device="bj-core-1") == 0.00125
    assert value(page, "netcase_round_trip_jitter_seconds", device="bj-core-1") == 0.0003
    assert value(page, "netcase_packet_loss_ratio", device="bj-core-1") == 0.2
    assert value(page, "netcase_ntp_synchronised", device="bj-core-1") == 0
    assert value(page, "netcase_ntp_stratum", device="bj-core-1") == 16
    assert value(page, "netcase_ntp_offset_seconds", device="bj-core-1") == pytest.approx(-0.002345)
    assert value(page, "netcase_open_faults", kind="device_unreachable") == 2
    assert value(page, "netcase_open_faults", kind="fan_failed") == 0
    assert value(page, "netcase_open_cases", severity="P2") == 1
    assert value(page, "netcase_snapshot_timestamp_seconds") == network.NOW.timestamp()


def test_the_page_is_packed_for_those_who_ask(client, case):
    with client.stream("GET", "/metrics", headers={"accept-encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert b"netcase_device_up" in gzip.decompress(packed)


def test_a_name_that_means_harm_stays_a_label(tmp_path):
    names = ['a"b\\c\nd', "x" * 1000 + "1", "x" * 1000 + "2", "\udcff\x00", "上海"]
    with contextlib.closing(open_store(f"sqlite:///{tmp_path}/n.db")) as store:
        with store.begin() as tx:
            tx.keep(
                Batch(
                    device="bj-core-1",
                    tier=Tier.HEALTH,
                    at=network.NOW,
                    observations=tuple(
                        Observation(Subject("bj-core-1", ComponentKind.CPU, name), Fact.USAGE, 50.0)
                        for name in names
                        if name.isprintable() or "\n" in name
                    ),
                )
            )
        with store.read() as tx:
            state = snapshot(tx, network.inventory(), network.NOW)
    state = replace(state, devices=(replace(state.devices[0], cpu=dict.fromkeys(names, 0.5)),))
    series = [labels for name, labels in samples(render(state).decode()) if name == "netcase_cpu_usage_ratio"]
    assert len(series) == 4, "names that are one when cut are one series"
    assert all(len(label) <= 128 for labels in series for _key, label in labels)


def test_old_numbers_are_not_shown_as_those_of_now(full_site):
    with full_site.store.read() as tx:
        later = snapshot(tx, network.inventory(), network.NOW + timedelta(hours=1))
    assert {device.seen for device in later.devices} == {Seen.UNOBSERVED}
    assert not any(device.cpu for device in later.devices)
    assert all(device.told == Told() for device in later.devices)


def test_a_device_that_tells_without_end_has_a_bounded_number_of_series(tmp_path):
    endless = tuple(
        Observation(Subject("bj-core-1", kind, f"part {n}"), fact, value, "V" if fact is Fact.SENSOR_VALUE else "")
        for n in range(1500)
        for kind, fact, value in (
            (ComponentKind.SENSOR, Fact.SENSOR_VALUE, 3.3),
            (ComponentKind.MODULE, Fact.STATE, "ok"),
            (ComponentKind.STORAGE, Fact.USED, 50.0),
        )
    )
    with contextlib.closing(open_store(f"sqlite:///{tmp_path}/n.db")) as store:
        with store.begin() as tx:
            tx.keep(Batch(device="bj-core-1", tier=Tier.HEALTH, at=network.NOW, observations=endless))
        with store.read() as tx:
            page = render(snapshot(tx, network.inventory(), network.NOW)).decode()
    for name in ("netcase_sensor_value", "netcase_component_ok", "netcase_storage_used_ratio"):
        assert page.count(f"\n{name}{{") == 1000


async def test_a_snapshot_that_fails_leaves_the_last_one_standing_and_is_counted(full_site, monkeypatch):
    metrics = Metrics(CollectorRegistry())
    page = MetricsPage(metrics, full_site.store, network.inventory(), lambda: network.NOW)
    page.refresh()

    def fail() -> None:
        raise StoreError("locked")

    monkeypatch.setattr(full_site.store, "read", fail)
    task = asyncio.create_task(page.keep_fresh(every_s=0.01))
    for _ in range(500):
        await asyncio.sleep(0.01)
        if value(page.page().decode(), "netcase_loop_errors_total", loop="metrics_page"):
            break
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert value(page.page().decode(), "netcase_loop_errors_total", loop="metrics_page") >= 1
    assert b"netcase_device_up{" in page.page()


def described() -> dict[str, tuple[str, str]]:
    """name → (type, labels) as the reference's tables say."""
    rows = re.findall(r"^\| `(netcase_\w+)` \| (\w+) \|([^|]*)\|", REFERENCE.read_text("utf-8"), re.MULTILINE)
    return {name: (kind, ", ".join(sorted(re.findall(r"`(\w+)`", labels)))) for name, kind, labels in rows}


def shown(full_site) -> dict[str, tuple[str, str]]:
    """The same, as the code has it."""
    own = Metrics(CollectorRegistry())
    found = {}
    for metric in vars(own).values():
        if hasattr(metric, "_labelnames"):
            name = metric._name + {"counter": "_total", "info": "_info"}.get(metric._type, "")
            kind = "gauge" if metric._type == "info" else metric._type
            labels = {*metric._labelnames, *(("version", "python") if metric._type == "info" else ())}
            found[name] = (kind, ", ".join(sorted(labels)))
    with full_site.store.read() as tx:
        state = snapshot(tx, network.inventory(), network.NOW)
    for gauge in metrics_page.gauges(state):
        assert gauge.series, f"the story has no {gauge.name}"
        found[gauge.name] = (gauge.type, ", ".join(sorted(gauge.labels)))
    return found


def test_the_reference_describes_every_metric_and_none_that_is_not_there(full_site):
    assert described() == shown(full_site)


@pytest.mark.system("promtool")
def test_promtool_finds_nothing_to_say_about_the_page(client, case):
    page = client.get("/metrics", headers={"accept-encoding": ""}).content
    lint = subprocess.run([program("promtool"), "check", "metrics"], input=page, capture_output=True, check=False)
    assert (lint.returncode, lint.stdout, lint.stderr) == (0, b"", b"")


@contextlib.contextmanager
def served(app) -> Iterator[int]:
    """The site on a port of loopback, by uvicorn in a thread."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


@contextlib.contextmanager
def prometheus(folder: Path, target: int) -> Iterator[str]:
    """Debian's Prometheus, scraping the target every second; yields the address of its API."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s}\n"
        "scrape_configs:\n"
        f"  - {{job_name: netcase, static_configs: [{{targets: ['127.0.0.1:{target}']}}]}}\n"
    )
    command = [
        program("prometheus"),
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/tsdb",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def ask(address: str, query: str) -> list[dict]:
    """The query's answer; empty while Prometheus is not ready."""
    try:
        with urllib.request.urlopen(f"{address}/api/v1/query?query={query}", timeout=5) as answer:
            return json.load(answer)["data"]["result"]
    except (OSError, ValueError):
        return []


@pytest.mark.system("prometheus")
def test_a_real_prometheus_scrapes_the_page_and_answers_about_the_network(full_site, tmp_path):
    with served(full_site.app) as target, prometheus(tmp_path, target) as address:
        answer = []
        deadline = time.monotonic() + 60
        while not answer and time.monotonic() < deadline:
            time.sleep(0.3)
            answer = ask(address, "netcase_device_up")
        up = {result["metric"]["device"]: result["value"][1] for result in answer}
        assert up == {"bj-core-1": "1", "bj-core-2": "1", "sh-edge-1": "0", "sh-acc-1": "0"}
        assert [result["value"][1] for result in ask(address, "up")] == ["1"]
        assert [result["value"][1] for result in ask(address, "sum(netcase_open_cases)")] == ["1"]

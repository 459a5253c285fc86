import asyncio
import contextlib
import subprocess
import time
from shutil import which

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from agent.metrics import Metrics


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry(), version="0.1.0")


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


@pytest.mark.parametrize(
    ("reached", "failures", "outcome"),
    [(True, (), "answered"), (True, ("too_big",), "partial"), (False, ("timeout",), "silent")],
)
def test_a_poll_is_counted_by_tier_and_outcome(metrics, reached, failures, outcome):
    metrics.polled("status", took_s=0.3, observations=7, failures=failures, reached=reached, lag_s=0.02)
    assert value(metrics, "netcase_polls_total", tier="status", outcome=outcome) == 1
    assert value(metrics, "netcase_poll_duration_seconds_sum", tier="status") == 0.3
    assert value(metrics, "netcase_poll_lag_seconds_sum", tier="status") == 0.02
    assert value(metrics, "netcase_observations_total") == 7
    for cause in failures:
        assert value(metrics, "netcase_poll_failures_total", cause=cause) == 1


def test_a_cause_that_nobody_knows_makes_no_series_of_its_own(metrics):
    for cause in ("timeout", "said 'hello'", "said 'you'"):
        metrics.polled("status", took_s=0, observations=0, failures=(cause,))
    assert value(metrics, "netcase_poll_failures_total", cause="timeout") == 1
    assert value(metrics, "netcase_poll_failures_total", cause="other") == 2


def test_drops_are_told_as_the_listener_counts_them_from_its_start(metrics):
    for so_far in (0, 3, 3, 10):
        metrics.dropped("syslog", so_far)
    assert value(metrics, "netcase_listener_dropped_total", source="syslog") == 10
    metrics.heard("trap", 2)
    assert value(metrics, "netcase_listener_received_total", source="trap") == 2


def test_the_outbox_shows_what_it_holds_and_nothing_of_the_past(metrics):
    metrics.outbox_holds({("notify", "waiting"): 2})
    metrics.outbox_holds({("collect", "leased"): 1})
    assert value(metrics, "netcase_outbox_jobs", kind="collect", state="leased") == 1
    assert value(metrics, "netcase_outbox_jobs", kind="notify", state="waiting") is None


async def test_a_blocked_event_loop_shows_in_its_lag(metrics):
    watch = asyncio.create_task(metrics.watch_event_loop(every_s=0.01))
    await asyncio.sleep(0)
    time.sleep(0.2)  # noqa: ASYNC251 - the very thing to be seen
    await asyncio.sleep(0.01)
    watch.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watch
    assert value(metrics, "netcase_event_loop_lag_seconds_sum") >= 0.15


def test_two_agents_in_one_process_do_not_share_their_counts(metrics):
    other = Metrics(CollectorRegistry())
    other.heard("syslog")
    assert value(metrics, "netcase_listener_received_total", source="syslog") is None


@pytest.mark.system
def test_promtool_finds_nothing_to_say_about_the_products_metrics(metrics):
    if which("promtool") is None:
        pytest.skip("promtool is not installed (Debian package prometheus)")
    metrics.polled("status", took_s=1, observations=5, failures=["timeout"])
    metrics.heard("syslog")
    metrics.dropped("trap", 3)
    metrics.outbox_holds({("notify", "waiting"): 2})
    metrics.cases_opened.labels("P1").inc()
    metrics.notifications.labels("email", "sent").inc()
    metrics.queues.labels("batches").set(1)
    metrics.loop_errors.labels("tend").inc()
    lint = subprocess.run(
        ["promtool", "check", "metrics"], input=generate_latest(metrics.registry), capture_output=True
    )
    assert (lint.returncode, lint.stdout, lint.stderr) == (0, b"", b"")


def test_a_case_is_counted_with_the_steps_that_are_known(metrics):
    metrics.opened("P2", {"detection": 60.0, "opening": 85.0, "answer": 5.0})
    assert value(metrics, "netcase_cases_opened_total", severity="P2") == 1
    assert value(metrics, "netcase_detection_seconds_sum") == 60.0
    assert value(metrics, "netcase_case_opening_seconds_sum") == 85.0
    assert value(metrics, "netcase_confirmation_seconds_count") == 0


def test_every_bridge_has_a_number_for_each_state_also_where_it_is_none() -> None:
    metrics = Metrics(CollectorRegistry(), "0")
    metrics.bridges_hold(["desk"], {("desk", "failed"): 2, ("gone", "failed"): 1})
    text = generate_latest(metrics.registry).decode()
    assert 'netcase_bridge_cases{bridge="desk",state="failed"} 2.0' in text
    assert 'netcase_bridge_cases{bridge="desk",state="in_step"} 0.0' in text
    assert "gone" not in text

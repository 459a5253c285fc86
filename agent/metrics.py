"""What Prometheus sees of the product itself. The network's state is in `agent.web.metrics_page`.

Label values come from short lists of our own words, so that no device and no sender can make new series: what is not
on the list counts as `other`. `docs/reference/metrics.md` describes every metric, and a test holds it to this page.
"""

import asyncio
import platform
from collections.abc import Iterable, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

OUTCOMES = frozenset({"answered", "partial", "silent"})
CAUSES = frozenset(
    {
        "timeout",
        "wrong_credentials",
        "garbage",
        "not_increasing",
        "too_big",
        "truncated",
        "endless",
        "refused",
        "overload",
    }
)
SOURCES = frozenset({"syslog", "trap"})
_POLL_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)
_CASE_SECONDS = (1, 5, 15, 30, 60, 90, 120, 180, 300, 600, 1200, 3600, 14_400)
_LAG_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60)
_MAIL_SECONDS = (1, 5, 15, 30, 60, 120, 300, 900, 3600, 14_400, 86_400)


class Metrics:
    """Made once, by the composition root, and handed to what counts. Every method is cheap and thread-safe."""

    def __init__(self, registry: CollectorRegistry, version: str = "") -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # `_created` series double the page, and Prometheus has no use for them
        self.registry = registry
        self._dropped: dict[str, int] = {}
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        self._polling(registry)
        self._hearing(registry)
        self._deciding(registry)
        self._running(registry)
        self.build.info({"version": version, "python": platform.python_version()})

    def _polling(self, to: CollectorRegistry) -> None:
        self.polls = Counter("netcase_polls", "Polls finished, by how they came out.", ["tier", "outcome"], registry=to)
        self.poll_duration = Histogram(
            "netcase_poll_duration_seconds",
            "How long a poll of one device took.",
            ["tier"],
            buckets=_POLL_SECONDS,
            registry=to,
        )
        self.poll_lag = Histogram(
            "netcase_poll_lag_seconds",
            "How long after it was due a poll began.",
            ["tier"],
            buckets=_LAG_SECONDS,
            registry=to,
        )
        self.poll_failures = Counter(
            "netcase_poll_failures", "What did not work in a poll, by cause.", ["cause"], registry=to
        )
        self.observations = Counter("netcase_observations", "Observations that polls brought back.", registry=to)

    def _hearing(self, to: CollectorRegistry) -> None:
        self.events_received = Counter(
            "netcase_listener_received", "Syslog messages and traps that arrived.", ["source"], registry=to
        )
        self.events_dropped = Counter(
            "netcase_listener_dropped",
            "Syslog messages and traps that were dropped because they came faster than they could be kept.",
            ["source"],
            registry=to,
        )
        self.storms = Counter(
            "netcase_listener_storms",
            "Storms: a sender of which more came than was kept, from the first datagram let go until it held still.",
            ["source"],
            registry=to,
        )

        self.traps_refused = Counter(
            "netcase_traps_refused", "Traps and informs that are not believed, by reason.", ["reason"], registry=to
        )

        self.mails = Counter(
            "netcase_mails", "Mails taken from the mailbox, by what became of them.", ["verdict"], registry=to
        )
        self.mail_lag = Histogram(
            "netcase_mail_lag_seconds",
            "How long after it arrived a mail was taken from the mailbox.",
            buckets=_MAIL_SECONDS,
            registry=to,
        )
        self.mailbox_up = Gauge(
            "netcase_mailbox_up", "Whether the mailbox could be read when it was last tried.", registry=to
        )
        self.mails_waiting = Gauge("netcase_mails_waiting", "Mails that a person has to look at.", registry=to)

    def _deciding(self, to: CollectorRegistry) -> None:
        self.settle_duration = Histogram(
            "netcase_settle_duration_seconds", "How long it took to correlate the faults and open cases.", registry=to
        )
        self.cases_opened = Counter("netcase_cases_opened", "Cases opened.", ["severity"], registry=to)
        self.detection = Histogram(
            "netcase_detection_seconds",
            "How long a problem was there unseen at most: from the last good observation to the first bad one.",
            buckets=_CASE_SECONDS,
            registry=to,
        )
        self.confirmation = Histogram(
            "netcase_confirmation_seconds",
            "From the first bad observation of a problem until it was believed.",
            buckets=_CASE_SECONDS,
            registry=to,
        )
        self.opening = Histogram(
            "netcase_case_opening_seconds",
            "From the first bad observation of a problem until its case was opened.",
            buckets=_CASE_SECONDS,
            registry=to,
        )
        self.notifications = Counter(
            "netcase_notifications", "Tries to deliver a notification.", ["channel", "outcome"], registry=to
        )
        self.bridge_visits = Counter(
            "netcase_bridge_visits", "Visits to another ticket system.", ["bridge", "outcome"], registry=to
        )
        self.bridge_cases = Gauge(
            "netcase_bridge_cases",
            "Cases that stand in another ticket system, by how far that is true.",
            ["bridge", "state"],
            registry=to,
        )
        self.outbox = Gauge("netcase_outbox_jobs", "Jobs in the outbox.", ["kind", "state"], registry=to)

    def _running(self, to: CollectorRegistry) -> None:
        self.queues = Gauge(
            "netcase_queue_length", "Work that waits inside the process, by queue.", ["queue"], registry=to
        )
        self.loop_errors = Counter(
            "netcase_loop_errors", "Unexpected errors that a loop of the agent survived.", ["loop"], registry=to
        )
        self.event_loop_lag = Histogram(
            "netcase_event_loop_lag_seconds",
            "How late the event loop woke a sleeper.",
            buckets=_LAG_SECONDS,
            registry=to,
        )
        self.build = Info("netcase_build", "The version that runs.", registry=to)

    def polled(
        self,
        tier: str,
        *,
        took_s: float,
        observations: int,
        failures: Iterable[str] = (),
        reached: bool = True,
        lag_s: float = 0.0,
    ) -> None:
        """One finished poll: silent when the device was not reached, partial when something else failed."""
        causes = [_of(CAUSES, cause) for cause in failures]
        outcome = "silent" if not reached else "partial" if causes else "answered"
        self.polls.labels(tier, outcome).inc()
        self.poll_duration.labels(tier).observe(took_s)
        self.poll_lag.labels(tier).observe(max(0.0, lag_s))
        self.observations.inc(observations)
        for cause in causes:
            self.poll_failures.labels(cause).inc()

    def opened(self, severity: str, steps: Mapping[str, float]) -> None:
        """A case, and how many seconds each step to it took at most; a step that is not known is left out."""
        self.cases_opened.labels(severity).inc()
        kept = {"detection": self.detection, "confirmation": self.confirmation, "opening": self.opening}
        for step, histogram in kept.items():
            if step in steps:
                histogram.observe(steps[step])

    def heard(self, source: str, events: int = 1) -> None:
        self.events_received.labels(_of(SOURCES, source)).inc(events)

    def dropped(self, source: str, so_far: int) -> None:
        """`so_far` counts from the start of the listener, as `ports.Listener.dropped` does."""
        source = _of(SOURCES, source)
        self.events_dropped.labels(source).inc(max(0, so_far - self._dropped.get(source, 0)))
        self._dropped[source] = so_far

    def mail(self, verdict: str, lag_s: float) -> None:
        self.mails.labels(verdict).inc()
        self.mail_lag.observe(max(0.0, lag_s))

    def mailbox(self, *, up: bool, waiting: int) -> None:
        self.mailbox_up.set(up)
        self.mails_waiting.set(waiting)

    def outbox_holds(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Jobs by (kind, state), all of them: what is not in it is not in the outbox."""
        self.outbox.clear()
        for (kind, state), jobs in counts.items():
            self.outbox.labels(kind, state).set(jobs)

    def bridges_hold(self, bridges: Iterable[str], counts: Mapping[tuple[str, str], int]) -> None:
        """Every bridge of the inventory has a number for each state, also where it is none."""
        for name in bridges:
            for state in ("pending", "in_step", "failed"):
                self.bridge_cases.labels(name, state).set(counts.get((name, state), 0))

    async def watch_event_loop(self, every_s: float = 0.5) -> None:
        """Measure the event loop's lag until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + every_s
            await asyncio.sleep(every_s)
            self.event_loop_lag.observe(max(0.0, loop.time() - due))


def _of(known: frozenset[str], word: str) -> str:
    return word if word in known else "other"

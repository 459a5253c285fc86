"""Polls devices: ICMP, TCP and SNMP at once, merged into one batch. Implements `agent.ports.Poller`.

A window bounds the devices in flight. Those that were dead or hostile last time have a window of their own, so that
waiting for them takes no slot from the others. A device is asked one tier at a time.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from agent.errors import NetcaseError, UsageError
from agent.inventory.device import Device, Method, Secret, SnmpAccess
from agent.observation import Batch, ComponentKind, Fact, Observation, Refusal, Subject, Tier
from collectors import tcp, tls
from collectors.icmp import NotPermittedError, Pinger
from collectors.lag import Lag
from collectors.snmp import profiles
from collectors.snmp.direct import DirectEngine
from collectors.snmp.fallback import FallbackEngine
from collectors.snmp.poll import Memory, Poll
from collectors.snmp.session import Cause, Engine, Target
from collectors.snmp.walk import Conversation, Pace

WINDOW = 150  # devices in flight; more overrun a socket's buffer (500 on one: a third of them lost)
SLOW_WINDOW = 100  # devices in flight that were dead or hostile last time: they cost a slot, not CPU
OVERLOAD = 0.5  # the loop was late by so much of a timeout: what did not answer may have
_DEADLINES_S = {Tier.STATUS: 30.0, Tier.HEALTH: 120.0, Tier.IDENTITY: 180.0}
_HANDSHAKE_S = 5.0
REFUSALS = 100  # told of one poll
_HOSTILE = {Cause.GARBAGE, Cause.TRUNCATED, Cause.ENDLESS, Cause.TOO_SLOW, Cause.NOT_INCREASING, Cause.WRONG_SOURCE}


@dataclass(slots=True)
class _Seen:
    """What one poll has seen so far."""

    observations: list[Observation] = field(default_factory=list)
    complete: frozenset[ComponentKind] = frozenset()
    failures: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    silent: set[Fact] = field(default_factory=set)  # reachability facts that are False for want of an answer


@dataclass(slots=True)
class _Known:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    memory: Memory = field(default_factory=Memory)
    pace: Pace = field(default_factory=Pace)
    slow: bool = False


class Collector:
    """`secret` resolves a credential's reference; `clock` tells aware UTC time. Belongs to one event loop."""

    def __init__(
        self,
        secret: Callable[[Secret], str],
        engine: str = "direct",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        window: int = WINDOW,
        slow_window: int = SLOW_WINDOW,
    ) -> None:
        self._secret = secret
        self._engine = _engine(engine)
        self._clock = clock
        self._window = asyncio.Semaphore(window)
        self._slow_window = asyncio.Semaphore(slow_window)
        self._known: dict[str, _Known] = {}
        self._pinger = Pinger()
        self._lag = Lag()

    async def start(self) -> None:
        await asyncio.to_thread(profiles.everything)  # read once, before the first poll would have to wait for it
        self._lag.start()

    async def close(self) -> None:
        self._lag.stop()
        self._pinger.close()
        await self._engine.close()

    async def poll(self, device: Device, tier: Tier) -> Batch:
        """Never raises for what a device does: `Batch.failures` tells."""
        self._lag.start()
        known = self._known.setdefault(device.name, _Known())
        async with known.lock, self._slow_window if known.slow else self._window:
            return await self._poll(device, tier, known)

    async def _poll(self, device: Device, tier: Tier, known: _Known) -> Batch:
        loop = asyncio.get_running_loop()
        began, at, seen = loop.time(), self._clock(), _Seen()
        async with asyncio.TaskGroup() as group:
            for work in self._work(device, tier, known, seen):
                group.create_task(work)
        if seen.silent and self._lag.worst(began) > OVERLOAD * device.polling.timeout.total_seconds():
            seen.observations = [o for o in seen.observations if o.fact not in seen.silent]
            seen.failures = ["overload", *(f for f in seen.failures if f != Cause.TIMEOUT)]
        known.slow = bool(seen.silent) or any(cause in seen.failures for cause in _HOSTILE)
        failures = tuple(dict.fromkeys(map(str, seen.failures)))
        took = loop.time() - began
        refused = tuple(seen.refused[:REFUSALS])
        return Batch(device.name, tier, at, tuple(seen.observations), seen.complete, failures, took, refused)

    def _work(self, device: Device, tier: Tier, known: _Known, seen: _Seen) -> list[Coroutine[Any, Any, None]]:
        """Reachability by echo or port is a question of the status tier alone."""
        work = []
        if tier is Tier.STATUS and Method.ICMP in device.reachability:
            work.append(self._ping(device, seen))
        if tier is Tier.STATUS and Method.TCP in device.reachability:
            work.append(self._connect(device, seen))
        if device.snmp is not None:
            work.append(self._ask(device, device.snmp, tier, known, seen))
        if tier is Tier.IDENTITY and device.certificate_ports:
            work.append(self._certificates(device, seen))
        return work

    # ------------------------------------------------------------ the three ways

    async def _ping(self, device: Device, seen: _Seen) -> None:
        try:
            echoes = await self._pinger.ping(device.address, device.polling.timeout.total_seconds())
        except NotPermittedError:
            seen.failures.append("not_permitted")
            return
        subject = Subject(device.name)
        seen.observations += _reachable(subject, Fact.ICMP_REACHABLE, bool(echoes.rtts), "no echo came back", seen)
        seen.observations.append(Observation(subject, Fact.LOSS, round(echoes.loss_pct, 1)))
        if echoes.rtts:
            told = {Fact.RTT: echoes.mean, Fact.RTT_MIN: min(echoes.rtts), Fact.RTT_MAX: max(echoes.rtts)}
            told |= {} if echoes.jitter is None else {Fact.JITTER: echoes.jitter}
            seen.observations += [Observation(subject, fact, round(value, 3)) for fact, value in told.items()]

    async def _connect(self, device: Device, seen: _Seen) -> None:
        made = await tcp.connect(device.address, device.tcp_port, device.polling.timeout.total_seconds())
        told = f"TCP port {device.tcp_port}: {made.cause}"
        up = made.rtt_ms is not None
        seen.observations += _reachable(Subject(device.name), Fact.TCP_REACHABLE, up, told, seen)

    async def _certificates(self, device: Device, seen: _Seen) -> None:
        """A port that shows none is no failure of the poll: it stands with what was not believed."""
        turns, told = asyncio.Semaphore(tls.AT_ONCE), {}

        async def ask(port: int) -> None:
            async with turns:
                told[port] = await tls.certificate(device.address, port, device.name, _HANDSHAKE_S)

        async with asyncio.TaskGroup() as group:
            for port in device.certificate_ports:
                group.create_task(ask(port))
        for port in device.certificate_ports:
            subject = Subject(device.name, ComponentKind.CERTIFICATE, tcp.place(device.address, port))
            if told[port].ends:
                seen.observations.append(Observation(subject, Fact.EXPIRES, told[port].ends, told[port].name))
            else:
                seen.refused.append(Refusal(subject, Fact.EXPIRES, "", told[port].cause))
        seen.complete |= {ComponentKind.CERTIFICATE} if all(one.ends for one in told.values()) else frozenset()

    async def _ask(self, device: Device, access: SnmpAccess, tier: Tier, known: _Known, seen: _Seen) -> None:
        try:
            target = _target(device, access, self._secret)
        except NetcaseError:  # the reference is the operator's mistake, not the device's
            seen.failures.append("no_credentials")
            return
        conversation = Conversation(self._engine, target, known.memory.sizes, known.pace)
        poll = Poll(device.name, tier, conversation, known.memory, device.platform)
        too_slow = False
        try:
            async with asyncio.timeout(_DEADLINES_S[tier]):
                await poll.run()
        except TimeoutError:
            too_slow = True
        seen.failures += [failure.cause for failure in conversation.failures]
        if too_slow:
            seen.failures.append(Cause.TOO_SLOW)
        seen.observations += poll.found.values()
        seen.refused += poll.refused
        if conversation.answered:
            seen.observations.append(Observation(Subject(device.name), Fact.SNMP_REACHABLE, value=True))
            seen.complete |= frozenset(poll.complete)
        else:
            self._unanswered(device, conversation, seen)

    def _unanswered(self, device: Device, conversation: Conversation, seen: _Seen) -> None:
        """A device that answers what we cannot use is not silent: where only SNMP counts it is unobserved, not down."""
        failure = conversation.failures[-1] if conversation.failures else None
        told = f"SNMP: {failure}" if failure else "SNMP: no answer"
        lives = failure is not None and failure.cause not in (Cause.TIMEOUT, Cause.REFUSED, Cause.NO_SUCH_HOST)
        if lives and set(device.reachability) <= {Method.SNMP}:
            return
        seen.observations += _reachable(Subject(device.name), Fact.SNMP_REACHABLE, False, told, seen)


def _reachable(subject: Subject, fact: Fact, up: bool, told: str, seen: _Seen) -> list[Observation]:
    if not up:
        seen.silent.add(fact)
    return [Observation(subject, fact, up, "" if up else told)]


def _target(device: Device, access: SnmpAccess, secret: Callable[[Secret], str]) -> Target:
    polling = device.polling

    def reveal(reference: Secret | None) -> bytes:
        return secret(reference).encode() if reference else b""

    return Target(
        address=device.address,
        port=access.port,
        version=access.version,
        community=reveal(access.community),
        user=access.user,
        auth_protocol=access.auth_protocol,
        auth=reveal(access.auth),
        priv_protocol=access.priv_protocol,
        priv=reveal(access.priv),
        context=access.context,
        timeout=polling.timeout.total_seconds(),
        retries=polling.retries,
        max_repetitions=polling.max_repetitions,
        columns=polling.columns_per_pdu,
        bulk=polling.bulk,
    )


def _engine(name: str) -> Engine:
    if name == "direct":
        return FallbackEngine(DirectEngine(), _pysnmp)
    if name == "pysnmp":
        return _pysnmp()
    raise UsageError(f"SNMP engine {name!r} is not known: say direct or pysnmp")


def _pysnmp() -> Engine:
    from collectors.snmp.pysnmp_engine import PysnmpEngine  # slow to import, and rarely wanted

    return PysnmpEngine()

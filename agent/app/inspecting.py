"""Runs a checklist over devices: asks each by SNMP and SSH, takes the history from the store, has them judged."""

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from agent.app import delivery
from agent.cases.case import EvidenceState
from agent.faults import availability
from agent.faults.availability import Span
from agent.inspection import checklist as checklists
from agent.inspection import verdicts
from agent.inspection.checklist import Checklist
from agent.inspection.material import Material, Printed
from agent.inspection.verdicts import Verdict
from agent.inventory import topology
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory
from agent.observation import Batch, ComponentKind, Fact, Subject, Tier
from agent.ports import Poller, Shell, Store, Transaction
from reports import document, inspection
from reports.document import Document

SSH_WORKERS = 16
MEASURED = {
    ComponentKind.CPU: Fact.USAGE,
    ComponentKind.MEMORY: Fact.USED,
    ComponentKind.TEMPERATURE: Fact.CELSIUS,
}
ERRORS = (Fact.IN_ERRORS, Fact.OUT_ERRORS)

Extremes = dict[tuple[Subject, Fact], tuple[float, float]]
Asked = tuple[dict[str, Printed], dict[str, str]]


class Inspector:
    """`told` is called with (done, of) after each device, for whoever shows the progress."""

    def __init__(
        self, store: Store, inventory: Inventory, poller: Poller, shell: Shell, now: Callable[[], datetime]
    ) -> None:
        self._store, self._inventory, self._poller, self._shell, self._now = store, inventory, poller, shell, now

    async def inspect(
        self, checklist: Checklist, names: Iterable[str], told: Callable[[int, int], None] = lambda *_: None
    ) -> tuple[Document, list[Verdict]]:
        devices = [self._inventory.devices[name] for name in names]
        done, found = 0, []
        with ThreadPoolExecutor(SSH_WORKERS, "inspect") as pool:
            for finished in asyncio.as_completed([self._device(checklist, device, pool) for device in devices]):
                found.append(await finished)
                done += 1
                told(done, len(devices))
        order = {device.name: place for place, device in enumerate(devices)}
        every = [verdict for each in sorted(found, key=lambda each: order[each[0].device]) for verdict in each]
        return self._keep(checklist, every), every

    async def _device(self, checklist: Checklist, device: Device, pool: ThreadPoolExecutor) -> tuple[Verdict, ...]:
        batches = [await self._poller.poll(device, tier) for tier in Tier]
        fresh = {batch.tier: batch for batch in batches if _answered(batch)}
        platform = [o.value for b in fresh.values() for o in b.observations if o.fact is Fact.PLATFORM]
        loop = asyncio.get_running_loop()
        asked = await loop.run_in_executor(pool, self._ask, checklist, device, str(platform[0]) if platform else "")
        return await loop.run_in_executor(pool, self._judge, checklist, device, fresh, asked)

    def _ask(self, checklist: Checklist, device: Device, platform: str) -> Asked:
        wanted = checklists.topics(checklist)
        if device.ssh is None:
            return {}, dict.fromkeys(wanted, "the inventory has no SSH access for this device")
        found: dict[str, Printed] = {}
        failed: dict[str, str] = {}
        folder = Path(tempfile.mkdtemp(prefix="netcase-"))
        try:
            visited = device if device.platform or not platform else delivery.of_platform(device, platform)
            for transcript in self._shell.collect(visited, [(topic, {}) for topic in wanted], folder):
                if transcript.state is EvidenceState.DONE and transcript.path:
                    text = transcript.path.read_text("utf-8", errors="replace")
                    found[transcript.topic] = Printed(text, transcript.started)
                else:
                    failed[transcript.topic] = transcript.detail or str(transcript.state)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return found, failed

    def _judge(
        self, checklist: Checklist, device: Device, fresh: Mapping[Tier, Batch], asked: Asked
    ) -> tuple[Verdict, ...]:
        now = self._now()
        period = inspection.period(checklist, now)
        with self._store.read() as tx:
            material = self._material(tx, device, fresh, asked, period, now)
        return verdicts.judge(checklist, material)

    def _material(
        self,
        tx: Transaction,
        device: Device,
        fresh: Mapping[Tier, Batch],
        asked: Asked,
        period: Span,
        now: datetime,
    ) -> Material:
        name = device.name
        planned = availability.planned_for(device, (*self._inventory.windows, *tx.windows()))
        covered = tx.coverage("reachability", period.start, period.end, name).get(name, [])
        states = tx.intervals(period.start, period.end, kind=ComponentKind.DEVICE, device=name)
        owner = self._inventory.customers[device.customer]
        counts = tx.event_counts(period.start, period.end)
        net = topology.build(self._inventory, tx.latest_all(Tier.IDENTITY))
        return Material(
            device=device,
            now=now,
            period=period,
            availability=availability.of(period, covered, states, planned),
            target_pct=device.availability_target_pct or owner.availability_target_pct,
            state="up" if fresh else tx.states(name).get(Subject(name), "unobserved"),
            batches=fresh,
            faults=tx.faults(start=period.start, end=period.end, device=name),
            extremes=self._extremes(tx, device, fresh.get(Tier.HEALTH), period),
            errors=self._errors(tx, fresh.get(Tier.HEALTH), period),
            messages={level: count for (who, level), count in counts.items() if who == name},
            linked=net.linked_interfaces(name),
            partners={mate: tx.states(mate).get(Subject(mate), "unobserved") for mate in device.redundant_with},
            transcripts=asked[0],
            failures=asked[1],
        )

    def _extremes(self, tx: Transaction, device: Device, fresh: Batch | None, period: Span) -> Extremes:
        """Of the period's samples, and of what was measured just now."""
        found: Extremes = {
            (subject, fact): extremes
            for kind, fact in MEASURED.items()
            for subject, extremes in tx.extremes(kind, fact, period.start, period.end).items()
            if subject.device == device.name
        }
        for o in fresh.observations if fresh else ():
            if MEASURED.get(o.subject.kind) is o.fact:
                value = float(o.value)
                mean, most = found.get((o.subject, o.fact), (value, value))
                found[o.subject, o.fact] = (mean, max(most, value))
        return found

    def _errors(self, tx: Transaction, fresh: Batch | None, period: Span) -> dict[Subject, float]:
        """Errors of the period by interface: what the counters grew by. Without history only a zero says something."""
        errors: dict[Subject, float] = {}
        for o in fresh.observations if fresh else ():
            if o.fact in ERRORS and o.subject.kind is ComponentKind.INTERFACE:
                samples = tx.series(o.subject, o.fact, period.start, period.end) if float(o.value) else ()
                values = [sample.value for sample in samples] + [float(o.value)]
                grown = sum(max(after - before, 0.0) for before, after in itertools.pairwise(values))
                if len(values) > 1 or not float(o.value):
                    errors[o.subject] = errors.get(o.subject, 0.0) + grown
        return errors

    def _keep(self, checklist: Checklist, every: list[Verdict]) -> Document:
        now = self._now()
        with self._store.begin() as tx:
            last = tx.documents("inspection", 1)
            body = tx.document("inspection", last[0][0]) if last else None
            made = inspection.build(checklist, every, self._inventory, now, document.from_json(body) if body else None)
            tx.save_document("inspection", key(now), now, document.to_json(made))
        return made


def key(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H%M%SZ")


def _answered(batch: Batch) -> bool:
    return any(o.fact is Fact.SNMP_REACHABLE and o.value for o in batch.observations) or (
        batch.tier is not Tier.STATUS and bool(batch.observations) and not batch.failures
    )

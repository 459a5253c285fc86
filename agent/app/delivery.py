"""Does what the outbox holds: collects evidence; `messenger` sends. Leased first, marked done after."""

import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from agent.app.messenger import MOST_ATTEMPTS, back_off
from agent.cases.case import Action, Entry, Evidence, EvidenceState
from agent.errors import NetcaseError
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory
from agent.observation import Batch, Fact, Tier
from agent.pipeline import logins
from agent.ports import EvidenceFiles, Job, JobKind, Shell, Store, Transcript

LEASES = {
    JobKind.NOTIFY: timedelta(minutes=2),
    JobKind.COLLECT: timedelta(minutes=40),  # `show tech` takes its time
    JobKind.BRIDGE: timedelta(minutes=15),
}


class Diagnosis:
    def __init__(
        self, store: Store, files: EvidenceFiles, shell: Shell, inventory: Inventory, now: Callable[[], datetime]
    ) -> None:
        self._store, self._files, self._shell, self._inventory, self._now = store, files, shell, inventory, now

    def collect(self, job: Job) -> None:
        """One visit to one device. Each file is on the case as soon as it is there."""
        rows = self._start(job)
        device = self._device(str(job.payload["device"]))
        topics = [(str(topic), dict(parameters)) for topic, parameters in job.payload["topics"]]
        done, told = 0, []
        if device is not None:
            folder = Path(tempfile.mkdtemp(prefix="netcase-"))
            try:
                for row, transcript in zip(rows, self._shell.collect(device, topics, folder), strict=False):
                    done += self._keep(row, transcript)
                    told.append(transcript)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
                tell_of_key(self._store, device.name, told)
        with self._store.begin() as tx:
            for row in tx.evidence(job.case):
                if row.id in {r.id for r in rows} and row.state is EvidenceState.RUNNING:
                    gone = "the device is no longer in the inventory" if device is None else "not reached"
                    tx.save_evidence(replace(row, state=EvidenceState.FAILED, at=self._now(), detail=gone))
            tx.finish(job, self._now(), f"{done} files")
            text = f"{done} files from {job.payload['device']} ({job.payload['tier']})"
            tx.log([Entry(case=job.case, at=self._now(), action=Action.EVIDENCE, text=text)])

    def _device(self, name: str) -> Device | None:
        """With the platform that it tells by SNMP where the inventory names none."""
        device = self._inventory.devices.get(name)
        return device and with_platform(self._store, device)

    def _start(self, job: Job) -> list[Evidence]:
        """A visit that was broken off begins anew, in the same rows."""
        with self._store.begin() as tx:
            mine = {row.id: row for row in tx.evidence(job.case)}
            rows = [mine[identity] for identity in job.payload["rows"]]
            for row in rows:
                tx.save_evidence(replace(row, state=EvidenceState.RUNNING, at=self._now()))
        return rows

    def _keep(self, row: Evidence, transcript: Transcript) -> bool:
        digest, size = self._files.put(transcript.path) if transcript.path else ("", 0)
        with self._store.begin() as tx:
            tx.save_evidence(
                replace(
                    row,
                    command=transcript.command or row.command,
                    state=transcript.state,
                    at=transcript.started,
                    took_s=transcript.took_s,
                    bytes=size,
                    sha256=digest,
                    secrets_removed=transcript.secrets_removed,
                    detail=transcript.detail,
                    outcome=transcript.outcome,
                )
            )
        return bool(digest)


def tell_of_key(store: Store, device: str, transcripts: Iterable[Transcript]) -> None:
    """What the visit's first login told of the device's host key; the topics after it tell the same."""
    for each in transcripts:
        if each.outcome in logins.CHANGED | logins.PAST_THE_KEY:
            logins.told(store, device, each.outcome, each.detail, each.started)
            return


def with_platform(store: Store, device: Device) -> Device:
    if device.platform:
        return device
    with store.read() as tx:
        batch = tx.latest(device.name, Tier.IDENTITY)
    return as_told(device, [batch] if batch else [])


def as_told(device: Device, batches: Iterable[Batch]) -> Device:
    """The device with the platform that it tells of itself, where the inventory names none."""
    told = [str(o.value) for batch in batches for o in batch.observations if o.fact is Fact.PLATFORM]
    return replace(device, platform=told[0]) if told and not device.platform else device


def give_up(store: Store, job: Job, error: Exception, now: datetime) -> None:
    """After an error of ours: again later, and not for ever."""
    reason = str(error) if isinstance(error, NetcaseError) else f"{type(error).__name__}: see the log"
    with store.begin() as tx:
        if job.attempts >= MOST_ATTEMPTS:
            tx.fail(job, now, reason)
        else:
            tx.postpone(job, now + back_off(job.attempts), reason)
